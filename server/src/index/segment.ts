/**
 * Stretches of a gzip file between two places at which decompression can begin: what is wanted of one is inflated without what stands before
 * it, in WebAssembly, whose memory is used again for each. Node's zlib takes new memory for each call: a page of many compressed logs is
 * megabytes of it, and what the collector then does takes longer than the inflating.
 */
import type { FileHandle } from 'node:fs/promises';
import { BlockInflater, INPUT, InvalidDeflate, OUTPUT } from './blockInflater.ts';
import type { Segment } from './checkpoint.ts';
import { primer, windowLength } from './checkpoint.ts';
import { inflated } from './gunzip.ts';
import { gzipHeaderBytes } from './gzipMember.ts';
import { RingCache } from './ringCache.ts';

/** More is not decompressed for the sake of a few records: a decompressor that stops where they are does less. */
const MAX_BYTES = 1 << 20;
/** So much more of the file than its share is read for the first bytes of a segment: not all of it is compressed alike. */
const MARGIN = 1.1;
const MARGIN_BYTES = 4096;
/** What is decompressed, of all files together. */
const CACHE_BYTES = 32 << 20;
/** Memory that files are read into: so many pieces are kept for the next time, if they are no larger. */
const MAX_SPARE = 64;
const SPARE_BYTES = 256 * 1024;

const cache = new RingCache(CACHE_BYTES);
const spare: Buffer[] = [];
let inflater: Promise<BlockInflater> | undefined;

export const isHandy = ({ length }: Segment): boolean => length > 0 && length <= MAX_BYTES;

/** A part of a segment, by offsets in what is decompressed; as far as the segment goes. */
export interface Part {
  segment: Segment;
  start: number;
  end: number;
}

const nameOf = (key: string, { from }: Segment): string => `${key}:${from.output}`;

/** Bytes of the segment up to the end of the part. */
const wantedOf = ({ segment, end }: Part): number => Math.min(end - segment.from.output, segment.length);

const cut = (bytes: Buffer, { segment, start, end }: Part): Buffer =>
  Buffer.from(bytes.subarray(start - segment.from.output, end - segment.from.output));

/**
 * A part that was decompressed lately; undefined where it was not.
 * @param key tells the file and its content
 */
export function knownPart(key: string, part: Part): Buffer | undefined {
  const bytes = cache.get(nameOf(key, part.segment));
  return bytes === undefined || bytes.length < wantedOf(part) ? undefined : cut(bytes, part);
}

/** Forgets what was decompressed of a file. */
export function forgetParts(key: string): void {
  cache.deleteAll(`${key}:`);
}

/**
 * A part of a segment. Undefined where the file does not hold it there: it is damaged, or more than one member; or WebAssembly cannot be had.
 * @param key tells the file and its content
 * @throws what the file system says
 */
export async function readPart(file: FileHandle, key: string, part: Part): Promise<Buffer | undefined> {
  const { segment } = part;
  const { from, length, nextInput } = segment;
  inflater ??= BlockInflater.create();
  const blocks = await inflater.catch(() => undefined);
  if (blocks === undefined) return undefined;
  const name = nameOf(key, segment);
  // Who wants more of it than before goes on reading there.
  const wanted = cache.get(name) === undefined ? wantedOf(part) : length;
  // Of the byte in whose middle it begins the primer has a part.
  const start = from.bits > 0 ? from.input - 1 : from.input;
  const end = nextInput ?? (await file.stat()).size;
  // Deflate hardly makes anything larger: a file that grew meanwhile is not read to its new end.
  const whole = Math.max(1, Math.min(end - start, 2 * MAX_BYTES));
  const share = Math.ceil((wanted / length) * whole * MARGIN) + MARGIN_BYTES;
  for (const size of share < whole ? [share, whole] : [whole]) {
    const memory = takeMemory(size);
    try {
      const { bytesRead } = await file.read(memory, 0, size, start);
      // From here on nothing waits: the inflater and the room are ours.
      if (inflate(blocks, memory.subarray(0, bytesRead), segment, cache.add(name, wanted))) {
        inflated.bytes += wanted;
        return cut(cache.get(name) ?? Buffer.alloc(0), part);
      }
      cache.delete(name);
    } finally {
      if (memory.length <= SPARE_BYTES && spare.length < MAX_SPARE) spare.push(memory);
    }
  }
  return undefined;
}

function takeMemory(bytes: number): Buffer {
  const last = spare.pop();
  return last !== undefined && last.length >= bytes ? last : Buffer.allocUnsafeSlow(Math.max(bytes, SPARE_BYTES));
}

/** Fills the room with the first bytes of a segment; false where there are not so many. */
function inflate(blocks: BlockInflater, bytes: Buffer, { from: { bits, inMember } }: Segment, room: Buffer): boolean {
  let parts: Uint8Array[];
  let filled = 0;
  if (inMember === undefined) {
    const header = gzipHeaderBytes(bytes, 0);
    if (header === undefined) return false;
    parts = [bytes.subarray(header)];
  } else {
    // The window comes before, as a part of the stream.
    filled = -windowLength(inMember);
    parts = [inMember.window, bytes];
    if (bits > 0) parts = [inMember.window, primer(bits, bytes[0] ?? 0), bytes.subarray(1)];
  }
  try {
    blocks.begin();
    for (const part of parts) {
      for (let at = 0, more = true; more && filled < room.length; ) {
        const { used, output, ended } = blocks.step(part.subarray(at, at + INPUT), false, room.length - filled);
        output.copy(room, Math.max(0, filled), Math.max(0, -filled));
        filled += output.length;
        at += used;
        if (ended) return filled === room.length;
        more = used > 0 ? at < part.length || output.length === OUTPUT : output.length > 0;
      }
    }
  } catch (error) {
    if (error instanceof InvalidDeflate) return false;
    throw error;
  }
  return filled === room.length;
}
