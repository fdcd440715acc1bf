/**
 * The compact index of all records of a timeline: chunks of columns (chunk.ts). A record is one number, CHUNK_BITS of place in its chunk
 * below the chunk's number, so that an order of records is a Uint32Array. A chunk belongs to one generation; small files get small ones.
 */
import type { Chunk, ChunkHeader } from './chunk.ts';
import {
  CHUNK_BITS,
  CHUNK_MASK,
  CHUNK_SIZE,
  capacityFor,
  keyAt,
  newChunk,
  newPartners,
  putKey,
  putPlace,
  rebase,
  resized,
  viewChunk,
} from './chunk.ts';

export type { Chunk } from './chunk.ts';
export { chunkKeys, keyAt } from './chunk.ts';

/** A record's number in the store. Never kept beyond the process: a RecordId is for that. */
export type RecordNumber = number;

/** No record: as a pairing's other half. */
export const NONE = 0xffffffff;

/** The level of a record without one. */
export const NO_LEVEL = -1;
const NO_LEVEL_CODE = 255;
/** Codes from here on stand for the levels in the store's table; smaller ones for themselves. */
const FIRST_RARE_LEVEL = 200;

/** A chunk that follows one with fewer records than this is a wide one: the number of chunks stays small, whatever the file says. */
const FEW = 1024;
/** Of chunks behind a full one, at first. */
const SECOND_CAPACITY = CHUNK_SIZE / 4;

export const recordFlags = {
  exception: 1,
  /** Its stamp is up to 1 s before its predecessor's: it has the predecessor's key. */
  clockStep: 4,
  /** The line has no stamp. */
  noTime: 8,
} as const;

export interface NewRecord {
  /** Sort key, µs: the stamp's time, or the predecessor's key. */
  key: number;
  offset: number;
  line: number;
  level: number;
  flags: number;
  /** Index of `names`; 0 for none. */
  module: number;
}

/** A chunk that goes from thread to thread: plain data, and memory that both share. */
export interface FilledChunk extends ChunkHeader {
  count: number;
  buffer: SharedArrayBuffer;
}

/** What a column's numbers of names and levels mean: those of the store that it was filled in. */
export interface StoreNames {
  /** Modules that lines of master.log name; the first is empty. */
  names: readonly string[];
  /** Levels of FIRST_RARE_LEVEL and above. */
  levels: readonly number[];
}

export class RecordStore implements StoreNames {
  private readonly chunks: (Chunk | undefined)[] = [];
  /** By chunk: whose it is, and the index of its first record there. */
  private readonly owners: number[] = [];
  private readonly firsts: number[] = [];
  private readonly freeChunks: number[] = [];
  readonly names: string[] = [''];
  readonly levels: number[] = [];
  private readonly nameNumbers = new Map<string, number>();

  /** By number, for those that go over many records. What is changed is changed by the store's methods only. */
  chunk(number: number): Chunk {
    const chunk = this.chunks[number];
    if (chunk === undefined) throw new RangeError(`chunk ${number} is not in the store`);
    return chunk;
  }

  key(record: RecordNumber): number {
    return keyAt(this.chunk(record >>> CHUNK_BITS), record & CHUNK_MASK);
  }
  offset(record: RecordNumber): number {
    const chunk = this.chunk(record >>> CHUNK_BITS);
    return chunk.baseOffset + (chunk.offset[record & CHUNK_MASK] as number);
  }
  line(record: RecordNumber): number {
    const chunk = this.chunk(record >>> CHUNK_BITS);
    const at = record & CHUNK_MASK;
    return chunk.baseLine + at + (chunk.extraLines[at] as number);
  }
  /** NO_LEVEL where the line has none. */
  level(record: RecordNumber): number {
    return this.levelOfCode(this.chunk(record >>> CHUNK_BITS).level[record & CHUNK_MASK] as number);
  }
  flags(record: RecordNumber): number {
    return this.chunk(record >>> CHUNK_BITS).flags[record & CHUNK_MASK] as number;
  }
  hash(record: RecordNumber): number {
    return this.chunk(record >>> CHUNK_BITS).hash[record & CHUNK_MASK] as number;
  }
  /** The same entry in master.log, or in the module's log; NONE where it stands alone. */
  partner(record: RecordNumber): RecordNumber {
    return this.chunk(record >>> CHUNK_BITS).partner?.[record & CHUNK_MASK] ?? NONE;
  }
  setPartner(record: RecordNumber, partner: RecordNumber): void {
    const chunk = this.chunk(record >>> CHUNK_BITS);
    if (chunk.partner === undefined) {
      if (partner === NONE) return;
      chunk.partner = newPartners(chunk.capacity);
    }
    chunk.partner[record & CHUNK_MASK] = partner;
  }
  /** The module that a line of master.log names; empty for none. */
  namedModule(record: RecordNumber): string {
    return this.names[this.chunk(record >>> CHUNK_BITS).module?.[record & CHUNK_MASK] ?? 0] ?? '';
  }
  generation(record: RecordNumber): number {
    return this.owners[record >>> CHUNK_BITS] as number;
  }
  /** Index of the record within its generation. */
  index(record: RecordNumber): number {
    return (this.firsts[record >>> CHUNK_BITS] as number) + (record & CHUNK_MASK);
  }

  /** The number for a module's name; 0 where 65 535 names are taken (such a record then counts as master.log's own). */
  nameNumber(name: string): number {
    let number = this.nameNumbers.get(name);
    if (number === undefined) {
      if (this.names.length > 0xffff) return 0;
      number = this.names.push(name) - 1;
      this.nameNumbers.set(name, number);
    }
    return number;
  }

  /** The level that an element of a chunk's column `level`, 0 to 255, stands for. */
  levelOfCode(code: number): number {
    if (code < FIRST_RARE_LEVEL) return code;
    return code === NO_LEVEL_CODE ? NO_LEVEL : (this.levels[code - FIRST_RARE_LEVEL] ?? FIRST_RARE_LEVEL);
  }

  /** The inverse. Where too many large levels are known, one of these that is near. */
  levelCode(level: number): number {
    if (level < 0) return NO_LEVEL_CODE;
    if (level < FIRST_RARE_LEVEL) return level;
    let number = this.levels.indexOf(level);
    if (number === -1) {
      if (this.levels.length < NO_LEVEL_CODE - FIRST_RARE_LEVEL) number = this.levels.push(level) - 1;
      else {
        const near = (other: number): number => Math.abs(other - level);
        number = this.levels.reduce((best, other, index) => (near(other) < near(this.levels[best] as number) ? index : best), 0);
      }
    }
    return FIRST_RARE_LEVEL + number;
  }

  /** @internal Used by RecordColumn, as are all below. */
  addChunk(generation: number, first: number, chunk: Chunk): number {
    const number = this.freeChunks.pop() ?? this.chunks.length;
    if (number > NONE >>> CHUNK_BITS) throw new RangeError('there are more records than can be indexed');
    this.chunks[number] = chunk;
    this.owners[number] = generation;
    this.firsts[number] = first;
    return number;
  }

  /** @internal */
  freeChunk(number: number): void {
    this.chunks[number] = undefined;
    this.freeChunks.push(number);
  }

  /** @internal False where the record does not fit into the chunk: it then needs a new one. */
  put(number: number, at: number, record: NewRecord): boolean {
    let chunk = this.chunk(number);
    if (at >= chunk.capacity) {
      if (at >= CHUNK_SIZE) return false;
      chunk = resized(chunk, Math.min(CHUNK_SIZE, chunk.capacity * 2));
      this.chunks[number] = chunk;
    }
    if (at === 0) rebase(chunk, record.key, record.offset, record.line);
    if (!putKey(chunk, at, record.key) || !putPlace(chunk, at, record.offset, record.line)) return false;
    chunk.level[at] = this.levelCode(record.level);
    chunk.flags[at] = record.flags;
    if (chunk.partner !== undefined) chunk.partner[at] = NONE;
    if (chunk.module !== undefined) chunk.module[at] = record.module;
    return true;
  }

  /** @internal */
  finishRecord(record: RecordNumber, hash: number, flags: number): void {
    const chunk = this.chunk(record >>> CHUNK_BITS);
    chunk.hash[record & CHUNK_MASK] = hash;
    chunk.flags[record & CHUNK_MASK] = flags;
  }

  /** @internal Of the first record of a generation, while it has no other. */
  setKey(record: RecordNumber, key: number): void {
    const chunk = this.chunk(record >>> CHUNK_BITS);
    rebase(chunk, key, chunk.baseOffset, chunk.baseLine);
    putKey(chunk, record & CHUNK_MASK, key);
  }

  static number(chunk: number, at: number): RecordNumber {
    return ((chunk << CHUNK_BITS) | at) >>> 0;
  }
}

/** Where some of a generation's records are. */
export interface ColumnPart {
  /** Of the chunk: record `i` of it is `RecordStore.number(number, i)`. */
  readonly number: number;
  /** Index within the generation of the chunk's first record. */
  readonly first: number;
  readonly count: number;
}

/** The records of one generation, in the file's order. */
export class RecordColumn {
  private readonly chunks: { number: number; first: number; count: number }[] = [];
  private total = 0;

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
      const chunk = newChunk(this.master, last !== undefined && last.count < FEW, last?.count === CHUNK_SIZE ? SECOND_CAPACITY : undefined);
      last = { number: this.store.addChunk(this.generation, this.total, chunk), first: this.total, count: 0 };
      this.chunks.push(last);
      this.store.put(last.number, 0, record);
    }
    this.total++;
    return RecordStore.number(last.number, last.count++);
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
   * The chunks from a part on, cut to their size, for another thread to take in with `adopt`. The last one may still change: a thread that
   * hands on while it scans leaves it out until the end.
   */
  export(from = 0, to = this.chunks.length): FilledChunk[] {
    return this.chunks.slice(from, to).map(({ number, count }) => {
      const whole = this.store.chunk(number);
      const { buffer, master, wide, capacity, baseKey, baseOffset, baseLine } =
        whole.capacity === capacityFor(count) ? whole : resized(whole, capacityFor(count));
      return { buffer, master, wide, capacity, baseKey, baseOffset, baseLine, count };
    });
  }

  /**
   * Appends a chunk that another thread has filled; it is then this store's.
   * @param names of the store that it was filled in, as they were when it was handed on, or later
   */
  adopt(filled: FilledChunk, { names, levels }: StoreNames): void {
    const { store } = this;
    const chunk = viewChunk(filled, filled.buffer);
    if (chunk.module !== undefined) {
      const numbers = Uint16Array.from(names, (name) => (name === '' ? 0 : store.nameNumber(name)));
      for (let i = 0; i < filled.count; i++) chunk.module[i] = numbers[chunk.module[i] as number] ?? 0;
    }
    if (levels.length > 0) {
      const codes = levels.map((level) => store.levelCode(level));
      for (let i = 0; i < filled.count; i++) {
        const code = chunk.level[i] as number;
        if (code >= FIRST_RARE_LEVEL && code !== NO_LEVEL_CODE) chunk.level[i] = codes[code - FIRST_RARE_LEVEL] ?? NO_LEVEL_CODE;
      }
    }
    this.chunks.push({ number: store.addChunk(this.generation, this.total, chunk), first: this.total, count: filled.count });
    this.total += filled.count;
  }

  /** Nothing is paired any more. */
  clearPartners(): void {
    for (const { number } of this.chunks) this.store.chunk(number).partner = undefined;
  }

  /** Gives everything back to the store. The numbers may then mean other records. */
  dispose(): void {
    for (const { number } of this.chunks) this.store.freeChunk(number);
    this.chunks.length = 0;
    this.total = 0;
  }
}
