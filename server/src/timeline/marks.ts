/** What a view knows of each record: whether it passes the filter, or has still to be read. Two bits a record, chunk by chunk. */
import { CHUNK_BITS, CHUNK_MASK, CHUNK_SIZE } from '../index/chunk.ts';
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { NONE, RecordStore } from '../index/recordStore.ts';
import { countBits, eachBit, fillBits, firstBits, has, lowestBits } from './bits.ts';
import type { Predicate } from './predicate.ts';
import { MIXED, READ, YES } from './predicate.ts';

interface Mark {
  /** Whose chunk it was when it was judged. */
  readonly generation: Generation;
  /** So many of its records have been judged. */
  judged: number;
  passed: Uint8Array;
  open: Uint8Array;
}

/** Bytes of bits for a whole chunk. */
const WHOLE = CHUNK_SIZE / 8;
const NOTHING = new Uint8Array(0);
/** Rows that are gone through in a step: a few ms. */
const STRIDE = 1 << 20;
/** Of these, those that are put together before they are copied: in the processor's cache. */
const BLOCK = 1 << 14;

export class Marks {
  /** By chunk. */
  private marks: (Mark | undefined)[] = [];
  private readonly verdicts = new Uint8Array(CHUNK_SIZE);
  /** Four verdicts each. */
  private readonly words = new Uint32Array(this.verdicts.buffer);

  constructor(private readonly filter: Predicate) {}

  /** Judges by the index what has not been judged yet. Lines of master.log that are no rows can wait until they are. */
  judge(generations: readonly Generation[]): void {
    for (const generation of generations) {
      for (const { number, count } of generation.column.parts) {
        if (generation.master && generation.store.arePaired(number, count)) continue;
        this.judgeChunk(generation, number, count);
      }
    }
  }

  /** Judges records anew: they are new, or were only begun when they were judged. */
  judgeAgain(records: ArrayLike<RecordNumber>, generationOf: (record: RecordNumber) => Generation): void {
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as number;
      const at = record & CHUNK_MASK;
      const number = record >>> CHUNK_BITS;
      const generation = generationOf(record);
      const mark = this.markOf(generation, number);
      if (mark.judged > at) this.judgeRange(mark, generation, number, at, at + 1);
      else this.judgeChunk(generation, number, at + 1);
    }
  }

  passes(record: RecordNumber): boolean {
    const mark = this.marks[record >>> CHUNK_BITS];
    return mark !== undefined && has(mark.passed, record & CHUNK_MASK);
  }

  isOpen(record: RecordNumber): boolean {
    const mark = this.marks[record >>> CHUNK_BITS];
    return mark !== undefined && has(mark.open, record & CHUNK_MASK);
  }

  /** An open record has been read. */
  settle(record: RecordNumber, passes: boolean): void {
    const mark = this.marks[record >>> CHUNK_BITS];
    if (mark !== undefined) put(mark, record & CHUNK_MASK, passes ? YES : 0);
  }

  /** The rows that pass, in their order. */
  select(rows: Uint32Array): Uint32Array {
    for (const steps = this.selecting(rows); ; ) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  /** The same, some rows a step; what is settled meanwhile may be among them. */
  *selecting(rows: Uint32Array): Generator<undefined, Uint32Array> {
    // Memory that is touched for the first time costs more than all the rest: no more of it than is likely to be needed.
    let selected: Uint32Array = new Uint32Array(Math.min(rows.length, this.countPassed()));
    if (selected.length === 0) return selected;
    let bits = new Uint8Array(0);
    let words = new Uint32Array(0);
    const block = new Uint32Array(Math.min(rows.length, BLOCK));
    let length = 0;
    for (let from = 0; from < rows.length; from += STRIDE) {
      // All bits in one array, in which a record's number is its place. Anew each time, as they may change.
      if (bits.length < this.marks.length * WHOLE) {
        bits = new Uint8Array(this.marks.length * WHOLE);
        words = new Uint32Array(bits.buffer);
      }
      for (const [number, mark] of this.marks.entries()) if (mark !== undefined) bits.set(mark.passed, number * WHOLE);
      const to = Math.min(rows.length, from + STRIDE);
      for (let rank = from; rank < to; ) {
        let count = 0;
        for (const end = Math.min(to, rank + BLOCK); rank < end; rank++) {
          const record = rows[rank] as number;
          block[count] = record;
          // Without a branch, which could not be foreseen. Of what is shifted by, five bits count.
          count += ((words[record >>> 5] as number) >>> record) & 1;
        }
        if (selected.length < length + count) selected = grown(selected, Math.min(rows.length, 2 * (length + count)));
        selected.set(block.subarray(0, count), length);
        length += count;
      }
      yield;
    }
    return length < selected.length / 2 ? selected.slice(0, length) : selected.subarray(0, length);
  }

  /** Records of which it is known that they pass; they need not be rows. */
  private countPassed(): number {
    return this.marks.reduce((sum, mark) => sum + (mark === undefined ? 0 : countBits(mark.passed, CHUNK_SIZE).count), 0);
  }

  /** How many rows of a generation have still to be read, and the last of them; undefined where none has. */
  openIn({ column, store, master }: Generation): { count: number; last: RecordNumber } | undefined {
    let open = 0;
    let last = -1;
    for (const { number, count } of column.parts) {
      const bits = this.marks[number]?.open ?? NOTHING;
      if (bits === NOTHING) continue;
      const partners = master ? store.partnersOf(number) : undefined;
      const found = partners === undefined ? countBits(bits, count) : countUnpaired(bits, count, partners);
      if (found.count === 0) continue;
      open += found.count;
      last = RecordStore.number(number, found.last);
    }
    return open === 0 ? undefined : { count: open, last };
  }

  /** These rows, in the file's order. */
  openOf(generation: Generation): Uint32Array {
    const open: RecordNumber[] = [];
    this.eachOpen(generation, (record) => open.push(record));
    return Uint32Array.from(open);
  }

  private eachOpen({ column, store, master }: Generation, each: (record: RecordNumber) => void): void {
    for (const { number, count } of column.parts) {
      const bits = this.marks[number]?.open ?? NOTHING;
      if (bits === NOTHING) continue;
      const partners = master ? store.partnersOf(number) : undefined;
      eachBit(bits, count, (at) => {
        if (partners === undefined || (partners[at] ?? NONE) === NONE) each(RecordStore.number(number, at));
      });
    }
  }

  /** A bit for each record of a chunk that passes; fewer where none of the last ones do, none where no record does. */
  passedOf(number: number): Uint8Array {
    return this.marks[number]?.passed ?? NOTHING;
  }

  /**
   * All of a generation's records [from, to) have been read.
   * @param passed those that pass
   * @returns of these, the rows that were open until now
   */
  settleAll({ column, store, master }: Generation, from: number, to: number, passed: Uint32Array): Uint32Array {
    const found = new Uint32Array(passed.length);
    let length = 0;
    for (const record of passed) {
      const number = record >>> CHUNK_BITS;
      const at = record & CHUNK_MASK;
      const mark = this.marks[number];
      if (mark === undefined || !has(mark.open, at)) continue;
      mark.passed = withRoom(mark.passed, at + 1);
      mark.passed[at >>> 3] = (mark.passed[at >>> 3] as number) | (1 << (at & 7));
      found[length] = record;
      if (!master || (store.partnersOf(number)?.[at] ?? NONE) === NONE) length++;
    }
    for (const { number, first, count } of column.parts) {
      const { open = NOTHING } = this.marks[number] ?? {};
      fillBits(open, Math.max(0, from - first), Math.min(count, to - first, open.length * 8), false);
    }
    return found.slice(0, length);
  }

  private markOf(generation: Generation, number: number): Mark {
    let mark = this.marks[number];
    if (mark?.generation !== generation) {
      mark = { generation, judged: 0, passed: NOTHING, open: NOTHING };
      this.marks[number] = mark;
    }
    return mark;
  }

  private judgeChunk(generation: Generation, number: number, count: number): void {
    const mark = this.markOf(generation, number);
    if (mark.judged >= count) return;
    const { store } = generation;
    const verdict = mark.judged === 0 ? this.filter.judgeChunk(generation, () => store.summary(number, count)) : MIXED;
    if (verdict === MIXED) this.judgeRange(mark, generation, number, mark.judged, count);
    else if (verdict === YES) mark.passed = firstBits(count);
    else if (verdict === READ) mark.open = firstBits(count);
    mark.judged = count;
  }

  private judgeRange(mark: Mark, generation: Generation, number: number, from: number, to: number): void {
    const { verdicts } = this;
    this.filter.judge(generation, number, from, to, verdicts);
    if (mark.judged > 0) {
      for (let i = from; i < to; i++) put(mark, i, verdicts[i - from] as number);
      return;
    }
    const bytes = (to + 7) >>> 3;
    verdicts.fill(0, to, bytes * 8);
    const passed = new Uint8Array(bytes);
    const open = new Uint8Array(bytes);
    let anyPassed = 0;
    let anyOpen = 0;
    for (let byte = 0; byte < bytes; byte++) {
      const low = this.words[2 * byte] as number;
      const high = this.words[2 * byte + 1] as number;
      // YES is the lower bit of a verdict, READ the higher one.
      const yes = lowestBits(low) | (lowestBits(high) << 4);
      const read = lowestBits(low >>> 1) | (lowestBits(high >>> 1) << 4);
      passed[byte] = yes;
      open[byte] = read;
      anyPassed |= yes;
      anyOpen |= read;
    }
    // Chunks of which nothing passes, as most are of a rare level, have no memory of their own.
    mark.passed = anyPassed === 0 ? NOTHING : passed;
    mark.open = anyOpen === 0 ? NOTHING : open;
  }
}

/** How many of the first bits are set whose records have no partner, and which is the last one. */
function countUnpaired(bits: Uint8Array, count: number, partners: Uint32Array): { count: number; last: number } {
  const found = { count: 0, last: -1 };
  const end = Math.min(count, bits.length * 8);
  for (let at = 0; at < end; at++) {
    if ((partners[at] ?? NONE) !== NONE || !has(bits, at)) continue;
    found.count++;
    found.last = at;
  }
  return found;
}

function put(mark: Mark, at: number, verdict: number): void {
  mark.passed = withBit(mark.passed, at, verdict === YES);
  mark.open = withBit(mark.open, at, verdict === READ);
}

function withBit(bits: Uint8Array, at: number, on: boolean): Uint8Array {
  if (!on && !has(bits, at)) return bits;
  const roomy = withRoom(bits, at + 1);
  const bit = 1 << (at & 7);
  roomy[at >>> 3] = on ? (roomy[at >>> 3] as number) | bit : (roomy[at >>> 3] as number) & ~bit;
  return roomy;
}

function withRoom(bits: Uint8Array, count: number): Uint8Array {
  const bytes = (count + 7) >>> 3;
  if (bits.length >= bytes) return bits;
  const larger = new Uint8Array(Math.min(WHOLE, Math.max(16, bytes * 2)));
  larger.set(bits);
  return larger;
}

function grown(records: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length);
  larger.set(records);
  return larger;
}
