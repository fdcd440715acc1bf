import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveTime } from './time.ts';

const utc = (iso: string): number => Date.parse(iso) * 1000;
const now = utc('2026-11-21T09:00:00Z');
const newest = utc('2026-11-19T23:30:00Z');
const { TZ } = process.env;

beforeEach(() => {
  process.env.TZ = 'Europe/Berlin';
});
afterEach(() => {
  if (TZ === undefined) delete process.env.TZ;
  else process.env.TZ = TZ;
});

it.each([
  // In Berlin the newest record's day is the 20th.
  ['10:15', utc('2026-11-20T09:15:00Z')],
  ['9:15:03.5', utc('2026-11-20T08:15:03.500Z')],
  ['10:15Z', utc('2026-11-20T10:15:00Z')],
  ['10:15-02', utc('2026-11-20T12:15:00Z')],
  ['2026-11-20', utc('2026-11-19T23:00:00Z')],
  ['2026-11-20T10:15', utc('2026-11-20T09:15:00Z')],
  ['2026-11-20 10:15:00,25+05:30', utc('2026-11-20T04:45:00.250Z')],
  ['10m', utc('2026-11-21T08:50:00Z')],
  ['1.5h', utc('2026-11-21T07:30:00Z')],
])('%s', (text, time) => {
  expect(resolveTime(text, { now, newest })).toBe(time);
});
it.each([
  ['10:15', utc('2026-11-19T10:15:00Z')],
  ['10:15+01:00', utc('2026-11-19T09:15:00Z')],
  ['2026-11-20', utc('2026-11-20T00:00:00Z')],
  ['2026-11-20T10:15:00', utc('2026-11-20T10:15:00Z')],
  ['2026-11-20T10:15:00+01:00', utc('2026-11-20T09:15:00Z')],
])('%s in UTC', (text, time) => {
  expect(resolveTime(text, { now, newest, utc: true })).toBe(time);
});
it('a time of day is of today where there are no records', () => {
  expect(resolveTime('10:15', { now })).toBe(utc('2026-11-21T09:15:00Z'));
});
it.each(['', 'soon', '25:00', '10:60', '10', '2026-02-30', '10:15:', '10m ago', '2026'])('%j is none', (text) => {
  expect(resolveTime(text, { now, newest })).toBeUndefined();
});
