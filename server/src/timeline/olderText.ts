/** What stands in a log before a text that was read from it: earlier in the same generation, or in the one before it. */
import { crc32 } from 'node:zlib';
import { compareAge } from '../generation/name.ts';
import type { ByteSource } from '../index/byteSource.ts';
import { GzipSource } from '../index/gzipSource.ts';
import type { TailPlace } from '../protocol.ts';
import type { LogFile } from '../tree/scan.ts';
import { scan } from '../tree/scan.ts';
import type { Beginning } from './follow.ts';
import { LEAD, sourceOf } from './follow.ts';

const LF = 0x0a;
/** Most bytes that are skipped at the front so that a text begins at a line. */
const LINE_BYTES = 1 << 20;

/** A place from which `readBefore` goes on, however its generation is called by then. */
export const placeOf = ({ offset, lead }: Beginning): TailPlace => `${offset}:${lead.length}:${crc32(lead)}`;

/**
 * The text before a place, of one generation: about as many bytes as are wanted, from a line's beginning on.
 * @param path of the live log
 * @param place null for the end of the live log
 * @param encoding a label of the Encoding Standard
 * @returns null where nothing stands before it, or what it was read from is gone
 */
export async function readBefore(
  path: string,
  place: TailPlace | null,
  bytes: number,
  encoding = 'utf-8',
): Promise<{ text: string; at: TailPlace } | null> {
  const generations = await newestFirst(path);
  const found = place === null ? { index: -1, offset: 0 } : await locate(generations, place);
  if (found === undefined) return null;
  for (let { index, offset } = found; ; ) {
    if (offset === 0) {
      const older = generations[++index];
      if (older === undefined) return null;
      offset = await reading(older, sizeOf(older));
      continue;
    }
    const file = generations[index];
    if (file === undefined) return null;
    const read = await reading(file, (source) => endingAt(source, offset, bytes));
    return { text: new TextDecoder(encoding).decode(read.bytes), at: placeOf({ offset: read.from, lead: read.bytes.subarray(0, LEAD) }) };
  }
}

/** The generations of a log; of one that is just being compressed the plain file. */
async function newestFirst(path: string): Promise<LogFile[]> {
  const { files } = await scan({ kind: 'file', path });
  return files
    .sort((a, b) => compareAge(b.name.age, a.name.age) || Number(a.name.compressed) - Number(b.name.compressed))
    .filter(({ name }, at, all) => at === 0 || compareAge(name.age, all[at - 1]?.name.age ?? []) !== 0);
}

async function locate(generations: readonly LogFile[], place: TailPlace): Promise<{ index: number; offset: number } | undefined> {
  const [offset = 0, length = 0, sum = 0] = place.split(':').map(Number);
  for (const [index, file] of generations.entries()) {
    const lead = await reading(file, (source) => source.read(offset, length)).catch(() => undefined);
    if (lead?.length === length && crc32(lead) === sum) return { index, offset };
  }
  return undefined;
}

async function reading<T>(file: LogFile, read: (source: ByteSource) => Promise<T>): Promise<T> {
  const source = await sourceOf(file);
  try {
    return await read(source);
  } finally {
    if (source instanceof GzipSource) source.close();
  }
}

/** Of a gz file what it holds. */
const sizeOf =
  ({ size }: LogFile) =>
  async (source: ByteSource): Promise<number> => {
    if (!(source instanceof GzipSource)) return size;
    let total = 0;
    for await (const piece of source.pieces(0)) total += piece.length;
    return total;
  };

async function endingAt(source: ByteSource, end: number, wanted: number): Promise<{ from: number; bytes: Buffer }> {
  const from = Math.max(0, end - wanted);
  if (from === 0) return { from, bytes: Buffer.from(await source.read(0, end)) };
  // The line that begins before is taken whole, unless it is one without end.
  const start = Math.max(0, from - LINE_BYTES);
  const read = await source.read(start, end - start);
  const lf = read.lastIndexOf(LF, from - start - 1);
  const cut = lf === -1 ? (start === 0 ? 0 : from - start) : lf + 1;
  return { from: start + cut, bytes: Buffer.from(read.subarray(cut)) };
}
