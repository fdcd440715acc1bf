/** Holds all records of one generation against a filter, from the file's beginning to its end, each byte read once. */
import type { Chunk } from '../index/chunk.ts';
import { CHUNK_MASK, CHUNK_SIZE, keyAt } from '../index/chunk.ts';
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { RecordStore } from '../index/recordStore.ts';
import { messageStart, readMessageIn, Span } from './message.ts';
import type { Predicate } from './predicate.ts';
import { READ } from './predicate.ts';
import { SEARCHED_BYTES } from './search.ts';

/** Records in a row of which most hold the needle: looking for it first then only costs. */
const ENOUGH = 64;

/**
 * Bytes that are looked at together. A string of more than 128 KiB is given memory of its own by V8, and each costs the kernel's time, and
 * that of all other threads.
 */
const AT_ONCE = 64 * 1024;

/** A chunk of the generation. */
interface Part {
  number: number;
  /** Index of its first record within the generation. */
  first: number;
  count: number;
  /** Where its first record begins, and the one behind its last. */
  start: number;
  end: number;
}

/** What tells a message's time and level where its text does not. */
type Known = Parameters<typeof readMessageIn>[0];

export class StreamSearch {
  private readonly parts: Part[] = [];
  /** Of the record that comes next: which part, and its place there. */
  private part = 0;
  private at = 0;
  /** The columns of that part, and what they tell of its records. */
  private chunk: Chunk | undefined;
  private readonly verdicts = new Uint8Array(CHUNK_SIZE);
  /** Of which part the verdicts are. */
  private judged = -1;
  private readonly known: Known;
  /** The beginning of a record whose end has not come yet, and its offset. */
  private carry: Buffer[] = [];
  private carried = 0;
  private offset = 0;
  private passed: number[] = [];
  private readonly limit: number;
  // Of the filter: those who look at each record shall not have to tell one filter's shape from another's.
  private readonly needle: Predicate['needle'];
  private readonly needleDecides: boolean;

  /** @param through looks at so many records, from the first one on */
  constructor(
    private readonly generation: Generation,
    private readonly filter: Predicate,
    through: number,
  ) {
    this.needle = filter.needle;
    this.needleDecides = filter.decides === 'needle';
    const { column, store, end, heads } = generation;
    for (const { number, first, count } of column.parts) {
      if (first >= through || count === 0) continue;
      const start = store.start(number);
      const last = this.parts.at(-1);
      if (last !== undefined) last.end = start;
      const own = { number, first, count: Math.min(count, through - first), start, end };
      if (own.count < count) own.end = offsetAt(store.peek(number), own.count);
      this.parts.push(own);
    }
    const at = (record: RecordNumber): number => record & CHUNK_MASK;
    this.known = {
      heads,
      store: {
        key: (record) => keyAt(this.columns, at(record)),
        level: (record) => store.names.levelOfCode(this.columns.level[at(record)] as number),
      },
    };
    this.limit = this.parts.at(-1)?.end ?? 0;
    this.toNextOpen();
    this.offset = this.start;
  }

  /** Offset of the first byte that is wanted next. */
  get start(): number {
    const part = this.parts[this.part];
    if (part === undefined) return this.limit;
    return this.at === 0 ? part.start : offsetAt(this.columns, this.at);
  }

  /** Of the part that is looked at. None is kept: they may be on disk only, and are read one after the other. */
  private get columns(): Chunk {
    this.chunk ??= this.generation.store.peek((this.parts[this.part] as Part).number);
    return this.chunk;
  }

  /** Nothing more is wanted. */
  get done(): boolean {
    return this.part >= this.parts.length;
  }

  /** Index of the record that is looked at next: all before it are told. */
  get index(): number {
    const part = this.parts[this.part];
    return part === undefined ? Number.POSITIVE_INFINITY : part.first + this.at;
  }

  /** Those that have passed since the last call, by their numbers in the generation's store, in the file's order. */
  passedSince(): number[] {
    const { passed } = this;
    this.passed = [];
    return passed;
  }

  /** The next bytes of the content, from where the last ones ended; at first from `start` on. The buffer may be reused afterwards. */
  feed(piece: Buffer): void {
    for (let at = 0; at < piece.length && !this.done; at += AT_ONCE) this.take(piece.subarray(at, at + AT_ONCE));
  }

  private take(piece: Buffer): void {
    let bytes = piece;
    let from = this.offset;
    this.offset += piece.length;
    if (this.carried > 0) {
      const end = Math.min(this.endOf(this.at), this.start + SEARCHED_BYTES);
      const missing = end - this.start - this.carried;
      const rest = piece.subarray(0, Math.max(0, missing));
      if (rest.length < missing) {
        this.carry.push(Buffer.from(rest));
        this.carried += rest.length;
        return;
      }
      const record = Buffer.concat([...this.carry, rest]);
      this.carry = [];
      this.carried = 0;
      this.one(record);
      bytes = piece.subarray(rest.length);
      from += rest.length;
    }
    while (!this.done) {
      const { start } = this;
      if (start >= from + bytes.length) return;
      const whole = this.wholeUntil(from + bytes.length);
      if (whole > this.at) this.many(bytes, from, whole);
      else {
        const had = bytes.subarray(start - from);
        if (had.length >= SEARCHED_BYTES) this.one(had.subarray(0, SEARCHED_BYTES));
        else {
          this.carry = [Buffer.from(had)];
          this.carried = had.length;
          return;
        }
      }
    }
  }

  /** Place in the part behind the last record that ends before an offset. */
  private wholeUntil(offset: number): number {
    const part = this.parts[this.part] as Part;
    if (part.end <= offset) return part.count;
    // The one that holds the offset, or ends there, is not whole.
    return lastAtOrBefore(this.columns, this.at, part.count, offset);
  }

  /** The record that is next, alone. */
  private one(bytes: Buffer): void {
    const part = this.parts[this.part] as Part;
    if (this.verdicts[this.at] === READ) this.look(part, this.at, new Span(bytes), 0, bytes.length);
    this.at++;
    this.toNextOpen();
  }

  /** The records from the next one to `to`, all of which are in the bytes. */
  private many(bytes: Buffer, from: number, to: number): void {
    const part = this.parts[this.part] as Part;
    const { verdicts, columns } = this;
    const first = this.at;
    const base = offsetAt(columns, first);
    const bounds = [base - from, (to < part.count ? offsetAt(columns, to) : part.end) - from] as const;
    const span = bytes.subarray(...bounds);
    const texts = new Span(span);
    // A text that is decoded may stand in the bytes in another form.
    const placeFrom = this.generation.heads.decodes ? undefined : this.needle?.in(span);
    let next = first;
    if (placeFrom !== undefined) {
      let hits = 0;
      for (let place = placeFrom(0); place !== -1; place = placeFrom(place)) {
        const at = lastAtOrBefore(columns, next, to, base + place);
        if (verdicts[at] === READ) this.lookIn(texts, base, part, at, place);
        next = at + 1;
        if (next >= to) break;
        place = Math.max(place + 1, offsetAt(columns, next) - base);
        if (!this.needleDecides && ++hits >= ENOUGH && hits * 2 > next - first) break;
        if (place >= span.length) break;
      }
      if (hits < ENOUGH || hits * 2 <= next - first) next = to;
    }
    for (; next < to; next++) if (verdicts[next] === READ) this.lookIn(texts, base, part, next);
    this.at = to;
    this.toNextOpen();
  }

  /** @param base offset of the span's first byte */
  private lookIn(span: Span, base: number, part: Part, at: number, place?: number): void {
    const start = offsetAt(this.columns, at);
    const end = Math.min(this.endOf(at), start + SEARCHED_BYTES);
    this.look(part, at, span, start - base, end - base, place);
  }

  /**
   * The record stands in [start, end) of the span.
   * @param place of the needle in the span, where that is known
   */
  private look(part: Part, at: number, span: Span, start: number, end: number, place?: number): void {
    const { generation, filter } = this;
    const number = RecordStore.number(part.number, at);
    if (place !== undefined && this.needleDecides) {
      // In the head it says nothing; behind it may be another.
      if (place >= messageStart(generation, span.bytes, start, end, this.isLine(part, at))) {
        this.passed.push(number);
        return;
      }
    }
    if (filter.byMessage(readMessageIn(this.known, number, span, start, end), generation, number)) this.passed.push(number);
  }

  /** Whether the index tells that a record of the part is one line, with its end. */
  private isLine({ count }: Part, at: number): boolean {
    const { extraLines } = this.columns;
    return at + 1 < count && extraLines[at] === extraLines[at + 1];
  }

  /** Where a record of the part ends. */
  private endOf(at: number): number {
    const part = this.parts[this.part] as Part;
    return at + 1 < part.count ? offsetAt(this.columns, at + 1) : part.end;
  }

  /** Records that the index tells are passed over. */
  private toNextOpen(): void {
    const { verdicts, generation } = this;
    for (; this.part < this.parts.length; this.part++) {
      const { number, count } = this.parts[this.part] as Part;
      if (this.judged !== this.part) {
        this.filter.judge(generation, number, 0, count, verdicts);
        this.judged = this.part;
      }
      const open = verdicts.subarray(0, count).indexOf(READ, this.at);
      if (open !== -1) {
        this.at = open;
        return;
      }
      this.at = 0;
      this.chunk = undefined;
    }
  }
}

const offsetAt = ({ baseOffset, offset }: Chunk, at: number): number => baseOffset + (offset[at] as number);

/** The last record of [low, high) whose offset is at or before a position; `low` has to be one. */
function lastAtOrBefore({ offset, baseOffset }: Chunk, low: number, high: number, position: number): number {
  const wanted = position - baseOffset;
  let first = low;
  let last = high - 1;
  // Mostly it is one of the next.
  for (let step = 1; first + step <= last; step *= 2) {
    if ((offset[first + step] as number) > wanted) {
      last = first + step - 1;
      break;
    }
    first += step;
  }
  while (first < last) {
    const middle = (first + last + 1) >> 1;
    if ((offset[middle] as number) <= wanted) first = middle;
    else last = middle - 1;
  }
  return first;
}
