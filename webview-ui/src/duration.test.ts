import { expect, it } from 'vitest';
import { agoText, deltaText, spanText } from './duration.ts';

const second = 1e6;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

it.each([
  [0, '0 µs'],
  [171, '171 µs'],
  [12_345, '12.3 ms'],
  [999_400, '999 ms'],
  [999_600, '1 s'],
  [4_200_000, '4.2 s'],
  [59_996_000, '1 min'],
  [3 * minute + 20 * second, '3 min 20 s'],
  [hour - 1, '1 h'],
  [2 * hour + 5 * minute, '2 h 5 min'],
  [day - 1, '1 d'],
  [4 * day + 3 * hour, '4 d 3 h'],
])('a span of %d µs is %s', (span, text) => {
  expect(spanText(span)).toBe(text);
  expect(spanText(-span)).toBe(text);
});

it.each([
  [0, '+0.000', '+0.000000'],
  [12_345, '+0.012', '+0.012345'],
  [-12_345, '-0.012', '-0.012345'],
  [63 * second + 4000, '+1:03.004', '+1:03.004000'],
  [hour + 2 * minute + 3_400_000, '+1:02:03.400', '+1:02:03.400000'],
  [4 * day + 3_723_000_000, '+4d 01:02:03.000', '+4d 01:02:03.000000'],
])('a delta of %d µs is %s', (delta, millis, micros) => {
  expect(deltaText(delta, false)).toBe(millis);
  expect(deltaText(delta, true)).toBe(micros);
});

it.each([
  [0, 'now'],
  [5 * second, '5 s ago'],
  [125 * second, '2 min ago'],
  [3 * hour, '3 h ago'],
  [4 * day, '4 d ago'],
  [800 * day, '2 y ago'],
  [-5 * second, 'in 5 s'],
])('%d µs ago is %s', (ago, text) => {
  expect(agoText(1e15 - ago, 1e15)).toBe(text);
});
