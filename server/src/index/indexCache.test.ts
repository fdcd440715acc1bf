import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Container, Section } from './container.ts';
import { defaultCacheFolder, IndexCache } from './indexCache.ts';

let folder: string;
let cache: IndexCache;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-cache-'));
  cache = new IndexCache(join(folder, 'a', 'index'), { diskSize: 5000 });
});
afterEach(() => {
  cache.close();
  rmSync(folder, { recursive: true });
});

const bytes = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);
const files = (): string[] => readdirSync(cache.folder).sort();

const sectionOf = (container: Container | undefined): Section => {
  expect(container?.directory).toHaveProperty('section');
  return (container as { directory: { section: Section } } | undefined)?.directory.section ?? { at: 0, bytes: 0, crc: 0 };
};

async function put(name: string, size: number, path = folder): Promise<void> {
  const writer = await cache.create(name);
  const section = await writer.add(bytes(size, 7));
  await writer.finish({ origin: { path, ino: 0 }, section, text: 'x', list: [1, Number.NaN] });
}

function age(days: number): void {
  for (const name of files()) {
    const path = join(cache.folder, name);
    const then = statSync(path).mtimeMs / 1000 - days * 86_400;
    utimesSync(path, then, then);
  }
}

test('what was put comes back; only the user can read it', async () => {
  await put('one', 1000);
  const container = cache.open('one');
  expect(container?.directory).toMatchObject({ text: 'x', list: [1, Number.NaN] });
  const section = sectionOf(container);
  expect(new Uint8Array(container?.read(section) ?? new SharedArrayBuffer(0))).toEqual(bytes(1000, 7));
  expect(container?.read({ ...section, crc: 1 })).toBeUndefined();
  expect(cache.open('two')).toBeUndefined();
  if (process.platform === 'win32') return;
  expect(statSync(cache.folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(cache.folder, files()[0] ?? '')).mode & 0o777).toBe(0o600);
});

test('what was opened can still be read when another window has replaced or deleted it', async () => {
  await put('one', 1000);
  const container = cache.open('one');
  const section = sectionOf(container);
  await put('one', 10);
  cache.delete('one');
  if (process.platform !== 'win32') expect(container?.read(section)?.byteLength).toBe(1000);
  container?.close();
  expect(container?.read(section)).toBeUndefined();
});

test('every single damaged or missing byte is noticed', async () => {
  await put('one', 40);
  const path = join(cache.folder, files()[0] ?? '');
  const whole = readFileSync(path);
  const isSound = (): boolean => {
    const container = cache.open('one');
    const read = container?.read(sectionOf(container));
    container?.close();
    return read !== undefined;
  };
  expect(isSound()).toBe(true);
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    expect([at, isSound()]).toEqual([at, false]);
    writeFileSync(path, whole.subarray(0, at));
    expect([at, isSound()]).toEqual([at, false]);
  }
  writeFileSync(path, whole);
  expect(isSound()).toBe(true);
});

test('the least recently used go where it is too much', async () => {
  for (const name of ['one', 'two', 'three', 'four']) await put(name, 1500);
  age(0.5);
  cache.open('one');
  await cache.prune();
  expect(['one', 'two', 'three', 'four'].filter((name) => cache.open(name) !== undefined)).toContain('one');
  expect(files().length).toBeLessThan(4);
});

test('what belongs to logs that are gone goes after a day, what was left behind half written after an hour', async () => {
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  await put('there', 10, logs);
  await put('gone', 10, join(folder, 'gone'));
  const writer = await cache.create('begun');
  await writer.add(bytes(10, 1));
  await cache.prune();
  expect(files()).toHaveLength(3);
  age(2);
  await cache.prune();
  expect(files()).toHaveLength(1);
  expect(cache.open('there')).toBeDefined();
  await writer.abandon();
});

test('a log that was renamed is not gone', async () => {
  const path = join(folder, 'x.log');
  writeFileSync(path, 'x');
  const { ino } = statSync(path);
  const writer = await cache.create('one');
  await writer.finish({ origin: { path, ino } });
  renameSync(path, `${path}.1`);
  age(2);
  await cache.prune();
  expect(cache.open('one')).toBeDefined();
  rmSync(`${path}.1`);
  age(2);
  await cache.prune();
  expect(cache.open('one')).toBeUndefined();
});

test('a folder that cannot be written says so; reading goes on without', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(new IndexCache(join(folder, 'file', 'index')).create('one')).rejects.toThrow();
});

test('the default folder', () => {
  expect(defaultCacheFolder({ HOME: '/home/a' }, 'linux')).toBe('/home/a/.cache/safelog/index');
  expect(defaultCacheFolder({ HOME: '/home/a', XDG_CACHE_HOME: '/c' }, 'linux')).toBe('/c/safelog/index');
  expect(defaultCacheFolder({ HOME: '/home/a', XDG_CACHE_HOME: 'c' }, 'linux')).toBe('/home/a/.cache/safelog/index');
  expect(defaultCacheFolder({ HOME: '/Users/a' }, 'darwin')).toBe('/Users/a/Library/Caches/safelog/index');
});
