/**
 * When a log is rotated by time, and what the rotated file is called: the rules of Python's TimedRotatingFileHandler
 * (https://docs.python.org/3/library/logging.handlers.html#timedrotatingfilehandler) and of concurrent-log-handler. Times are whole seconds
 * since the epoch. Local times are those of the process's zone (TZ).
 */

export interface ScheduleOptions {
  /** `S` `M` `H` `D`: seconds, minutes, hours, days from the start or the last rotation. `midnight`; `W0` (Monday) to `W6`. Any case. */
  when?: string | undefined;
  /** That many of them. */
  interval?: number | undefined;
  /** UTC instead of the local time. */
  utc?: boolean | undefined;
  /** For midnight and weekdays: the time of the day, in seconds after midnight. */
  atTime?: number | undefined;
}

export interface Schedule {
  /** The first rotation after `now`. */
  next(now: number): number;
  /** What the generation is called that a rotation due at `rolloverAt` ends: the beginning of its period. */
  suffix(rolloverAt: number): string;
  /** Matches a whole suffix. */
  pattern: RegExp;
}

const DAY = 86_400;
type Unit = 'second' | 'minute' | 'hour' | 'day';
const units: Record<string, [seconds: number, precision: Unit]> = {
  S: [1, 'second'],
  M: [60, 'minute'],
  H: [3600, 'hour'],
  D: [DAY, 'day'],
};
const patterns: Record<Unit, RegExp> = {
  second: /^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/,
  minute: /^\d{4}-\d\d-\d\d_\d\d-\d\d$/,
  hour: /^\d{4}-\d\d-\d\d_\d\d$/,
  day: /^\d{4}-\d\d-\d\d$/,
};

/** Throws a RangeError for a `when` that there is not, or an interval or time of the day out of range. */
export function makeSchedule({ when = 'h', interval = 1, utc = false, atTime = 0 }: ScheduleOptions = {}): Schedule {
  if (!Number.isInteger(interval) || interval < 1) throw new RangeError(`interval: ${interval} is not a whole number above 0`);
  if (!(atTime >= 0 && atTime < DAY)) throw new RangeError(`atTime: ${atTime} is not a time of the day in seconds`);
  const name = when.toUpperCase();
  const unit = units[name];
  if (unit) {
    const [seconds, precision] = unit;
    const length = seconds * interval;
    return {
      next: (now) => now + length,
      suffix: (rolloverAt) => format(rolloverAt - length, utc, precision),
      pattern: patterns[precision],
    };
  }
  const weekday = /^W([0-6])$/.exec(name)?.[1];
  if (name !== 'MIDNIGHT' && weekday === undefined) throw new RangeError(`when: there is no ${JSON.stringify(when)}`);
  const days = weekday === undefined ? interval : interval * 7;
  return {
    next: (now) => {
      const first = firstAligned(now, utc, atTime, weekday === undefined ? null : Number(weekday));
      return addDays(first, days - (weekday === undefined ? 1 : 7), utc, atTime);
    },
    suffix: (rolloverAt) => format(addDays(rolloverAt, -days, utc, atTime), utc, 'day'),
    pattern: patterns.day,
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

function format(time: number, utc: boolean, precision: Unit): string {
  const date = new Date(time * 1000);
  const [year, month, day, hour, minute, second] = utc
    ? [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
    : [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
  const two = (number: number): string => String(number).padStart(2, '0');
  let text = `${String(year).padStart(4, '0')}-${two(month + 1)}-${two(day)}`;
  if (precision === 'day') return text;
  text += `_${two(hour)}`;
  if (precision === 'hour') return text;
  text += `-${two(minute)}`;
  return precision === 'minute' ? text : `${text}-${two(second)}`;
}
