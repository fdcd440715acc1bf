/** Stretches of a foreign gzip file between two checkpoints: each is read with one read and inflated in one go, whatever stands before it. */
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import zlib, { constants, gunzipSync, inflateRawSync } from 'node:zlib';
import type { Checkpoint, Segment } from './checkpoint.ts';
import { primer, windowLength } from './checkpoint.ts';
import { inflated } from './gunzip.ts';

/** More is not decompressed for the sake of a few records: a decompressor that stops where they are does less. */
const MAX_BYTES = 1 << 20;
/** So much more of the file than its share is read for the first bytes of a segment: not all of it is compressed alike. */
const MARGIN = 1.1;
const MARGIN_BYTES = 4096;
/** Bytes that take less than handing them to another thread. */
const LITTLE = 48 * 1024;

const gunzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip);
const inflateRaw = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflateRaw);

export const isHandy = ({ length }: Segment): boolean => length > 0 && length <= MAX_BYTES;

/**
 * At least the first bytes of it; undefined where the file does not hold that many there: it is damaged, or more than one member.
 * @param wanted how many, up to its length
 */
export async function readSegment(file: FileHandle, { from, length, nextInput }: Segment, wanted = length): Promise<Buffer | undefined> {
  // Of the byte in whose middle it begins the primer has a part.
  const start = from.bits > 0 ? from.input - 1 : from.input;
  const window = from.inMember?.window ?? new Uint8Array(0);
  const before = window.length + Math.max(0, primer(from.bits, 0).length - 1);
  const end = nextInput ?? (await file.stat()).size;
  // Deflate hardly makes anything larger: a file that grew meanwhile is not read to its new end.
  const whole = Math.max(1, Math.min(end - start, 2 * MAX_BYTES));
  const share = Math.ceil((wanted / length) * whole * MARGIN) + MARGIN_BYTES;
  for (const size of share < whole ? [share, whole] : [whole]) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(before + size), before, size, start);
    buffer.set(window);
    if (from.bits > 0) primer(from.bits, buffer[before] ?? 0).copy(buffer, window.length);
    const bytes = await inflate(from, buffer.subarray(0, before + bytesRead), Math.ceil((length * Math.min(size, whole)) / whole));
    if (bytes === undefined) return undefined;
    inflated.bytes += bytes.length;
    if (bytes.length >= wanted) return bytes.subarray(0, length);
  }
  return undefined;
}

/**
 * A little takes a fraction of a millisecond: less than to have another thread do it. Where there is more, many files may be wanted at once,
 * and each processor takes some.
 * @param expected bytes, about
 */
async function inflate({ inMember }: Checkpoint, bytes: Buffer, expected: number): Promise<Buffer | undefined> {
  const known = inMember === undefined ? 0 : windowLength(inMember);
  const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: known + expected + MARGIN_BYTES };
  const isLittle = expected < LITTLE;
  try {
    if (inMember === undefined) return isLittle ? gunzipSync(bytes, options) : await gunzip(bytes, options);
    return (isLittle ? inflateRawSync(bytes, options) : await inflateRaw(bytes, options)).subarray(known);
  } catch {
    return undefined;
  }
}
