import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
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
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareAge, parseName } from '../generation/name.ts';
import { ConcurrentFile, type ConcurrentFileOptions, LockTimeoutError } from './concurrentFile.ts';
import { LockFile } from './lockFile.ts';
import { mayMount, mountDisk } from './testDisk.ts';

let folder: string;
let path: string;
let errors: unknown[];
const made: ConcurrentFile[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-file-'));
  path = join(folder, 'app.log');
  errors = [];
});
afterEach(() => {
  for (const file of made.splice(0)) file.closeSync();
  rmSync(folder, { recursive: true, force: true });
  expect(errors).toEqual([]);
});

function open(options: Partial<ConcurrentFileOptions> = {}): ConcurrentFile {
  const file = new ConcurrentFile({ path, onRotationError: (error) => errors.push(error), ...options });
  made.push(file);
  return file;
}

const line = (i: number) => Buffer.from(`${String(i).padStart(9, '0')}\n`);
const write = (file: ConcurrentFile, from: number, to: number) => {
  for (let i = from; i < to; i++) file.append([line(i)]);
};
const names = () =>
  readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();
const content = (name: string) => {
  const bytes = readFileSync(join(folder, name));
  return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
};
/** All generations together, the oldest first. */
const everything = () =>
  names()
    .flatMap((name) => parseName(name) ?? [])
    .map((parsed, i) => ({ ...parsed, name: names()[i] ?? '' }))
    .sort((a, b) => compareAge(a.age, b.age))
    .map(({ name }) => content(name))
    .join('');
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => line(from + i).toString()).join('');

test('appends, record by record and in batches', () => {
  const file = open();
  write(file, 0, 3);
  file.append([line(3), line(4)]);
  file.append([]);
  expect(content('app.log')).toBe(lines(0, 5));
  expect(readdirSync(folder).sort()).toEqual(['.__app.lock', 'app.log']);
});

describe('rotation by size', () => {
  test('happens before the record, when the log has reached the size', () => {
    const file = open({ maxBytes: 25, backupCount: 3 });
    write(file, 0, 3);
    expect(names()).toEqual(['app.log']);
    write(file, 3, 10);
    expect(names()).toEqual(['app.log', 'app.log.1', 'app.log.2', 'app.log.3']);
    expect(names().map(content)).toEqual([lines(9, 10), lines(6, 9), lines(3, 6), lines(0, 3)]);
    write(file, 10, 16);
    expect(names().map(content)).toEqual([lines(15, 16), lines(12, 15), lines(9, 12), lines(6, 9)]);
  });

  test('happens within a batch as it does between records', () => {
    open({ maxBytes: 25, backupCount: 9 }).append(Array.from({ length: 10 }, (_, i) => line(i)));
    expect(names().map(content)).toEqual([lines(9, 10), lines(6, 9), lines(3, 6), lines(0, 3)]);
  });

  test('empties the log where none is to be kept', () => {
    write(open({ maxBytes: 25 }), 0, 4);
    expect(names().map(content)).toEqual([lines(3, 4)]);
  });

  test('with gzip: members that any gunzip reads, in order, and nothing else left', async () => {
    const file = open({ maxBytes: 25, backupCount: 20, useGzip: true });
    for (let i = 0; i < 10; i++) {
      write(file, i * 3, i * 3 + 3);
      if (i % 3 === 0) await file.flush();
    }
    await file.close();
    expect(names()).toEqual(['app.log', ...Array.from({ length: 9 }, (_, i) => `app.log.${i + 1}.gz`)].sort());
    expect(everything()).toBe(lines(0, 30));
  });

  test('with gzip, in a program whose event loop never turns', () => {
    const file = open({ maxBytes: 25, backupCount: 50, useGzip: true });
    write(file, 0, 100);
    expect(names().filter((name) => name.includes('rotate')).length).toBeLessThanOrEqual(4);
    expect(everything()).toBe(lines(0, 100));
    file.closeSync();
    expect(names().filter((name) => name.includes('rotate'))).toEqual([]);
    expect(everything()).toBe(lines(0, 100));
  });

  test('with gzip: closing in the midst of compressing does it at once', async () => {
    const file = open({ maxBytes: 1_000_000, backupCount: 5, useGzip: true });
    const big = Buffer.alloc(1_000_000, 'x');
    big[big.length - 1] = 10;
    file.append([big]);
    file.append([line(1)]);
    await new Promise((resolve) => setTimeout(resolve, 1));
    file.closeSync();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(names()).toEqual(['app.log', 'app.log.1.gz']);
    expect(content('app.log.1.gz')).toBe(big.toString());
  });

  test('keeps the permissions of the log, and makes all with chmod', async () => {
    const file = open({ maxBytes: 25, backupCount: 5, useGzip: true, access: { chmod: 0o640 } });
    write(file, 0, 4);
    await file.close();
    for (const name of ['app.log', 'app.log.1.gz']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o640);
    expect(statSync(join(folder, '.__app.lock')).mode & 0o777).toBe(0o640 & ~process.umask());
  });

  test('that fails loses no record', () => {
    const file = open({ maxBytes: 25, backupCount: 3 });
    write(file, 0, 3);
    // A directory that is not empty cannot be replaced, nor deleted as a file.
    for (const slot of [1, 2, 3]) writeFileSync(join(folder, `app.log.${slot}`), '');
    rmSync(join(folder, 'app.log.3'));
    const blocked = join(folder, 'app.log.3');

    mkdirSync(join(blocked, 'x'), { recursive: true });
    write(file, 3, 6);
    expect(content('app.log')).toBe(lines(0, 6));
    expect(errors.splice(0).length).toBe(3);
    rmSync(blocked, { recursive: true });
    write(file, 6, 7);
    expect(content('app.log')).toBe(lines(6, 7));
    expect(content('app.log.1')).toBe(lines(0, 6));
  });
});

describe('goes on in the right file after', () => {
  test('a rotation by somebody else, a deletion, a truncation', () => {
    const file = open();
    write(file, 0, 1);
    renameSync(path, `${path}.1`);
    write(file, 1, 2);
    expect([content('app.log.1'), content('app.log')]).toEqual([lines(0, 1), lines(1, 2)]);
    rmSync(path);
    write(file, 2, 3);
    expect(content('app.log')).toBe(lines(2, 3));
    truncateSync(path);
    write(file, 3, 4);
    expect(content('app.log')).toBe(lines(3, 4));
  });

  test('a rotation by another writer', () => {
    const [one, two] = [open({ maxBytes: 25, backupCount: 9 }), open({ maxBytes: 25, backupCount: 9, keepFileOpen: false })];
    for (let i = 0; i < 12; i += 2) {
      one.append([line(i)]);
      two.append([line(i + 1)]);
    }
    expect(everything()).toBe(lines(0, 12));
  });
});

describe('what dead writers have left', () => {
  test('enters the chain: plain, compressed under its old name, compressed by CLH; halves are deleted', async () => {
    const gz = open({ path: join(folder, 'other.log'), maxBytes: 25, backupCount: 5, useGzip: true });
    write(gz, 0, 4);
    await gz.close();
    const member = readFileSync(join(folder, 'other.log.1.gz'));
    for (const name of names()) rmSync(join(folder, name));

    const stranded: [string, Buffer][] = [
      ['app.log.rotate.00000001', line(1)],
      ['app.log.rotate.00000001.gz', Buffer.from([0x1f, 0x8b])],
      ['app.log.rotate.2.gz.tmp', Buffer.from('half')],
      ['app.log.rotate.3', line(3)],
      ['app.log.rotate.3.gz.tmp', Buffer.from('half')],
      ['app.log.rotate.4', member],
      ['app.log.rotate.5.gz', gzipSync(line(5))],
    ];
    stranded.forEach(([name, bytes], i) => {
      writeFileSync(join(folder, name), bytes);
      utimesSync(join(folder, name), 1e9 + i, 1e9 + i);
    });
    const file = open({ maxBytes: 1000, backupCount: 9, useGzip: true });
    file.append([line(9)]);
    await file.flush();
    expect(names()).toEqual(['app.log', 'app.log.1.gz', 'app.log.2.gz', 'app.log.3.gz', 'app.log.4.gz']);
    expect(everything()).toBe([line(1), line(3), lines(0, 3), line(5), line(9)].map(String).join(''));
  });

  test('is left alone while its compressor lives', () => {
    const alive = open({ maxBytes: 25, backupCount: 9, useGzip: true });
    write(alive, 0, 4);
    const [before] = names().filter((name) => /rotate\.[^.]+$/.test(name));
    const other = open({ maxBytes: 25, backupCount: 9 });
    write(other, 4, 5);
    expect(names()).toContain(before);
    alive.closeSync();
    expect(everything()).toBe(lines(0, 5));
  });
});

test('a lock that is never given back: the caller waits no longer than told, and nothing is written', () => {
  const file = open({ lockLimitMs: 30 });
  write(file, 0, 1);
  const other = new LockFile({ log: path });
  other.acquire(0);
  expect(() => write(file, 1, 2)).toThrow(LockTimeoutError);
  other.close();
  write(file, 2, 3);
  expect(content('app.log')).toBe(line(0).toString() + line(2).toString());
});

describe('faults', () => {
  test.runIf(mayMount())('a full disk: no record is torn, what was said to be written is, and it goes on when there is room', async () => {
    const disk = mountDisk(200_000);
    path = join(disk.path, 'app.log');
    try {
      const file = open({ maxBytes: 20_000, backupCount: 90, useGzip: true });
      // Noise does not become smaller by gzip.
      const noise = () => Buffer.from(`${randomBytes(750).toString('base64')}\n`);
      const written: string[] = [];
      for (let failures = 0; failures < 20; ) {
        const record = noise();
        try {
          file.append([record]);
          written.push(record.toString());
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENOSPC' });
          failures++;
        }
        if (written.length % 10 === 0) await file.flush();
      }
      await file.flush();
      errors = errors.filter((error) => !(error instanceof Error && 'code' in error && error.code === 'ENOSPC'));
      folder = disk.path;
      expect(names().filter((name) => name.endsWith('.tmp'))).toEqual([]);
      expect(everything()).toBe(written.join(''));
      execFileSync('mount', ['-o', 'remount,size=2m', disk.path]);
      for (let i = 0; i < 30; i++) {
        const record = noise();
        file.append([record]);
        written.push(record.toString());
      }
      await file.close();
      expect(everything()).toBe(written.join(''));
      expect(names().filter((name) => name.includes('rotate'))).toEqual([]);
    } finally {
      for (const file of made) file.closeSync();
      disk.unmount();
    }
  });

  test('a directory that vanishes is an error, and may come again', () => {
    path = join(folder, 'sub/app.log');
    mkdirSync(join(folder, 'sub'));
    const file = open();
    write(file, 0, 1);
    rmSync(join(folder, 'sub'), { recursive: true });
    // The lock's file is looked for every 50 ms only.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    expect(() => write(file, 1, 2)).toThrow(/ENOENT/);
    mkdirSync(join(folder, 'sub'));
    write(file, 2, 3);
    expect(readFileSync(path, 'utf8')).toBe(lines(2, 3));
  });
});
