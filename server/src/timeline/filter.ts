/** Filters: what can be told from the index alone, and what has to be read. */
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { NO_LEVEL, recordFlags } from '../index/recordStore.ts';
import { SMALL_STEP } from '../index/scanner.ts';
import type { Filter, Micros } from '../protocol.ts';
import type { Message } from './message.ts';
import { moduleOf } from './message.ts';

/** `read`: the index does not tell, the message has to be looked at. */
export type Verdict = boolean | 'read';

export interface CompiledFilter {
  /** Lets everything through. */
  readonly all: boolean;
  byIndex(generation: Generation, record: RecordNumber): Verdict;
  byMessage(message: Message): boolean;
  /** Stands in the bytes of every record that passes; undefined where nothing can be said. */
  readonly literal: Buffer | undefined;
}

/** `*` and `?` are wildcards; the whole name has to match. */
export function globMatcher(glob: string): (name: string) => boolean {
  if (!/[*?]/.test(glob)) return (name) => name === glob;
  const pattern = new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/\*+/g, '.*')
      .replaceAll('?', '.')}$`,
    'su',
  );
  return (name) => pattern.test(name);
}

/**
 * Matches a literal or a regex in a message.
 * @throws SyntaxError where the regex does not parse
 */
export function textMatcher(text: string, isRegex: boolean, ignoreCase: boolean): (message: string) => boolean {
  if (!isRegex && !ignoreCase) return (message) => message.includes(text);
  const pattern = new RegExp(isRegex ? text : text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), ignoreCase ? 'iu' : 'u');
  return (message) => pattern.test(message);
}

/** @throws SyntaxError where the regex does not parse */
export function compileFilter(filter: Filter): CompiledFilter {
  const { level, since, until } = filter;
  const users = filter.users === undefined ? undefined : new Set(filter.users);
  const globs = filter.modules?.map(globMatcher);
  const modules = new Map<string, boolean>();
  const moduleFits = (module: string): boolean => {
    let fits = modules.get(module);
    if (fits === undefined) {
      fits = globs === undefined || globs.some((matches) => matches(module));
      modules.set(module, fits);
    }
    return fits;
  };
  const ignoreCase = filter.ignoreCase === true;
  const matchers: ((message: string) => boolean)[] = [];
  if (filter.text !== undefined && filter.text !== '') matchers.push(textMatcher(filter.text, false, ignoreCase));
  if (filter.regex !== undefined && filter.regex !== '') matchers.push(textMatcher(filter.regex, true, ignoreCase));
  // A literal of one line has to stand in the file as it is; one of several may have CRs there.
  const literal = filter.text && !ignoreCase && !/[\n\uFFFD]/.test(filter.text) ? Buffer.from(filter.text) : undefined;
  const inTime = (time: Micros): boolean => (since === undefined || time >= since) && (until === undefined || time < until);
  return {
    all:
      matchers.length === 0 &&
      users === undefined &&
      globs === undefined &&
      level === undefined &&
      since === undefined &&
      until === undefined &&
      filter.exceptions !== true,
    byIndex(generation, record) {
      const { store } = generation;
      if (level !== undefined) {
        const own = store.level(record);
        if (own === NO_LEVEL || own < level) return false;
      }
      const flags = store.flags(record);
      if (filter.exceptions === true && (flags & recordFlags.exception) === 0) return false;
      if (users !== undefined && !users.has(generation.file.user)) return false;
      if (globs !== undefined && !moduleFits(moduleOf(generation, record))) return false;
      if (since !== undefined || until !== undefined) {
        const key = store.key(record);
        if ((flags & recordFlags.clockStep) !== 0) {
          // Its own time is up to a second before its key.
          const near = (bound: number | undefined): boolean => bound !== undefined && key >= bound && key - bound <= SMALL_STEP;
          if (near(since) || near(until)) return 'read';
        }
        if (!inTime(key)) return false;
      }
      return matchers.length === 0 ? true : 'read';
    },
    byMessage: (message) => inTime(message.time) && matchers.every((matches) => matches(message.text)),
    literal,
  };
}
