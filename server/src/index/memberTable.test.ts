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
  test('tells which stretch holds an offset', async () => {
    await tableOf(Buffer.concat(members), async (table) => {
      for (const [offset, member] of [
        [0, 0],
        [BLOCK_BYTES - 1, 0],
        [BLOCK_BYTES, 1],
        [text.length - 1, members.length - 1],
      ] as const) {
        const output = member * BLOCK_BYTES;
        const input = Buffer.concat(members.slice(0, member)).length;
        expect(table?.segment(offset)).toEqual({
          from: { input, bits: 0, output },
          length: Math.min(BLOCK_BYTES, text.length - output),
          nextInput: input + (members[member]?.length ?? 0),
        });
      }
      expect(table?.segment(text.length)).toBeUndefined();
    });
  });
  test('may have members of any size: generations that were put together', async () => {
    const parts = [text.subarray(0, 1000), text.subarray(1000, 1000), text.subarray(1000, 90_000), text.subarray(90_000, 300_000)];
    await tableOf(Buffer.concat(parts.map(compressBlock)), async (table) => {
      expect(table?.length).toBe(300_000);
      expect(table?.segment(1000)).toMatchObject({ from: { output: 1000 }, length: 89_000 });
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
