import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { reference } from './testing/reference.ts';
import { rowsOf } from './testing/rowsOf.ts';
import { schemes, steps, TreeMaker } from './testing/treeMaker.ts';
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
        fc.asyncProperty(steps, fc.constantFrom(...schemes), async (list, scheme) => {
          const maker = new TreeMaker(newRoot(), { scheme });
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
        { numRuns: 50 * times },
      );
    },
    300_000 * times,
  );

  test(
    'a tree that is written to and rotated while it is open, looked at now and then',
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), async (list, looks) => {
          const maker = new TreeMaker(newRoot(), { numbered: true });
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
        { numRuns: 25 * times },
      );
    },
    300_000 * times,
  );

  test(
    'looked at in every moment of every rotation, and while the files grow under the look',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          steps,
          fc.constantFrom(...schemes),
          fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 40 }),
          async (list, scheme, looks) => {
            const maker = new TreeMaker(newRoot(), { numbered: true, scheme });
            maker.run({ kind: 'log', user: 'alice', module: 'x', level: null, text: 'first', step: 0, delay: 0, only: 'both' });
            const timeline = new Timeline({ kind: 'tree', root: maker.root });
            await timeline.load();
            let moment = 0;
            for (const step of list) {
              for (const doing = maker.doing(step); doing.next().done !== true; ) {
                await timeline.sync();
                expect(await rowsOf(timeline)).toEqual(reference(maker.root));
              }
              const look = looks[moment++ % looks.length] ?? 0;
              if (look === 0) continue;
              const under = timeline.sync();
              // Somewhere in the middle of the look more is written.
              for (let turns = look * look; turns > 0; turns--) await new Promise(setImmediate);
              maker.run({ kind: 'log', user: 'bob', module: 'web', level: 'INFO', text: 'meanwhile', step: 1, delay: 40, only: 'both' });
              await under;
              await timeline.sync();
              expect(await rowsOf(timeline)).toEqual(reference(maker.root));
            }
            await timeline.sync();
            expect(await rowsOf(timeline)).toEqual(reference(maker.root));
            await timeline.close();
          },
        ),
        { numRuns: 10 * times },
      );
    },
    300_000 * times,
  );
});
