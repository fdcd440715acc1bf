/**
 * The compact index of all records of a timeline: columns in typed arrays, 26 bytes a record. A record is one number, CHUNK_BITS of place
 * in its chunk below the chunk's number, so that an order of records is a Uint32Array. A chunk belongs to one generation; small files
 * get small chunks.
 */

const CHUNK_BITS = 14;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SIZE - 1;
const FIRST_CAPACITY = 16;

/** A record's number in the store. Never kept beyond the process: a RecordId is for that. */
export type RecordNumber = number;

/** No record: as a pairing's other half. */
export const NONE = 0xffffffff;

export const recordFlags = {
  exception: 1,
  /** Its stamp is up to 1 s before its predecessor's: it has the predecessor's key. */
  clockStep: 4,
  /** The line has no stamp. */
  noTime: 8,
} as const;

interface Chunk {
  /** The generation that it belongs to. */
  readonly generation: number;
  /** Index within the generation of the chunk's first record. */
  readonly first: number;
  /** Offsets and lines are relative to these. */
  readonly baseOffset: number;
  readonly baseLine: number;
  key: Float64Array;
  offset: Uint32Array;
  line: Uint32Array;
  level: Uint8Array;
  flags: Uint8Array;
  hash: Uint32Array;
  partner: Uint32Array;
  /** Of master.log only: the module that the line names, as an index of `names`; 0 where it names none. */
  module: Uint16Array | undefined;
  capacity: number;
}

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

export const NO_LEVEL = 255;

export class RecordStore {
  private readonly chunks: (Chunk | undefined)[] = [];
  private readonly freeChunks: number[] = [];
  /** Module names that lines of master.log name. */
  readonly names: string[] = [''];
  private readonly nameNumbers = new Map<string, number>();

  private chunk(record: RecordNumber): Chunk {
    const chunk = this.chunks[record >>> CHUNK_BITS];
    if (chunk === undefined) throw new RangeError(`record ${record} is not in the store`);
    return chunk;
  }

  key(record: RecordNumber): number {
    return this.chunk(record).key[record & CHUNK_MASK] ?? 0;
  }
  offset(record: RecordNumber): number {
    const chunk = this.chunk(record);
    return chunk.baseOffset + (chunk.offset[record & CHUNK_MASK] ?? 0);
  }
  line(record: RecordNumber): number {
    const chunk = this.chunk(record);
    return chunk.baseLine + (chunk.line[record & CHUNK_MASK] ?? 0);
  }
  /** NO_LEVEL where the line has none. */
  level(record: RecordNumber): number {
    return this.chunk(record).level[record & CHUNK_MASK] ?? NO_LEVEL;
  }
  flags(record: RecordNumber): number {
    return this.chunk(record).flags[record & CHUNK_MASK] ?? 0;
  }
  hash(record: RecordNumber): number {
    return this.chunk(record).hash[record & CHUNK_MASK] ?? 0;
  }
  /** The same entry in master.log, or in the module's log; NONE where it stands alone. */
  partner(record: RecordNumber): RecordNumber {
    return this.chunk(record).partner[record & CHUNK_MASK] ?? NONE;
  }
  setPartner(record: RecordNumber, partner: RecordNumber): void {
    this.chunk(record).partner[record & CHUNK_MASK] = partner;
  }
  /** The module that a line of master.log names; empty for none. */
  namedModule(record: RecordNumber): string {
    return this.names[this.chunk(record).module?.[record & CHUNK_MASK] ?? 0] ?? '';
  }
  generation(record: RecordNumber): number {
    return this.chunk(record).generation;
  }
  /** Index of the record within its generation. */
  index(record: RecordNumber): number {
    return this.chunk(record).first + (record & CHUNK_MASK);
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

  /** @internal Used by RecordColumn. */
  addChunk(generation: number, first: number, baseOffset: number, baseLine: number, master: boolean): number {
    const number = this.freeChunks.pop() ?? this.chunks.length;
    this.chunks[number] = {
      generation,
      first,
      baseOffset,
      baseLine,
      key: new Float64Array(FIRST_CAPACITY),
      offset: new Uint32Array(FIRST_CAPACITY),
      line: new Uint32Array(FIRST_CAPACITY),
      level: new Uint8Array(FIRST_CAPACITY),
      flags: new Uint8Array(FIRST_CAPACITY),
      hash: new Uint32Array(FIRST_CAPACITY),
      partner: new Uint32Array(FIRST_CAPACITY).fill(NONE),
      module: master ? new Uint16Array(FIRST_CAPACITY) : undefined,
      capacity: FIRST_CAPACITY,
    };
    return number;
  }

  /** @internal */
  freeChunk(number: number): void {
    this.chunks[number] = undefined;
    this.freeChunks.push(number);
  }

  /** @internal False where the record does not fit into the chunk: it then needs a new one. */
  put(number: number, at: number, record: NewRecord): boolean {
    const chunk = this.chunks[number];
    if (chunk === undefined || at >= CHUNK_SIZE) return false;
    const offset = record.offset - chunk.baseOffset;
    const line = record.line - chunk.baseLine;
    if (offset > 0xffffffff || line > 0xffffffff) return false;
    if (at >= chunk.capacity) grow(chunk);
    chunk.key[at] = record.key;
    chunk.offset[at] = offset;
    chunk.line[at] = line;
    chunk.level[at] = record.level;
    chunk.flags[at] = record.flags;
    chunk.partner[at] = NONE;
    if (chunk.module !== undefined) chunk.module[at] = record.module;
    return true;
  }

  /** @internal */
  finishRecord(record: RecordNumber, hash: number, flags: number): void {
    const chunk = this.chunk(record);
    chunk.hash[record & CHUNK_MASK] = hash;
    chunk.flags[record & CHUNK_MASK] = flags;
  }

  /** @internal */
  setKey(record: RecordNumber, key: number): void {
    this.chunk(record).key[record & CHUNK_MASK] = key;
  }

  static number(chunk: number, at: number): RecordNumber {
    return ((chunk << CHUNK_BITS) | at) >>> 0;
  }
}

function grow(chunk: Chunk): void {
  const capacity = Math.min(CHUNK_SIZE, chunk.capacity * 2);
  const larger = <T extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(type: new (length: number) => T, old: T): T => {
    const array = new type(capacity);
    array.set(old);
    return array;
  };
  chunk.key = larger(Float64Array, chunk.key);
  chunk.offset = larger(Uint32Array, chunk.offset);
  chunk.line = larger(Uint32Array, chunk.line);
  chunk.level = larger(Uint8Array, chunk.level);
  chunk.flags = larger(Uint8Array, chunk.flags);
  chunk.hash = larger(Uint32Array, chunk.hash);
  chunk.partner = larger(Uint32Array, chunk.partner);
  if (chunk.module !== undefined) chunk.module = larger(Uint16Array, chunk.module);
  chunk.capacity = capacity;
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

  push(record: NewRecord): RecordNumber {
    let last = this.chunks.at(-1);
    if (last === undefined || !this.store.put(last.number, last.count, record)) {
      const number = this.store.addChunk(this.generation, this.total, record.offset, record.line, this.master);
      last = { number, first: this.total, count: 0 };
      this.chunks.push(last);
      this.store.put(number, 0, record);
    }
    this.total++;
    return RecordStore.number(last.number, last.count++);
  }

  /** The number of the record at an index, 0 ≤ index < length. */
  at(index: number): RecordNumber {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.chunks[middle]?.first ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    const chunk = this.chunks[low];
    if (chunk === undefined || index < 0 || index >= this.total) throw new RangeError(`no record ${index} of ${this.total}`);
    return RecordStore.number(chunk.number, index - chunk.first);
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

  /** Gives everything back to the store. The numbers may then mean other records. */
  dispose(): void {
    for (const { number } of this.chunks) this.store.freeChunk(number);
    this.chunks.length = 0;
    this.total = 0;
  }
}
