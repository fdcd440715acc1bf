import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatSafelog } from '../record/timestamp.ts';
import { countNames } from './counts.ts';
import { collectStats } from './stats.ts';
import { Timeline } from './timeline.ts';

test('levels, users and modules are counted as the statistics count them, under any filter', async () => {
  const root = mkdtempSync(join(tmpdir(), 'safelog-counts-'));
  const start = Date.UTC(2026, 10, 20) * 1000;
  const levels = ['DEBUG ', 'INFO ', 'WARNING ', 'ERROR ', 'CRITICAL ', 'Level 35 ', ''];
  const line = (i: number, module = ''): string => `${formatSafelog(start + i)} ${module}${levels[i % 7]}entry ${i}\n`;
  const lines = (from: number, to: number, module = ''): string =>
    Array.from({ length: to - from }, (_, i) => line(from + i, module)).join('');
  for (const user of ['alice', 'bob']) mkdirSync(join(root, user));
  writeFileSync(join(root, 'alice/web.log'), lines(0, 20_000));
  writeFileSync(join(root, 'alice/db.log'), lines(30_000, 30_007));
  // Lines that stand only there count with the module that they name.
  writeFileSync(
    join(root, 'alice/master.log'),
    lines(0, 20_000, 'web.log ') + lines(40_000, 40_010, 'gone.log ') + lines(50_000, 50_003, 'db.log '),
  );
  writeFileSync(join(root, 'bob/web.log'), lines(100, 150));
  const timeline = new Timeline({ kind: 'tree', root });
  await timeline.load();
  const view = timeline.openView({}, () => undefined);
  for (const filter of [
    {},
    { level: 40 },
    { levels: ['none' as const, 'info' as const] },
    { users: ['bob'] },
    { modules: ['gone', 'db'] },
  ]) {
    view.setFilter(filter);
    const { modules } = collectStats(view);
    const sums = (nameOf: (row: (typeof modules)[number]) => string): Record<string, number> => {
      const found: Record<string, number> = {};
      for (const row of modules) if (row.records > 0) found[nameOf(row)] = (found[nameOf(row)] ?? 0) + row.records;
      return found;
    };
    const counts = await countNames(view, 7, () => false);
    expect(Object.fromEntries(counts?.users ?? [])).toEqual(sums(({ user }) => user));
    expect(Object.fromEntries(counts?.modules ?? [])).toEqual(sums(({ module }) => module));
    const total = Object.values(counts?.levels ?? {}).reduce((sum, rows) => sum + rows, 0);
    expect(total).toBe(view.rows.length);
    if ('levels' in filter) expect(counts?.levels).toMatchObject({ debug: 0, warning: 0, error: 0, critical: 0 });
  }
  view.setFilter({ levels: ['warning'] });
  // `Level 35` is drawn as a warning.
  expect((await countNames(view, 7, () => false))?.levels.warning).toBe(view.rows.length);
  expect(view.rows.length).toBeGreaterThan(5000);
  await timeline.close();
  rmSync(root, { recursive: true });
});
