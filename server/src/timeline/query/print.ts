/** A query as text, in its plainest form; reading that again gives the same query. */
import { levelName } from '../../record/level.ts';
import type { NamePattern, Query } from './syntax.ts';
import { matchesCase } from './syntax.ts';
import { isPlainWord } from './tokenize.ts';

export function printQuery(query: Query): string {
  switch (query.kind) {
    case 'all':
      return '';
    case 'or':
      return query.parts.map(printQuery).join(' or ');
    case 'and':
      return query.parts.map((part) => (part.kind === 'or' ? `(${printQuery(part)})` : printQuery(part))).join(' ');
    case 'not': {
      const { part } = query;
      return part.kind === 'and' || part.kind === 'or' ? `-(${printQuery(part)})` : `-${printQuery(part)}`;
    }
    case 'level':
      return `level${query.compare === '=' ? ':' : query.compare}${query.levels.map(printLevel).join(',')}`;
    case 'user':
    case 'module':
      return `${query.kind}:${query.names.map(printName).join(',')}`;
    case 'has':
      return `has:${query.what}`;
    case 'is':
      return `is:${query.what}`;
    case 'since':
      return `after:${printTime(query.time)}`;
    case 'until':
      return `before:${printTime(query.time)}`;
    case 'text':
      return printText(query.text, query.ignoreCase);
    case 'regex':
      return `/${query.source}/${query.flags}`;
  }
}

const quote = (text: string): string => `"${text.replace(/\\(?=["\\]|$)|"/g, '\\$&')}"`;

function printLevel(level: number): string {
  const name = levelName(level).toLowerCase();
  return name.includes(' ') ? String(level) : name;
}

function printName({ text, glob }: NamePattern): string {
  return glob || /^[^\s(),"*?][^\s(),*?]*$/.test(text) ? text : quote(text);
}

/** A bare date might take in a time that follows. */
const printTime = (time: string): string => (/^[^\s()"/][^\s()]*$/.test(time) && !/^\d{4}-\d\d-\d\d$/.test(time) ? time : quote(time));

function printText(text: string, ignoreCase: boolean): string {
  if (isPlainWord(text) && matchesCase(text) !== ignoreCase) return text;
  return ignoreCase ? `text:${text}` : quote(text);
}
