import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { BLOCK_BYTES, compressBlock } from '../generation/memberGzip.ts';
import { inflated } from './gunzip.ts';
import { MemberTable } from './memberTable.ts';

const folder = mkdtempSync(join(tmpdir(), 'safelog-members-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `line ${i} ${Math.sin(i)}`).join('\n'));
const members: Buffer[] = [];
for (let at = 0; at < text.length; at += BLOCK_BYTES) members.push(compressBlock(text.subarray(at, at + BLOCK_BYTES)));
let files = 0;

async function tableOf<T>(
  bytes: Buffer,
  use: (table: MemberTable | undefined, file: Awaited<ReturnType<typeof open>>) => Promise<T>,
): Promise<T> {
  const path = join(folder, `${files++}.gz`);
  writeFileSync(path, bytes);
  const file = await open(path, 'r');
  try {
    return await use(await MemberTable.read(file), file);
  } finally {
    await file.close();
  }
}

describe('the table of our own members', () => {
  test('is read without decompressing anything', async () => {
    const before = inflated.bytes;
    await tableOf(Buffer.concat(members), async (table) => {
      expect(table?.length).toBe(text.length);
      expect(table?.before(BLOCK_BYTES * 3 + 17)).toMatchObject({ output: BLOCK_BYTES * 3, bits: 0 });
      expect(table?.before(text.length + 1_000)).toMatchObject({ output: (members.length - 1) * BLOCK_BYTES });
    });
    expect(inflated.bytes).toBe(before);
  });
  test('gives any range, and decompresses just the members that it touches', async () => {
    await tableOf(Buffer.concat(members), async (table, file) => {
      for (const [start, end, touched] of [
        [0, 10, 1],
        [BLOCK_BYTES - 5, BLOCK_BYTES, 1],
        [BLOCK_BYTES - 5, BLOCK_BYTES + 5, 2],
        [BLOCK_BYTES * 2, BLOCK_BYTES * 3, 1],
      ] as const) {
        const before = inflated.bytes;
        expect((await table?.readRange(file, start, end))?.equals(text.subarray(start, end))).toBe(true);
        expect(inflated.bytes - before).toBe(touched * BLOCK_BYTES);
      }
      const end = await table?.readRange(file, text.length - 9, text.length + 100);
      expect(end?.equals(text.subarray(-9))).toBe(true);
    });
  });
  test('may have members of any size: generations that were put together', async () => {
    const parts = [text.subarray(0, 1000), text.subarray(1000, 1000), text.subarray(1000, 90_000), text.subarray(90_000, 300_000)];
    await tableOf(Buffer.concat(parts.map(compressBlock)), async (table, file) => {
      expect(table?.length).toBe(300_000);
      expect((await table?.readRange(file, 500, 100_000))?.equals(text.subarray(500, 100_000))).toBe(true);
    });
  });
});

const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = members;
const boasting = Buffer.from(first);
boasting.writeUInt32LE(BLOCK_BYTES + 1, 20);
test.each([
  ['others', gzipSync(text)],
  ['ours and others', Buffer.concat([first, gzipSync('more')])],
  ['ours, cut off', Buffer.concat([first, second]).subarray(0, -1)],
  ['ours with rubbish', Buffer.concat([first, Buffer.from('x')])],
  ['headers that promise too much', Buffer.concat([first, boasting])],
  ['nothing', Buffer.alloc(0)],
])('%s have no table', async (_, bytes) => {
  expect(await tableOf(bytes, async (table) => table)).toBeUndefined();
});

test('a member that is not what its header says is an error', async () => {
  const wrong = Buffer.from(first);
  wrong.writeUInt32LE(BLOCK_BYTES - 1, 20);
  await tableOf(Buffer.concat([wrong, second]), async (table, file) => {
    await expect(table?.readRange(file, 0, 10)).rejects.toThrow(/./);
  });
});
