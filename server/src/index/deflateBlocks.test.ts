import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import type { Checkpoint } from './checkpoint.ts';
import { BEGINNING } from './checkpoint.ts';
import { DeflateBlocks } from './deflateBlocks.ts';
import { gunzip } from './gunzip.ts';

const folder = mkdtempSync(join(tmpdir(), 'safelog-blocks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const text = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `2026-11-20 10:00:00.${i % 1000} INFO request ${i}`).join('\n'));
/** What deflate cannot compress: it stores it. */
const noise = Buffer.alloc(200_000);
for (let i = 0, state = 1; i < noise.length; i++) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  noise[i] = state >>> 24;
}
let files = 0;

/** What is given block by block, the places behind the blocks, and whether that went to the end. */
async function blocksOf(gz: Buffer): Promise<{ path: string; bytes: Buffer; places: Checkpoint[]; ended: boolean }> {
  const path = join(folder, `${files++}.gz`);
  writeFileSync(path, gz);
  const file = await open(path, 'r');
  try {
    const blocks = new DeflateBlocks(file, BEGINNING);
    const pieces: Buffer[] = [];
    const places: Checkpoint[] = [];
    for (let piece = await blocks.next(); piece !== undefined; piece = await blocks.next()) {
      pieces.push(piece);
      places.push(blocks.checkpoint);
    }
    return { path, bytes: Buffer.concat(pieces), places, ended: blocks.ended };
  } finally {
    await file.close();
  }
}

test.each([
  ['one member', gzipSync(text), text],
  [
    'several, some of one small block',
    Buffer.concat([gzipSync(text), gzipSync('a'), gzipSync(text)]),
    Buffer.concat([text, Buffer.from('a'), text]),
  ],
  ['padding behind it', Buffer.concat([gzipSync(text, { level: 1 }), Buffer.alloc(100)]), text],
])('%s: goes to the end, and from every place on come the bytes behind it', async (_, gz, plain) => {
  const { path, bytes, places, ended } = await blocksOf(gz);
  expect(ended).toBe(true);
  expect(bytes.equals(plain)).toBe(true);
  expect(places.length).toBeGreaterThan(3);
  for (const place of places) {
    const rest: Buffer[] = [];
    for await (const piece of gunzip(path, await open(path, 'r'), place)) rest.push(piece);
    expect(Buffer.concat(rest).equals(plain.subarray(place.output))).toBe(true);
  }
});

test.each([
  ['stored blocks', gzipSync(Buffer.concat([text, noise, text])), Buffer.concat([text, noise, text])],
  ['fixed codes', gzipSync(text, { strategy: constants.Z_FIXED }), text],
  ['many tiny members', Buffer.concat(Array.from({ length: 300 }, () => gzipSync('a line\n'))), Buffer.from('a line\n'.repeat(300))],
  // A bomb: 1 000 to 1, in blocks of megabytes.
  ['nothing but zeros', gzipSync(Buffer.alloc(16 << 20)), Buffer.alloc(16 << 20)],
])('%s: gives what is sure, and the whole file comes all the same', async (_, gz, plain) => {
  const { path, bytes } = await blocksOf(gz);
  expect(plain.subarray(0, bytes.length).equals(bytes)).toBe(true);
  const all: Buffer[] = [];
  for await (const piece of gunzip(path, await open(path, 'r'))) all.push(piece);
  expect(Buffer.concat(all).equals(plain)).toBe(true);
});
