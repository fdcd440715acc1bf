/** A query's text → its words, with their places. */
import type { Field } from './syntax.ts';
import { fields, QueryError } from './syntax.ts';

/** Where something stands in the query, in UTF-16 units. */
export interface Place {
  start: number;
  length: number;
}

/** A text to look for or to compare with; a `word` is empty where it is missing. */
export type Value = Place & ({ kind: 'word' | 'quoted'; text: string } | { kind: 'regex'; source: string; flags: string });

export type Token =
  | Value
  | (Place & { kind: '(' | ')' | '-' | 'and' | 'or' | 'not' | 'end' })
  | (Place & { kind: 'field'; field: Field; operator: string; operatorAt: Place; values: Value[] });

const BLANK = /\s*/y;
const WORD = /[^\s()]+/y;
const ITEM = /[^\s(),]*/y;
const FIELD = new RegExp(`(${fields.join('|')})(?:(:)|\\s*(>=|<=|!=|>|<|=)\\s*)`, 'iy');
/** Letters, a colon, and something that looks like a name: neither `http://`, `10:15`, `a::b`, `host:80` nor `Error:`. */
const LIKE_FIELD = /([a-z]+):(?=[a-z_*"])/iy;
const DATE_AND_TIME = /\d{4}-\d\d-\d\d \d\d:\d\d[^\s()]*/y;
const lists: ReadonlySet<Field> = new Set(['level', 'user', 'module']);

/**
 * Ends with a token `end`.
 * @throws QueryError for a quotation or a regex without an end, and for what only looks like a field
 */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(query);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };

  const value = (bare: RegExp, separator: string): Value => {
    const start = at;
    const opening = query[at];
    if (opening === '"') {
      const text = quoted(query, start);
      at = text.end;
      mustEnd(separator, 'a blank after the quotation mark');
      return { kind: 'quoted', text: text.text, start, length: at - start };
    }
    if (opening === '/' && separator === '') {
      at = regexEnd(query, start);
      const source = query.slice(start + 1, at - 1);
      const flags = match(/[a-z]*/iy)?.[0] ?? '';
      mustEnd('', 'a blank after the regex; a path needs quotation marks');
      return { kind: 'regex', source, flags, start, length: at - start };
    }
    const text = match(bare)?.[0] ?? '';
    return { kind: 'word', text, start, length: at - start };
  };
  const mustEnd = (separator: string, expected: string): void => {
    const next = query[at];
    if (next === undefined || next === separator || next === ')' || /\s/.test(next)) return;
    throw new QueryError(`${JSON.stringify(next)} does not belong here`, at, 1, expected);
  };

  const values = (field: Field): Value[] => {
    if (!lists.has(field)) return [value(field === 'text' ? WORD : timeOrWord(query, at), '')];
    const found = [value(ITEM, ',')];
    while (query[at] === ',') {
      at++;
      found.push(value(ITEM, ','));
    }
    return found;
  };

  for (;;) {
    match(BLANK);
    const start = at;
    const character = query[at];
    if (character === undefined) {
      tokens.push({ kind: 'end', start, length: 0 });
      return tokens;
    }
    if (character === '(' || character === ')' || character === '-') {
      at++;
      tokens.push({ kind: character, start, length: 1 });
      continue;
    }
    const field = match(FIELD);
    if (field !== null) {
      const name = fieldNamed(field[1] ?? '');
      const operator = field[2] ?? field[3] ?? ':';
      const operatorAt = { start: start + field[0].indexOf(operator), length: operator.length };
      const list = values(name);
      tokens.push({ kind: 'field', field: name, operator, operatorAt, values: list, start, length: at - start });
      continue;
    }
    const unknown = match(LIKE_FIELD);
    if (unknown !== null) {
      const name = unknown[1] ?? '';
      throw new QueryError(
        `there is no field ${JSON.stringify(name)}`,
        start,
        name.length,
        `${listed(fields)}, or quotation marks around a text`,
      );
    }
    const term = value(WORD, '');
    tokens.push(term.kind === 'word' && isKeyword(term.text) ? { kind: keyword(term.text), start, length: term.length } : term);
  }
}

/** Whether a word is a text to look for, whatever follows it: the name of a field might become one. */
export function isPlainWord(word: string): boolean {
  if (fields.some((field) => field === word.toLowerCase())) return false;
  try {
    const [token, end] = tokenize(word);
    return token?.kind === 'word' && token.text === word && end?.kind === 'end';
  } catch {
    return false;
  }
}

export const listed = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

const isKeyword = (text: string): boolean => /^(?:and|or|not)$/i.test(text);

function keyword(text: string): 'and' | 'or' | 'not' {
  const lower = text.toLowerCase();
  return lower === 'and' ? 'and' : lower === 'or' ? 'or' : 'not';
}

function fieldNamed(name: string): Field {
  const lower = name.toLowerCase();
  return fields.find((field) => field === lower) ?? 'text';
}

/** A date may be followed by a time of day behind a blank. */
function timeOrWord(query: string, at: number): RegExp {
  DATE_AND_TIME.lastIndex = at;
  return DATE_AND_TIME.test(query) ? DATE_AND_TIME : WORD;
}

/** Only `\"` and `\\` are escapes: paths of Windows may stand as they are. */
function quoted(query: string, start: number): { text: string; end: number } {
  let text = '';
  for (let at = start + 1; at < query.length; at++) {
    const character = query[at];
    if (character === '"') return { text, end: at + 1 };
    const next = query[at + 1];
    if (character === '\\' && (next === '"' || next === '\\')) at++;
    text += query[at];
  }
  throw new QueryError('this quotation does not end', start, query.length - start, 'a second quotation mark');
}

/** Behind the slash that ends it. */
function regexEnd(query: string, start: number): number {
  let inClass = false;
  for (let at = start + 1; at < query.length; at++) {
    const character = query[at];
    if (character === '\\') at++;
    else if (character === '[') inClass = true;
    else if (character === ']') inClass = false;
    else if (character === '/' && !inClass) return at + 1;
  }
  throw new QueryError('this regex does not end', start, query.length - start, 'a second slash, or quotation marks around a path');
}
