import { expect, test } from 'vitest';
import { nowMicros } from './clock.ts';

test('is always within the ms of the system clock, and never steps back', () => {
  let last = 0;
  const fractions = new Set<number>();
  for (let i = 0; i < 20_000; i++) {
    const before = Date.now();
    const now = nowMicros();
    const after = Date.now();
    expect(Number.isInteger(now)).toBe(true);
    expect(now).toBeGreaterThanOrEqual(before * 1000);
    expect(now).toBeLessThan((after + 1) * 1000);
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
    fractions.add(now % 1000);
  }
  expect(fractions.size).toBeGreaterThan(100);
});
