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
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Filter } from '../protocol.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { findRecord, readRows } from './page.ts';
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

test('the logs that are being written are shown before their rotations are read', async () => {
  log('old');
  renameSync(join(root, 'alice', 'web.log'), join(root, 'alice', 'web.log.1'));
  log('new');
  const totals: [number, boolean][] = [];
  timeline.onTreeChanged = () => totals.push([timeline.rows.length, timeline.ready]);
  await timeline.load({ newestFirst: true });
  // master.log tells of both entries: the one whose module's line is not read yet is shown from there.
  expect(totals).toEqual([
    [2, false],
    [2, true],
  ]);
  expect((await readRows(timeline, timeline.rows.all())).map(({ text, file }) => [text, file])).toEqual([
    ['old', 'alice/web.log.1'],
    ['new', 'alice/web.log'],
  ]);
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
