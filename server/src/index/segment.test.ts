import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { BLOCK_BYTES, compressBlock } from '../generation/memberGzip.ts';
import { buildCheckpoints } from './buildCheckpoints.ts';
import type { Starts } from './checkpoint.ts';
import { Checkpoints } from './checkpoint.ts';
import { inflated } from './gunzip.ts';
import { MemberTable } from './memberTable.ts';
import { forgetParts, isHandy, knownPart, readPart } from './segment.ts';

const folder = mkdtempSync(join(tmpdir(), 'safelog-segment-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `line ${i} ${Math.sin(i)}`).join('\n'));
const members: Buffer[] = [];
for (let at = 0; at < text.length; at += BLOCK_BYTES) members.push(compressBlock(text.subarray(at, at + BLOCK_BYTES)));
const ours = Buffer.concat(members);
let files = 0;

async function withFile<T>(bytes: Buffer, use: (file: FileHandle, key: string) => Promise<T>): Promise<T> {
  const path = join(folder, `${files++}.gz`);
  writeFileSync(path, bytes);
  const file = await open(path, 'r');
  try {
    return await use(file, path);
  } finally {
    await file.close();
  }
}

async function checkpointsOf(file: FileHandle): Promise<Checkpoints> {
  const table = new Checkpoints();
  await buildCheckpoints(file, table, async () => true, 64 * 1024);
  return table;
}

test.each<[string, Buffer, (file: FileHandle) => Promise<Starts | undefined>]>([
  ['between checkpoints', gzipSync(text), checkpointsOf],
  ['between checkpoints, of bytes that are hardly compressed', gzipSync(text, { strategy: 2 }), checkpointsOf],
  ['between checkpoints and members of others', Buffer.concat([gzipSync(text), gzipSync(text, { level: 1 })]), checkpointsOf],
  ['of our own members', ours, (file) => MemberTable.read(file)],
])('any part of a stretch %s is what is there', async (_, bytes, startsOf) => {
  await withFile(bytes, async (file, key) => {
    const whole = bytes === ours || bytes.length < text.length / 2 + 10_000 ? text : Buffer.concat([text, text]);
    const starts = await startsOf(file);
    let stretches = 0;
    for (let at = 0; at < (starts?.length ?? 0); ) {
      const segment = starts?.segment(at);
      if (segment === undefined) throw new Error(`no stretch at ${at}`);
      const { output } = segment.from;
      stretches++;
      const next = output + segment.length;
      if (isHandy(segment)) {
        for (const [start, end] of [
          [output, output + 1],
          [output + (segment.length >> 1), output + (segment.length >> 1) + 10],
          [next - 1, next + 50],
          [output, next],
        ] as const) {
          const part = { segment, start, end };
          const expected = whole.subarray(start, Math.min(end, next));
          const bytes = await readPart(file, key, part);
          // What goes on in another member is left to a decompressor that does.
          if (bytes === undefined) expect(output < text.length && next > text.length).toBe(true);
          else expect(bytes.equals(expected) && knownPart(key, part)?.equals(expected)).toBe(true);
        }
      }
      at = next;
    }
    expect(stretches).toBeGreaterThan(3);
  });
});

test('what is wanted is decompressed and no more, and is known until it is forgotten', async () => {
  await withFile(ours, async (file, key) => {
    const segment = (await MemberTable.read(file))?.segment(BLOCK_BYTES);
    if (segment === undefined) throw new Error('no stretch');
    const part = { segment, start: BLOCK_BYTES + 100, end: BLOCK_BYTES + 300 };
    expect(knownPart(key, part)).toBeUndefined();
    const before = inflated.bytes;
    await readPart(file, key, part);
    expect(inflated.bytes - before).toBe(300);
    expect(knownPart(key, { ...part, end: BLOCK_BYTES + 301 })).toBeUndefined();
    await readPart(file, key, { ...part, end: BLOCK_BYTES + 301 });
    expect(knownPart(key, { ...part, end: BLOCK_BYTES * 2 })?.length).toBe(BLOCK_BYTES - 100);
    forgetParts(key);
    expect(knownPart(key, part)).toBeUndefined();
  });
});

test('a stretch that the file does not hold is none', async () => {
  await withFile(ours, async (file, key) => {
    const segment = (await MemberTable.read(file))?.segment(0);
    if (segment === undefined) throw new Error('no stretch');
    const part = { segment: { ...segment, length: BLOCK_BYTES + 1 }, start: 0, end: BLOCK_BYTES + 1 };
    expect(await readPart(file, key, part)).toBeUndefined();
    expect(knownPart(key, part)).toBeUndefined();
    const rubbish = { segment: { ...segment, from: { ...segment.from, input: 1000 } }, start: 0, end: 10 };
    expect(await readPart(file, key, rubbish)).toBeUndefined();
  });
});
