/**
 * The compact index of all records of a timeline: chunks of columns (chunk.ts). A record is one number, CHUNK_BITS of place in its chunk
 * below the chunk's number, so that an order of records is a Uint32Array. A chunk belongs to one generation; small files get small ones.
 */
import type { Chunk, ChunkHeader, ChunkKinds } from './chunk.ts';
import {
  CHUNK_BITS,
  CHUNK_MASK,
  CHUNK_SIZE,
  chunkBytes,
  keyAt,
  kindsBytes,
  newPartners,
  putKey,
  putLines,
  putPlace,
  rebase,
  resized,
  viewChunk,
  viewKinds,
} from './chunk.ts';
import type { ChunkSummary } from './chunkSummary.ts';
import { summaryOf } from './chunkSummary.ts';
import { NameTable } from './nameTable.ts';
import type { Lines } from './ownLines.ts';
import { PeekedColumns } from './peekedColumns.ts';
import { SpareMemory } from './spareMemory.ts';
import type { PlacedChunk, StoredChunk } from './storedChunk.ts';

/** A record's number in the store. Never kept beyond the process: a RecordId is for that. */
export type RecordNumber = number;

/** No record: as a pairing's other half. */
export const NONE = 0xffffffff;

export interface NewRecord {
  /** Sort key, µs: the stamp's time, or the predecessor's key. */
  key: number;
  offset: number;
  line: number;
  level: number;
  flags: number;
  /** Of the store's names; 0 for none. */
  module: number;
}

/** A chunk that goes from thread to thread: plain data, and memory that both share. */
export interface FilledChunk extends ChunkHeader {
  count: number;
  summary: ChunkSummary;
  buffer: SharedArrayBuffer;
}

/** The other halves of a chunk's records, on disk: read when one of them is first asked for, and dropped as columns are. */
export interface StoredPartners {
  /** So many records all have one; 0 where some have none. */
  paired: number;
  /** Undefined where they are damaged, or gone. */
  load(): Uint32Array | undefined;
}

/** Of the budget, what is clean keeps an eighth. */
const LEAST_SHARE = 8;

/** They are being written, and are the same so far. */
const BEING_WRITTEN = 'being written';

export class RecordStore {
  private readonly chunks: (Chunk | undefined)[] = [];
  /** By chunk: where it can be read again, unless it has changed since. */
  private readonly stored: (StoredChunk | undefined)[] = [];
  /** By chunk that is not in memory: the other halves of its records. */
  private readonly partners: (Uint32Array | undefined)[] = [];
  /** By chunk: where the same can be read again, unless it has changed since. */
  private readonly storedPartners: (StoredPartners | typeof BEING_WRITTEN | undefined)[] = [];
  /** By chunk: so many of its first records were found to have other halves, all of them. */
  private readonly paired: (number | undefined)[] = [];
  /** By chunk: what was found out of so many of its records. */
  private readonly summaries: ((ChunkSummary & { count: number }) | undefined)[] = [];
  /** In memory and on disk, the one that came first in front. */
  private readonly clean = new Set<number>();
  private bytes = 0;
  /** Records for which there is room in all chunks, wherever these are. */
  private capacity = 0;
  /** Chunks whose memory nobody else has. */
  private readonly own = new Set<number>();
  private readonly spare = new SpareMemory();
  private readonly peeked = new PeekedColumns(
    (stored) => chunkBytes(stored, stored.capacity),
    (stored, into) => stored.load(into),
    viewChunk,
  );
  private readonly peekedKinds = new PeekedColumns(
    kindsBytes,
    (stored, into) => stored.loadKinds(into),
    (stored, buffer) => viewKinds(stored, buffer),
  );
  /** By chunk: whose it is, and the index of its first record there. */
  private readonly owners: number[] = [];
  private readonly firsts: number[] = [];
  private readonly freeChunks: number[] = [];
  /** By chunk: reserved, and not asked for yet. */
  private reserved: boolean[] = [];
  readonly names = new NameTable();
  /** Told of a generation of which a stored chunk is damaged: what is given for it is wrong, and it has to be indexed anew. */
  onDamaged: (generation: number) => void = () => undefined;

  /** Bytes of what else is in memory for each record, and cannot be dropped; part of the budget, of which columns keep half all the same. */
  othersBytes = 0;

  /** @param budget bytes of columns in memory above which those that are on disk, too, are dropped */
  constructor(private readonly budget = Number.POSITIVE_INFINITY) {}

  /** Bytes of columns in memory, and of the other halves of their records. */
  get residentBytes(): number {
    return this.bytes;
  }

  /**
   * By number, for those that go over many records. What is changed is changed by the store's methods only. Not to be kept: when others are
   * asked for, its memory may come to hold one of them.
   */
  chunk(number: number): Chunk {
    return this.chunks[number] ?? this.load(number);
  }

  /** The same for those who keep its memory, or give it to another thread: it is not used for another chunk. */
  lend(number: number): Chunk {
    const chunk = this.chunk(number);
    this.own.delete(number);
    return chunk;
  }

  /**
   * The columns, without the other halves, for those who go over all chunks and keep nothing of them: what is on disk only does not come
   * into memory, where it would put out what is there. Valid until the next call.
   */
  peek(number: number): Chunk {
    // Damaged: who loads it says so.
    return this.chunks[number] ?? this.peekWith(this.peeked, number) ?? this.chunk(number);
  }

  /** The same of what the records are, a tenth of the columns. */
  kinds(number: number): ChunkKinds {
    return this.chunks[number] ?? this.peekWith(this.peekedKinds, number) ?? this.chunk(number);
  }

  private peekWith<Columns>(peeked: PeekedColumns<Columns>, number: number): Columns | undefined {
    const stored = this.stored[number];
    return stored && peeked.of(stored);
  }

  /** Brings the columns of a record into memory, before they are looked at. @returns false where they are there */
  bring(record: RecordNumber): boolean {
    const number = record >>> CHUNK_BITS;
    if (this.chunks[number] !== undefined) return false;
    this.load(number);
    return true;
  }

  private load(number: number): Chunk {
    const stored = this.stored[number];
    if (stored === undefined) throw new RangeError(`chunk ${number} is not in the store`);
    const memory = this.spare.take(chunkBytes(stored, stored.capacity));
    const buffer = stored.load(memory);
    const chunk = viewChunk(stored, buffer ?? new SharedArrayBuffer(memory.byteLength));
    chunk.partner = this.loadPartners(number);
    this.partners[number] = undefined;
    this.chunks[number] = chunk;
    this.own.add(number);
    this.clean.delete(number);
    this.clean.add(number);
    this.grown(chunk.buffer.byteLength);
    if (buffer === undefined) this.onDamaged(this.owners[number] as number);
    return chunk;
  }

  /** Where the first record of a chunk begins; without a look at the columns. */
  start(number: number): number {
    return (this.chunks[number] ?? this.stored[number])?.baseOffset ?? 0;
  }

  /** Of the first records of a chunk; without a look at them, where that was found out before. */
  summary(number: number, count: number): ChunkSummary {
    const stored = this.stored[number];
    if (stored?.count === count) return stored.summary;
    let known = this.summaries[number];
    if (known?.count !== count) {
      known = { ...summaryOf(this.peek(number), count), count };
      this.summaries[number] = known;
    }
    return known;
  }

  /**
   * So many of them stay, however much there is in memory that cannot be dropped, as are the other halves of all records while they are
   * looked for: who goes through many logs at once would read a chunk again for each few of its records. At least the newest, which is
   * about to be used.
   */
  private get leastClean(): number {
    return Math.max(1, Math.floor(this.budget / LEAST_SHARE / chunkBytes({ wide: false, master: true }, CHUNK_SIZE)));
  }

  /** What is left for columns, and the other halves of their records, beside the order. Each record will have a place there. */
  private get room(): number {
    return Math.max(this.budget - Math.max(this.othersBytes, this.capacity * 4), this.budget / 2);
  }

  /** More is in memory than the budget allows, or will be once all records have other halves. */
  get isFull(): boolean {
    return this.bytes + this.capacity * 4 > this.room;
  }

  /** So many bytes more are in memory. */
  private grown(bytes: number): void {
    this.bytes += bytes;
    const { room } = this;
    if (this.bytes <= room) return;
    for (const number of this.clean) {
      if (this.bytes <= room || this.clean.size <= this.leastClean) break;
      this.drop(number);
    }
  }

  private drop(number: number): void {
    const chunk = this.chunks[number];
    const partners = this.partnersAtHand(number);
    this.clean.delete(number);
    this.chunks[number] = undefined;
    this.partners[number] = partners;
    this.bytes -= chunk?.buffer.byteLength ?? 0;
    if (this.own.delete(number) && chunk !== undefined) this.spare.give(chunk.buffer);
    if (this.arePartnersStored(number)) this.forgetPartners(number);
  }

  private partnersAtHand(number: number): Uint32Array | undefined {
    return this.chunks[number]?.partner ?? this.partners[number];
  }

  private forgetPartners(number: number): void {
    this.bytes -= this.partnersAtHand(number)?.byteLength ?? 0;
    this.partners[number] = undefined;
    const chunk = this.chunks[number];
    if (chunk !== undefined) chunk.partner = undefined;
  }

  private arePartnersStored(number: number): boolean {
    return typeof this.storedPartners[number] === 'object';
  }

  /** What is on disk of the other halves, or about to be, is not what is in memory any more. */
  private partnersChanged(number: number): void {
    this.paired[number] = undefined;
    if (this.storedPartners[number] === undefined) return;
    this.storedPartners[number] = undefined;
    if (this.chunks[number] === undefined) this.clean.delete(number);
  }

  /** What is on disk is not what is in memory any more. */
  private changed(number: number): void {
    this.summaries[number] = undefined;
    if (this.stored[number] === undefined) return;
    this.stored[number] = undefined;
    this.clean.delete(number);
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
    return this.names.levelOfCode(this.chunk(record >>> CHUNK_BITS).level[record & CHUNK_MASK] as number);
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
    const number = record >>> CHUNK_BITS;
    const chunk = this.chunk(number);
    if (chunk.partner === undefined) {
      if (partner === NONE) return;
      chunk.partner = newPartners(chunk.capacity);
      chunk.partner[record & CHUNK_MASK] = partner;
      this.partnersChanged(number);
      this.grown(chunk.partner.byteLength);
      return;
    }
    chunk.partner[record & CHUNK_MASK] = partner;
    this.partnersChanged(number);
  }
  /** The module that a line of master.log names; empty for none. */
  namedModule(record: RecordNumber): string {
    return this.names.modules[this.chunk(record >>> CHUNK_BITS).module?.[record & CHUNK_MASK] ?? 0] ?? '';
  }
  generation(record: RecordNumber): number {
    return this.owners[record >>> CHUNK_BITS] as number;
  }
  /** Index of the record within its generation. */
  index(record: RecordNumber): number {
    return (this.firsts[record >>> CHUNK_BITS] as number) + (record & CHUNK_MASK);
  }

  /** Numbers below this are given only to those who ask for them, until `releaseReserved`: they mean the same as in an earlier process. */
  reserve(count: number): void {
    if (this.chunks.length > 0) throw new RangeError('there are chunks already');
    this.reserved = Array.from({ length: count }, () => true);
    this.chunks.length = count;
  }

  /** Who asked for none of its reserved numbers gets others. */
  releaseReserved(): void {
    for (const [number, free] of this.reserved.entries()) if (free) this.freeChunks.push(number);
    this.reserved = [];
  }

  /** @internal Used by RecordColumn, as are all below. */
  addChunk(generation: number, first: number, chunk: Chunk, wanted?: number): number {
    const number = this.place(generation, first, chunk.capacity, wanted);
    this.chunks[number] = chunk;
    this.grown(chunk.buffer.byteLength + (chunk.partner?.byteLength ?? 0));
    return number;
  }

  /** @internal One whose records are known together. */
  addFilled(generation: number, first: number, chunk: Chunk, { count, summary }: FilledChunk, wanted?: number): number {
    const number = this.addChunk(generation, first, chunk, wanted);
    this.summaries[number] = { ...summary, count };
    return number;
  }

  /**
   * @internal
   * @param wanted a number that is reserved; any where it is not
   */
  addStored(generation: number, first: number, stored: StoredChunk, wanted?: number): number {
    const number = this.place(generation, first, stored.capacity, wanted);
    this.stored[number] = stored;
    return number;
  }

  private place(generation: number, first: number, capacity: number, wanted = -1): number {
    const isReserved = this.reserved[wanted] === true;
    if (isReserved) this.reserved[wanted] = false;
    const number = isReserved ? wanted : (this.freeChunks.pop() ?? this.chunks.length);
    if (number > NONE >>> CHUNK_BITS) throw new RangeError('there are more records than can be indexed');
    this.capacity += capacity;
    this.owners[number] = generation;
    this.firsts[number] = first;
    this.chunks[number] = undefined;
    return number;
  }

  /** @internal It is on disk, too, and has not changed since. */
  setStored(number: number, stored: StoredChunk): void {
    this.stored[number] = stored;
    if (this.chunks[number] === undefined) return;
    this.clean.add(number);
    this.grown(0);
  }

  /** @internal Where a chunk can be read that is not in memory. */
  placedOf(number: number): PlacedChunk | undefined {
    return this.chunks[number] === undefined ? this.stored[number]?.placed : undefined;
  }

  /** @internal */
  storedOf(number: number): StoredChunk | undefined {
    return this.stored[number];
  }

  /** @internal */
  freeChunk(number: number): void {
    this.capacity -= this.capacityOf(number);
    this.drop(number);
    this.stored[number] = undefined;
    this.forgetPartners(number);
    this.storedPartners[number] = undefined;
    this.paired[number] = undefined;
    this.summaries[number] = undefined;
    // Whose content it was may still be found elsewhere.
    if (number < this.reserved.length) this.reserved[number] = true;
    else this.freeChunks.push(number);
  }

  /** @internal The array that `partner` reads, for many at once; undefined where nothing is paired. Not loaded for this. */
  partnersOf(number: number): Uint32Array | undefined {
    const known = this.partnersAtHand(number);
    if (known !== undefined || !this.arePartnersStored(number)) return known;
    const partners = this.loadPartners(number);
    const chunk = this.chunks[number];
    if (chunk !== undefined) chunk.partner = partners;
    else {
      this.partners[number] = partners;
      this.clean.add(number);
      this.grown(0);
    }
    return partners;
  }

  /** Whether the first records of a chunk all have other halves. */
  arePaired(number: number, count: number): boolean {
    const stored = this.storedPartners[number];
    if (count === 0) return false;
    if (this.paired[number] === count || (typeof stored === 'object' && stored.paired === count)) return true;
    const partners = this.partnersOf(number);
    if (partners === undefined || partners.subarray(0, count).includes(NONE)) return false;
    this.paired[number] = count;
    return true;
  }

  /** @internal */
  setStoredPartners(number: number, stored: StoredPartners): void {
    this.setPartnersOf(number, undefined);
    this.storedPartners[number] = stored;
    const chunk = this.chunks[number];
    if (chunk !== undefined) chunk.partner = this.loadPartners(number);
  }

  /** @internal A copy of the first ones, for a file: once they stand there, `partnersWritten` says so. Undefined where nothing is paired. */
  copyPartners(number: number, count: number): Uint32Array | undefined {
    const partners = this.partnersOf(number)?.slice(0, count);
    if (partners !== undefined) this.storedPartners[number] ??= BEING_WRITTEN;
    return partners;
  }

  /** @internal */
  partnersWritten(number: number, stored: StoredPartners): void {
    // What has changed meanwhile is only in memory.
    if (this.storedPartners[number] === undefined) return;
    this.storedPartners[number] = stored;
    if (this.chunks[number] === undefined && this.partners[number] !== undefined) this.clean.add(number);
    this.grown(0);
  }

  /** What is in memory already, or what is read from disk now: counted, but not put anywhere. */
  private loadPartners(number: number): Uint32Array | undefined {
    const known = this.partners[number];
    const stored = this.storedPartners[number];
    if (known !== undefined || typeof stored !== 'object') return known;
    const partners = this.wholePartners(number, stored.load());
    if (partners === undefined) {
      this.storedPartners[number] = undefined;
      this.paired[number] = undefined;
      this.onDamaged(this.owners[number] as number);
    }
    this.bytes += partners?.byteLength ?? 0;
    return partners;
  }

  /** @internal The array, which may be shorter than the chunk, is the store's from now on. */
  setPartnersOf(number: number, partners: Uint32Array | undefined): void {
    this.forgetPartners(number);
    this.partnersChanged(number);
    const whole = this.wholePartners(number, partners);
    const chunk = this.chunks[number];
    if (chunk === undefined) this.partners[number] = whole;
    else chunk.partner = whole;
    this.grown(whole?.byteLength ?? 0);
  }

  private capacityOf(number: number): number {
    return (this.chunks[number] ?? this.stored[number])?.capacity ?? 0;
  }

  /** As long as the chunk. */
  private wholePartners(number: number, partners: Uint32Array | undefined): Uint32Array | undefined {
    const capacity = this.capacityOf(number);
    if (partners === undefined || partners.length >= capacity) return partners;
    const whole = newPartners(capacity);
    whole.set(partners);
    return whole;
  }

  /** @internal False where the record does not fit into the chunk: it then needs a new one. */
  put(number: number, at: number, record: NewRecord): boolean {
    let chunk = this.chunk(number);
    this.changed(number);
    if (at >= chunk.capacity) {
      if (at >= CHUNK_SIZE) return false;
      const smaller = chunk.buffer.byteLength + (chunk.partner?.byteLength ?? 0);
      this.capacity -= chunk.capacity;
      chunk = resized(chunk, Math.min(CHUNK_SIZE, chunk.capacity * 2));
      this.capacity += chunk.capacity;
      this.chunks[number] = chunk;
      this.own.delete(number);
      this.grown(chunk.buffer.byteLength + (chunk.partner?.byteLength ?? 0) - smaller);
    }
    if (at === 0) rebase(chunk, record.key, record.offset, record.line);
    if (!putKey(chunk, at, record.key) || !putPlace(chunk, at, record.offset, record.line)) return false;
    chunk.level[at] = this.names.levelCode(record.level);
    chunk.flags[at] = record.flags;
    if (chunk.partner !== undefined) {
      chunk.partner[at] = NONE;
      this.partnersChanged(number);
    }
    if (chunk.module !== undefined) chunk.module[at] = record.module;
    return true;
  }

  /**
   * @internal Lines from one on, as many as the chunk has room for; none where they do not fit.
   * @param offset of the first of all these lines
   * @param line of the first of all these lines
   * @returns how many were put
   */
  putLines(number: number, at: number, lines: Lines, from: number, offset: number, line: number): number {
    const chunk = this.chunk(number);
    const count = Math.min(lines.count - from, chunk.capacity - at);
    if (count <= 0 || !putLines(chunk, at, lines, from, count, offset, line)) return 0;
    this.changed(number);
    if (chunk.partner !== undefined) {
      chunk.partner.fill(NONE, at, at + count);
      this.partnersChanged(number);
    }
    return count;
  }

  /** @internal */
  finishRecord(record: RecordNumber, hash: number, flags: number): void {
    const chunk = this.chunk(record >>> CHUNK_BITS);
    this.changed(record >>> CHUNK_BITS);
    chunk.hash[record & CHUNK_MASK] = hash;
    chunk.flags[record & CHUNK_MASK] = flags;
  }

  /** @internal Of the first record of a generation, while it has no other. */
  setKey(record: RecordNumber, key: number): void {
    const chunk = this.chunk(record >>> CHUNK_BITS);
    this.changed(record >>> CHUNK_BITS);
    rebase(chunk, key, chunk.baseOffset, chunk.baseLine);
    putKey(chunk, record & CHUNK_MASK, key);
  }

  /** @internal */
  setLevel(record: RecordNumber, level: number): void {
    const chunk = this.chunk(record >>> CHUNK_BITS);
    this.changed(record >>> CHUNK_BITS);
    chunk.level[record & CHUNK_MASK] = this.names.levelCode(level);
  }

  static number(chunk: number, at: number): RecordNumber {
    return ((chunk << CHUNK_BITS) | at) >>> 0;
  }
}
