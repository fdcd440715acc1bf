import { describe, expect, it } from 'vitest';
import { Clock, parseTime } from './time.ts';

const at = (iso: string): number => Date.parse(iso) * 1000;
const noon = at('2026-11-20T12:00:00Z') + 406_171;

describe('a clock', () => {
  it('shows milliseconds, and microseconds on demand', () => {
    expect(new Clock('utc', 'UTC', false).time(noon, null)).toBe('12:00:00.406');
    expect(new Clock('utc', 'UTC', true).time(noon, null)).toBe('12:00:00.406171');
    expect(new Clock('utc', 'UTC', true).time(-1, null)).toBe('23:59:59.999999');
  });

  it('shows the zone that is asked for', () => {
    const local = new Clock('local', 'Asia/Kolkata', false);
    expect(local.time(noon, null)).toBe('17:30:00.406');
    expect(local.full(noon, 0)).toBe('2026-11-20 17:30:00.406171+05:30');
    const file = new Clock('file', 'Asia/Kolkata', false);
    expect(file.time(noon, -300)).toBe('07:00:00.406');
    expect(file.full(noon, -210)).toBe('2026-11-20 08:30:00.406171-03:30');
    expect(file.time(noon, null)).toBe('17:30:00.406');
    expect(file.zoneName).toBe('as written');
  });

  it('knows when the clocks change', () => {
    const berlin = new Clock('local', 'Europe/Berlin', false);
    expect(berlin.time(at('2026-10-25T00:59:59Z'), null)).toBe('02:59:59.000');
    expect(berlin.time(at('2026-10-25T01:00:00Z'), null)).toBe('02:00:00.000');
  });

  it('names days by the zone', () => {
    const tokyo = new Clock('local', 'Asia/Tokyo', false);
    expect(tokyo.date(at('2026-11-20T15:00:00Z'), null)).toBe('Sat 2026-11-21');
    expect(tokyo.day(at('2026-11-20T15:00:00Z'), null) - tokyo.day(at('2026-11-20T14:59:59Z'), null)).toBe(1);
  });

  it('survives zones and times that are none', () => {
    expect(() => new Clock('local', 'Nowhere/At-all', false)).not.toThrow();
    const clock = new Clock('utc', 'UTC', false);
    for (const time of [Number.NaN, Infinity, 1e300, -1e300]) {
      expect(clock.time(time, null)).toBe('--:--:--');
      expect(clock.date(time, null)).toBe('');
      expect(clock.full(time, null)).toBe('no time');
    }
  });
});

describe('going to a time', () => {
  const berlin = new Clock('local', 'Europe/Berlin', false);
  const read = (text: string, clock = berlin, offset: number | null = null) => parseTime(text, clock, noon, offset, noon);

  it('reads dates and times in the zone that is shown', () => {
    expect(read('2026-11-20')).toBe(at('2026-11-19T23:00:00Z'));
    expect(read('2026-11-20 22:56')).toBe(at('2026-11-20T21:56:00Z'));
    expect(read('2026-07-20T22:56:01.5')).toBe(at('2026-07-20T20:56:01.500Z'));
    expect(read('2026-11-20 22:56:00.406171', new Clock('utc', '', false))).toBe(at('2026-11-20T22:56:00Z') + 406_171);
    expect(read('2026-11-20 22:56', new Clock('file', 'UTC', false), 120)).toBe(at('2026-11-20T20:56:00Z'));
  });

  it('lets an offset in the text decide', () => {
    expect(read('2026-11-20T22:56:00Z')).toBe(at('2026-11-20T22:56:00Z'));
    expect(read('2026-11-20 22:56:00-0330')).toBe(at('2026-11-21T02:26:00Z'));
  });

  it('takes a time of day on the day that is shown', () => {
    expect(read('08:05')).toBe(at('2026-11-20T07:05:00Z'));
    expect(read('23:59:59,999')).toBe(at('2026-11-20T22:59:59.999Z'));
  });

  it('counts back', () => {
    expect(read('10m')).toBe(noon - 600e6);
    expect(read('2h ago')).toBe(noon - 7200e6);
    expect(read('1.5 d')).toBe(noon - 129_600e6);
    expect(read('now')).toBe(noon);
  });

  it('refuses the rest', () => {
    for (const text of ['', 'yesterday', '25:00', '12:60', '2026-02-30', '2026-13-01', '10', '10y', '2026-11-20x'])
      expect(read(text)).toBeNull();
  });

  it('finds wall times again on both sides of a change of clocks', () => {
    for (const iso of ['2026-10-24T23:30:00Z', '2026-10-25T03:00:00Z', '2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z']) {
      const wall = berlin.full(at(iso), null).slice(0, 19);
      expect(read(wall), wall).toBe(at(iso));
    }
  });
});
