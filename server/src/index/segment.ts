/** Stretches of a foreign gzip file between two checkpoints: each is read with one read and inflated in one go, whatever stands before it. */
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gunzip, inflateRaw } from 'node:zlib';
import type { Checkpoint, Segment } from './checkpoint.ts';
import { primer, windowOf } from './checkpoint.ts';
import { inflated } from './gunzip.ts';

/** More is not decompressed for the sake of a few records: a decompressor that stops where they are does less. */
const MAX_BYTES = 1 << 20;

const inflateAll = promisify(inflateRaw);
const gunzipAll = promisify(gunzip);

export const isHandy = ({ length }: Segment): boolean => length > 0 && length <= MAX_BYTES;

/** All of its bytes; undefined where the file does not hold that many there: it is damaged, or more than one member. */
export async function readSegment(file: FileHandle, { from, length, nextInput }: Segment): Promise<Buffer | undefined> {
  const start = from.bits > 0 ? from.input - 1 : from.input;
  const end = nextInput ?? (await file.stat()).size;
  // Deflate hardly makes anything larger: a file that grew meanwhile is not read to its new end.
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(end - start, 2 * MAX_BYTES)));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
  const there = bytes.subarray(0, bytesRead);
  const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: length + 64 };
  try {
    const all =
      from.inMember === undefined
        ? await gunzipAll(there, options)
        : await inflateAll(primed(from, there), { ...options, dictionary: windowOf(from.inMember) });
    inflated.bytes += all.length;
    return all.length < length ? undefined : all.subarray(0, length);
  } catch {
    return undefined;
  }
}

const primed = ({ bits }: Checkpoint, bytes: Buffer): Buffer =>
  bits === 0 ? bytes : Buffer.concat([primer(bits, bytes[0] ?? 0), bytes.subarray(1)]);
