/** Thousands of files are followed: by what the system tells of them, and by looking now and then where it tells nothing. */
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as chokidar from 'chokidar';
import { afterAll, expect, test, vi } from 'vitest';
import { formatSafelog } from '../record/timestamp.ts';
import { readRows } from './page.ts';
import { Timeline } from './timeline.ts';
import type { View } from './view.ts';

/** How the system takes a wish to watch: the real thing; all is watched and nothing ever told, as on network drives; or there are no more watches. */
let system: 'tells' | 'is silent' | 'refuses' = 'tells';
vi.mock('chokidar', async (original) => {
  const real = await original<typeof chokidar>();
  const watch: typeof real.watch = (path, options) => {
    if (system === 'tells') return real.watch(path, options);
    const watcher = new real.FSWatcher();
    const error = Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' });
    if (system === 'refuses') for (let i = 0; i < 3; i++) setImmediate(() => watcher.emit('error', error));
    return watcher;
  };
  return { ...real, watch };
});

const root = mkdtempSync(join(tmpdir(), 'safelog-thousands-'));
afterAll(() => rmSync(root, { recursive: true }));

const USERS = 50;
const MODULES = 100;
let time = Date.UTC(2026, 10, 20) * 1000;
function line(text: string): string {
  time += 1000;
  return `${formatSafelog(time)} INFO ${text}\n`;
}
const log = (user: string, module: string): string => join(root, user, `${module}.log`);

/** A timeline that follows the tree, and a view of all that is not old. */
async function follow(...systems: (typeof system)[]): Promise<[Timeline, View][]> {
  const timelines: [Timeline, View][] = [];
  for (system of systems) {
    const timeline = new Timeline({ kind: 'tree', root });
    await timeline.load();
    timeline.follow();
    const view = timeline.openView({ query: '-first' }, () => undefined);
    await view.settled();
    timelines.push([timeline, view]);
  }
  return timelines;
}

async function show(timelines: [Timeline, View][], expected: string[], rows: number): Promise<void> {
  const settings = { interval: 100 };
  for (const [timeline, view] of timelines) {
    await expect.poll(() => timeline.rows.length, settings).toBe(rows);
    await expect.poll(async () => (await readRows(timeline, view.rows.all())).map(({ text }) => text), settings).toEqual(expected);
  }
}

test('a drive that tells nothing: each change is found', async () => {
  mkdirSync(join(root, 'alice'));
  writeFileSync(log('alice', 'web'), line('first'));
  const timelines = await follow('is silent');
  appendFileSync(log('alice', 'web'), line('appended'));
  await show(timelines, ['appended'], 2);
  writeFileSync(log('alice', 'db'), line('of a new log'));
  await show(timelines, ['appended', 'of a new log'], 3);
  for (const [timeline] of timelines) await timeline.close();
  rmSync(join(root, 'alice'), { recursive: true });
});

test('5 000 files: appends, new files and users, rotation, truncation and deletion are seen, with events and without', async () => {
  for (let user = 0; user < USERS; user++) {
    mkdirSync(join(root, `user${user}`));
    for (let module = 0; module < MODULES; module++) writeFileSync(log(`user${user}`, `m${module}`), line('first'));
  }
  const timelines = await follow('tells', 'refuses');
  appendFileSync(log('user7', 'm3'), line('appended'));
  writeFileSync(log('user8', 'new'), line('of a new log'));
  mkdirSync(join(root, 'carol'));
  writeFileSync(log('carol', 'web'), line('of a new user'));
  await show(timelines, ['appended', 'of a new log', 'of a new user'], USERS * MODULES + 3);
  renameSync(log('user7', 'm3'), `${log('user7', 'm3')}.1`);
  writeFileSync(log('user7', 'm3'), line('after the rotation'));
  truncateSync(log('carol', 'web'));
  rmSync(join(root, 'user9'), { recursive: true });
  await show(timelines, ['appended', 'of a new log', 'after the rotation'], (USERS - 1) * MODULES + 3);
  const [told, refused] = timelines.map(([{ problems }]) => problems);
  expect(told).toEqual([]);
  expect(refused).toEqual([expect.objectContaining({ path: root, message: expect.stringContaining('no more watches (ENOSPC)') })]);
  for (const [timeline] of timelines) await timeline.close();
});
