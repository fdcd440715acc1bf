/** What filters and queries are made of: conditions on a record, told from the index where it knows, else from the message. */
import { CHUNK_BITS, CHUNK_MASK, keyAt, recordFlags } from '../index/chunk.ts';
import type { ChunkSummary } from '../index/chunkSummary.ts';
import type { Generation } from '../index/generation.ts';
import { NO_LEVEL } from '../index/nameTable.ts';
import type { RecordNumber, RecordStore } from '../index/recordStore.ts';
import { SMALL_STEP } from '../index/scanner.ts';
import type { Micros } from '../protocol.ts';
import { globMatcher } from './match.ts';
import type { Message } from './message.ts';
import type { Needle } from './needle.ts';
import { isWholeNeedle, needleOf, regexNeedle } from './needle.ts';

/** What the index tells of a record. */
export const NO = 0;
export const YES = 1;
/** It does not tell: the message has to be looked at. */
export const READ = 2;
/** Not the same of all records. */
export const MIXED = 3;

/** What is known of all records of a chunk together. */
export type Summary = Pick<ChunkSummary, 'minKey' | 'maxKey'>;

export interface Predicate {
  /** One answer for all records of a chunk of the generation, told without a look at them; MIXED where it takes one. */
  judgeChunk(generation: Generation, summary: () => Summary): number;
  /**
   * Puts NO, YES or READ for the records [from, to) of a chunk of the generation into the first places of `verdicts`.
   * @param number of the chunk, of which no more is read than it takes
   */
  judge(generation: Generation, number: number, from: number, to: number, verdicts: Uint8Array): void;
  /** Right for every record, also for those that the index could tell. */
  byMessage(message: Message, generation: Generation, record: RecordNumber): boolean;
  /** Stands in the bytes of every record that passes; undefined where nothing can be said. */
  readonly needle: Needle | undefined;
  /** Records whose keys are before or, in the second case, not before these never pass; undefined where all may. */
  readonly from?: Micros | undefined;
  readonly to?: Micros | undefined;
  /** `index`: it tells everything. `needle`: where it says READ, those pass in whose message the needle stands. */
  readonly decides?: 'index' | 'needle' | undefined;
}

const one = new Uint8Array(1);

/** What the index tells of one record. */
export function verdictOn(predicate: Predicate, generation: Generation, record: RecordNumber): number {
  const at = record & CHUNK_MASK;
  const number = record >>> CHUNK_BITS;
  // Others of it are likely to follow.
  generation.store.chunk(number);
  predicate.judge(generation, number, at, at + 1, one);
  return one[0] as number;
}

const always = (verdict: number): Pick<Predicate, 'judge' | 'judgeChunk'> => ({
  judge: (_generation, _number, from, to, verdicts) => void verdicts.fill(verdict, 0, to - from),
  judgeChunk: () => verdict,
});

export const EVERYTHING: Predicate = { ...always(YES), byMessage: () => true, needle: undefined, decides: 'index' };
export const NOTHING: Predicate = { ...always(NO), byMessage: () => false, needle: undefined, decides: 'index' };

/**
 * Asks each part about all records of a chunk, and puts the answers together.
 * @param decided where no part has to be asked any more
 */
function judgeAll(parts: readonly Predicate[], decided: number): Pick<Predicate, 'judge' | 'judgeChunk'> {
  let other = new Uint8Array(0);
  return {
    judge(generation, number, from, to, verdicts) {
      const count = to - from;
      if (other.length < count) other = new Uint8Array(count);
      parts.forEach((part, index) => {
        part.judge(generation, number, from, to, index === 0 ? verdicts : other);
        if (index === 0) return;
        for (let i = 0; i < count; i++) {
          const own = other[i] as number;
          const before = verdicts[i] as number;
          // READ is the largest: what is not decided is as uncertain as the most uncertain part.
          verdicts[i] = own === decided || before === decided ? decided : Math.max(own, before);
        }
      });
    },
    judgeChunk(generation, summary) {
      let all = 0;
      for (const part of parts) {
        const own = part.judgeChunk(generation, summary);
        if (own === decided) return decided;
        all = Math.max(all, own);
      }
      return all;
    },
  };
}

function bound(bounds: readonly (Micros | undefined)[], closest: (...bounds: Micros[]) => Micros): Micros | undefined {
  const known = bounds.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : closest(...known);
}

/** All of them. */
export function allOf(parts: readonly Predicate[]): Predicate {
  const [first] = parts;
  if (first === undefined) return EVERYTHING;
  if (parts.length === 1) return first;
  const [open, another] = parts.filter(({ decides }) => decides !== 'index');
  return {
    ...judgeAll(parts, NO),
    from: bound(
      parts.map(({ from }) => from),
      Math.max,
    ),
    to: bound(
      parts.map(({ to }) => to),
      Math.min,
    ),
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
    ...judgeAll(parts, YES),
    decides: parts.every(({ decides }) => decides === 'index') ? 'index' : undefined,
    byMessage: (message, generation, record) => parts.some((part) => part.byMessage(message, generation, record)),
    needle: undefined,
  };
}

const opposite = Uint8Array.of(YES, NO, READ);

export function not(part: Predicate): Predicate {
  return {
    judgeChunk: (generation, summary) => {
      const verdict = part.judgeChunk(generation, summary);
      return opposite[verdict] ?? verdict;
    },
    judge(generation, number, from, to, verdicts) {
      part.judge(generation, number, from, to, verdicts);
      for (let i = 0; i < to - from; i++) verdicts[i] = opposite[verdicts[i] as number] as number;
    },
    byMessage: (message, generation, record) => !part.byMessage(message, generation, record),
    needle: undefined,
    decides: part.decides === 'index' ? 'index' : undefined,
  };
}

/**
 * What the index alone tells.
 * @param judgeChunk where absent, it takes a look at each record
 */
function indexed(judge: Predicate['judge'], judgeChunk: Predicate['judgeChunk'] = () => MIXED): Predicate {
  const predicate: Predicate = {
    judge,
    judgeChunk,
    byMessage: (_message, generation, record) => verdictOn(predicate, generation, record) === YES,
    needle: undefined,
    decides: 'index',
  };
  return predicate;
}

/** @param none whether a record without a level passes */
export function levelIs(test: (level: number) => boolean, none = false): Predicate {
  let known: { store: RecordStore; levels: number; passes: Uint8Array } | undefined;
  /** By code, worked out again only where more levels are known by now. */
  const passesOf = (store: RecordStore): Uint8Array => {
    if (known?.store !== store || known.levels !== store.names.levels.length) {
      const passes = new Uint8Array(256);
      for (let code = 0; code < 256; code++) {
        const level = store.names.levelOfCode(code);
        passes[code] = (level === NO_LEVEL ? none : test(level)) ? YES : NO;
      }
      known = { store, levels: store.names.levels.length, passes };
    }
    return known.passes;
  };
  return indexed(({ store }, number, from, to, verdicts) => {
    const passes = passesOf(store);
    const { level } = store.kinds(number);
    for (let i = from; i < to; i++) verdicts[i - from] = passes[level[i] as number] as number;
  });
}

export const hasException: Predicate = indexed(({ store }, number, from, to, verdicts) => {
  const { flags } = store.kinds(number);
  for (let i = from; i < to; i++) verdicts[i - from] = ((flags[i] as number) & recordFlags.exception) === 0 ? NO : YES;
});

/** @param places offsets of marked records by their generation's identity */
export function isMarked(places: ReadonlyMap<string, ReadonlySet<number>>): Predicate {
  const offsetsIn = ({ identity }: Generation) => (identity === undefined ? undefined : places.get(identity));
  return indexed(
    (generation, number, from, to, verdicts) => {
      const offsets = offsetsIn(generation);
      const { baseOffset, offset } = generation.store.peek(number);
      for (let i = from; i < to; i++) verdicts[i - from] = offsets?.has(baseOffset + (offset[i] as number)) === true ? YES : NO;
    },
    (generation) => (offsetsIn(generation) === undefined ? NO : MIXED),
  );
}

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
  const verdict = ({ file }: Generation): number => (fits(file.user) ? YES : NO);
  return indexed((generation, _number, from, to, verdicts) => void verdicts.fill(verdict(generation), 0, to - from), verdict);
}

/** The module that a line of master.log names, else the file's. */
export function moduleIs(matchers: readonly ((module: string) => boolean)[]): Predicate {
  const fits = remembered(matchers);
  return indexed(
    ({ file, store, master }, chunk, from, to, verdicts) => {
      const own = fits(file.module) ? YES : NO;
      const module = master ? store.kinds(chunk).module : undefined;
      if (module === undefined) {
        verdicts.fill(own, 0, to - from);
        return;
      }
      const passes = Uint8Array.from(store.names.modules, (name, number) => (number === 0 ? own : fits(name) ? YES : NO));
      for (let i = from; i < to; i++) verdicts[i - from] = passes[module[i] as number] as number;
    },
    ({ file, master }) => (master ? MIXED : fits(file.module) ? YES : NO),
  );
}

export const moduleGlobs = (globs: readonly string[]): Predicate => moduleIs(globs.map(globMatcher));

/** From a time on. */
export function since(bound: Micros): Predicate {
  return {
    from: bound,
    judgeChunk: (_generation, summary) => {
      const { minKey, maxKey } = summary();
      return maxKey < bound ? NO : minKey > bound + SMALL_STEP ? YES : MIXED;
    },
    judge({ store }, number, from, to, verdicts) {
      const chunk = store.peek(number);
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
export const until = (bound: Micros): Predicate => ({ ...not(since(bound)), to: bound + SMALL_STEP + 1 });

/** The message holds the text. */
export function textIs(text: string, ignoreCase: boolean, matches: (message: string) => boolean): Predicate {
  return {
    ...always(READ),
    byMessage: (message) => matches(message.text),
    needle: needleOf(text, ignoreCase),
    decides: isWholeNeedle(text, ignoreCase) ? 'needle' : undefined,
  };
}

/**
 * The message matches a regex.
 * @param source of the regex; it has the flag `u`
 * @param flags the others
 */
export function regexIs(source: string, flags: string, matches: (message: string) => boolean): Predicate {
  return { ...always(READ), byMessage: (message) => matches(message.text), needle: regexNeedle(source, flags) };
}
