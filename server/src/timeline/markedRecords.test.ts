import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Filter, RecordId } from '../protocol.ts';
import { listMarks } from './listMarks.ts';
import { defaultMarksFolder, MarkedRecords } from './markedRecords.ts';
import { readRows } from './page.ts';
import { Timeline } from './timeline.ts';

let home: string;
let root: string;
let marks: string;
const open: Timeline[] = [];
const log = (from: number, to: number): string =>
  Array.from(
    { length: to - from },
    (_, i) => `2026-11-20 10:00:00.${String(from + i).padStart(6, '0')}+00:00 INFO line ${from + i}\n`,
  ).join('');

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'safelog-marks-'));
  root = join(home, 'logs');
  marks = join(home, 'marks');
  mkdirSync(join(root, 'alice'), { recursive: true });
  writeFileSync(join(root, 'alice/web.log'), log(0, 50));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((timeline) => timeline.close()));
  rmSync(home, { recursive: true });
});

async function timelineOf(): Promise<Timeline> {
  const timeline = new Timeline({ kind: 'tree', root }, undefined, { marks });
  open.push(timeline);
  await timeline.load();
  return timeline;
}

async function texts(timeline: Timeline, filter: Filter): Promise<string[]> {
  const view = timeline.openView(filter, () => undefined);
  await view.settled();
  const rows = await readRows(timeline, view.rows.all());
  timeline.closeView(view);
  return rows.map(({ text }) => text);
}

async function idOf(timeline: Timeline, text: string): Promise<RecordId> {
  return (await readRows(timeline, timeline.rows.all())).find((row) => row.text === text)?.id ?? '';
}

it('keeps marks and notes over rotation, gzip and a new process', async () => {
  const before = await timelineOf();
  const live = before.openView({ marked: true }, () => undefined);
  before.mark([await idOf(before, 'line 7')], 'look here');
  before.mark([await idOf(before, 'line 3'), await idOf(before, 'line 9')], '');
  before.mark([await idOf(before, 'line 9')], null);
  expect(live.state()).toMatchObject({ total: 2, final: true, marks: { count: 2 } });

  const web = join(root, 'alice/web.log');
  renameSync(web, `${web}.1`);
  writeFileSync(web, log(50, 60));
  await before.sync();
  expect(live.rows.length).toBe(2);
  writeFileSync(`${web}.2.gz`, gzipSync(log(0, 50)));
  renameSync(web, `${web}.1`);
  await before.sync();
  expect(live.rows.length).toBe(2);

  const after = await timelineOf();
  const all = after.openView({ text: 'line 7' }, () => undefined);
  await all.settled();
  expect(await listMarks(all)).toMatchObject([
    { note: '', rank: null, line: 'line 3' },
    { note: 'look here', rank: 0, user: 'alice', module: 'web', line: 'line 7' },
  ]);
});

it('is a condition of queries, together with others', async () => {
  const timeline = await timelineOf();
  timeline.mark([await idOf(timeline, 'line 7'), await idOf(timeline, 'line 8')], '');
  expect(await texts(timeline, { query: 'is:marked' })).toEqual(['line 7', 'line 8']);
  expect(await texts(timeline, { query: 'is:marked -"line 7"' })).toEqual(['line 8']);
  expect(await texts(timeline, { query: '-is:marked' })).toHaveLength(48);
  expect(await texts(timeline, { within: { marked: true }, text: '7' })).toEqual(['line 7']);
});

it('takes in what another window marks, and loses nothing of both', async () => {
  const [one, other] = [await timelineOf(), await timelineOf()];
  one.mark([await idOf(one, 'line 1')], 'one');
  other.mark([await idOf(other, 'line 2')], 'other');
  expect([...other.marked.notes.values()]).toEqual(['one', 'other']);
  expect(await texts(one, { marked: true })).toEqual(['line 1', 'line 2']);
  expect(readdirSync(marks)).toHaveLength(1);
});

it('goes on where the file is damaged', () => {
  const source = { kind: 'tree', root } as const;
  new MarkedRecords(source, marks).set(['a:1'], 'note');
  expect(new MarkedRecords(source, marks).notes).toEqual(new Map([['a:1', 'note']]));
  expect(new MarkedRecords({ kind: 'folder', path: root }, marks).notes.size).toBe(0);
  writeFileSync(join(marks, readdirSync(marks)[0] ?? ''), '{"marks":{"b:2":"kept","nonsense":"x","c:3":7}');
  expect(new MarkedRecords(source, marks).notes.size).toBe(0);
  writeFileSync(join(marks, readdirSync(marks)[0] ?? ''), '{"marks":{"b:2":"kept","nonsense":"x","c:3":7}}');
  expect(new MarkedRecords(source, marks).notes).toEqual(new Map([['b:2', 'kept']]));
});

it('has its folder where the platform has data of applications', () => {
  expect(defaultMarksFolder({ HOME: '/h' }, 'linux')).toBe('/h/.local/share/safelog/marks');
  expect(defaultMarksFolder({ HOME: '/h', XDG_DATA_HOME: '/d' }, 'linux')).toBe('/d/safelog/marks');
  expect(defaultMarksFolder({ HOME: '/h', XDG_DATA_HOME: 'd' }, 'linux')).toBe('/h/.local/share/safelog/marks');
  expect(defaultMarksFolder({ HOME: '/h' }, 'darwin')).toBe('/h/Library/Application Support/safelog/marks');
});
