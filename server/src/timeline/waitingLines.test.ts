import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NONE } from '../index/recordStore.ts';
import { WaitingLines } from './waitingLines.ts';

test('gives the oldest with a hash, as a list that is searched does', () => {
  const step = fc.record({ wait: fc.boolean(), hash: fc.integer({ min: 0, max: 300 }), time: fc.constantFrom(0, 0, 1, 5, 40) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const waiting = new WaitingLines();
      let list: { record: number; key: number; hash: number }[] = [];
      let key = 0;
      steps.forEach(({ wait, hash, time }, record) => {
        key += time;
        if (wait) {
          waiting.add(record, key, hash);
          list.push({ record, key, hash });
          return;
        }
        waiting.expire(key - 60);
        list = list.filter((line) => line.key >= key - 60);
        const expected = list.find((line) => line.hash === hash);
        list = list.filter((line) => line !== expected);
        expect(waiting.take(hash)).toBe(expected?.record ?? NONE);
      });
    }),
    { numRuns: 100 },
  );
});

test('many that say the same are each passed once', () => {
  const waiting = new WaitingLines();
  const count = 50_000;
  // One that nobody takes holds up all that came after it.
  waiting.add(count, 0, 1 << 20);
  for (let record = 0; record < count; record++) waiting.add(record, 0, 7);
  expect(Array.from({ length: count }, () => waiting.take(7))).toEqual(Array.from({ length: count }, (_, record) => record));
  expect(waiting.take(7)).toBe(NONE);
});
