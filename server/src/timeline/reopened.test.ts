/** What happened to logs while nobody looked, as their kept indexes find out: counted in bytes that the scanner takes. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compressBlock, MEMBER_HEADER_BYTES } from '../generation/memberGzip.ts';
import type { Section } from '../index/container.ts';
import { indexed } from '../index/generation.ts';
import { IndexCache } from '../index/indexCache.ts';
import { NO_LAYOUTS } from '../record/layoutRules.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { readRows } from './page.ts';
import { Timeline } from './timeline.ts';

const COUNT = 3000;
let folder: string;
let log: string;
let cache: IndexCache;
let timeline: Timeline;
let written = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-reopened-'));
  mkdirSync(join(folder, 'logs', 'alice'), { recursive: true });
  log = join(folder, 'logs', 'alice', 'web.log');
  cache = new IndexCache(join(folder, 'cache'), { smallest: 1 });
  written = 0;
  write(COUNT);
});
afterEach(async () => {
  await timeline.close();
  cache.close();
  rmSync(folder, { recursive: true });
});

/** @returns bytes that were appended */
function write(count: number, path = log): number {
  let text = '';
  for (const end = written + count; written < end; written++)
    text += `${formatSafelog(Date.UTC(2026, 10, 20) * 1000 + written * 1000)} INFO entry ${written}, ${createHash('sha256').update(`${written}`).digest('hex')}\n`;
  appendFileSync(path, text);
  return text.length;
}

/** @returns bytes that were indexed for it */
async function open(): Promise<number> {
  const before = indexed.bytes;
  timeline = new Timeline({ kind: 'tree', root: join(folder, 'logs') }, NO_LAYOUTS, { cache });
  await timeline.load({ newestFirst: true });
  return indexed.bytes - before;
}
const entries = async (): Promise<{ id: string; entry: string; file: string }[]> =>
  (await readRows(timeline, timeline.rows.all())).map(({ id, text, file }) => ({ id, entry: text.split(',')[0] ?? '', file }));
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `entry ${i}`);

/** A member of ours, not made smaller. */
function stored(bytes: Buffer): Buffer {
  const header = compressBlock(bytes).subarray(0, MEMBER_HEADER_BYTES);
  const whole = gzipSync(bytes, { level: 0 }).subarray(10);
  header.writeUInt32LE(header.length + whole.length, 16);
  return Buffer.concat([header, whole]);
}

/** The same length and the same times as before, as `touch -r` gives them back. */
function rewrite(path: string, content: Buffer): void {
  const { atime, mtime } = statSync(path);
  expect(content.length).toBe(statSync(path).size);
  writeFileSync(path, content);
  utimesSync(path, atime, mtime);
}

for (const [what, change] of [
  ['all of it', (bytes: Buffer) => Buffer.from(bytes.toString().replaceAll('entry', 'other'))],
  ['a word in the middle', (bytes: Buffer) => Buffer.from(bytes.toString().replace('entry 1500,', 'other 1500,'))],
] as const) {
  for (const moment of ['while it is open', 'while nobody looks'] as const) {
    test(`a log is written anew in its place, with its length and its old time: ${what}, ${moment}`, async () => {
      await open();
      if (moment === 'while nobody looks') await timeline.close();
      const other = change(readFileSync(log));
      rewrite(log, other);
      if (moment === 'while nobody looks') expect(await open()).toBe(other.length);
      else await timeline.sync();
      const now = (await entries()).map(({ entry }) => entry);
      const expected = other.toString().match(/(entry|other) \d+/g);
      expect(now).toEqual(expected);
    });
  }
}

for (const [kind, compress] of [
  ['foreign', (bytes: Buffer) => gzipSync(bytes, { level: 0 })],
  // The last member stays as it is.
  ['of ours', (bytes: Buffer) => Buffer.concat([stored(bytes.subarray(0, 200_000)), stored(bytes.subarray(200_000))])],
] as const) {
  for (const moment of ['while it is open', 'while nobody looks'] as const) {
    test(`a gz file is written anew in its place, with its length and its old time: ${kind}, ${moment}`, async () => {
      const bytes = readFileSync(log);
      rmSync(log);
      const gz = `${log}.1.gz`;
      writeFileSync(gz, compress(bytes));
      // A time that can be given back to the last digit.
      utimesSync(gz, 1e9, 1e9);
      await open();
      // Its blocks and checkpoints are known now.
      expect((await entries()).map(({ entry }) => entry)).toEqual(numbers(COUNT));
      if (moment === 'while nobody looks') await timeline.close();
      rewrite(gz, compress(Buffer.from(bytes.toString().replace('entry 15,', 'other 15,'))));
      if (moment === 'while nobody looks') expect(await open()).toBe(bytes.length);
      else await timeline.sync();
      const expected = numbers(COUNT);
      expected[15] = 'other 15';
      expect((await entries()).map(({ entry }) => entry)).toEqual(expected);
    });
  }
}

test('a log whose times are set, and nothing else, is read through and not indexed again', async () => {
  await open();
  await timeline.close();
  utimesSync(log, 1, 1);
  expect(await open()).toBe(0);
  expect((await entries()).map(({ entry }) => entry)).toEqual(numbers(COUNT));
});

test('a page finds out by itself that a log holds something else, whatever its times say', async () => {
  await open();
  const other = Buffer.from(readFileSync(log).toString().replaceAll('entry', 'other'));
  rewrite(log, other);
  // Nobody looks at the files but who reads the rows.
  await entries();
  expect((await entries()).map(({ entry }) => entry)).toEqual(other.toString().match(/other \d+/g));
});

test('a log is renamed and compressed, and the next one compressed later', async () => {
  await open();
  const before = await entries();
  await timeline.close();
  writeFileSync(`${log}.1.gz`, gzipSync(readFileSync(log)));
  rmSync(log);
  const fresh = write(5);
  expect(await open()).toBe(fresh);
  const now = await entries();
  expect(now.map(({ entry }) => entry)).toEqual(numbers(COUNT + 5));
  expect(now.slice(0, COUNT).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  expect(now[0]?.file).toBe('alice/web.log.1.gz');
  await timeline.close();
  renameSync(`${log}.1.gz`, `${log}.2.gz`);
  writeFileSync(`${log}.1.gz`, gzipSync(readFileSync(log)));
  rmSync(log);
  const last = write(1);
  expect(await open()).toBe(last);
  expect((await entries()).map(({ entry }) => entry)).toEqual(numbers(COUNT + 6));
});

test('a log is copied away and truncated, after more was written', async () => {
  await open();
  const before = await entries();
  await timeline.close();
  const more = write(3);
  copyFileSync(log, `${log}.1`);
  truncateSync(log);
  const fresh = write(2);
  expect(await open()).toBe(more + fresh);
  const now = await entries();
  expect(now.map(({ entry }) => entry)).toEqual(numbers(COUNT + 5));
  expect(now.slice(0, COUNT).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
});

test('a log is replaced by a longer copy of itself, as rsync does', async () => {
  await open();
  await timeline.close();
  copyFileSync(log, `${log}.new`);
  const more = write(4, `${log}.new`);
  renameSync(`${log}.new`, log);
  expect(await open()).toBe(more);
  expect((await entries()).map(({ entry }) => entry)).toEqual(numbers(COUNT + 4));
});

test('what begins like a log that is gone, and goes on otherwise, is read as it is', async () => {
  await open();
  await timeline.close();
  const other = readFileSync(log);
  other[other.length - 400] = 0x79;
  writeFileSync(`${log}.1.gz`, gzipSync(other));
  rmSync(log);
  expect(await open()).toBe(other.length);
  expect(await entries()).toHaveLength(COUNT);
});

test('an order whose older rows are damaged is kept anew', async () => {
  write(20_000);
  await open();
  await timeline.close();
  const kept = readdirSync(cache.folder).map((name) => join(cache.folder, name));
  // It begins with the rows, which are the numbers of the records in their order.
  const order = kept.find((path) => readFileSync(path).readUInt32LE(4) === readFileSync(path).readUInt32LE(0) + 1) ?? '';
  const rows = readFileSync(order).subarray(0, 4000);
  const damaged = readFileSync(order);
  damaged[0] = (damaged[0] ?? 0) ^ 1;
  writeFileSync(order, damaged);
  await open();
  expect(timeline.rows.length).toBe(COUNT + 20_000);
  await timeline.close();
  expect(readFileSync(order).subarray(0, 4000)).toEqual(rows);
});

test('a kept order that cannot be that of the logs is not believed', async () => {
  await open();
  await timeline.close();
  const name = JSON.stringify(['order', 'tree', join(folder, 'logs'), '']);
  const kept = cache.open(name);
  const directory = kept?.directory as { newest: Section };
  const rows = new Uint8Array(kept?.read(directory.newest) ?? new ArrayBuffer(0));
  expect(rows.length).toBe(4 * COUNT);
  const writer = await cache.create(name);
  await writer.finish({ ...directory, newest: await writer.add(Buffer.concat([rows, rows])), older: await writer.add(Buffer.alloc(0)) });
  await open();
  expect((await entries()).map(({ entry }) => entry)).toEqual(numbers(COUNT));
});
