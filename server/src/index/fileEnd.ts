/**
 * Indexes only the end of a plain file, so that its newest records are shown at once, whatever its size. Records have the ids that they keep;
 * their lines count from where the reading began.
 */
import { open } from 'node:fs/promises';
import { HeadReader } from '../record/layout.ts';
import { SEAM_BYTES } from './fingerprint.ts';
import type { Generation } from './generation.ts';
import { RecordColumn } from './recordColumn.ts';
import { RecordStore } from './recordStore.ts';
import { beginningAt, SAMPLE_BYTES, Scanner } from './scanner.ts';

const LF = 0x0a;
/** Bytes of the beginning that are scanned at a time: mostly the first two records are in them. */
const NEAR = 4096;

/**
 * Instead of the first `update`, for a file that is larger than `bytes`.
 * @param bytes of the file's end that are looked at; more is read where it has grown meanwhile
 * @returns whether there is a record now: false where the file is gone, or its first or last bytes do not tell what it is
 */
export async function readEnd(generation: Generation, bytes: number): Promise<boolean> {
  const { file, master, layout, layouts } = generation;
  const first = Math.max(0, file.size - bytes);
  let head: Buffer;
  let end: Buffer;
  try {
    const handle = await open(file.path, 'r');
    try {
      if ((await handle.stat()).ino !== file.ino) return false;
      const read = async (from: number, length: number): Promise<Buffer> => {
        const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, from);
        return buffer.subarray(0, bytesRead);
      };
      head = await read(0, SAMPLE_BYTES);
      end = await read(first, file.size - first);
    } finally {
      await handle.close();
    }
  } catch {
    // Whoever reads all of it says what is wrong.
    return false;
  }
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
  generation.knowsLines = false;
  generation.restore({
    size: first + start,
    mtimeMs: file.mtimeMs,
    ctimeMs: file.ctimeMs,
    file: file.file,
    compressed: false,
    bytesDone: first + start,
    head: Buffer.alloc(0),
    seam: end.subarray(Math.max(0, start - SEAM_BYTES), start),
    crc: 0,
    problem: undefined,
    first: { key: store.key(record), hash: store.hash(record) },
    modules: [''],
    levels: [],
    scanner: beginningAt(first + start, scanner.layout),
  });
  await generation.update(file);
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
