/** What filters and queries are made of: conditions on a record, told from the index where it knows, else from the message. */
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { NO_LEVEL, recordFlags } from '../index/recordStore.ts';
import { SMALL_STEP } from '../index/scanner.ts';
import type { Micros } from '../protocol.ts';
import { globMatcher } from './match.ts';
import type { Message } from './message.ts';
import { moduleOf } from './message.ts';
import type { Needle } from './needle.ts';
import { needleOf } from './needle.ts';

/** `read`: the index does not tell, the message has to be looked at. */
export type Verdict = boolean | 'read';

export interface Predicate {
  byIndex(generation: Generation, record: RecordNumber): Verdict;
  /** Right for every record, also for those that the index could tell. */
  byMessage(message: Message, generation: Generation, record: RecordNumber): boolean;
  /** Stands in the bytes of every record that passes; undefined where nothing can be said. */
  readonly needle: Needle | undefined;
}

export const EVERYTHING: Predicate = { byIndex: () => true, byMessage: () => true, needle: undefined };
export const NOTHING: Predicate = { byIndex: () => false, byMessage: () => false, needle: undefined };

/** All of them; the index is asked in their order. */
export function allOf(parts: readonly Predicate[]): Predicate {
  const [first] = parts;
  if (first === undefined) return EVERYTHING;
  if (parts.length === 1) return first;
  return {
    byIndex(generation, record) {
      let verdict: Verdict = true;
      for (const part of parts) {
        const own = part.byIndex(generation, record);
        if (own === false) return false;
        if (own === 'read') verdict = 'read';
      }
      return verdict;
    },
    byMessage: (message, generation, record) => parts.every((part) => part.byMessage(message, generation, record)),
    needle: parts.reduce<Needle | undefined>(
      (best, { needle }) => ((needle?.length ?? 0) > (best?.length ?? 0) ? needle : best),
      undefined,
    ),
  };
}

/** At least one of them. */
export function anyOf(parts: readonly Predicate[]): Predicate {
  const [first] = parts;
  if (first === undefined) return NOTHING;
  if (parts.length === 1) return first;
  return {
    byIndex(generation, record) {
      let verdict: Verdict = false;
      for (const part of parts) {
        const own = part.byIndex(generation, record);
        if (own === true) return true;
        if (own === 'read') verdict = 'read';
      }
      return verdict;
    },
    byMessage: (message, generation, record) => parts.some((part) => part.byMessage(message, generation, record)),
    needle: undefined,
  };
}

export function not(part: Predicate): Predicate {
  return {
    byIndex(generation, record) {
      const verdict = part.byIndex(generation, record);
      return verdict === 'read' ? 'read' : !verdict;
    },
    byMessage: (message, generation, record) => !part.byMessage(message, generation, record),
    needle: undefined,
  };
}

/** What the index alone tells. */
function indexed(test: (generation: Generation, record: RecordNumber) => boolean): Predicate {
  return { byIndex: test, byMessage: (_message, generation, record) => test(generation, record), needle: undefined };
}

/** A record without a level never passes. */
export function levelIs(test: (level: number) => boolean): Predicate {
  return indexed(({ store }, record) => {
    const level = store.level(record);
    return level !== NO_LEVEL && test(level);
  });
}

export const hasException: Predicate = indexed(({ store }, record) => (store.flags(record) & recordFlags.exception) !== 0);

/** A name's answer is worked out once. */
function remembered(matchers: readonly ((name: string) => boolean)[]): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    let fits = known.get(name);
    if (fits === undefined) {
      fits = matchers.some((matches) => matches(name));
      known.set(name, fits);
    }
    return fits;
  };
}

/** @param matchers one of them has to match the whole name */
export function userIs(matchers: readonly ((user: string) => boolean)[]): Predicate {
  const fits = remembered(matchers);
  return indexed((generation) => fits(generation.file.user));
}

export function moduleIs(matchers: readonly ((module: string) => boolean)[]): Predicate {
  const fits = remembered(matchers);
  return indexed((generation, record) => fits(moduleOf(generation, record)));
}

export const moduleGlobs = (globs: readonly string[]): Predicate => moduleIs(globs.map(globMatcher));

/** From a time on. */
export function since(bound: Micros): Predicate {
  const passes = (time: Micros): boolean => time >= bound;
  return {
    byIndex({ store }, record) {
      const key = store.key(record);
      // Its own time is up to a second before its key.
      if (key >= bound && key - bound <= SMALL_STEP && (store.flags(record) & recordFlags.clockStep) !== 0) return 'read';
      return passes(key);
    },
    byMessage: ({ time }) => passes(time),
    needle: undefined,
  };
}

/** Before a time. */
export const until = (bound: Micros): Predicate => not(since(bound));

/** The message holds the text. */
export function textIs(text: string, ignoreCase: boolean, matches: (message: string) => boolean): Predicate {
  return { byIndex: () => 'read', byMessage: (message) => matches(message.text), needle: needleOf(text, ignoreCase) };
}

/** The message matches. */
export function messageIs(matches: (message: string) => boolean): Predicate {
  return { byIndex: () => 'read', byMessage: (message) => matches(message.text), needle: undefined };
}
