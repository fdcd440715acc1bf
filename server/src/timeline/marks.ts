/** What a view knows of each record: whether it passes the filter, or has still to be read. Two bits a record, chunk by chunk. */
import { CHUNK_BITS, CHUNK_MASK, CHUNK_SIZE } from '../index/chunk.ts';
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { NONE, RecordStore } from '../index/recordStore.ts';
import type { Predicate } from './predicate.ts';
import { READ, YES } from './predicate.ts';

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
    const none = new Uint8Array(WHOLE);
    // All of one length: reading beyond an array's end costs more than all else here.
    const bits = Array.from(this.marks, (mark) => (mark === undefined || mark.passed === NOTHING ? none : padded(mark.passed)));
    const selected = new Uint32Array(rows.length);
    let length = 0;
    for (let rank = 0; rank < rows.length; rank++) {
      const record = rows[rank] as number;
      const at = record & CHUNK_MASK;
      selected[length] = record;
      // Without a branch, which could not be foreseen.
      length += (((bits[record >>> CHUNK_BITS] as Uint8Array)[at >>> 3] as number) >>> (at & 7)) & 1;
    }
    return selected.slice(0, length);
  }

  /** Rows of one generation that have still to be read, in the file's order. */
  openOf({ column, store, master }: Generation): Uint32Array {
    const open = new Uint32Array(column.length);
    let length = 0;
    for (const { number, count } of column.parts) {
      const bits = this.marks[number]?.open ?? NOTHING;
      if (bits === NOTHING) continue;
      const { partner } = store.chunk(number);
      for (let i = 0; i < count; i++) {
        if (has(bits, i) && !(master && partner !== undefined && partner[i] !== NONE)) open[length++] = RecordStore.number(number, i);
      }
    }
    return length === open.length ? open : open.slice(0, length);
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
    for (let i = from; i < to; i++) {
      const verdict = verdicts[i - from] as number;
      if (again) put(mark, i, verdict);
      else if (verdict === YES) passed[i >>> 3] = (passed[i >>> 3] as number) | (1 << (i & 7));
      else if (verdict === READ) open[i >>> 3] = (open[i >>> 3] as number) | (1 << (i & 7));
    }
  }
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
