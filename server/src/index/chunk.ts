/**
 * A chunk: the columns of up to 16 384 records in one shared block of memory, so that a thread can fill it and another take it in without a
 * copy, and so that it goes to disk and back as it is. 17 bytes a record, 2 more in a master.log.
 */

import type { Lines } from './ownLines.ts';

export const CHUNK_BITS = 14;
export const CHUNK_SIZE = 1 << CHUNK_BITS;
export const CHUNK_MASK = CHUNK_SIZE - 1;
const FIRST_CAPACITY = 16;

const TWO_32 = 2 ** 32;
/** µs that fit above `baseKey` into a narrow chunk: 12 days. */
const NARROW_RANGE = 2 ** 40;
/** µs that `baseKey` lies before the first key: small runs back fit. */
const BACK = 2 ** 38;
/** µs; no time that anything tells, and what is beyond is taken for it. */
const LAST_KEY = 2 ** 62;

/** Bits of the column `flags`. */
export const recordFlags = {
  exception: 1,
  /** Its stamp is up to 1 s before its predecessor's: it has the predecessor's key. */
  clockStep: 4,
  /** The line has no stamp. */
  noTime: 8,
} as const;

/** What is the same for all records of a chunk. Plain data. */
export interface ChunkHeader {
  /** Of a user's master.log: has the column `module`. */
  readonly master: boolean;
  /** For times that are far apart and for records of very many lines: `keyHigh` and `extraLines` have 32 bits. */
  readonly wide: boolean;
  capacity: number;
  /** Keys, offsets and lines are relative to these. */
  baseKey: number;
  baseOffset: number;
  baseLine: number;
}

/** What the records are. These columns come last, together, so that they can be read from disk alone. */
export interface ChunkKinds {
  /** Of master.log only: the module that the line names, by its number in the store's NameTable; 0 where it names none. */
  readonly module: Uint16Array | undefined;
  /** Codes of levels: see NameTable.levelOfCode. */
  readonly level: Uint8Array;
  readonly flags: Uint8Array;
}

/** Views on the columns; record `i` of the chunk is element `i` of each. */
export interface ChunkColumns extends ChunkKinds {
  readonly buffer: SharedArrayBuffer;
  /** The key is `baseKey + keyHigh * 2 ** 32 + keyLow`; see `keyAt`. */
  readonly keyLow: Uint32Array;
  readonly keyHigh: Uint8Array | Int32Array;
  /** The byte offset is `baseOffset + offset`. */
  readonly offset: Uint32Array;
  readonly hash: Uint32Array;
  /** The line is `baseLine + i + extraLines`. */
  readonly extraLines: Uint16Array | Uint32Array;
}

export interface Chunk extends ChunkHeader, ChunkColumns {
  /** The other halves of entries; undefined while nothing in the chunk is paired. Not in `buffer`. */
  partner: Uint32Array | undefined;
}

/** Bytes of the columns for so many records, a multiple of 16. */
export function chunkBytes({ wide, master }: Pick<ChunkHeader, 'wide' | 'master'>, capacity: number): number {
  return capacity * ((wide ? 22 : 17) + (master ? 2 : 0));
}

/** Of these, those of ChunkKinds, at the end. */
export const kindsBytes = ({ master, capacity }: Pick<ChunkHeader, 'master' | 'capacity'>): number => capacity * (master ? 4 : 2);

/** Capacity for a number of records: a multiple of 16, so that all columns are aligned. */
export const capacityFor = (count: number): number => Math.max(FIRST_CAPACITY, (count + 15) & ~15);

function columnsOf(buffer: SharedArrayBuffer, { wide, master, capacity }: ChunkHeader): ChunkColumns {
  let at = 0;
  const next = (bytes: number): [SharedArrayBuffer, number, number] => {
    const start = at;
    at += capacity * bytes;
    return [buffer, start, capacity];
  };
  const keyLow = new Uint32Array(...next(4));
  const offset = new Uint32Array(...next(4));
  const hash = new Uint32Array(...next(4));
  const wideHigh = wide ? new Int32Array(...next(4)) : undefined;
  const extraLines = wide ? new Uint32Array(...next(4)) : new Uint16Array(...next(2));
  const keyHigh = wideHigh ?? new Uint8Array(...next(1));
  return { buffer, keyLow, keyHigh, offset, hash, extraLines, ...viewKinds({ master, capacity }, buffer, at) };
}

/** @param from where in the buffer they begin */
export function viewKinds({ master, capacity }: Pick<ChunkHeader, 'master' | 'capacity'>, buffer: SharedArrayBuffer, from = 0): ChunkKinds {
  const at = from + (master ? capacity * 2 : 0);
  return {
    module: master ? new Uint16Array(buffer, from, capacity) : undefined,
    level: new Uint8Array(buffer, at, capacity),
    flags: new Uint8Array(buffer, at + capacity, capacity),
  };
}

/** @param buffer of chunkBytes(header, header.capacity) at least */
export function viewChunk(header: ChunkHeader, buffer: SharedArrayBuffer): Chunk {
  const { master, wide, capacity, baseKey, baseOffset, baseLine } = header;
  return { master, wide, capacity, baseKey, baseOffset, baseLine, ...columnsOf(buffer, header), partner: undefined };
}

export function newChunk(master: boolean, wide: boolean, capacity = FIRST_CAPACITY): Chunk {
  const header = { master, wide, capacity, baseKey: 0, baseOffset: 0, baseLine: 0 };
  return viewChunk(header, new SharedArrayBuffer(chunkBytes(header, capacity)));
}

/** The same records with room for another number of them; the views on the old one stay readable. */
export function resized(chunk: Chunk, capacity: number): Chunk {
  const header = { ...chunk, capacity };
  const larger = viewChunk(header, new SharedArrayBuffer(chunkBytes(header, capacity)));
  for (const name of ['keyLow', 'keyHigh', 'offset', 'hash', 'extraLines', 'level', 'flags', 'module'] as const) {
    larger[name]?.set(chunk[name]?.subarray(0, capacity) ?? []);
  }
  if (chunk.partner !== undefined) {
    larger.partner = newPartners(capacity);
    larger.partner.set(chunk.partner.subarray(0, capacity));
  }
  return larger;
}

export const newPartners = (capacity: number): Uint32Array => new Uint32Array(new SharedArrayBuffer(capacity * 4)).fill(0xffffffff);

export const keyAt = (chunk: Chunk, at: number): number =>
  chunk.baseKey + (chunk.keyHigh[at] as number) * TWO_32 + (chunk.keyLow[at] as number);

/** The keys of a chunk's first records. */
export function chunkKeys(chunk: Chunk, count: number, keys = new Float64Array(count)): Float64Array {
  const { baseKey, keyHigh, keyLow } = chunk;
  for (let i = 0; i < count; i++) keys[i] = baseKey + (keyHigh[i] as number) * TWO_32 + (keyLow[i] as number);
  return keys;
}

/** Makes a chunk without records fit for one that begins here. */
export function rebase(chunk: Chunk, key: number, offset: number, line: number): void {
  // Keys of wide chunks are signed and of full size.
  chunk.baseKey = chunk.wide ? 0 : bounded(key) - BACK;
  chunk.baseOffset = offset;
  chunk.baseLine = line;
}

const bounded = (key: number): number => Math.max(-LAST_KEY, Math.min(LAST_KEY, Math.round(key)));

/** False where the key is too far from the others. */
export function putKey(chunk: Chunk, at: number, key: number): boolean {
  const relative = bounded(key) - chunk.baseKey;
  if (!chunk.wide && !(relative >= 0 && relative < NARROW_RANGE)) return false;
  const low = relative >>> 0;
  chunk.keyLow[at] = low;
  chunk.keyHigh[at] = (relative - low) / TWO_32;
  return true;
}

/** False where the place is too far from that of the chunk's first record. There has to be room. */
export function putPlace(chunk: Chunk, at: number, offset: number, line: number): boolean {
  const relative = offset - chunk.baseOffset;
  const extra = line - chunk.baseLine - at;
  if (relative > 0xffffffff || extra > (chunk.wide ? 0xffffffff : 0xffff)) return false;
  chunk.offset[at] = relative;
  chunk.extraLines[at] = extra;
  return true;
}

/**
 * Puts lines [from, from + count), each a record; there has to be room. The keys of lines ascend.
 * @param offset of the first of all these lines
 * @param line of the first of all these lines
 * @returns false where they are too far from the chunk's first record
 */
export function putLines(chunk: Chunk, at: number, lines: Lines, from: number, count: number, offset: number, line: number): boolean {
  const { wide, baseKey, baseOffset, baseLine, keyLow, keyHigh } = chunk;
  const { keys, offsets, modules } = lines;
  const to = from + count;
  const shift = offset - baseOffset - (offsets[0] as number);
  const extra = line + from - baseLine - at;
  const isNear = wide || ((keys[from] as number) >= baseKey && (keys[to - 1] as number) - baseKey < NARROW_RANGE);
  if (!isNear || (offsets[to - 1] as number) + shift > 0xffffffff || extra > (wide ? 0xffffffff : 0xffff)) return false;
  for (let i = from, place = at; i < to; i++, place++) {
    const relative = (keys[i] as number) - baseKey;
    const low = relative >>> 0;
    keyLow[place] = low;
    keyHigh[place] = (relative - low) / TWO_32;
    chunk.offset[place] = (offsets[i] as number) + shift;
  }
  chunk.extraLines.fill(extra, at, at + count);
  chunk.hash.set(lines.hashes.subarray(from, to), at);
  chunk.level.set(lines.levels.subarray(from, to), at);
  chunk.flags.set(lines.flags.subarray(from, to), at);
  chunk.module?.set(modules.subarray(from, to), at);
  return true;
}
