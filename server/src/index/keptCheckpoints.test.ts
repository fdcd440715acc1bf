import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { IndexCache } from './indexCache.ts';
import { KeptCheckpoints } from './keptCheckpoints.ts';

let folder: string;
let path: string;
let text: Buffer;
let gz: Buffer;
beforeAll(() => {
  let state = 1;
  const numbers = Uint32Array.from({ length: 1 << 20 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 0x20202020 | (state & 0x0f0f0f0f);
  });
  text = Buffer.from(numbers.buffer);
  gz = gzipSync(text, { level: 1 });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-checkpoints-'));
  path = join(folder, 'x.log.1.gz');
  writeFileSync(path, gz);
});
afterEach(() => rmSync(folder, { recursive: true }));

const cacheFolder = (): string => join(folder, 'cache');
const names = (): string[] => readdirSync(cacheFolder());

/** Reads the end of the file as a process of its own does, that knows of it only what is on disk. @returns bytes that it decompressed */
async function readEnd(): Promise<number> {
  vi.resetModules();
  const { GzipSource } = await import('./gzipSource.ts');
  const { inflated } = await import('./gunzip.ts');
  const cache = new IndexCache(cacheFolder());
  const source = new GzipSource(path, statSync(path).ino);
  const kept = new (await import('./keptCheckpoints.ts')).KeptCheckpoints(cache);
  source.kept = kept;
  const from = text.length - 1000;
  expect((await source.read(from, 1000)).equals(text.subarray(from))).toBe(true);
  const { bytes } = inflated;
  await GzipSource.settled();
  source.close();
  cache.close();
  return bytes;
}

test('the next process goes on from the checkpoints of the one before, as long as the file is the same', async () => {
  expect(await readEnd()).toBeGreaterThanOrEqual(text.length);
  expect(names()).toHaveLength(1);
  const second = await readEnd();
  expect(second).toBeLessThan(text.length / 2);
  const then = statSync(path).mtimeMs / 1000 - 60;
  utimesSync(path, then, then);
  expect(await readEnd()).toBeGreaterThanOrEqual(text.length);
});

test('damaged ones are found anew', async () => {
  await readEnd();
  const kept = join(cacheFolder(), names()[0] ?? '');
  const bytes = readFileSync(kept);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  writeFileSync(kept, bytes);
  expect(await readEnd()).toBeGreaterThanOrEqual(text.length);
  expect(await readEnd()).toBeLessThan(text.length / 2);
});

test('they go with their file', async () => {
  await readEnd();
  const cache = new IndexCache(cacheFolder());
  const kept = join(cacheFolder(), names()[0] ?? '');
  const age = (): void => utimesSync(kept, 1, 1);
  age();
  await cache.prune();
  expect(names()).toHaveLength(1);
  rmSync(path);
  age();
  await cache.prune();
  expect(names()).toEqual([]);
});

test('what is something else under that name is no checkpoints', async () => {
  const cache = new IndexCache(cacheFolder());
  const list = [{ input: 20, bits: 9, output: 'x' }];
  for (const directory of [
    {},
    { list: 1 },
    { list },
    { list: [], length: 'x' },
    { list: [{ input: 1, bits: 0, output: 1, inMember: {} }] },
  ]) {
    const writer = await cache.create(JSON.stringify(['checkpoints', 'key']));
    await writer.finish(directory);
    expect(new KeptCheckpoints(cache).load('key')).toBeUndefined();
  }
});
