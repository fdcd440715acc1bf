/** Times in queries. */
import type { Micros } from '../../protocol.ts';
import { parseTime } from '../../record/timestamp.ts';

/** What the times of a query are relative to. */
export interface TimeContext {
  /** What `10m` is before. */
  now: Micros;
  /** The newest record: a time of day is that of its day. Of today where there is none. */
  newest?: Micros | undefined;
  /** Times without an offset are UTC, not of the machine's zone. */
  utc?: boolean | undefined;
}

/** What else than its text a query depends on. */
export interface QueryContext extends TimeContext {
  /** The marked records: offsets by their generation's identity. */
  marked?: ReadonlyMap<string, ReadonlySet<number>> | undefined;
}

const TIME_OF_DAY = /^(\d{1,2})(:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)$/;
const DATE = /^\d{4}-\d\d-\d\d/;
const ZONE = /(?:Z|[+-]\d\d(?::?\d\d)?)$/;

/**
 * ISO 8601 (`2026-11-20`, `2026-11-20T22:56:00.5Z`), a time of day (`10:15`, `22:56:00.5`), or `30s`, `10m`, `2h`, `1d`, `1w` ago.
 * @returns undefined for anything else
 */
export function resolveTime(text: string, { now, newest = now, utc = false }: TimeContext): Micros | undefined {
  const timeOfDay = TIME_OF_DAY.exec(text);
  const whole = timeOfDay === null ? text : `${dayOf(newest, utc)}T${timeOfDay[1]?.padStart(2, '0')}${timeOfDay[2]}`;
  // A date of its own ends like an offset.
  const isLocal = DATE.test(whole) && !ZONE.test(whole.slice(10));
  return parseTime(utc && isLocal ? `${whole}Z` : whole, now);
}

function dayOf(time: Micros, utc: boolean): string {
  const date = new Date(time / 1000);
  if (utc) return date.toISOString().slice(0, 10);
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
}
