import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { formatSafelog } from '../record/timestamp.ts';
import { readRows } from './page.ts';
import { Timeline } from './timeline.ts';

const root = mkdtempSync(join(tmpdir(), 'safelog-stop-'));
afterAll(() => rmSync(root, { recursive: true }));

const COUNT = 60_000;
const start = Date.UTC(2026, 10, 20) * 1000;
const line = (index: number, text: string): string => `${formatSafelog(start + index * 1000)} INFO ${text}\n`;

test('a search is stopped, keeps what it has, takes in what comes, and goes on', async () => {
  mkdirSync(join(root, 'alice'));
  const log = join(root, 'alice', 'web.log');
  writeFileSync(log, Array.from({ length: COUNT }, (_, i) => line(i, i % 1000 === 0 ? `needle ${i}` : `straw ${i}`)).join(''));
  const timeline = new Timeline({ kind: 'tree', root });
  await timeline.load();
  const told: number[] = [];
  const view = timeline.openView({ text: 'needle' }, () => told.push(view.state().search?.searched ?? -1));
  expect(view.state()).toMatchObject({ final: false, total: 0, search: { searched: 0, total: COUNT, stopped: false } });
  while (view.state().total === 0) await new Promise(setImmediate);
  view.stopSearch();
  await view.settled();
  const { total, search, final } = view.state();
  expect(final).toBe(false);
  expect(search).toEqual({ searched: expect.any(Number), total: COUNT, stopped: true });
  expect(search?.searched).toBeGreaterThan(0);
  expect(search?.searched).toBeLessThan(COUNT);
  // All that was found is shown, and counted.
  expect(total).toBe(Math.ceil((search?.searched ?? 0) / 1000));
  expect(view.rows.length).toBe(total);

  appendFileSync(log, line(COUNT, 'needle that comes') + line(COUNT + 1, 'straw'));
  await timeline.sync();
  await view.settled();
  expect(view.state()).toMatchObject({ total: total + 1, search: { stopped: true } });
  const [last] = await readRows(timeline, view.rows.slice(total, total + 1));
  expect(last?.text).toBe('needle that comes');

  view.resumeSearch();
  expect(view.state()).toMatchObject({ search: { searched: search?.searched, total: COUNT, stopped: false } });
  await view.settled();
  const all = view.state();
  expect(all).toMatchObject({ total: COUNT / 1000 + 1, final: true });
  expect(all.search).toBeUndefined();
  // Another filter begins anew, stopped or not.
  view.setFilter({ text: 'straw' });
  view.stopSearch();
  view.setFilter({ text: 'needle' });
  await view.settled();
  expect(view.state()).toMatchObject({ total: COUNT / 1000 + 1, final: true });
  await timeline.close();
});
