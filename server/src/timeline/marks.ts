/** What a view knows of each record: whether it passes the filter, or has still to be read. Two bits a record, chunk by chunk. */
import { CHUNK_BITS, CHUNK_MASK, CHUNK_SIZE } from '../index/chunk.ts';
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { NONE, RecordStore } from '../index/recordStore.ts';
import type { Predicate } from './predicate.ts';
import { NO, READ, YES } from './predicate.ts';

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
const has = (bits: Uint8Array, at: number): boolean => ((bits[at >>> 3] as number) & (1 << (at & 7))) !== 0;

export class Marks {
  /** By chunk. */
  private marks: (Mark | undefined)[] = [];
  private readonly verdicts = new Uint8Array(CHUNK_SIZE);

  constructor(private readonly filter: Predicate) {}

  /** Judges by the index what has not been judged yet. */
  judge(generations: readonly Generation[]): void {
    for (const generation of generations) {
      for (const { number, count } of generation.column.parts) this.judgeChunk(generation, number, count);
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
    if (this.marks.every((mark) => mark === undefined || mark.passed === NOTHING)) return new Uint32Array(0);
    const none = new Uint8Array(WHOLE);
    let selected: Uint32Array = new Uint32Array(Math.min(rows.length, STRIDE));
    let length = 0;
    for (let from = 0; from < rows.length; from += STRIDE) {
      // All of one length: reading beyond an array's end costs more than all else here. Anew each time, as they may be replaced.
      const bits = Array.from(this.marks, (mark) => (mark === undefined || mark.passed === NOTHING ? none : padded(mark.passed)));
      const to = Math.min(rows.length, from + STRIDE);
      if (selected.length < length + STRIDE) selected = grown(selected, Math.min(rows.length, 2 * (length + STRIDE)));
      for (let rank = from; rank < to; rank++) {
        const record = rows[rank] as number;
        const at = record & CHUNK_MASK;
        selected[length] = record;
        // Without a branch, which could not be foreseen.
        length += (((bits[record >>> CHUNK_BITS] as Uint8Array)[at >>> 3] as number) >>> (at & 7)) & 1;
      }
      yield;
    }
    return selected.slice(0, length);
  }

  /** How many rows of a generation have still to be read, and the last of them; undefined where none has. */
  openIn(generation: Generation): { count: number; last: RecordNumber } | undefined {
    let count = 0;
    let last = -1;
    this.eachOpen(generation, (record) => {
      count++;
      last = record;
    });
    return count === 0 ? undefined : { count, last };
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
      const partners = master ? store.partnersOf(number) : undefined;
      eachBit(bits, count, (at) => {
        if (partners === undefined || (partners[at] ?? NONE) === NONE) each(RecordStore.number(number, at));
      });
    }
  }

  /** Whether any record of a chunk may pass. */
  hasPassed(number: number): boolean {
    return (this.marks[number]?.passed ?? NOTHING) !== NOTHING;
  }

  /** The places in a chunk of those of its first records that pass, in order. */
  eachPassed(number: number, count: number, each: (at: number) => void): void {
    eachBit(this.marks[number]?.passed ?? NOTHING, count, each);
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
    if (mark.judged < count) this.judgeRange(mark, generation, number, mark.judged, count);
    mark.judged = Math.max(mark.judged, count);
  }

  private judgeRange(mark: Mark, generation: Generation, number: number, from: number, to: number): void {
    const { verdicts } = this;
    this.filter.judge(generation, generation.store.chunk(number), from, to, verdicts);
    const again = from < mark.judged;
    const known = verdicts.subarray(0, to - from);
    // Chunks of which nothing passes, as most are of a rare level, have no memory of their own.
    if (again || known.includes(YES)) mark.passed = withRoom(mark.passed, to);
    if (again || known.includes(READ)) mark.open = withRoom(mark.open, to);
    const { passed, open } = mark;
    if (!again && !known.includes(YES) && !known.includes(NO)) {
      fillBits(open, from, to, true);
      return;
    }
    for (let i = from; i < to; i++) {
      const verdict = verdicts[i - from] as number;
      if (again) put(mark, i, verdict);
      else if (verdict === YES) passed[i >>> 3] = (passed[i >>> 3] as number) | (1 << (i & 7));
      else if (verdict === READ) open[i >>> 3] = (open[i >>> 3] as number) | (1 << (i & 7));
    }
  }
}

function eachBit(bits: Uint8Array, count: number, each: (at: number) => void): void {
  const bytes = Math.min(bits.length, (count + 7) >>> 3);
  for (let byte = 0; byte < bytes; byte++) {
    for (let rest = bits[byte] as number; rest !== 0; rest &= rest - 1) {
      const at = byte * 8 + 31 - Math.clz32(rest & -rest);
      if (at < count) each(at);
    }
  }
}

/** There has to be room. */
function fillBits(bits: Uint8Array, from: number, to: number, on: boolean): void {
  const set = (at: number): void => {
    const bit = 1 << (at & 7);
    bits[at >>> 3] = on ? (bits[at >>> 3] as number) | bit : (bits[at >>> 3] as number) & ~bit;
  };
  let at = from;
  for (; at < to && (at & 7) !== 0; at++) set(at);
  const whole = to & ~7;
  if (at < whole) {
    bits.fill(on ? 0xff : 0, at >>> 3, whole >>> 3);
    at = whole;
  }
  for (; at < to; at++) set(at);
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

function padded(bits: Uint8Array): Uint8Array {
  if (bits.length === WHOLE) return bits;
  const whole = new Uint8Array(WHOLE);
  whole.set(bits);
  return whole;
}

function grown(records: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length);
  larger.set(records);
  return larger;
}
