import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { withContext } from './context.ts';

/** Rows are their ranks. */
const around = (logs: string, hits: readonly number[], count: number): number[][] =>
  withContext(
    Array.from(logs, (_, rank) => rank),
    hits,
    (rank) => logs[rank] ?? '',
    count,
  );

it('takes neighbours in the same log', () => {
  expect(around('aaaaaaa', [3], 1)).toEqual([[2, 3, 4]]);
  expect(around('abababa', [3], 1)).toEqual([[1, 3, 5]]);
  expect(around('aaaaaaa', [0, 6], 2)).toEqual([
    [0, 1, 2],
    [4, 5, 6],
  ]);
  expect(around('aaaaaa', [0, 5], 2)).toEqual([[0, 1, 2, 3, 4, 5]]);
  expect(around('aaaa', [1, 2], 0)).toEqual([[1, 2]]);
  expect(around('aaaa', [], 3)).toEqual([]);
});

it('is what a slow search in each log finds', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), { maxLength: 40 }), fc.nat(4), (rows, count) => {
      const logs = rows.map(([log]) => log).join('');
      const hits = rows.flatMap(([, isHit], rank) => (isHit ? [rank] : []));
      const groups = ['a', 'b', 'c'].flatMap((log) => {
        const own = [...logs].flatMap((name, rank) => (name === log ? [rank] : []));
        const shown = own.map((_, place) => own.some((rank, other) => hits.includes(rank) && Math.abs(place - other) <= count));
        const found: number[][] = [];
        for (const [place, rank] of own.entries()) {
          if (shown[place] !== true) continue;
          if (shown[place - 1] === true) found.at(-1)?.push(rank);
          else found.push([rank]);
        }
        return found;
      });
      const firstHit = (group: readonly number[]): number => group.find((rank) => hits.includes(rank)) ?? -1;
      groups.sort((a, b) => firstHit(a) - firstHit(b));
      expect(around(logs, hits, count)).toEqual(groups);
    }),
    { numRuns: 400 },
  );
});
