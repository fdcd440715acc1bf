/** What a rotation has compressed or copied away is recognised without being indexed again: counted in bytes that the scanner takes. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BLOCK_BYTES, compressBlock } from '../generation/memberGzip.ts';
import { indexed } from '../index/generation.ts';
import { inflated } from '../index/gunzip.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { readRows } from './page.ts';
import { Timeline } from './timeline.ts';

const COUNT = 8000;
let root: string;
let log: string;
let timeline: Timeline;
let written = 0;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'safelog-recognised-'));
  mkdirSync(join(root, 'alice'));
  log = join(root, 'alice', 'web.log');
  written = 0;
  write(COUNT);
  timeline = new Timeline({ kind: 'tree', root });
  await timeline.load();
});
afterEach(async () => {
  await timeline.close();
  rmSync(root, { recursive: true });
});

/** @returns bytes that were appended */
function write(count: number, path = log): number {
  let text = '';
  for (const end = written + count; written < end; written++)
    text += `${formatSafelog(Date.UTC(2026, 10, 20) * 1000 + written * 1000)} INFO entry ${written}, ${createHash('sha256').update(`${written}`).digest('hex')}\n`;
  appendFileSync(path, text);
  return text.length;
}

/** Bytes that a look at the files indexes and decompresses. */
async function look(): Promise<{ indexed: number; inflated: number }> {
  const before = { indexed: indexed.bytes, inflated: inflated.bytes };
  await timeline.sync();
  return { indexed: indexed.bytes - before.indexed, inflated: inflated.bytes - before.inflated };
}
const rows = async (): Promise<{ id: string; entry: string; file: string }[]> =>
  (await readRows(timeline, timeline.rows.all())).map(({ id, text, file }) => ({ id, entry: text.split(',')[0] ?? '', file }));
const ids = async (): Promise<string[]> => (await rows()).map(({ id }) => id);

/** As our writers compress: a row of members that tell their sizes. */
function inMembers(bytes: Buffer): Buffer {
  const members: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) members.push(compressBlock(bytes.subarray(at, at + BLOCK_BYTES)));
  expect(members.length).toBeGreaterThan(2);
  return Buffer.concat(members);
}
/** As `gzip -c a >x.gz; gzip -c b >>x.gz`, and pigz -i. */
const inSeveral = (bytes: Buffer): Buffer => Buffer.concat([gzipSync(bytes.subarray(0, 300_000)), gzipSync(bytes.subarray(300_000))]);

for (const [name, compress, decompressed] of [
  ['one member', gzipSync, 1 << 19],
  ['members that tell their sizes', inMembers, 1 << 19],
  // Only its checksum is computed.
  ['members that tell nothing', inSeveral, 1 << 22],
] as const) {
  test(`a log is renamed, then compressed beside itself, then is gone: ${name}`, async () => {
    const before = await ids();
    renameSync(log, `${log}.1`);
    const fresh = write(1);
    expect(await look()).toEqual({ indexed: fresh, inflated: 0 });
    writeFileSync(`${log}.1.gz`, compress(readFileSync(`${log}.1`)));
    const compressed = await look();
    expect(compressed.indexed).toBe(0);
    expect(compressed.inflated).toBeLessThanOrEqual(decompressed);
    expect((await rows())[0]?.file).toBe('alice/web.log.1');
    rmSync(`${log}.1`);
    expect(await look()).toEqual({ indexed: 0, inflated: 0 });
    expect((await ids()).slice(0, COUNT)).toEqual(before);
    expect((await rows())[0]).toMatchObject({ entry: 'entry 0', file: 'alice/web.log.1.gz' });
  });

  test(`a log is renamed and compressed between two looks, after more was written: ${name}`, async () => {
    const before = await ids();
    const more = write(10);
    writeFileSync(`${log}.1.gz`, compress(readFileSync(log)));
    rmSync(log);
    const fresh = write(1);
    // What is new is read by the one that is recognised, and again by the one that lives on in it.
    expect((await look()).indexed).toBe(2 * more + fresh);
    const now = await rows();
    expect(now.map(({ entry }) => entry)).toEqual(Array.from({ length: COUNT + 11 }, (_, i) => `entry ${i}`));
    expect(now.slice(0, COUNT).map(({ id }) => id)).toEqual(before);
  });
}

test('copytruncate: the copy is no more to index than what it has more', async () => {
  const before = await ids();
  const more = write(3);
  copyFileSync(log, `${log}.1`);
  const copied = await look();
  expect(copied.indexed).toBe(more);
  truncateSync(log);
  const fresh = write(2);
  expect((await look()).indexed).toBe(fresh);
  const now = await rows();
  expect(now.map(({ entry }) => entry)).toEqual(Array.from({ length: COUNT + 5 }, (_, i) => `entry ${i}`));
  expect(now.slice(0, COUNT).map(({ id }) => id)).toEqual(before);
  // And again, with what is in the chain by now.
  renameSync(`${log}.1`, `${log}.2`);
  copyFileSync(log, `${log}.1`);
  truncateSync(log);
  const last = write(1);
  expect((await look()).indexed).toBe(last);
  expect(await rows()).toHaveLength(COUNT + 6);
});

test('a copy that begins like a log and goes on otherwise is another one', async () => {
  const other = readFileSync(log);
  other[other.length - 10] = 0x79;
  writeFileSync(`${log}.1`, other);
  writeFileSync(`${log}.2.gz`, gzipSync(other));
  expect((await look()).indexed).toBe(2 * other.length);
  expect(await rows()).toHaveLength(2 * COUNT);
});

test('a gz file that says of itself what it does not hold is read as it is', async () => {
  const bytes = readFileSync(log);
  const lie = Buffer.concat([gzipSync(bytes.subarray(0, bytes.length / 2)).subarray(0, -8), gzipSync(bytes).subarray(-8)]);
  renameSync(log, `${log}.1`);
  await look();
  writeFileSync(`${log}.1.gz`, lie);
  rmSync(`${log}.1`);
  await look();
  // Who reads it finds out.
  await rows();
  const now = await rows();
  expect(now.at(-1)?.entry).toBe(`entry ${now.length - 1}`);
  expect(now.length).toBeLessThan(0.6 * COUNT);
  expect(timeline.problems).toHaveLength(1);
});

test('a log whose compressed copy is finished while another one in its folder is truncated is there once', async () => {
  const other = join(root, 'alice', 'db.log');
  renameSync(log, `${log}.1`);
  const compressed = gzipSync(readFileSync(`${log}.1`));
  writeFileSync(`${log}.1.gz`, compressed.subarray(0, 700));
  write(20, other);
  await timeline.sync();
  const before = (await rows()).filter(({ file }) => !file.includes('db'));
  appendFileSync(`${log}.1.gz`, compressed.subarray(700));
  rmSync(`${log}.1`);
  truncateSync(other);
  write(5, other);
  await timeline.sync();
  const after = await rows();
  expect(after.filter(({ file }) => !file.includes('db')).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  expect(after.filter(({ file }) => file.includes('db')).map(({ entry }) => entry)).toEqual(
    Array.from({ length: 5 }, (_, i) => `entry ${COUNT + 20 + i}`),
  );
  expect(timeline.library.generations.length).toBe(2);
});

test('a shorter copy beside a longer one is shown again when that is deleted, also long afterwards', async () => {
  renameSync(log, `${log}.2`);
  await timeline.sync();
  const before = await ids();
  const [shorter] = timeline.library.generations;
  copyFileSync(`${log}.2`, `${log}.1`);
  write(10, `${log}.1`);
  await timeline.sync();
  expect((await rows()).length).toBe(COUNT + 10);
  expect(new Set((await rows()).map(({ file }) => file))).toEqual(new Set(['alice/web.log.1']));
  // As it is done some time after it was shown last.
  if (shorter !== undefined) timeline.library.release(shorter);
  rmSync(`${log}.1`);
  await timeline.sync();
  expect(await ids()).toEqual(before);
});
