/**
 * Finishes an append that a killed process may have made, not made, or made in part. The journal tells the file (device and inode), its
 * size before, and the bytes. Others may have written, rotated and compressed the log since.
 */

import { closeSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Append } from './journal.ts';
import { hasCode } from './makeFolder.ts';
import { writeWhole } from './writeWhole.ts';

const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NOTHING = Buffer.alloc(0);
const LINE_FEED = 0x0a;
/** Times of files are as coarse as this, and coarser than the clock. */
const CLOCK_MS = 2000;
/** How much of what came later is searched for an append that others came before (they had no lock). */
const MAX_SEARCH_BYTES = 64 * 2 ** 20;

/**
 * Under the log's lock: afterwards its bytes are in the log, or in one of its generations, once. `since` is when the journal was told of
 * it, ms since the epoch: what was last written before is not looked at. Throws the system's error.
 */
export function finishAppend(folder: string, append: Append, since: number): void {
  const { basename, dev, ino, bytes } = append;
  const files = list(folder)
    .filter((name) => name.startsWith(basename))
    .map((name) => ({ path: join(folder, name), stats: lstatSync(join(folder, name), { bigint: true, throwIfNoEntry: false }) }))
    .filter(({ stats }) => stats?.isFile());
  const file = files.find(({ stats }) => stats?.ino === ino && stats.dev === dev)?.path;
  const fd = file === undefined ? null : openSync(file, constants.O_RDWR | constants.O_APPEND | NO_FOLLOW);
  try {
    const tail = fd === null ? NOTHING : readTail(fd, append);
    if (tail.length >= bytes.length && tail.indexOf(bytes) >= 0) return;
    // The number of a file that is gone, compressed perhaps, may be that of a new one.
    const compressed = files.filter(({ path, stats }) => /\.gz$|\.rotate\./.test(path) && Number(stats?.mtimeMs) >= since - CLOCK_MS);
    if (compressed.some(({ path }) => holds(path, bytes))) return;
    if (fd === null) appendTo(join(folder, basename), bytes);
    else finishIn(fd, tail, join(folder, basename), append);
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** The file itself is still there, under its name or that of a generation. */
function finishIn(fd: number, tail: Uint8Array, log: string, { size, bytes }: Append): void {
  const same = commonLength(tail, bytes);
  if (same === tail.length) {
    // Nothing came after it. Of a generation, too, this is the end where it belongs.
    if (same > 0) ftruncateSync(fd, size);
    writeWhole(fd, bytes);
    return;
  }
  // Others came after a part of it: what is whole in that part is there.
  const whole = same === 0 ? 0 : Buffer.from(bytes.buffer, bytes.byteOffset, same).lastIndexOf(LINE_FEED) + 1;
  appendTo(log, bytes.subarray(whole));
}

/** What came after the append began. */
function readTail(fd: number, { size, bytes }: Append): Buffer {
  return readRange(fd, size, Math.min(fstatSync(fd).size, size + Math.max(MAX_SEARCH_BYTES, bytes.length)));
}

function appendTo(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW, 0o666);
  try {
    writeWhole(fd, bytes);
  } finally {
    closeSync(fd);
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function readRange(fd: number, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  let at = 0;
  while (at < bytes.length) {
    const read = readSync(fd, bytes, at, bytes.length - at, from + at);
    if (read === 0) break;
    at += read;
  }
  return bytes.subarray(0, at);
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a[at] === b[at]) at++;
  return at;
}

function holds(path: string, bytes: Uint8Array): boolean {
  try {
    return gunzipSync(readFileSync(path), { maxOutputLength: 2 ** 30 }).indexOf(bytes) >= 0;
  } catch {
    // Half-made, or none: what it is made of is still there beside it.
    return false;
  }
}
