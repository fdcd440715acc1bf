import { afterEach, expect, test, vi } from 'vitest';
import { nowAfter, nowMicros } from './clock.ts';

afterEach(() => vi.restoreAllMocks());

test('is always within the ms of the system clock, and never steps back', () => {
  let last = 0;
  const fractions = new Set<number>();
  for (let i = 0; i < 5000; i++) {
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

test('what comes after something is later, until the clock is set back; ahead and back again are followed', () => {
  const start = Date.now();
  const clock = vi.spyOn(Date, 'now');
  const at = (ms: number, last: number): number => {
    clock.mockReturnValue(start + ms);
    return Math.floor((nowAfter(last) - start * 1000) / 1000);
  };
  const last = start * 1000;
  expect([at(5, last), at(3_600_000, last), at(10, last)]).toEqual([5, 3_600_000, 10]);
  const before = (start + 900) * 1000;
  clock.mockReturnValue(start);
  expect(nowAfter(before)).toBe(before + 1);
  expect(at(0, (start + 1100) * 1000)).toBe(0);
});
