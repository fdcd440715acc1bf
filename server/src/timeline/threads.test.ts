import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { levelName } from '../record/level.ts';
import { readRows } from './page.ts';
import type { ReferenceRow } from './testing/reference.ts';
import { reference } from './testing/reference.ts';
import { testThreads } from './testing/testThreads.ts';
import { steps, TreeMaker } from './testing/treeMaker.ts';
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
let trees = 0;
const newRoot = (): string => join(folder, `tree${trees++}`);
const open = (root: string): Timeline => new Timeline({ kind: 'tree', root }, [], { threads });
const first = { kind: 'log', user: 'alice', module: 'x', level: null, text: 'first', step: 0, delay: 0, only: 'both' } as const;

async function rowsOf(timeline: Timeline): Promise<ReferenceRow[]> {
  const rows = await readRows(timeline, timeline.rows.all());
  return rows.map(({ time, user, module, level, text, file, line }) => ({
    time,
    user,
    module,
    level: level === null ? null : levelName(level),
    message: text,
    file,
    line,
  }));
}

test('scanned in threads: what is there, and what is written and rotated afterwards', { timeout: 60_000 }, async () => {
  const run = vi.spyOn(threads, 'run');
  await fc.assert(
    fc.asyncProperty(steps, steps, async (before, after) => {
      const maker = new TreeMaker(newRoot(), true);
      for (const step of [first, ...before]) maker.run(step);
      const timeline = open(maker.root);
      await timeline.load();
      expect(await rowsOf(timeline)).toEqual(reference(maker.root));
      for (const step of after) maker.run(step);
      await timeline.sync();
      expect(await rowsOf(timeline)).toEqual(reference(maker.root));
      await timeline.close();
    }),
    { numRuns: 40 },
  );
  expect(run.mock.calls.length).toBeGreaterThanOrEqual(40);
});
