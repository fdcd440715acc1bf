import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConcurrentFile } from './concurrentFile.ts';
import { LockFile } from './lockFile.ts';
import { makeSchedule } from './schedule.ts';
import { TimedRotation, type TimedRotationOptions } from './timedRotation.ts';

let folder: string;
let log: string;
let lock: LockFile;
let now: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-timed-'));
  log = join(folder, 'app.log');
  lock = new LockFile({ log });
  lock.acquire(0);
  now = Date.UTC(2026, 10, 20, 10, 30) / 1000;
});
afterEach(() => {
  lock.close();
  rmSync(folder, { recursive: true, force: true });
});

const hourly = (options: Partial<TimedRotationOptions> = {}) =>
  new TimedRotation({
    log,
    lock,
    schedule: makeSchedule({ when: 'h', utc: true }),
    maxBytes: 0,
    backupCount: 0,
    now: () => now,
    ...options,
  });
const stored = () => Number(readFileSync(lock.path, 'utf8'));
const files = () =>
  readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();

/** A record at the present time, as ConcurrentFile writes it. */
function write(rotation: TimedRotation, text: string): void {
  rotation.refresh();
  const size = files().includes('app.log') ? readFileSync(log).length : 0;
  if (rotation.isDue(size)) rotation.enterLog(log, rotation.begin());
  writeFileSync(log, text, { flag: 'a' });
  utimesSync(log, now, now);
}

test('the time of the next rotation stands in the lock file, whole seconds, and is shared', () => {
  write(hourly(), 'a');
  expect(readFileSync(lock.path, 'utf8')).toBe(String(now + 3600));
  now += 60;
  write(hourly(), 'b');
  expect(stored()).toBe(now - 60 + 3600);
});

test.each(['', 'rubbish', '-5', '12.5', '0', '86400'])('%j there is replaced: the time counts from the last record', (text) => {
  writeFileSync(lock.path, text);
  writeFileSync(log, 'old');
  utimesSync(log, now - 600, now - 600);
  hourly().refresh();
  expect(stored()).toBe(now - 600 + 3600);
});

test('rotates when it is due, named by the period; a time long past gives one rotation', () => {
  const rotation = hourly();
  write(rotation, 'first');
  now += 3600;
  write(rotation, 'second');
  now += 10 * 3600;
  write(rotation, 'third');
  expect(files()).toEqual(['app.log', 'app.log.2026-11-20_10', 'app.log.2026-11-20_11']);
  expect(files().map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['third', 'first', 'second']);
});

test('a period without a record leaves no empty generation', () => {
  const rotation = hourly();
  rotation.refresh();
  writeFileSync(log, '');
  now += 7200;
  write(rotation, 'x');
  expect(files()).toEqual(['app.log']);
  expect(stored()).toBe(now + 3600);
});

describe('by size within a period', () => {
  test('numbers go up, and what retention has deleted is never named anew: the newest is kept', () => {
    const rotation = hourly({ maxBytes: 1, backupCount: 3 });
    for (let i = 0; i < 8; i++) write(rotation, String(i));
    expect(files()).toEqual(['app.log', ...[4, 5, 6].map((number) => `app.log.2026-11-20_10.${number}`)]);
    expect(files().map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['7', '4', '5', '6']);
  });

  test('the number counts as one, not as text', () => {
    const rotation = hourly({ maxBytes: 1, backupCount: 4 });
    for (let i = 0; i < 14; i++) write(rotation, String(i));
    expect(files()).toEqual(['app.log', ...[10, 11, 12, 9].map((number) => `app.log.2026-11-20_10.${number}`)]);
  });
});

test('what was in flight takes its place by age: before those of its period that came since', () => {
  const rotation = hourly();
  rotation.refresh();
  const make = (name: string, age: number) => {
    writeFileSync(join(folder, name), name);
    utimesSync(join(folder, name), age, age);
  };
  make('app.log.2026-11-20_10', now - 100);
  make('app.log.2026-11-20_10.1.gz', now - 50);
  make('app.log.rotate.x', now - 75);
  rotation.enterInFlight(join(folder, 'app.log.rotate.x'), '.gz', '2026-11-20_10');
  make('app.log.rotate.y', now - 40);
  // CLH's names tell no period: it is that of the last record.
  rotation.enterInFlight(join(folder, 'app.log.rotate.y'), '', '');
  expect(Object.fromEntries(files().map((name) => [name, readFileSync(join(folder, name), 'utf8')]))).toEqual({
    'app.log.2026-11-20_10': 'app.log.2026-11-20_10',
    'app.log.2026-11-20_10.1.gz': 'app.log.rotate.x',
    'app.log.2026-11-20_10.2.gz': 'app.log.2026-11-20_10.1.gz',
    'app.log.2026-11-20_10.3': 'app.log.rotate.y',
  });
});

describe('a namer', () => {
  test('that moves the date: retention finds the files', () => {
    const namer = (name: string) => name.replace(/^(.*)\.log\.(.*)$/, '$1.$2.log');
    const rotation = hourly({ backupCount: 2, namer });
    for (let i = 0; i < 5; i++) {
      write(rotation, String(i));
      now += 3600;
    }
    expect(files()).toEqual(['app.2026-11-20_12.log', 'app.2026-11-20_13.log', 'app.log']);
  });

  test('that drops the date is refused', () => {
    expect(() => hourly({ namer: () => join(folder, 'old') })).toThrow(RangeError);
  });
});

test('the files of other logs and other names stay', () => {
  const others = [
    'app.log.2026-11-20',
    'app.log.1',
    'app.log.2020-01-01_00.txt',
    'xapp.log.2020-01-01_00',
    'app.log.2020-01-01_00.gz.part',
  ];
  for (const name of others) writeFileSync(join(folder, name), '');
  const rotation = hourly({ backupCount: 1 });
  for (let i = 0; i < 4; i++) {
    write(rotation, String(i));
    now += 3600;
  }
  expect(files()).toEqual(['app.log', 'app.log.2026-11-20_12', ...others].sort());
});

test('a concurrent file rotates by the real time, compressed', async () => {
  lock.close();
  const file = new ConcurrentFile({ path: log, schedule: { when: 's', interval: 1 }, useGzip: true });
  for (let i = 0; i < 25; i++) {
    file.append([Buffer.from(`${i}\n`)]);
    await sleep(100);
  }
  await file.close();
  const rotated = files().slice(1);
  expect(rotated.length).toBeGreaterThanOrEqual(1);
  for (const name of rotated) expect(name).toMatch(/^app\.log\.\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.gz$/);
  const text = rotated.map((name) => gunzipSync(readFileSync(join(folder, name))).toString()).join('') + readFileSync(log, 'utf8');
  expect(text).toBe(Array.from({ length: 25 }, (_, i) => `${i}\n`).join(''));
});
