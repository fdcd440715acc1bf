import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CHUNK_SIZE } from '../index/chunk.ts';
import { IndexCache } from '../index/indexCache.ts';
import type { JobOptions } from '../index/threads.ts';
import type { Filter } from '../protocol.ts';
import { NO_LAYOUTS } from '../record/layoutRules.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { find } from './find.ts';
import { readRows } from './page.ts';
import type { ReferenceRow } from './testing/reference.ts';
import { reference } from './testing/reference.ts';
import { rowsOf } from './testing/rowsOf.ts';
import { testThreads } from './testing/testThreads.ts';
import { schemes, steps, TreeMaker } from './testing/treeMaker.ts';
import { Timeline } from './timeline.ts';

const folder = mkdtempSync(join(tmpdir(), 'safelog-inthreads-'));
let threads: Awaited<ReturnType<typeof testThreads>>;
beforeAll(async () => {
  threads = await testThreads();
});
afterAll(async () => {
  await threads.remove();
  rmSync(folder, { recursive: true });
});
/** The soak campaign runs many times as many. */
const times = Number(process.env.SAFELOG_TEST_TIMES ?? 1);
let trees = 0;
const newRoot = (): string => join(folder, `tree${trees++}`);
const open = (root: string): Timeline => new Timeline({ kind: 'tree', root }, NO_LAYOUTS, { threads });
const first = { kind: 'log', user: 'alice', module: 'x', level: null, text: 'first', step: 0, delay: 0, only: 'both' } as const;

test('scanned in threads: what is there, and what is written and rotated afterwards', { timeout: 300_000 * times }, async () => {
  const run = vi.spyOn(threads, 'run').mockClear();
  await fc.assert(
    fc.asyncProperty(steps, steps, fc.constantFrom(...schemes), async (before, after, scheme) => {
      const maker = new TreeMaker(newRoot(), { numbered: true, scheme });
      for (const step of [first, ...before]) maker.run(step);
      const timeline = open(maker.root);
      await timeline.load();
      expect(await rowsOf(timeline)).toEqual(reference(maker.root));
      for (const step of after) maker.run(step);
      await timeline.sync();
      expect(await rowsOf(timeline)).toEqual(reference(maker.root));
      await timeline.close();
    }),
    { numRuns: 12 * times },
  );
  expect(run.mock.calls.length).toBeGreaterThanOrEqual(12 * times);
});

const filters: readonly { filter: Filter; passes: (row: ReferenceRow) => boolean }[] = [
  { filter: { text: 'started' }, passes: ({ message }) => message.includes('started') },
  { filter: { text: 'INFO' }, passes: ({ message }) => message.includes('INFO') },
  { filter: { text: 'Ä', ignoreCase: true }, passes: ({ message }) => /ä/iu.test(message) },
  { filter: { regex: 'to{1,2}k \\d ms' }, passes: ({ message }) => /took \d ms/.test(message) },
  { filter: { regex: '^.{7}$', users: ['alice'] }, passes: ({ message, user }) => user === 'alice' && /^.{7}$/u.test(message) },
  { filter: { query: '-started' }, passes: ({ message }) => !message.toLowerCase().includes('started') },
];

test('searched in threads: what is there, and what comes while they search', { timeout: 60_000 }, async () => {
  const run = vi.spyOn(threads, 'run').mockClear();
  await fc.assert(
    fc.asyncProperty(steps, steps, fc.constantFrom(...filters), async (before, after, { filter, passes }) => {
      const maker = new TreeMaker(newRoot(), { numbered: true });
      for (const step of [first, ...before]) maker.run(step);
      const timeline = open(maker.root);
      await timeline.load();
      const view = timeline.openView(filter, () => undefined);
      const expectRows = async (): Promise<void> => {
        await view.settled();
        const rows = await readRows(timeline, view.rows.all());
        expect(rows.map(({ text, file, line }) => ({ text, file, line }))).toEqual(
          reference(maker.root)
            .filter(passes)
            .map(({ message, file, line }) => ({ text: message, file, line })),
        );
        expect(view.final).toBe(true);
      };
      if (after.length % 2 === 0) await expectRows();
      for (const step of after) maker.run(step);
      await timeline.sync();
      await expectRows();
      await timeline.close();
    }),
    { numRuns: 18 },
  );
  expect(run.mock.calls.some(([kind]) => kind === 'search')).toBe(true);
});

test('a regex that never ends is given up, and what others read goes on', async () => {
  const maker = new TreeMaker(newRoot());
  const long = { ...first, text: `${'a'.repeat(60)}!` };
  for (const step of [first, long, long, first]) maker.run(step);
  const impatient = Object.assign(Object.create(threads) as typeof threads, {
    run: (kind: string, task: { filter?: Filter }, options: JobOptions) =>
      threads.run(kind, task, task.filter?.regex === undefined ? options : { ...options, patience: 300 }),
  });
  const timeline = new Timeline({ kind: 'tree', root: maker.root }, NO_LAYOUTS, { threads: impatient });
  await timeline.load();
  const view = timeline.openView({ regex: '^(aa|a)+$' }, () => undefined);
  await view.settled();
  expect(view.state()).toMatchObject({ total: 0, filterError: expect.stringContaining('too long') });
  view.setFilter({ text: 'aaa' });
  await view.settled();
  expect(view.state().total).toBe(2);
  await timeline.close();
});

test('finds what is far in threads, in either direction, wrapped round, and not what a filter hides', { timeout: 300_000 }, async () => {
  const maker = new TreeMaker(newRoot());
  maker.run(first);
  const time = (second: number): string => formatSafelog(1.7e15 + second * 1e6);
  const lines = Array.from({ length: 120_000 }, (_, index) => {
    const hit = index === 50_000 || index === 51_000 || index === 119_000;
    return `${time(index)} ${index === 51_000 ? 'DEBUG' : 'INFO'} line ${index} ${hit ? 'Needle' : 'straw'}\n`;
  });
  writeFileSync(join(maker.root, 'alice', 'far.log'), lines.join(''));
  const timeline = open(maker.root);
  await timeline.load();
  const run = vi.spyOn(threads, 'run').mockClear();
  const view = timeline.openView({ level: 20, modules: ['far'] }, () => undefined);
  await view.settled();
  const hit = async (rank: number, direction: 'next' | 'previous', text = 'needle', isRegex = false): Promise<[number, boolean]> => {
    const found = await find(view, { view: 1, text, isRegex, matchCase: false, direction, from: { rank }, inclusive: false }, () => false);
    return [found.rank, found.wrapped];
  };
  expect(await hit(0, 'next')).toEqual([50_000, false]);
  expect(await hit(50_000, 'next')).toEqual([118_999, false]);
  expect(await hit(118_999, 'next')).toEqual([50_000, true]);
  expect(await hit(118_999, 'previous')).toEqual([50_000, false]);
  expect(await hit(50_000, 'previous', 'ne{2}dle$', true)).toEqual([118_999, true]);
  expect(await hit(0, 'next', 'no such thing')).toEqual([-1, false]);
  expect(run.mock.calls.some(([kind]) => kind === 'search')).toBe(true);
  await timeline.close();
});

for (const there of ['is there', 'has gone meanwhile'] as const) {
  test(`searched in threads by an index on disk that ${there}: its whole chunks do not come into memory for that where it is`, async () => {
    const maker = new TreeMaker(newRoot());
    maker.run(first);
    const modules = ['a', 'b'];
    let module = '';
    let master = '';
    for (let i = 0; i < 40_000; i++) {
      const stamp = formatSafelog(Date.UTC(2026, 10, 20) * 1e3 + i * 1000);
      const text = `${i % 7 === 0 ? 'WARNING' : 'INFO'} entry ${i} of many`;
      module += `${stamp} ${text}\n`;
      master += `${stamp} ${modules[i % 2]}.log ${text}\n`;
    }
    writeFileSync(join(maker.root, 'alice', 'many.log'), module);
    writeFileSync(join(maker.root, 'alice', 'master.log'), master);
    const kept = join(folder, `cache${trees}`);
    const openKept = (): Timeline =>
      new Timeline({ kind: 'tree', root: maker.root }, NO_LAYOUTS, { threads, cache: new IndexCache(kept, { smallest: 1 }) });
    const before = openKept();
    await before.load();
    await before.library.save(before.rows.all());
    await before.close();
    const timeline = openKept();
    await timeline.load();
    const { store } = timeline.library;
    if (there !== 'is there') for (const name of readdirSync(kept)) rmSync(join(kept, name), { recursive: true });
    for (const [filter, count] of [
      [{ text: 'none of many' }, 0],
      [{ query: 'module:b level>=warning "of many"' }, Math.floor(40_000 / 14)],
      [{ text: 'entry 39' }, 2 * (1 + 10 + 100 + 1000)],
      [{ regex: 'entry \\d{3} ' }, 2 * 900],
    ] as const) {
      const resident = store.residentBytes;
      const run = vi.spyOn(threads, 'run').mockClear();
      const view = timeline.openView(filter, () => undefined);
      await view.settled();
      expect(view.rows.length, JSON.stringify(filter)).toBe(count);
      expect(run.mock.calls.some(([kind]) => kind === 'search')).toBe(true);
      // Only the last chunk of each log, whose last record may still grow and is looked at here; hits are put in order by their keys.
      if (there === 'is there' && count === 0) expect(store.residentBytes - resident).toBeLessThan(2 * CHUNK_SIZE * 17);
      timeline.closeView(view);
    }
    await timeline.close();
  });
}
