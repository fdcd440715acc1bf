import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Anchor, Filter, Row } from '../protocol.ts';
import { decodeRows } from '../protocol.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { findRecord, readPage, readRows } from './page.ts';
import { Timeline } from './timeline.ts';
import type { View } from './view.ts';

let root: string;
let timeline: Timeline;
let time = Date.UTC(2026, 10, 20) * 1000;

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'safelog-live-')), 'logs');
  timeline = new Timeline({ kind: 'tree', root });
});
afterEach(async () => {
  await timeline.close();
  rmSync(join(root, '..'), { recursive: true });
});

async function open(filter: Filter = {}): Promise<View> {
  await timeline.load();
  timeline.follow();
  const view = timeline.openView(filter, () => undefined);
  await view.settled();
  return view;
}

function log(text: string, module = 'web', user = 'alice'): void {
  time += 1000;
  mkdirSync(join(root, user), { recursive: true });
  appendFileSync(join(root, user, `${module}.log`), `${formatSafelog(time)} INFO ${text}\n`);
  appendFileSync(join(root, user, 'master.log'), `${formatSafelog(time + 50)} ${module}.log INFO ${text}\n`);
}

const texts = async (view: View): Promise<string[]> => (await readRows(timeline, view.rows.all())).map(({ text }) => text);
const seen = (view: View, expected: string[]): Promise<void> =>
  vi.waitFor(async () => expect(await texts(view)).toEqual(expected), { timeout: 30_000, interval: 20 });

test('a root that does not exist yet', async () => {
  const view = await open();
  expect(view.state()).toMatchObject({ exists: false, total: 0, problems: [] });
  log('first');
  await seen(view, ['first']);
  expect(view.state()).toMatchObject({ exists: true, final: true });
  log('second', 'db', 'bob');
  await seen(view, ['first', 'second']);
});

test('the newest rows are shown before the rest is read, with the ids that they keep', async () => {
  const lines = (from: number, to: number): string =>
    Array.from(
      { length: to - from },
      (_, i) => `${formatSafelog(time + (from + i) * 1000)} INFO entry ${from + i} ${'x'.repeat(80)}\n`,
    ).join('');
  mkdirSync(join(root, 'alice'), { recursive: true });
  const path = join(root, 'alice', 'web.log');
  // More than two steps, and a log that was written to long ago.
  writeFileSync(`${path}.2.gz`, gzipSync(lines(0, 30_000)));
  writeFileSync(`${path}.1`, lines(30_000, 120_000));
  writeFileSync(path, lines(120_000, 130_000));
  writeFileSync(join(root, 'alice', 'old.log'), `${formatSafelog(time + 1)} INFO old\n`);
  for (const [age, name] of [path, `${path}.1`, `${path}.2.gz`, join(root, 'alice', 'old.log')].entries()) {
    const modified = new Date(time / 1000 + 130_000 - age * 10_000);
    utimesSync(name, modified, modified);
  }
  const totals: number[] = [];
  timeline.onTreeChanged = () => {
    if (totals.at(-1) !== timeline.rows.length) totals.push(timeline.rows.length);
  };
  const loading = timeline.load({ newestFirst: true });
  const view = timeline.openView({}, () => undefined);
  const page = async (anchor: Anchor): Promise<{ rows: Row[]; final: boolean; total: number }> => {
    const { rows, final, total } = await readPage(view, { view: 1, anchor, before: 10, after: 10 });
    return { rows: decodeRows(rows), final, total };
  };
  const [newest, middle, oldest] = await Promise.all([page({ at: 'end' }), page({ time: time + 100_000_000 }), page({ at: 'start' })]);
  expect(newest.rows.map(({ text }) => Number(text.split(' ')[1]))).toEqual(Array.from({ length: 10 }, (_, i) => 129_990 + i));
  expect(newest.final).toBe(false);
  expect(new Set(newest.rows.map(({ line }) => line))).toEqual(new Set([0]));
  expect(newest.total).toBeLessThan(10_000);
  expect(middle.rows[10]?.text).toMatch(/^entry 100000 /);
  expect(oldest).toMatchObject({ final: true, total: 130_001 });
  await loading;
  expect(totals.at(-1)).toBe(130_001);
  expect(totals).toEqual(totals.toSorted((a, b) => a - b));
  const again = await page({ id: newest.rows[0]?.id ?? '' });
  expect(again.rows.slice(10).map(({ id }) => id)).toEqual(newest.rows.map(({ id }) => id));
  expect(again.rows[10]?.line).toBe(9991);
});

test('a burst of appends, closer together than the watcher tells them apart', async () => {
  log('0');
  const view = await open();
  const expected = ['0'];
  for (let i = 1; i <= 200; i++) {
    log(String(i), i % 2 === 0 ? 'web' : 'db');
    expected.push(String(i));
  }
  await seen(view, expected);
});

test('rows keep their identity while their file is renamed, compressed and copied away', async () => {
  log('one');
  log('two');
  const view = await open();
  const ids = (await readRows(timeline, view.rows.all())).map(({ id }) => id);
  const path = join(root, 'alice', 'web.log');
  const same = async (file: string): Promise<void> => {
    await timeline.sync();
    const rows = await readRows(timeline, view.rows.all());
    expect(rows.slice(0, 2).map(({ id, text, file: of }) => [id, text, of])).toEqual([
      [ids[0], 'one', file],
      [ids[1], 'two', file],
    ]);
    expect(findRecord(timeline, ids[1] ?? '')).toBe(view.rows.at(1));
  };
  renameSync(path, `${path}.1`);
  await same('alice/web.log.1');
  writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`)));
  await same('alice/web.log.1');
  rmSync(`${path}.1`);
  await same('alice/web.log.1.gz');
  log('three');
  await same('alice/web.log.1.gz');
  copyFileSync(path, `${path}.copy.log.1`);
  await seen(view, ['one', 'two', 'three', 'three']);
  rmSync(`${path}.copy.log.1`);
  copyFileSync(path, `${path}.2`);
  await seen(view, ['one', 'two', 'three']);
  truncateSync(path);
  await seen(view, ['one', 'two', 'three']);
});

test('an entry whose second half is written later is one row', async () => {
  log('first');
  const view = await open();
  const path = join(root, 'alice', 'web.log');
  appendFileSync(path, `${formatSafelog(time + 1)} ERROR begun`);
  await seen(view, ['first', 'begun']);
  appendFileSync(path, ' and ended\n  with a line more\n');
  await seen(view, ['first', 'begun and ended\n  with a line more']);
});

test('a filter holds for what comes', async () => {
  log('keep this');
  log('drop that');
  const view = await open({ text: 'keep' });
  expect(await texts(view)).toEqual(['keep this']);
  log('drop this');
  log('keep that');
  await seen(view, ['keep this', 'keep that']);
  expect(view.state()).toMatchObject({ total: 2, unfiltered: 4 });
});

test('a regex that does not parse shows nothing and says why', async () => {
  log('one');
  const view = await open({ regex: '(' });
  expect(view.state()).toMatchObject({ total: 0, filterError: expect.stringContaining('(') });
});

test('a damaged gz and a file that is no log are said or shown once; the rest goes on', async () => {
  log('one');
  const gz = gzipSync(`${formatSafelog(1e15)} INFO in gz\n${'y'.repeat(100_000)}\n`);
  writeFileSync(join(root, 'alice', 'old.log.1.gz'), gz.subarray(0, -20));
  writeFileSync(join(root, 'alice', 'rubbish.log'), Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256)));
  const view = await open();
  expect(timeline.problems).toHaveLength(1);
  expect(timeline.problems[0]).toMatchObject({ path: join(root, 'alice', 'old.log.1.gz'), message: expect.stringContaining('damaged') });
  expect(await texts(view)).toContain('one');
  await timeline.sync();
  expect(timeline.problems).toHaveLength(1);
});

test('a rotation in flight is shown in its place, compressed or not yet, and never twice', async () => {
  log('one', 'web', 'bob');
  const view = await open();
  const path = join(root, 'bob', 'web.log');
  renameSync(path, `${path}.rotate.x1`);
  log('two', 'web', 'bob');
  await seen(view, ['one', 'two']);
  writeFileSync(`${path}.rotate.x1.gz.tmp`, gzipSync(readFileSync(`${path}.rotate.x1`)));
  await timeline.sync();
  expect(await texts(view)).toEqual(['one', 'two']);
  renameSync(`${path}.rotate.x1.gz.tmp`, `${path}.rotate.x1`);
  await timeline.sync();
  expect(await texts(view)).toEqual(['one', 'two']);
  renameSync(`${path}.rotate.x1`, `${path}.1.gz`);
  await timeline.sync();
  expect((await readRows(timeline, view.rows.all())).map(({ text, file }) => [text, file])).toEqual([
    ['one', 'bob/web.log.1.gz'],
    ['two', 'bob/web.log'],
  ]);
});
