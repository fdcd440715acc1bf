import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIso, formatSafelog, parseTime, StampReader } from './timestamp.ts';

const micros = fc.integer({ min: Date.UTC(1971, 0, 1) * 1000, max: Date.UTC(2200, 0, 1) * 1000 });

test('what is written is read again, to the µs', () => {
  const reader = new StampReader();
  fc.assert(
    fc.property(micros, (time) => {
      const text = Buffer.from(`${formatSafelog(time)} x`);
      expect(reader.read(text, 0, text.length)).toBe(true);
      expect(reader.stamp).toEqual({ time, offset: 0, end: text.length - 2 });
    }),
  );
});

test('a stamp without an offset is local time', () => {
  const reader = new StampReader();
  fc.assert(
    fc.property(micros, (time) => {
      const date = new Date(time / 1000);
      const local = (value: number, width = 2): string => String(value).padStart(width, '0');
      const text = Buffer.from(
        `${date.getFullYear()}-${local(date.getMonth() + 1)}-${local(date.getDate())} ${local(date.getHours())}:${local(date.getMinutes())}:${local(date.getSeconds())}`,
      );
      expect(reader.read(text, 0, text.length)).toBe(true);
      expect(reader.stamp.offset).toBeNull();
      expect(new Date(reader.stamp.time / 1000).toString()).toBe(new Date(Math.floor(time / 1e6) * 1000).toString());
    }),
  );
});

test.each([
  ['2026-11-20 22:56:00:123 x', 123_000, 23],
  ['2026-11-20 22:56:00:123+00:00', 123_000, 29],
  ['2026-11-20 22:56:00:12 x', 0, 19],
  ['2026-11-20 22:56:00:1234 x', 0, 19],
  ['2026-11-20 22:56:00:123:4', 0, 19],
  ['2026-11-20 22:56:00: x', 0, 19],
])('milliseconds behind a colon: %s', (text, micros, end) => {
  const reader = new StampReader();
  const bytes = Buffer.from(text);
  expect(reader.read(bytes, 0, bytes.length)).toBe(true);
  expect(((reader.stamp.time % 1e6) + 1e6) % 1e6).toBe(micros);
  expect(reader.stamp.end).toBe(end);
});

test.each([
  ['2026-11-20 22:56:60+00:00', true],
  ['2026-11-20 22:56:61+00:00', false],
  ['2026-11-20 22:56:00+23:59', true],
  ['2026-11-20 22:56:00-24:00', false],
  ['2026-11-20 22:56:00+29:59', false],
  ['2026-11-20 22:56:00.5+2959', false],
  ['2026-11-20 24:56:00', false],
  ['2026-11-20 22:60:00', false],
])('%s is a time: %j', (stamp, is) => {
  const text = Buffer.from(`${stamp} x`);
  expect(new StampReader().read(text, 0, text.length)).toBe(is);
});

test('never reads beyond the end it was given', () => {
  const reader = new StampReader();
  const text = Buffer.from('2026-11-20 22:56:00.406171+00:00');
  for (let end = 0; end <= text.length; end++) {
    const found = reader.read(text, 0, end);
    expect(found).toBe(end >= 19);
    if (found) expect(reader.stamp.end).toBeLessThanOrEqual(end);
  }
});

describe('formats', () => {
  test('the fraction is absent at 0 µs, as the original writes it', () => {
    expect(formatSafelog(Date.UTC(2020, 0, 2, 3, 4, 5) * 1000)).toBe('2020-01-02 03:04:05+00:00');
    expect(formatSafelog(Date.UTC(2020, 0, 2, 3, 4, 5) * 1000 + 1)).toBe('2020-01-02 03:04:05.000001+00:00');
  });
  test('ISO 8601 has always 6 digits', () => {
    expect(formatIso(Date.UTC(2020, 0, 2, 3, 4, 5) * 1000)).toBe('2020-01-02T03:04:05.000000Z');
  });
});

describe('times as a person gives them', () => {
  const reference = Date.UTC(2026, 10, 21) * 1000;
  test.each([
    ['2026-11-20T22:56:00.5Z', Date.UTC(2026, 10, 20, 22, 56, 0, 500) * 1000],
    ['2026-11-20 22:56+01:00', Date.UTC(2026, 10, 20, 21, 56) * 1000],
    ['2026-11-20T22:56:00.000001Z', Date.UTC(2026, 10, 20, 22, 56) * 1000 + 1],
    ['2026-11-20', new Date(2026, 10, 20).getTime() * 1000],
    ['10m', reference - 600e6],
    ['2h', reference - 7200e6],
    ['1d', reference - 86400e6],
    ['1.5h', reference - 5400e6],
  ])('%s', (text, expected) => {
    expect(parseTime(text, reference)).toBe(expected);
  });
  test.each(['', 'yesterday', '2026-13-01', '10', '2026-11-20T25:00', '10 parsecs'])('not a time: %s', (text) => {
    expect(parseTime(text, reference)).toBeUndefined();
  });
});
