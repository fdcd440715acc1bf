import { expect, it } from 'vitest';
import { formatSize, formatWhen } from './format.ts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [99_440, '99.4 kB'],
  [123_456, '123 kB'],
  [999_950, '1.0 MB'],
  [52_428_800, '52.4 MB'],
  [5e12, '5.0 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});

it('shows the time of today, else the date', () => {
  const now = new Date(2026, 10, 21, 12);
  expect(formatWhen(new Date(2026, 10, 21, 9, 5, 7).getTime() * 1000, now)).toMatch(/^0?9:05:07$/);
  expect(formatWhen(new Date(2026, 10, 20, 9, 5, 7).getTime() * 1000, now)).toMatch(/2026/);
});
