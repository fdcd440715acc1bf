/** Rotations that happen while the files are being looked at: each step of the look is followed by one of the rotation. */
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
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { newChange } from '../index/look.ts';
import { formatSafelog } from '../record/timestamp.ts';
import type { LogFile } from '../tree/scan.ts';
import { News } from './news.ts';
import { readRows } from './page.ts';
import { Timeline } from './timeline.ts';
import type { View } from './view.ts';

/** Called once, between the listing of the files and their reading; may leave files out of the list. */
let afterScan: ((files: LogFile[]) => LogFile[]) | undefined;
vi.mock('../tree/scan.ts', async (original) => {
  const real = await original<typeof import('../tree/scan.ts')>();
  return {
    ...real,
    scan: async (source: Parameters<typeof real.scan>[0]) => {
      const found = await real.scan(source);
      const change = afterScan;
      afterScan = undefined;
      return change === undefined ? found : { ...found, files: change(found.files) };
    },
  };
});

let root: string;
let log: string;
let timeline: Timeline;
let view: View;
let news: string[];
let lines = 0;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'safelog-rotations-'));
  mkdirSync(join(root, 'alice'));
  log = join(root, 'alice', 'web.log');
  lines = 0;
  afterScan = undefined;
  timeline = new Timeline({ kind: 'tree', root });
});
afterEach(async () => {
  await timeline.close();
  rmSync(root, { recursive: true });
});

const line = (number: number, more = ''): string =>
  `${formatSafelog(Date.UTC(2026, 10, 20) * 1000 + number * 1000)} INFO ${number}${more}\n`;
function write(count = 1): void {
  for (let i = 0; i < count; i++) {
    lines++;
    appendFileSync(log, line(lines));
  }
}
function compress(): void {
  writeFileSync(`${log}.1.gz`, gzipSync(readFileSync(`${log}.1`)));
  rmSync(`${log}.1`);
}
function rotate(): void {
  renameSync(log, `${log}.1`);
  compress();
}
async function open(): Promise<void> {
  await timeline.load();
  view = timeline.openView({}, () => undefined);
  news = [];
  const seen: number[] = [];
  view.onNews = (records) => seen.push(...Array.from(records));
  const sync = timeline.sync.bind(timeline);
  timeline.sync = async () => {
    const isNew = await sync();
    news.push(...(await readRows(timeline, seen.splice(0))).map(({ text }) => text));
    return isNew;
  };
}
const texts = async (): Promise<string[]> => (await readRows(timeline, view.rows.all())).map(({ text }) => text);
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

test('what is rotated and compressed between listing and reading is there at the first look', async () => {
  write(3);
  afterScan = (files) => {
    rotate();
    write(2);
    return files;
  };
  await open();
  expect(await texts()).toEqual(numbers(1, 5));
});

test('lines that were written just before a rotation are read from what came of it, once', async () => {
  write(3);
  await open();
  write(2);
  afterScan = (files) => {
    rotate();
    write(1);
    return files;
  };
  await timeline.sync();
  await timeline.sync();
  expect(await texts()).toEqual(numbers(1, 6));
  expect(news).toEqual(numbers(4, 6));
});

test('a renamed log is read to its end', async () => {
  write(3);
  await open();
  write(2);
  afterScan = (files) => {
    renameSync(log, `${log}.1`);
    write(1);
    return files;
  };
  await timeline.sync();
  await timeline.sync();
  expect(await texts()).toEqual(numbers(1, 6));
  expect(news).toEqual(numbers(4, 6));
});

test('what a listing leaves out while files are renamed is not gone, and comes back as no news', async () => {
  write(3);
  await open();
  rotate();
  write(1);
  afterScan = (files) => files.filter(({ name }) => name.live);
  await timeline.sync();
  await timeline.sync();
  expect(await texts()).toEqual(numbers(1, 4));
  expect(news).toEqual(['4']);
});

test('what was being compressed when it was looked at is read when it is whole', async () => {
  write(3);
  await open();
  renameSync(log, `${log}.1`);
  const whole = gzipSync(readFileSync(`${log}.1`));
  for (const length of [0, 20, whole.length]) {
    writeFileSync(`${log}.1.gz`, whole.subarray(0, length));
    await timeline.sync();
    expect(await texts()).toEqual(numbers(1, 3));
  }
  rmSync(`${log}.1`);
  write(1);
  await timeline.sync();
  expect(await texts()).toEqual(numbers(1, 4));
  expect(news).toEqual(['4']);
});

test('copytruncate: a copy that is empty when it is first looked at is none of its own later', async () => {
  write(3);
  await open();
  writeFileSync(`${log}.1`, '');
  await timeline.sync();
  copyFileSync(log, `${log}.1`);
  await timeline.sync();
  expect(await texts()).toEqual(numbers(1, 3));
  truncateSync(log);
  await timeline.sync();
  write(1);
  await timeline.sync();
  expect(await texts()).toEqual(numbers(1, 4));
  expect(news).toEqual(['4']);
});

test('copytruncate: what was written after the copy was taken is lost, but nothing is told twice', async () => {
  write(3);
  await open();
  copyFileSync(log, `${log}.1`);
  write(1);
  await timeline.sync();
  truncateSync(log);
  write(1);
  await timeline.sync();
  expect(await texts()).toEqual(['1', '2', '3', '5']);
  expect(news).toEqual(['4', '5']);
});

test('a file that is compressed where it is keeps its records', async () => {
  write(3);
  await open();
  writeFileSync(`${log}.gz`, gzipSync(readFileSync(log)));
  rmSync(log);
  await timeline.sync();
  expect((await readRows(timeline, view.rows.all())).map(({ text, file }) => [text, file])).toEqual(
    ['1', '2', '3'].map((text) => [text, 'alice/web.log.gz']),
  );
  write(1);
  await timeline.sync();
  expect(news).toEqual(['4']);
});

test('a copy that is seen half made, when its log is truncated already, brings no news of what was shown', async () => {
  write(9);
  await open();
  const whole = readFileSync(log);
  const half = whole.indexOf('INFO 5');
  writeFileSync(`${log}.1`, whole.subarray(0, half));
  truncateSync(log);
  write(1);
  await timeline.sync();
  appendFileSync(`${log}.1`, whole.subarray(half));
  await timeline.sync();
  expect(await texts()).toEqual(numbers(1, 10));
  expect(news).toEqual(['10']);
});

test('what waits to be shown when its file is missed is still news when that is found again', async () => {
  write(3);
  await open();
  write(2);
  await timeline.sync();
  expect(news).toEqual(['4', '5']);
  const [fourth] = view.rows.slice(3, 4);
  view.unshown = () => (fourth === undefined ? [] : [fourth]);
  renameSync(log, `${root}.elsewhere`);
  await timeline.sync();
  expect(await texts()).toEqual([]);
  view.unshown = () => [];
  renameSync(`${root}.elsewhere`, `${log}.1`);
  await timeline.sync();
  expect(await texts()).toEqual(numbers(1, 5));
  expect(news).toEqual(['4', '5', '4', '5']);
});

test('copytruncate: what is written anew ends as the old did where that ended, and is told from it all the same', async () => {
  const long = (number: number): string => line(number, ` ${'x'.repeat(3000)}`);
  const own = (): Promise<string[]> => texts().then((all) => all.map((text) => text.split(' ')[0] ?? ''));
  writeFileSync(log, long(1));
  await open();
  copyFileSync(log, `${log}.1`);
  writeFileSync(log, long(2) + long(3));
  await timeline.sync();
  expect(await own()).toEqual(['1', '2', '3']);
  // What is there is read only from where it is still what was indexed.
  const { library } = timeline;
  const [, second] = view.rows.slice(0, 3);
  writeFileSync(log, long(4) + long(5) + long(6));
  const read = expect(library.generationOf(second ?? 0).read(0, 10)).rejects.toThrow('rotated');
  await timeline.sync();
  await read;
  expect(await own()).toEqual(['1', '4', '5', '6']);
});

test('a log that grows while another one beside it is rotated is read', async () => {
  const other = join(root, 'alice', 'db.log');
  writeFileSync(log, line(1));
  writeFileSync(other, line(2));
  await open();
  timeline.follow();
  for (let number = 3; number < 12; number += 3) {
    // What is written meanwhile is looked at together.
    vi.spyOn(timeline.library, 'sync').mockImplementationOnce(async () => {
      appendFileSync(log, line(number));
      appendFileSync(other, line(number + 1));
      renameSync(other, `${other}.${number}`);
      writeFileSync(other, line(number + 2));
      await wait(200);
      return newChange();
    });
    await timeline.sync();
    const all = Array.from({ length: number + 2 }, (_, i) => i + 1);
    await vi.waitFor(async () => expect((await texts()).map(Number).sort((a, b) => a - b)).toEqual(all), { timeout: 10_000 });
  }
});

test('what is rotated away before it could be read is shown out of what came of it, once', async () => {
  const all: string[] = [];
  write(3);
  await open();
  const following = new News(view, { limit: 1000, wake: () => undefined });
  const show = async (): Promise<void> => {
    for (let read = await following.next(true); read.length > 0; read = await following.next(true))
      all.push(...read.map(({ bytes }) => /INFO (\d+)/.exec(bytes.toString())?.[1] ?? ''));
  };
  write(2);
  await timeline.sync();
  // As logrotate's copytruncate does; the log is as long as before at once.
  copyFileSync(log, `${log}.1`);
  truncateSync(log);
  write(9);
  await show();
  expect(all.toSorted()).toEqual(numbers(4, 14).toSorted());
  write(1);
  await timeline.sync();
  renameSync(log, `${log}.0`);
  await show();
  expect(all.at(-1)).toBe('15');
  expect(all.length).toBe(12);
});

test('what is deleted before it could be read is forgotten', async () => {
  write(3);
  await open();
  const following = new News(view, { limit: 1000, wake: () => undefined });
  write(2);
  await timeline.sync();
  rmSync(log);
  expect(await following.next(true)).toEqual([]);
  expect([...view.unshown()]).toEqual([]);
});
