import { expect, it } from 'vitest';
import { Rate } from './rate.ts';

it('is the mean of the last five seconds, and falls to nothing', () => {
  const rate = new Rate();
  for (let ms = 0; ms < 10_000; ms += 100) rate.add(7, ms);
  expect(rate.perSecond(10_000)).toBe(70);
  expect(rate.perSecond(12_000)).toBe(42);
  expect(rate.perSecond(16_000)).toBe(0);
});
