/** The records of one generation, in the file's order: which chunks of the store have them. */
import type { Chunk } from './chunk.ts';
import { CHUNK_SIZE, capacityFor, newChunk, resized, viewChunk } from './chunk.ts';
import type { ChunkSummary } from './chunkSummary.ts';
import type { StoreNames } from './nameTable.ts';
import type { Lines } from './ownLines.ts';
import type { FilledChunk, NewRecord, RecordNumber } from './recordStore.ts';
import { RecordStore } from './recordStore.ts';
import type { PlacedChunk, StoredChunk } from './storedChunk.ts';

/** A chunk that follows one with fewer records than this is a wide one: the number of chunks stays small, whatever the file says. */
const FEW = 1024;
/** Parts at a column's end that may still change: the last one, and what is before that when its records are taken back. */
export const VOLATILE = 2;
/** Growing costs more than room that may stay empty: the first chunk is as large as a file with lines of so many bytes needs. */
const USUAL_LINE = 256;

/** Where some of a generation's records are. */
export interface ColumnPart {
  /** Of the chunk: record `i` of it is `RecordStore.number(number, i)`. */
  readonly number: number;
  /** Index within the generation of the chunk's first record. */
  readonly first: number;
  readonly count: number;
}

function filledOf(chunk: Chunk, count: number, summary: ChunkSummary): FilledChunk {
  const { buffer, master, wide, capacity, baseKey, baseOffset, baseLine } = chunk;
  return { buffer, master, wide, capacity, baseKey, baseOffset, baseLine, count, summary };
}

const recordOf = ({ keys, offsets, levels, flags, modules }: Lines, i: number, offset: number, line: number): NewRecord => ({
  key: keys[i] as number,
  offset: offset + (offsets[i] as number) - (offsets[0] as number),
  line: line + i,
  level: levels[i] as number,
  flags: flags[i] as number,
  module: modules[i] as number,
});

/** The records of one generation, in the file's order. */
export class RecordColumn {
  private readonly chunks: { number: number; first: number; count: number }[] = [];
  private total = 0;
  /** The numbers that its chunks shall have, in order, where they are still reserved. */
  wanted: number[] = [];
  /** So many bytes of content are about to come. */
  expectedBytes = 0;

  constructor(
    private readonly store: RecordStore,
    private readonly generation: number,
    private readonly master: boolean,
  ) {}

  get length(): number {
    return this.total;
  }

  /** Where the records are, in order: `store.chunk(part.number)` has the columns of each part. */
  get parts(): readonly ColumnPart[] {
    return this.chunks;
  }

  push(record: NewRecord): RecordNumber {
    let last = this.chunks[this.chunks.length - 1];
    if (last === undefined || !this.store.put(last.number, last.count, record)) {
      // What has filled one chunk is likely to fill another.
      const expected = last === undefined ? this.expectedBytes / USUAL_LINE : last.count;
      const capacity = last === undefined || last.count === CHUNK_SIZE ? capacityFor(Math.min(CHUNK_SIZE, expected)) : undefined;
      const chunk = newChunk(this.master, last !== undefined && last.count < FEW, capacity);
      last = { number: this.store.addChunk(this.generation, this.total, chunk, this.wanted.shift()), first: this.total, count: 0 };
      this.chunks.push(last);
      this.store.put(last.number, 0, record);
    }
    this.total++;
    return RecordStore.number(last.number, last.count++);
  }

  /**
   * Appends records of one line each, which are known as a whole.
   * @param offset of the first one
   * @param line of the first one
   */
  pushLines(lines: Lines, offset: number, line: number): void {
    for (let from = 0; from < lines.count; ) {
      const last = this.chunks[this.chunks.length - 1];
      const put = last === undefined ? 0 : this.store.putLines(last.number, last.count, lines, from, offset, line);
      if (last !== undefined && put > 0) {
        last.count += put;
        this.total += put;
        from += put;
        continue;
      }
      // It needs a larger chunk, or another one.
      this.push(recordOf(lines, from, offset, line));
      this.finishLast(lines.hashes[from] as number, lines.flags[from] as number);
      from++;
    }
  }

  /** What is known of the last record when all of it has been read. */
  finishLast(hash: number, flags: number): void {
    const last = this.chunks[this.chunks.length - 1];
    if (last !== undefined) this.store.finishRecord(RecordStore.number(last.number, last.count - 1), hash, flags);
  }

  /** The number of the record at an index, 0 ≤ index < length. */
  at(index: number): RecordNumber {
    if (index < 0 || index >= this.total) throw new RangeError(`no record ${index} of ${this.total}`);
    const chunk = this.chunks[this.partOf(index)] as ColumnPart;
    return RecordStore.number(chunk.number, index - chunk.first);
  }

  /** Which of `parts` has the record at an index. */
  private partOf(index: number): number {
    let low = 0;
    let high = this.chunks.length - 1;
    // Mostly the last record is asked for.
    if (index >= (this.chunks[high] as ColumnPart).first) return high;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.chunks[middle] as ColumnPart).first <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Numbers of the records [from, to). */
  range(from: number, to: number): Uint32Array {
    const numbers = new Uint32Array(Math.max(0, to - from));
    for (const chunk of this.chunks) {
      const begin = Math.max(from, chunk.first);
      const end = Math.min(to, chunk.first + chunk.count);
      for (let i = begin; i < end; i++) numbers[i - from] = RecordStore.number(chunk.number, i - chunk.first);
    }
    return numbers;
  }

  /** Index of the last record that starts at or before a byte offset; -1 where there is none. */
  indexOfOffset(offset: number): number {
    let low = -1;
    let high = this.total - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.store.offset(this.at(middle)) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Takes the last record back, as long as it may still change. Its place stays readable: a page may be about to show it. */
  takeBack(length: number): void {
    for (let last = this.chunks.at(-1); last !== undefined && last.first + last.count > length; last = this.chunks.at(-1)) {
      if (last.first > length) throw new RangeError('only the last record can be taken back');
      last.count = length - last.first;
    }
    this.total = Math.min(this.total, length);
  }

  /**
   * The chunks of `parts` [from, to), cut to their size, for another thread to take in with `adopt`. The last one may still change: a thread
   * that hands on while it scans leaves it out until the end.
   */
  export(from = 0, to = this.chunks.length): FilledChunk[] {
    return this.chunks.slice(from, to).map(({ number, count }) => {
      const chunk = this.store.lend(number);
      return filledOf(
        chunk.capacity === capacityFor(count) ? chunk : resized(chunk, capacityFor(count)),
        count,
        this.store.summary(number, count),
      );
    });
  }

  /** The same for a thread that changes nothing: what is not in memory it reads itself. */
  lend(): (FilledChunk | PlacedChunk)[] {
    return this.chunks.flatMap<FilledChunk | PlacedChunk>(({ number }, part) => this.store.placedOf(number) ?? this.export(part, part + 1));
  }

  /** One chunk as it is now, cut to its size: a copy, whatever happens to it. */
  copyOf(part: number): FilledChunk {
    const { number, count } = this.chunks[part] as ColumnPart;
    return filledOf(resized(this.store.chunk(number), capacityFor(count)), count, this.store.summary(number, count));
  }

  /**
   * Appends a chunk that another thread has filled; it is then this store's.
   * @param names of the store that it was filled in, as they were when it was handed on, or later
   */
  adopt(filled: FilledChunk, names: StoreNames): void {
    const { store } = this;
    const chunk = viewChunk(filled, filled.buffer);
    store.names.translator(names)(chunk, filled.count);
    this.chunks.push({
      number: store.addFilled(this.generation, this.total, chunk, filled, this.wanted.shift()),
      first: this.total,
      count: filled.count,
    });
    this.total += filled.count;
  }

  /** Appends a chunk that is on disk. */
  restore(stored: StoredChunk): void {
    const number = this.store.addStored(this.generation, this.total, stored, this.wanted.shift());
    this.chunks.push({ number, first: this.total, count: stored.count });
    this.total += stored.count;
  }

  /** Takes all records of another one of the same store for its first ones; both have in common what cannot change any more of their columns. */
  share(other: RecordColumn): void {
    const { store, chunks } = this;
    for (const [i, { number, count }] of other.chunks.entries()) {
      if (count === 0) continue;
      const stored = store.storedOf(number);
      if (stored?.count === count) {
        this.restore(stored);
        continue;
      }
      const filled =
        i < other.chunks.length - VOLATILE ? filledOf(store.lend(number), count, store.summary(number, count)) : other.copyOf(i);
      chunks.push({
        number: store.addFilled(this.generation, this.total, viewChunk(filled, filled.buffer), filled),
        first: this.total,
        count,
      });
      this.total += count;
    }
  }

  /** Nothing is paired any more. */
  clearPartners(): void {
    for (const { number } of this.chunks) this.store.setPartnersOf(number, undefined);
  }

  /** Gives everything back to the store. The numbers may then mean other records. */
  dispose(): void {
    for (const { number } of this.chunks) this.store.freeChunk(number);
    this.chunks.length = 0;
    this.total = 0;
  }
}
