/** What filters and queries are made of: conditions on a record, told from the index where it knows, else from the message. */
import type { Chunk } from '../index/chunk.ts';
import { CHUNK_BITS, CHUNK_MASK, keyAt } from '../index/chunk.ts';
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { NO_LEVEL, recordFlags } from '../index/recordStore.ts';
import { SMALL_STEP } from '../index/scanner.ts';
import type { Micros } from '../protocol.ts';
import { globMatcher } from './match.ts';
import type { Message } from './message.ts';
import type { Needle } from './needle.ts';
import { needleOf, regexNeedle } from './needle.ts';

/** What the index tells of a record. */
export const NO = 0;
export const YES = 1;
/** It does not tell: the message has to be looked at. */
export const READ = 2;

export interface Predicate {
  /** Puts NO, YES or READ for the records [from, to) of a chunk of the generation into the first places of `verdicts`. */
  judge(generation: Generation, chunk: Chunk, from: number, to: number, verdicts: Uint8Array): void;
  /** Right for every record, also for those that the index could tell. */
  byMessage(message: Message, generation: Generation, record: RecordNumber): boolean;
  /** Stands in the bytes of every record that passes; undefined where nothing can be said. */
  readonly needle: Needle | undefined;
  /** `index`: it tells everything. `needle`: where it says READ, those pass in whose message the needle stands. */
  readonly decides?: 'index' | 'needle' | undefined;
}

const one = new Uint8Array(1);

/** What the index tells of one record. */
export function verdictOn(predicate: Predicate, generation: Generation, record: RecordNumber): number {
  const at = record & CHUNK_MASK;
  predicate.judge(generation, generation.store.chunk(record >>> CHUNK_BITS), at, at + 1, one);
  return one[0] as number;
}

const always =
  (verdict: number): Predicate['judge'] =>
  (_generation, _chunk, from, to, verdicts) =>
    void verdicts.fill(verdict, 0, to - from);

export const EVERYTHING: Predicate = { judge: always(YES), byMessage: () => true, needle: undefined, decides: 'index' };
export const NOTHING: Predicate = { judge: always(NO), byMessage: () => false, needle: undefined, decides: 'index' };

/**
 * Asks each part about all records of a chunk, and puts the answers together.
 * @param decided where no part has to be asked any more
 */
function judgeAll(parts: readonly Predicate[], decided: number): Predicate['judge'] {
  let other = new Uint8Array(0);
  return (generation, chunk, from, to, verdicts) => {
    const count = to - from;
    if (other.length < count) other = new Uint8Array(count);
    parts.forEach((part, index) => {
      part.judge(generation, chunk, from, to, index === 0 ? verdicts : other);
      if (index === 0) return;
      for (let i = 0; i < count; i++) {
        const own = other[i] as number;
        const before = verdicts[i] as number;
        // READ is the largest: what is not decided is as uncertain as the most uncertain part.
        verdicts[i] = own === decided || before === decided ? decided : Math.max(own, before);
      }
    });
  };
}

/** All of them. */
export function allOf(parts: readonly Predicate[]): Predicate {
  const [first] = parts;
  if (first === undefined) return EVERYTHING;
  if (parts.length === 1) return first;
  const [open, another] = parts.filter(({ decides }) => decides !== 'index');
  return {
    judge: judgeAll(parts, NO),
    decides: open === undefined ? 'index' : another === undefined ? open.decides : undefined,
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
    judge: judgeAll(parts, YES),
    decides: parts.every(({ decides }) => decides === 'index') ? 'index' : undefined,
    byMessage: (message, generation, record) => parts.some((part) => part.byMessage(message, generation, record)),
    needle: undefined,
  };
}

const opposite = Uint8Array.of(YES, NO, READ);

export function not(part: Predicate): Predicate {
  return {
    judge(generation, chunk, from, to, verdicts) {
      part.judge(generation, chunk, from, to, verdicts);
      for (let i = 0; i < to - from; i++) verdicts[i] = opposite[verdicts[i] as number] as number;
    },
    byMessage: (message, generation, record) => !part.byMessage(message, generation, record),
    needle: undefined,
    decides: part.decides === 'index' ? 'index' : undefined,
  };
}

/** What the index alone tells. */
function indexed(judge: Predicate['judge']): Predicate {
  const predicate: Predicate = {
    judge,
    byMessage: (_message, generation, record) => verdictOn(predicate, generation, record) === YES,
    needle: undefined,
    decides: 'index',
  };
  return predicate;
}

/** A record without a level never passes. */
export function levelIs(test: (level: number) => boolean): Predicate {
  return indexed(({ store }, chunk, from, to, verdicts) => {
    const passes = Uint8Array.from({ length: 256 }, (_, code) => {
      const level = store.levelOfCode(code);
      return level !== NO_LEVEL && test(level) ? YES : NO;
    });
    for (let i = from; i < to; i++) verdicts[i - from] = passes[chunk.level[i] as number] as number;
  });
}

export const hasException: Predicate = indexed((_generation, chunk, from, to, verdicts) => {
  for (let i = from; i < to; i++) verdicts[i - from] = ((chunk.flags[i] as number) & recordFlags.exception) === 0 ? NO : YES;
});

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
  return indexed(({ file }, _chunk, from, to, verdicts) => void verdicts.fill(fits(file.user) ? YES : NO, 0, to - from));
}

/** The module that a line of master.log names, else the file's. */
export function moduleIs(matchers: readonly ((module: string) => boolean)[]): Predicate {
  const fits = remembered(matchers);
  return indexed(({ file, store }, { module }, from, to, verdicts) => {
    const own = fits(file.module) ? YES : NO;
    if (module === undefined) {
      verdicts.fill(own, 0, to - from);
      return;
    }
    for (let i = from; i < to; i++) {
      const name = module[i] as number;
      verdicts[i - from] = name === 0 ? own : fits(store.names[name] as string) ? YES : NO;
    }
  });
}

export const moduleGlobs = (globs: readonly string[]): Predicate => moduleIs(globs.map(globMatcher));

/** From a time on. */
export function since(bound: Micros): Predicate {
  return {
    judge(_generation, chunk, from, to, verdicts) {
      for (let i = from; i < to; i++) {
        const key = keyAt(chunk, i);
        // Its own time is up to a second before its key.
        const unsure = key >= bound && key - bound <= SMALL_STEP && ((chunk.flags[i] as number) & recordFlags.clockStep) !== 0;
        verdicts[i - from] = unsure ? READ : key >= bound ? YES : NO;
      }
    },
    byMessage: ({ time }) => time >= bound,
    needle: undefined,
  };
}

/** Before a time. */
export const until = (bound: Micros): Predicate => not(since(bound));

/** The message holds the text. */
export function textIs(text: string, ignoreCase: boolean, matches: (message: string) => boolean): Predicate {
  return {
    judge: always(READ),
    byMessage: (message) => matches(message.text),
    needle: needleOf(text, ignoreCase),
    // These may be other bytes, or more of them.
    decides: ignoreCase || /[\r\n\uFFFD\uD800-\uDFFF]/.test(text) ? undefined : 'needle',
  };
}

/**
 * The message matches a regex.
 * @param source of the regex; it has the flag `u`
 * @param flags the others
 */
export function regexIs(source: string, flags: string, matches: (message: string) => boolean): Predicate {
  return { judge: always(READ), byMessage: (message) => matches(message.text), needle: regexNeedle(source, flags) };
}
