import { describe, expect, it } from 'vitest';
import { type Bars, barAt, barSpan, barsOf, pixelOf, spanText, sumOf, ticks } from './histogramScale.ts';
import { Clock } from './time.ts';

const at = (iso: string): number => Date.parse(iso) * 1000;
const SECOND = 1e6;
const utc = new Clock('utc', 'UTC', false);
const bars: Bars = {
  since: at('2026-11-20T10:00:00Z'),
  width: 60 * SECOND,
  counts: [
    [1, 0, 2, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 3, 0, 1, 1],
  ],
};

describe('bars', () => {
  it('come from the server’s answer, critical entries among the errors', () => {
    const levels = { debug: [1, 0], info: [2, 0], warning: [3, 0], error: [4, 0], critical: [5, 1], none: [6, 0] };
    const answer = { view: 1, version: 1, final: true, from: 0, to: 20, width: 10, total: 22, levels, exceptions: [0, 0] };
    expect(barsOf(answer)).toEqual({
      since: 0,
      width: 10,
      counts: [
        [9, 3, 2, 1, 6],
        [1, 0, 0, 0, 0],
      ],
    });
  });
  it('are found by pixels and times', () => {
    expect([-5, 0, 99, 100, 299, 900].map((x) => barAt(bars, x, 300))).toEqual([0, 0, 0, 1, 2, 2]);
    expect(pixelOf(bars, at('2026-11-20T10:01:30Z'), 300)).toBe(150);
  });
  it('are taken together in either direction', () => {
    expect(sumOf(bars, 2, 0)).toEqual([1, 3, 2, 1, 1]);
    expect(barSpan(bars, 2, 1)).toEqual({ since: at('2026-11-20T10:01:00Z'), until: at('2026-11-20T10:03:00Z') });
  });
});

describe('the axis', () => {
  it('has round times, no more than fit', () => {
    const span = { since: at('2026-11-20T10:03:00Z'), until: at('2026-11-20T11:02:00Z') };
    expect(ticks(span, utc, 6).map(({ label }) => label)).toEqual(['10:10', '10:20', '10:30', '10:40', '10:50', '11:00']);
    expect(ticks(span, utc, 0)).toEqual([]);
  });
  it('names days where one begins, and whole ones by their date', () => {
    const night = { since: at('2026-11-20T20:00:00Z'), until: at('2026-11-21T08:00:00Z') };
    expect(ticks(night, utc, 5).map(({ label }) => label)).toEqual(['21:00', 'Sat 11-21', '03:00', '06:00']);
    const year = { since: at('2025-11-20T20:00:00Z'), until: at('2026-11-21T08:00:00Z') };
    expect(ticks(year, utc, 5).map(({ label }) => label)[0]).toMatch(/^2025-12-\d\d$/);
  });
  it('stands at round times of its zone, also where the clocks change', () => {
    const berlin = new Clock('local', 'Europe/Berlin', false);
    const span = { since: at('2026-10-24T22:30:00Z'), until: at('2026-10-25T12:00:00Z') };
    const marks = ticks(span, berlin, 5);
    expect(marks.map(({ label }) => label)).toEqual(['03:00', '06:00', '09:00', '12:00']);
    expect(marks.at(-1)?.time).toBe(at('2026-10-25T11:00:00Z'));
  });
  it('goes down to microseconds, and is empty where there is no time', () => {
    expect(ticks({ since: SECOND, until: SECOND + 10 }, utc, 5)).toHaveLength(5);
    expect(ticks({ since: 5, until: 5 }, utc, 5)).toEqual([]);
  });
});

it('says a stretch of time, the day once', () => {
  expect(spanText({ since: at('2026-11-20T10:00:00Z'), until: at('2026-11-20T10:05:00Z') }, utc)).toBe('2026-11-20 10:00:00 – 10:05:00');
  expect(spanText({ since: at('2026-11-20T10:00:00Z'), until: at('2026-11-21T10:05:00.5Z') }, utc)).toBe(
    '2026-11-20 10:00:00.000 – 2026-11-21 10:05:00.500',
  );
});
