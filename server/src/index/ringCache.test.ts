import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RingCache } from './ringCache.ts';

test('what is kept is what was put there, whatever is added, replaced and deleted; all but the oldest is kept', () => {
  const SIZE = 100;
  const step = fc.oneof(
    fc.record({ name: fc.constantFrom('a:1', 'a:2', 'b:1', 'b:2', 'c:1', 'c:2'), length: fc.integer({ min: 0, max: SIZE }) }),
    fc.record({ prefix: fc.constantFrom('a:', 'b:', 'c:1') }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cache = new RingCache(SIZE);
      let added: { name: string; bytes: Buffer }[] = [];
      for (const [index, one] of steps.entries()) {
        if ('prefix' in one) {
          cache.deleteAll(one.prefix);
          added = added.filter(({ name }) => !name.startsWith(one.prefix));
        } else {
          cache.add(one.name, one.length).fill(index);
          added = [...added.filter(({ name }) => name !== one.name), { name: one.name, bytes: Buffer.alloc(one.length, index) }];
        }
        for (const { name, bytes } of added) {
          const kept = cache.get(name);
          if (kept !== undefined) expect(kept.equals(bytes)).toBe(true);
        }
        // The newest stays in any case.
        const newest = added.at(-1);
        if (newest !== undefined && !('prefix' in one)) expect(cache.get(newest.name)).toBeDefined();
      }
    }),
  );
});

test('the oldest make room', () => {
  const cache = new RingCache(10);
  for (const name of ['1', '2', '3']) cache.add(name, 3);
  cache.add('4', 4);
  expect(['1', '2', '3', '4'].map((name) => cache.get(name)?.length)).toEqual([undefined, undefined, 3, 4]);
  cache.delete('3');
  expect(cache.get('3')).toBeUndefined();
  expect(() => cache.add('5', 11)).toThrow(RangeError);
});
