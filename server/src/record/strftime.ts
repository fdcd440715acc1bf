/**
 * Dates as C's strftime writes them in the locale "C", which is what Python's time.strftime gives
 * (https://docs.python.org/3/library/time.html#time.strftime).
 */

import type { Micros } from '../protocol.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAY_MS = 86_400_000;

/** The parts of a time on the wall clock of the local zone, or of UTC. */
export interface WallClock {
  year: number;
  /** 0 to 11. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** 0 is Sunday. */
  weekday: number;
  /** 1 to 366. */
  yearday: number;
  /** Minutes east of UTC. */
  offset: number;
  epoch: number;
  utc: boolean;
}

/** A directive: how it is written, and what it matches in a text of it. Python's own forms, and those of the C library that scripts use. */
interface Directive {
  write: (parts: WallClock) => string;
  pattern: string;
}

const two = (value: number): string => String(value).padStart(2, '0');
const blank = (value: number): string => String(value).padStart(2, ' ');
const names = (list: readonly string[], length?: number): string => list.map((name) => name.slice(0, length)).join('|');
const hour12 = (hour: number): number => ((hour + 11) % 12) + 1;

const directives: Record<string, Directive | string> = {
  a: { write: ({ weekday }) => (DAYS[weekday] ?? '').slice(0, 3), pattern: names(DAYS, 3) },
  A: { write: ({ weekday }) => DAYS[weekday] ?? '', pattern: names(DAYS) },
  b: { write: ({ month }) => (MONTHS[month] ?? '').slice(0, 3), pattern: names(MONTHS, 3) },
  h: '%b',
  B: { write: ({ month }) => MONTHS[month] ?? '', pattern: names(MONTHS) },
  c: '%a %b %e %H:%M:%S %Y',
  C: { write: ({ year }) => two(Math.floor(year / 100)), pattern: '\\d\\d' },
  d: { write: ({ day }) => two(day), pattern: '\\d\\d' },
  D: '%m/%d/%y',
  e: { write: ({ day }) => blank(day), pattern: '[ \\d]\\d' },
  F: '%Y-%m-%d',
  g: { write: (parts) => two(isoWeek(parts).year % 100), pattern: '\\d\\d' },
  G: { write: (parts) => String(isoWeek(parts).year), pattern: '\\d{4}' },
  H: { write: ({ hour }) => two(hour), pattern: '\\d\\d' },
  I: { write: ({ hour }) => two(hour12(hour)), pattern: '\\d\\d' },
  j: { write: ({ yearday }) => String(yearday).padStart(3, '0'), pattern: '\\d{3}' },
  k: { write: ({ hour }) => blank(hour), pattern: '[ \\d]\\d' },
  l: { write: ({ hour }) => blank(hour12(hour)), pattern: '[ \\d]\\d' },
  m: { write: ({ month }) => two(month + 1), pattern: '\\d\\d' },
  M: { write: ({ minute }) => two(minute), pattern: '\\d\\d' },
  n: { write: () => '\n', pattern: '\\n' },
  p: { write: ({ hour }) => (hour < 12 ? 'AM' : 'PM'), pattern: 'AM|PM' },
  P: { write: ({ hour }) => (hour < 12 ? 'am' : 'pm'), pattern: 'am|pm' },
  r: '%I:%M:%S %p',
  R: '%H:%M',
  s: { write: ({ epoch }) => String(epoch), pattern: '-?\\d+' },
  S: { write: ({ second }) => two(second), pattern: '\\d\\d' },
  t: { write: () => '\t', pattern: '\\t' },
  T: '%H:%M:%S',
  u: { write: ({ weekday }) => String(weekday === 0 ? 7 : weekday), pattern: '[1-7]' },
  U: { write: ({ yearday, weekday }) => two(Math.floor((yearday + 6 - weekday) / 7)), pattern: '\\d\\d' },
  V: { write: (parts) => two(isoWeek(parts).week), pattern: '\\d\\d' },
  w: { write: ({ weekday }) => String(weekday), pattern: '[0-6]' },
  W: { write: ({ yearday, weekday }) => two(Math.floor((yearday + 6 - ((weekday + 6) % 7)) / 7)), pattern: '\\d\\d' },
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  y: { write: ({ year }) => two(((year % 100) + 100) % 100), pattern: '\\d\\d' },
  Y: { write: ({ year }) => String(year), pattern: '\\d{4}' },
  z: {
    write: ({ offset }) => `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`,
    pattern: '[+-]\\d{4}',
  },
  Z: { write: zoneName, pattern: '[A-Za-z0-9+:-]+' },
  '%': { write: () => '%', pattern: '%' },
};

const DIRECTIVE = /%(.)/gs;

/** Writes a time (µs since the epoch) in the local zone, or in UTC. A directive that there is not stays as it is. */
export function strftime(format: string, micros: Micros, utc = false): string {
  return writeClock(format, partsOf(micros, utc));
}

/** A time, in seconds since the epoch, on the local wall clock. */
export const localtime = (seconds: number): WallClock => partsOf(seconds * 1e6, false);
/** The same in UTC. */
export const gmtime = (seconds: number): WallClock => partsOf(seconds * 1e6, true);

/** Writes what a clock on the wall shows. A directive that there is not stays as it is. */
export function writeClock(format: string, parts: WallClock): string {
  return expand(format).replace(DIRECTIVE, (whole, letter: string) => {
    const directive = directives[letter];
    return typeof directive === 'object' ? directive.write(parts) : whole;
  });
}

/** What matches exactly the texts that a format writes. `groups` of it are named by the directive's letter, at its first use. */
export function strftimePattern(format: string): RegExp {
  const seen = new Set<string>();
  const source = expand(format).replace(/%(.)|[^%]+|%/gs, (whole, letter?: string) => {
    const directive = letter === undefined ? undefined : directives[letter];
    if (typeof directive !== 'object' || letter === undefined) return whole.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    if (seen.has(letter) || letter === '%') return `(?:${directive.pattern})`;
    seen.add(letter);
    return `(?<${letter}>${directive.pattern})`;
  });
  return new RegExp(`^${source}$`);
}

/** Sorts by time what a pattern of strftimePattern has matched; undefined where the format does not tell the day. */
export function orderOf(groups: Record<string, string | undefined>): number | undefined {
  const number = (letter: string): number | undefined => (groups[letter] === undefined ? undefined : Number(groups[letter]));
  if (groups.s !== undefined) return Number(groups.s);
  const year = number('Y') ?? (groups.y === undefined ? undefined : 2000 + Number(groups.y));
  const named = groups.b ?? groups.B?.slice(0, 3);
  const month = number('m') ?? (named === undefined ? undefined : MONTHS.findIndex((name) => name.startsWith(named)) + 1);
  const day = number('d') ?? number('e');
  const yearday = number('j');
  if (year === undefined) return undefined;
  if (yearday === undefined && (month === undefined || day === undefined)) return undefined;
  const date = yearday === undefined ? Date.UTC(year, (month ?? 1) - 1, day) : Date.UTC(year, 0, yearday);
  const half = number('I') ?? number('l');
  const afternoon = /p/i.test(groups.p ?? groups.P ?? '') ? 12 : 0;
  const hour = number('H') ?? number('k') ?? (half === undefined ? 0 : (half % 12) + afternoon);
  return date / 1000 + hour * 3600 + (number('M') ?? 0) * 60 + (number('S') ?? 0);
}

/** Replaces the directives that stand for several others. */
function expand(format: string): string {
  return format.replace(DIRECTIVE, (whole, letter: string) => {
    const directive = directives[letter];
    return typeof directive === 'string' ? expand(directive) : whole;
  });
}

function partsOf(micros: Micros, utc: boolean): WallClock {
  const epoch = Math.floor(micros / 1e6);
  const date = new Date(epoch * 1000);
  const offset = utc ? 0 : -date.getTimezoneOffset();
  const [year, month, day, hour, minute, second, weekday] = utc
    ? [
        date.getUTCFullYear(),
        date.getUTCMonth(),
        date.getUTCDate(),
        date.getUTCHours(),
        date.getUTCMinutes(),
        date.getUTCSeconds(),
        date.getUTCDay(),
      ]
    : [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds(), date.getDay()];
  const yearday = Math.round((utcDay(year, month, day) - utcDay(year, 0, 1)) / DAY_MS) + 1;
  return { year, month, day, hour, minute, second, weekday, yearday, offset, epoch, utc };
}

/** Date.UTC takes the years 0 to 99 for 1900 to 1999. */
function utcDay(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}

/** ISO 8601: week 1 is the one with the year's first Thursday. */
function isoWeek({ year, month, day, weekday }: WallClock): { year: number; week: number } {
  const thursday = new Date(utcDay(year, month, day) + (3 - ((weekday + 6) % 7)) * DAY_MS);
  const isoYear = thursday.getUTCFullYear();
  return { year: isoYear, week: Math.floor((thursday.getTime() - utcDay(isoYear, 0, 1)) / DAY_MS / 7) + 1 };
}

function zoneName({ epoch, utc }: WallClock): string {
  if (utc) return 'UTC';
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(epoch * 1000);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}
