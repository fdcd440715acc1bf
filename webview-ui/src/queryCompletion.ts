import Fuse from 'fuse.js';
import { t } from './l10n.ts';
import { LEVELS } from './levels.ts';

/** Something that could stand in the place of the term that is being typed. */
export interface Completion {
  /** The whole query with it, and where the caret then is. */
  value: string;
  caret: number;
  label: string;
  help: string;
}

export interface Names {
  users: readonly string[];
  modules: readonly string[];
}

/** So many are offered at once: one finds one's own by typing on. */
const MOST = 12;
/** Names among which a misspelt one is looked for: more would take so long that one feels it. */
const MOST_FUZZY = 1000;

/** What a term may begin with. Docs/query.md tells of them at length. */
const KEYS: readonly (readonly [text: string, help: string])[] = [
  ['level>=', t('This level and above')],
  ['level:', t('Just these levels')],
  ['user:', t('Entries of a user')],
  ['module:', t('Entries of a module; * and ? are wildcards')],
  ['has:exception', t('Entries with a traceback')],
  ['is:marked', t('Entries that you have marked')],
  ['after:', t('From a time on')],
  ['before:', t('Before a time')],
  ['text:', t('A text that looks like something else')],
];

const TIMES: readonly (readonly [text: string, help: string])[] = [
  ['10m', t('Ten minutes ago')],
  ['1h', t('An hour ago')],
  ['1d', t('A day ago')],
  ['10:15', t('That time on the newest entry’s day')],
  ['2026-11-20', t('The beginning of that day')],
];

/**
 * What may follow in a query (docs/query.md), the best first.
 * @param caret where it is typed
 * @param names those that there are
 */
export function completions(query: string, caret: number, names: Names): Completion[] {
  const start = termStart(query, caret);
  if (start === null) return [];
  const term = query.slice(start, caret);
  const field = /^(level|user|module|has|is|after|since|before|until)(>=|<=|!=|[:=<>])(.*)$/is.exec(term);
  const put = (from: number, text: string, help: string, label = text): Completion => {
    const rest = query.slice(caret);
    // A whole term is followed by a blank, so that one can go on typing.
    const end = /[:=<>]$/.test(text) || /^[\s,)]/.test(rest) ? '' : ' ';
    return { value: query.slice(0, from) + text + end + rest, caret: from + text.length + end.length, label, help };
  };
  if (!field) {
    if (term === '') return [];
    const typed = term.toLowerCase();
    return KEYS.filter(([text]) => text.startsWith(typed) && text !== typed).map(([text, help]) => put(start, text, help));
  }
  const [, name = '', , values = ''] = field;
  const typed = values.slice(values.lastIndexOf(',') + 1);
  const from = caret - typed.length;
  const kind = name.toLowerCase();
  if (kind === 'level') {
    return LEVELS.map(({ word }) => word.toLowerCase())
      .filter((word) => word.startsWith(typed.toLowerCase()) && word !== typed.toLowerCase())
      .map((word) => put(from, word, t('Level')));
  }
  if (kind === 'user' || kind === 'module') {
    if (typed.startsWith('"')) return [];
    const known = kind === 'user' ? names.users : names.modules;
    return nearest(known, typed).map((one) => put(from, quoted(one), kind === 'user' ? t('User') : t('Module'), one));
  }
  const fixed: typeof TIMES = kind === 'has' ? [['exception', t('A traceback')]] : kind === 'is' ? [['marked', t('By you')]] : TIMES;
  return fixed
    .filter(([text]) => text.startsWith(typed.toLowerCase()) && text !== typed.toLowerCase())
    .map(([text, help]) => put(from, text, help));
}

/** Names that begin so, then those that hold it; where there are none, those that look like it. */
function nearest(names: readonly string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  if (names.includes(typed)) return [];
  const begins = names.filter((name) => name.toLowerCase().startsWith(wanted));
  if (begins.length >= MOST || wanted === '') return begins.slice(0, MOST);
  const holds = names.filter((name) => name.toLowerCase().indexOf(wanted) > 0);
  const found = new Set([...begins, ...holds]);
  if (found.size > 0) return [...found].slice(0, MOST);
  const fuse = new Fuse(names.slice(0, MOST_FUZZY), { threshold: 0.4, ignoreLocation: true });
  return fuse.search(typed, { limit: MOST }).map(({ item }) => item);
}

/** As a name has to be written in a query. */
const quoted = (name: string): string => (/^[^\s,"()*?]+$/.test(name) ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`);

/** Where the term begins that ends at the caret; null within a quotation or a regex, of which nobody knows how it goes on. */
function termStart(query: string, caret: number): number | null {
  let start = 0;
  let within: '"' | '/' | '' = '';
  for (let at = 0; at < caret; at++) {
    const character = query[at] ?? '';
    if (within !== '') {
      if (character === '\\') at++;
      else if (character === within) within = '';
    } else if (/[\s(]/.test(character) || (character === '-' && at === start)) start = at + 1;
    else if (character === '"' && (at === start || /[:=,]/.test(query[at - 1] ?? ''))) within = '"';
    else if (character === '/' && (at === start || query.slice(start, at).toLowerCase() === 'text:')) within = '/';
  }
  return within === '' ? start : null;
}
