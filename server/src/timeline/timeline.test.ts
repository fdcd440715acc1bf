import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { reference } from './testing/reference.ts';
import { rowsOf } from './testing/rowsOf.ts';
import { steps, TreeMaker } from './testing/treeMaker.ts';
import { Timeline } from './timeline.ts';

const folder = mkdtempSync(join(tmpdir(), 'safelog-timeline-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** The soak campaign runs many times as many. */
const times = Number(process.env.SAFELOG_TEST_TIMES ?? 1);
let trees = 0;
const newRoot = (): string => join(folder, `tree${trees++}`);

describe('held against the reference', () => {
  test(
    'a tree that is there: every record once, in order, with its text',
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (list) => {
          const maker = new TreeMaker(newRoot());
          for (const step of [
            { kind: 'log', user: 'alice', module: 'x', level: null, text: 'first', step: 0, delay: 0, only: 'both' } as const,
            ...list,
          ])
            maker.run(step);
          const timeline = new Timeline({ kind: 'tree', root: maker.root });
          await timeline.load();
          expect(timeline.problems).toEqual([]);
          expect(await rowsOf(timeline)).toEqual(reference(maker.root));
          await timeline.close();
        }),
        { numRuns: 200 * times },
      );
    },
    60_000 * times,
  );

  test(
    'a tree that is written to and rotated while it is open, looked at now and then',
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), async (list, looks) => {
          const maker = new TreeMaker(newRoot(), true);
          maker.run({ kind: 'log', user: 'alice', module: 'x', level: null, text: 'first', step: 0, delay: 0, only: 'both' });
          const timeline = new Timeline({ kind: 'tree', root: maker.root });
          await timeline.load();
          const view = timeline.openView({ level: 30 }, () => undefined);
          for (const [index, step] of list.entries()) {
            maker.run(step);
            if (looks[index] === true || index === list.length - 1) {
              await timeline.sync();
              expect(await rowsOf(timeline)).toEqual(reference(maker.root));
              const passing = reference(maker.root).filter(({ level }) => level !== null && !['DEBUG', 'INFO'].includes(level));
              expect(view.state().total).toBe(passing.length);
            }
          }
          await timeline.close();
        }),
        { numRuns: 100 * times },
      );
    },
    60_000 * times,
  );
});
