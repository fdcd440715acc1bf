import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { CHUNK_SIZE } from '../index/chunk.ts';
import { indexed } from '../index/generation.ts';
import { IndexCache } from '../index/indexCache.ts';
import { Library } from '../index/library.ts';
import { NO_LAYOUTS } from '../record/layoutRules.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { reference } from './testing/reference.ts';
import { rowsOf } from './testing/rowsOf.ts';
import { schemes, steps, TreeMaker } from './testing/treeMaker.ts';
import { Timeline } from './timeline.ts';

const folder = mkdtempSync(join(tmpdir(), 'safelog-warm-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** The soak campaign runs many times as many. */
const times = Number(process.env.SAFELOG_TEST_TIMES ?? 1);
let trees = 0;

const open = (root: string, cache: IndexCache | undefined, memory?: number): Timeline =>
  new Timeline({ kind: 'tree', root }, NO_LAYOUTS, { cache, memory });

test(
  'held against the reference: closed and opened again at any moment, with memory for a few records',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom(...schemes),
        fc.array(fc.constantFrom('go on', 'look', 'reopen', 'damage'), { minLength: 60, maxLength: 60 }),
        async (list, scheme, moments) => {
          const maker = new TreeMaker(join(folder, `tree${trees}`), { numbered: true, scheme });
          const cache = new IndexCache(join(folder, `cache${trees++}`), { smallest: 1 });
          maker.run({ kind: 'log', user: 'alice', module: 'x', level: null, text: 'first', step: 0, delay: 0, only: 'both' });
          let timeline = open(maker.root, cache, 2000);
          await timeline.load();
          let isDamaged = false;
          for (const [index, step] of list.entries()) {
            maker.run(step);
            const moment = index === list.length - 1 ? 'reopen' : moments[index];
            if (moment === 'go on') continue;
            if (moment === 'look') await timeline.sync();
            else {
              await timeline.close();
              if (moment === 'damage') damageSome(cache.folder, index);
              isDamaged ||= moment === 'damage';
              timeline = open(maker.root, cache, 2000);
              await timeline.load();
            }
            // What is found to be damaged only when it is looked at is indexed anew, at once.
            const right = async (): Promise<void> => expect(await rowsOf(timeline)).toEqual(reference(maker.root));
            await (isDamaged ? vi.waitFor(right, { timeout: 5000, interval: 5 }) : right());
          }
          await timeline.close();
          cache.close();
        },
      ),
      { numRuns: 8 * times, endOnFailure: true },
    );
  },
  300_000 * times,
);

test('what was read is kept, though the rest was not read any more', async () => {
  const root = join(folder, 'left');
  mkdirSync(join(root, 'alice'), { recursive: true });
  for (const name of ['web.log', 'db.log']) writeFileSync(join(root, 'alice', name), `${formatSafelog(1.7e15)} INFO ${name}\n`.repeat(100));
  const cache = new IndexCache(join(folder, 'left-cache'), { smallest: 1 });
  const isWeb = ({ path }: { path: string }): boolean => path.endsWith('web.log');
  const read = async (): Promise<number> => {
    const before = indexed.bytes;
    const library = new Library({ kind: 'tree', root }, NO_LAYOUTS, { cache });
    await library.sync(isWeb);
    await library.close();
    return indexed.bytes - before;
  };
  expect([await read(), await read()]).toEqual([3900, 0]);
  cache.close();
});

test('what is on disk leaves memory while the rest is still being indexed, so that there is room for the order, too', async () => {
  const root = join(folder, 'large');
  mkdirSync(join(root, 'alice'), { recursive: true });
  // Eight chunks each, of which the last ones may still grow.
  for (const name of ['web.log', 'web.log.1', 'db.log']) {
    const line = (i: number): string => `${formatSafelog(1.7e15 + i)} INFO ${i}\n`;
    writeFileSync(
      join(root, 'alice', name),
      Array.from({ length: 8 * CHUNK_SIZE }, (_, i) => line(i + (name.endsWith('1') ? 0 : 1e6))).join(''),
    );
  }
  const cache = new IndexCache(join(folder, 'largeCache'), { smallest: 1 });
  const loaded = async (memory: number | undefined): Promise<number> => {
    const timeline = open(root, memory === undefined ? undefined : cache, memory);
    let bytes = 0;
    timeline.onTreeChanged = () => {
      // Before anything else is kept.
      if (bytes === 0 && timeline.ready) bytes = timeline.library.store.residentBytes + timeline.rows.bytes;
    };
    await timeline.load();
    expect(timeline.rows.length).toBe(3 * 8 * CHUNK_SIZE);
    await timeline.close();
    return bytes;
  };
  const budget = 16 * CHUNK_SIZE * 17;
  expect(await loaded(undefined)).toBeGreaterThan(budget);
  expect(await loaded(budget)).toBeLessThanOrEqual(budget);
  cache.close();
});

/** A bit flips, a file is cut, or replaced by another one. */
function damageSome(cache: string, seed: number): void {
  if (!existsSync(cache)) return;
  for (const [index, name] of readdirSync(cache).entries()) {
    const path = join(cache, name);
    const bytes = readFileSync(path);
    const at = (seed * 7919 + index * 104_729) % bytes.length;
    switch ((seed + index) % 4) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ 4;
        writeFileSync(path, bytes);
        break;
      case 1:
        truncateSync(path, at);
        break;
      case 2:
        writeFileSync(path, 'no index');
    }
  }
}
