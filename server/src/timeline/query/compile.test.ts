import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Generation } from '../../index/generation.ts';
import { parseLevel } from '../../record/level.ts';
import { formatSafelog } from '../../record/timestamp.ts';
import { readRows } from '../page.ts';
import { reference } from '../testing/reference.ts';
import { Timeline } from '../timeline.ts';
import type { View } from '../view.ts';
import type { PlainRow } from './testing/queries.ts';
import { DAY, queries } from './testing/queries.ts';

const root = mkdtempSync(join(tmpdir(), 'safelog-query-'));
const timeline = new Timeline({ kind: 'tree', root });
let rows: (PlainRow & { place: string })[];

const messages = fc.constantFrom(
  ...['started', 'Started', 'took 5 ms', 'TOOK 7 ms', 'ÜMLÄUT ✓', 'ümläut', 'a\nb', 'a\r\nb', '  kaſk', 'KaSK', 'INFO inside', 'x err', ''],
  ...['web', 'not', 'Traceback (most recent call last):\n  File "/a b/c.py", line 3, in f\n    x()\nValueError: bad'],
);
const entries = fc.array(
  fc.record({
    /** ms; back by up to a second is a clock that was set. */
    step: fc.constantFrom(0, 20, 60, 150, 500, 900, -1, -400, -900),
    level: fc.constantFrom('DEBUG ', 'INFO ', 'WARNING ', 'Level 35 ', 'ERROR ', ''),
    message: messages,
  }),
  { minLength: 80, maxLength: 80 },
);

beforeAll(async () => {
  for (const [seed, file] of ['alice/web.log', 'alice/web.db.log', 'alice/x.log', 'bob/web.log', 'bob/b.log.1', 'w/alice.log'].entries()) {
    let time = Date.parse(`${DAY}T10:00:00Z`);
    const lines = fc.sample(entries, { seed, numRuns: 1 })[0]?.map(({ step, level, message }) => {
      time = Math.max(Date.parse(`${DAY}T10:00:00Z`), time + step);
      return `${formatSafelog(time * 1000)} ${level}${message}\n`;
    });
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), lines?.join('') ?? '');
  }
  await timeline.load();
  rows = reference(root).map((row) => ({
    ...row,
    level: row.level === null ? null : (parseLevel(row.level) ?? null),
    place: `${row.file}:${row.line}`,
  }));
});
afterAll(async () => {
  await timeline.close();
  rmSync(root, { recursive: true });
});

async function passing(query: string, view = timeline.openView({ query, queryUtc: true }, () => undefined)): Promise<string[]> {
  await view.settled();
  expect(view.state().filterError).toBeUndefined();
  const places = (await readRows(timeline, view.rows.all())).map(({ file, line }) => `${file}:${line}`);
  timeline.closeView(view);
  return places;
}

test('a query lets those records through that a plain evaluation of their text lets through', async () => {
  expect(rows).toHaveLength(480);
  expect(Math.max(...rows.map(({ time }) => time)) - Math.min(...rows.map(({ time }) => time))).toBeGreaterThan(2e6);
  await fc.assert(
    fc.asyncProperty(queries, async ({ text, passes }) => {
      expect(await passing(text)).toEqual(rows.filter(passes).map(({ place }) => place));
    }),
    { numRuns: 120 },
  );
});

test('what the index tells is not read', async () => {
  const read = vi.spyOn(Generation.prototype, 'read');
  try {
    const view = timeline.openView(
      { query: 'level>=warning and module:web* (has:exception or -user:bob) after:2026-11-19' },
      () => undefined,
    );
    expect(view.state()).toMatchObject({ final: true });
    expect(view.state().total).toBeGreaterThan(0);
    expect(read).not.toHaveBeenCalled();
    timeline.closeView(view);
    await passing('-level>=debug or user:b*');
    const reads = read.mock.calls.length;
    const one = timeline.openView({ query: 'module:x user:alice took' }, () => undefined);
    await one.settled();
    expect(read.mock.calls.length - reads).toBe(1);
    timeline.closeView(one);
  } finally {
    read.mockRestore();
  }
});

test('it combines with the other parts of a filter', async () => {
  const view = timeline.openView({ users: ['alice'], level: 40, query: 'started or has:exception', queryUtc: true }, () => undefined);
  const expected = rows.filter(
    ({ user, level, message }) => user === 'alice' && level !== null && level >= 40 && /started|Traceback/i.test(message),
  );
  expect(await passing('', view)).toEqual(expected.map(({ place }) => place));
});

test('a bad query says where, and a good one shows rows again', async () => {
  const view: View = timeline.openView({ query: 'level>=warning modul:web' }, () => undefined);
  expect(view.state()).toMatchObject({
    total: 0,
    filterError: expect.stringContaining('"modul"'),
    filterErrorAt: { start: 15, length: 5 },
  });
  view.setFilter({ query: 'level>=warning' });
  expect(view.state()).not.toHaveProperty('filterErrorAt');
  const { total, version } = view.state();
  expect(total).toBeGreaterThan(0);

  // While the next one is being typed, the rows stay, also when they are put in order anew.
  expect(view.setFilter({ query: 'level>=warning user:' })).toBe(false);
  view.rebuild();
  expect(view.state()).toMatchObject({ total, filterErrorAt: expect.anything() });
  expect(view.state().version).toBeGreaterThan(version);
  timeline.closeView(view);
});

test('a time of day is of the day of the newest record, also where the view was open before the records were known', async () => {
  const early = new Timeline({ kind: 'tree', root });
  const view = early.openView({ query: 'after:10:00:01', queryUtc: true }, () => undefined);
  await early.load();
  await view.settled();
  expect(view.state().total).toBe(rows.filter(({ time }) => time >= Date.parse(`${DAY}T10:00:01Z`) * 1000).length);
  expect(view.state().total).toBeGreaterThan(0);
  expect(view.state().total).toBeLessThan(rows.length);
  await early.close();
});
