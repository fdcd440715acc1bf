/**
 * Indexes only the end of a plain file, so that its newest records are shown at once, whatever its size. Records have the ids that they keep;
 * their lines count from where the reading began.
 */
import { open } from 'node:fs/promises';
import { HeadReader } from '../record/layout.ts';
import { HEAD_BYTES, SEAM_BYTES } from './fingerprint.ts';
import type { Generation } from './generation.ts';
import { RecordColumn } from './recordColumn.ts';
import { RecordStore } from './recordStore.ts';
import { beginningAt, SAMPLE_BYTES, Scanner } from './scanner.ts';

const LF = 0x0a;
/** Bytes of the beginning that are scanned at a time: mostly the first two records are in them. */
const NEAR = 4096;

/** What is read of a file: used again for the next one, as memory that is touched for the first time costs more than the reading. */
interface EndMemory {
  head: Buffer;
  end: Buffer;
}
const spare: EndMemory[] = [];

/**
 * Instead of the first `update`, for a file that is larger than `bytes`.
 * @param bytes of the file's end that are looked at
 * @returns whether there is a record now: false where the file is gone, or its first or last bytes do not tell what it is
 */
export async function readEnd(generation: Generation, bytes: number): Promise<boolean> {
  const used = spare.pop();
  const memory = used?.end.length === bytes ? used : { head: Buffer.allocUnsafeSlow(SAMPLE_BYTES), end: Buffer.allocUnsafeSlow(bytes) };
  try {
    return (await readInto(memory, generation)) && takeEnd(generation, memory);
  } catch {
    // Whoever reads all of it says what is wrong.
    return false;
  } finally {
    spare.push(memory);
  }
}

/** False where it is not the file any more that was listed. */
async function readInto({ head, end }: EndMemory, { file }: Generation): Promise<boolean> {
  const handle = await open(file.path, 'r');
  try {
    if ((await handle.stat()).ino !== file.ino) return false;
    const isFull = async (into: Buffer, from: number): Promise<boolean> =>
      (await handle.read(into, 0, into.length, from)).bytesRead === into.length;
    return (await isFull(head.subarray(0, file.size), 0)) && (await isFull(end, file.size - end.length));
  } finally {
    await handle.close();
  }
}

/** False where these bytes do not tell what the file is. */
function takeEnd(generation: Generation, { head: memory, end }: EndMemory): boolean {
  const { file, master, layout, layouts } = generation;
  const head = memory.subarray(0, file.size);
  const store = new RecordStore();
  const column = new RecordColumn(store, 0, master);
  const heads = new HeadReader(master, { layout, published: layouts.published, modified: () => file.mtimeMs * 1000 });
  const scanner = new Scanner(store, column, heads, () => Math.round(file.mtimeMs * 1000));
  scanner.detectFrom(head);
  // The first record, which names the generation, is known as a whole only where another follows.
  for (let at = 0; at < head.length && column.length < 2; at += NEAR) scanner.feed(head.subarray(at, at + NEAR));
  if ((scanner.uncertain && head.length < SAMPLE_BYTES) || column.length < 2) return false;
  const start = firstRecord(end, heads);
  if (start === -1) return false;
  const record = column.at(0);
  const offset = file.size - end.length + start;
  const state = {
    size: offset,
    mtimeMs: file.mtimeMs,
    ctimeMs: file.ctimeMs,
    file: file.file,
    compressed: false,
    bytesDone: offset,
    head: Buffer.from(head.subarray(0, HEAD_BYTES)),
    seam: Buffer.from(end.subarray(Math.max(0, start - SEAM_BYTES), start)),
    crc: 0,
    problem: undefined,
    first: { key: store.key(record), hash: store.hash(record) },
    modules: [''],
    levels: [],
    scanner: beginningAt(offset, scanner.layout),
  };
  generation.restoreEnd(state, end.subarray(start));
  return generation.column.length > 0;
}

/** Where the first line that begins a record begins, not looking at the first line, which may be cut; -1 for none. */
function firstRecord(bytes: Buffer, heads: HeadReader): number {
  for (let start = bytes.indexOf(LF) + 1; start > 0 && start < bytes.length; ) {
    const lf = bytes.indexOf(LF, start);
    if (heads.read(bytes, start, lf === -1 ? bytes.length : lf)) return start;
    start = lf + 1;
  }
  return -1;
}
