import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SpreadSort } from './spreadSort.ts';

const near = fc.integer({ min: 0, max: 40 });
const keys = fc.array(fc.oneof(near, fc.integer(), fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }).map(Number)), { maxLength: 400 });

test('sorts by key, and keeps the order of equal keys, however the keys are spread', () => {
  const sorter = new SpreadSort();
  fc.assert(
    fc.property(keys, (list) => {
      const sorted = list.map((key, record) => ({ key, record })).sort((a, b) => a.key - b.key);
      const own = Float64Array.from([...list, 7]);
      const records = Uint32Array.from(own, (_, index) => index);
      sorter.sort(own, records, list.length);
      expect([...own]).toEqual([...sorted.map(({ key }) => key), 7]);
      expect([...records]).toEqual([...sorted.map(({ record }) => record), list.length]);
    }),
    { numRuns: 500 },
  );
});

test('many equal keys with one far away cost no more than others', () => {
  const count = 100_000;
  const own = Float64Array.from({ length: count }, (_, index) => (index === 5 ? 1e15 : index % 7));
  const records = Uint32Array.from(own, (_, index) => index);
  new SpreadSort().sort(own, records, count);
  expect(records[0]).toBe(0);
  expect(records.at(-1)).toBe(5);
  expect(own.every((key, index) => index === 0 || (own[index - 1] as number) <= key)).toBe(true);
});
