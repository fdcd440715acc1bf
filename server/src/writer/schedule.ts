/**
 * When a log is rotated by time, and what the rotated file is called: the rules of Python's TimedRotatingFileHandler
 * (https://docs.python.org/3/library/logging.handlers.html#timedrotatingfilehandler) and of concurrent-log-handler. Times are whole seconds
 * since the epoch. Local times are those of the process's zone (TZ).
 */

import { orderOf, strftime, strftimePattern } from '../record/strftime.ts';

export interface ScheduleOptions {
  /** `S` `M` `H` `D`: seconds, minutes, hours, days from the start or the last rotation. `midnight`; `W0` (Monday) to `W6`. Any case. */
  when?: string | undefined;
  /** That many of them. */
  interval?: number | undefined;
  /** UTC instead of the local time. */
  utc?: boolean | undefined;
  /** For midnight and weekdays: the time of the day, in seconds after midnight. Without it, at the day's end, as in Python. */
  atTime?: number | undefined;
  /** What generations are called instead, by strftime. It need not tell the time exactly: those of one name are numbered. */
  suffix?: string | undefined;
  /** What is a generation's suffix, so that it may be deleted; by default what `suffix` writes. */
  extMatch?: RegExp | undefined;
}

export interface Schedule {
  /** The first rotation after `now`. */
  next(now: number): number;
  /** What the generation is called that a rotation due at `rolloverAt` ends: the beginning of its period. */
  suffix(rolloverAt: number): string;
  /** Matches a whole suffix. */
  pattern: RegExp;
  /** Sorts suffixes by time; undefined for one that does not tell the day. */
  order(suffix: string): number | undefined;
}

const DAY = 86_400;
const DATE = '%Y-%m-%d';
const units: Record<string, [seconds: number, suffix: string]> = {
  S: [1, `${DATE}_%H-%M-%S`],
  M: [60, `${DATE}_%H-%M`],
  H: [3600, `${DATE}_%H`],
  D: [DAY, DATE],
};

/** What Python calls generations of a `when` in upper case, by strftime. */
export const standardSuffix = (when: string): string => units[when]?.[1] ?? DATE;

/** Throws a RangeError for a `when` that there is not, or an interval or time of the day out of range. */
export function makeSchedule({ when = 'h', interval = 1, utc = false, suffix, extMatch, ...options }: ScheduleOptions = {}): Schedule {
  const { atTime = 0 } = options;
  if (!Number.isInteger(interval) || interval < 1) throw new RangeError(`interval: ${interval} is not a whole number above 0`);
  if (!(atTime >= 0 && atTime < DAY)) throw new RangeError(`atTime: ${atTime} is not a time of the day in seconds`);
  const name = when.toUpperCase();
  const [seconds = 0] = units[name] ?? [];
  const names = makeNames(suffix ?? standardSuffix(name), utc, extMatch);
  if (seconds > 0) {
    const length = seconds * interval;
    return { ...names, next: (now) => now + length, suffix: (rolloverAt) => names.write(rolloverAt - length) };
  }
  const weekday = /^W([0-6])$/.exec(name)?.[1];
  if (name !== 'MIDNIGHT' && weekday === undefined) throw new RangeError(`when: there is no ${JSON.stringify(when)}`);
  const days = weekday === undefined ? interval : interval * 7;
  return {
    ...names,
    next: (now) => {
      // The end of a day is the beginning of the next one.
      const day = weekday === undefined ? null : (Number(weekday) + (options.atTime === undefined ? 1 : 0)) % 7;
      const first = firstAligned(now, utc, atTime, day);
      return addDays(first, days - (weekday === undefined ? 1 : 7), utc, atTime);
    },
    suffix: (rolloverAt) => names.write(addDays(rolloverAt, -days, utc, atTime)),
  };
}

function makeNames(format: string, utc: boolean, extMatch?: RegExp): Pick<Schedule, 'pattern' | 'order'> & { write(time: number): string } {
  if (/[/\\\0]/.test(format)) throw new RangeError(`suffix: ${JSON.stringify(format)} is not part of a file's name`);
  const own = strftimePattern(format);
  return {
    // A pattern that goes on where it has stopped would miss every other name.
    pattern: extMatch ? new RegExp(extMatch.source, extMatch.flags.replace(/[gy]/g, '')) : own,
    order: (suffix) => {
      const groups = own.exec(suffix)?.groups;
      return groups ? orderOf(groups) : undefined;
    },
    write: (time) => strftime(format, time * 1e6, utc),
  };
}

/** The first moment after `now` at this time of the day, on this day of the week (0 is Monday). */
function firstAligned(now: number, utc: boolean, atTime: number, weekday: number | null): number {
  for (let days = 0; ; days++) {
    const candidate = addDays(now, days, utc, atTime);
    // The weekday is that of the day itself: a time that the clocks skip may be on the next.
    const day = new Date(addDays(now, days, utc, DAY / 2) * 1000);
    const weekdayThen = ((utc ? day.getUTCDay() : day.getDay()) + 6) % 7;
    if (candidate > now && (weekday === null || weekdayThen === weekday)) return candidate;
  }
}

/** The time of the day `atTime` on the day that is so many days after that of `time`. Days have 23 or 25 hours when the clocks change. */
function addDays(time: number, days: number, utc: boolean, atTime: number): number {
  const date = new Date(time * 1000);
  if (utc) return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + days) / 1000 + atTime;
  const seconds = Math.floor(atTime);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, 0, 0, seconds).getTime() / 1000;
}
