import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Histogram } from '../protocol.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { countRows, roundBuckets } from './histogram.ts';
import { Timeline } from './timeline.ts';

const SECOND = 1e6;
const HOUR = 3600 * SECOND;

test('buckets are as narrow as they may be, round, and hold the range', () => {
  const day = Date.UTC(2026, 10, 20) * 1000;
  expect(roundBuckets(day, day + 1, 100)).toEqual({ from: day, to: day + 1, width: 1 });
  expect(roundBuckets(day + 3, day + 99, 10)).toEqual({ from: day, to: day + 100, width: 10 });
  expect(roundBuckets(day + 1, day + 24 * HOUR, 24)).toEqual({ from: day, to: day + 24 * HOUR, width: HOUR });
  // One more is needed where the range does not begin with a bucket.
  expect(roundBuckets(day - 1, day + 24 * HOUR, 24).width).toBe(2 * HOUR);
  expect(roundBuckets(-5, 5, 1e6)).toEqual({ from: -5, to: 5, width: 1 });
  expect(roundBuckets(0, 8.6e21, 1).to).toBeGreaterThanOrEqual(8.6e21);
  expect(() => roundBuckets(Number.NaN, 1, 10)).toThrow(RangeError);
});

test('rows of a view are counted by bucket and level; a range narrows them', async () => {
  const root = mkdtempSync(join(tmpdir(), 'safelog-histogram-'));
  const start = Date.UTC(2026, 10, 20) * 1000;
  const levels = ['DEBUG ', 'INFO ', 'WARNING ', 'ERROR ', 'CRITICAL ', ''];
  const line = (i: number): string =>
    `${formatSafelog(start + i * SECOND)} ${levels[i % 6]}entry ${i}${i % 10 === 0 ? '\nTraceback (most recent call last):' : ''}\n`;
  mkdirSync(join(root, 'alice'));
  writeFileSync(join(root, 'alice', 'web.log'), Array.from({ length: 40_000 }, (_, i) => line(i)).join(''));
  const timeline = new Timeline({ kind: 'tree', root });
  await timeline.load();
  const view = timeline.openView({}, () => undefined);
  const count = (params: object): Promise<Histogram | undefined> => countRows(view, { view: 1, buckets: 12, ...params }, () => false);
  const whole = await count({});
  expect(whole).toMatchObject({ from: start, width: HOUR, to: start + 12 * HOUR, total: 40_000, final: true, version: view.version });
  expect(whole?.levels.none).toEqual([...Array.from({ length: 11 }, () => 600), 66]);
  expect(whole?.levels.debug.at(-1)).toBe(67);
  expect(whole?.exceptions).toEqual([...Array.from({ length: 11 }, () => 360), 40]);
  const part = await count({ from: start + 10 * SECOND, to: start + 22 * SECOND, buckets: 12 });
  expect(part).toMatchObject({ width: SECOND, from: start + 10 * SECOND, to: start + 22 * SECOND, total: 12 });
  expect(part?.levels.error).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
  view.setFilter({ level: 40 });
  const errors = await count({});
  expect(errors?.total).toBe(13_333);
  expect(errors?.levels.info.every((number) => number === 0)).toBe(true);
  view.setFilter({ modules: ['other'] });
  expect(await count({})).toMatchObject({ total: 0, exceptions: [] });
  // Whoever waits no more gets nothing; nobody is held up for longer than a slice.
  view.setFilter({});
  expect(await countRows(view, { view: 1, buckets: 10 }, () => true)).toSatisfy((given) => given === undefined || given.total === 40_000);
  await timeline.close();
  rmSync(root, { recursive: true });
});
