/** A file system that tells nothing of changes, as network drives: what the poll finds, among thousands of files. */
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { formatSafelog } from '../record/timestamp.ts';
import { readRows } from './page.ts';
import { Timeline } from './timeline.ts';

// Watches, and never hears of anything.
vi.mock('chokidar', () => ({ watch: () => ({ on: () => undefined, close: async () => undefined }) }));

const root = mkdtempSync(join(tmpdir(), 'safelog-polling-'));
afterAll(() => rmSync(root, { recursive: true }));

const USERS = 50;
const MODULES = 100;
let time = Date.UTC(2026, 10, 20) * 1000;
function line(text: string): string {
  time += 1000;
  return `${formatSafelog(time)} INFO ${text}\n`;
}

// Each of its steps waits for a poll, which takes long where other work is done.
test('5 000 files are followed without events: appends, new users, rotation, truncation, deletion', { timeout: 600_000 }, async () => {
  for (let user = 0; user < USERS; user++) {
    mkdirSync(join(root, `user${user}`));
    for (let module = 0; module < MODULES; module++) writeFileSync(join(root, `user${user}`, `m${module}.log`), line('first'));
  }
  const timeline = new Timeline({ kind: 'tree', root });
  await timeline.load();
  timeline.follow();
  const view = timeline.openView({ query: '-first' }, () => undefined);
  await view.settled();
  expect(timeline.rows.length).toBe(USERS * MODULES);
  const log = (user: string, module: string): string => join(root, user, `${module}.log`);
  const shows = (...texts: string[]): Promise<void> =>
    vi.waitFor(async () => expect((await readRows(timeline, view.rows.all())).map(({ text }) => text)).toEqual(texts), {
      timeout: 60_000,
      interval: 50,
    });

  appendFileSync(log('user7', 'm3'), line('appended'));
  await shows('appended');
  mkdirSync(join(root, 'carol'));
  writeFileSync(log('carol', 'web'), line('of a new user'));
  await shows('appended', 'of a new user');
  renameSync(log('user7', 'm3'), `${log('user7', 'm3')}.1`);
  writeFileSync(log('user7', 'm3'), line('after the rotation'));
  await shows('appended', 'of a new user', 'after the rotation');
  truncateSync(log('carol', 'web'));
  await shows('appended', 'after the rotation');
  rmSync(join(root, 'user7'), { recursive: true });
  await shows();
  await vi.waitFor(() => expect(timeline.rows.length).toBe((USERS - 1) * MODULES), { timeout: 60_000 });
  await timeline.close();
});
