import type { Micros, TimeZoneSetting } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';

const MINUTE = 60_000_000;
const QUARTER = 15 * MINUTE;
const DAY = 1440 * MINUTE;
/** The last time that a JavaScript date can hold, in µs. */
const LIMIT = 8.64e18;

/** What stands where a time should, when it cannot be one. */
const NO_TIME = '--:--:--';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Times of one zone as text. Fast enough for each row of each frame: zones are asked once for a quarter of an hour (no zone changes within one). */
export class Clock {
  readonly #zone: string;
  readonly #offsets = new Map<number, number>();
  readonly #days = new Map<number, string>();

  /**
   * @param setting which zone rows are shown in
   * @param localZone the IANA name of the zone for `local`, and for rows without an offset under `file`
   */
  constructor(
    readonly setting: TimeZoneSetting,
    localZone: string,
    readonly microseconds: boolean,
  ) {
    this.#zone = setting === 'utc' ? 'UTC' : knownZone(localZone);
  }

  /** What the header says. */
  get zoneName(): string {
    return this.setting === 'file' ? t('as written') : this.#zone;
  }

  get zoneHelp(): string {
    if (this.setting === 'utc') return t('Times are shown in UTC');
    if (this.setting === 'local') return t('Times are shown in the local zone, {0}', this.#zone);
    return t('Times are shown as they were written; those without an offset are local ({0})', this.#zone);
  }

  /** Minutes east of UTC at which this row is shown. */
  offset(time: Micros, own: number | null): number {
    if (this.setting === 'utc') return 0;
    if (this.setting === 'file' && own !== null) return own;
    const quarter = Math.floor(time / QUARTER);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      if (this.#offsets.size > 2000) this.#offsets.clear();
      offset = zoneOffset(this.#zone, time);
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }

  /** `22:56:00.406`, or with all six digits. */
  time(time: Micros, own: number | null): string {
    if (!isTime(time)) return NO_TIME;
    const shown = time + this.offset(time, own) * MINUTE;
    const ofDay = Math.floor(shown - Math.floor(shown / DAY) * DAY);
    const seconds = Math.floor(ofDay / 1e6);
    const fraction = ofDay - seconds * 1e6;
    const digits = this.microseconds ? pad(fraction, 6) : pad(Math.floor(fraction / 1000), 3);
    return `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}.${digits}`;
  }

  /** A number that differs from day to day in this zone. */
  day(time: Micros, own: number | null): number {
    return isTime(time) ? Math.floor((time + this.offset(time, own) * MINUTE) / DAY) : Number.NaN;
  }

  /** `Fri 2026-11-20`. */
  date(time: Micros, own: number | null): string {
    const day = this.day(time, own);
    if (Number.isNaN(day)) return '';
    let text = this.#days.get(day);
    if (text === undefined) {
      const date = new Date(day * 86_400_000);
      text = `${weekday(date)} ${isoDate(date)}`;
      if (this.#days.size > 2000) this.#days.clear();
      this.#days.set(day, text);
    }
    return text;
  }

  /** `2026-11-20 22:56:00.406171+01:00`. */
  full(time: Micros, own: number | null): string {
    if (!isTime(time)) return t('no time');
    const offset = this.offset(time, own);
    const shown = time + offset * MINUTE;
    const date = isoDate(new Date(Math.floor(shown / DAY) * 86_400_000));
    return `${date} ${new Clock('utc', 'UTC', true).time(shown, null)}${offsetText(offset)}`;
  }
}

/**
 * Reads what a person types at "Go to time": an ISO date or date and time (with `Z` or an offset, else in the clock's zone), a time of
 * day (on the day of `near`), or how long ago: `10m`, `2h ago`, `1d`.
 * @param near the time at the top of the view
 * @param nearOffset its row's own offset
 * @returns null where it is none of these
 */
export function parseTime(input: string, clock: Clock, near: Micros, nearOffset: number | null, now: Micros): Micros | null {
  const text = input.trim();
  if (/^now$/i.test(text)) return now;
  const ago = /^(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)(?:\s+ago)?$/i.exec(text);
  if (ago) return now - Number(ago[1]) * MINUTE * unit(ago[2] ?? '');
  const match =
    /^(?:(\d{4})-(\d\d?)-(\d\d?))?(?:(?:^|[T\s])\s*(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?$/i.exec(
      text,
    );
  if (!match || (match[1] === undefined && match[4] === undefined)) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null;
  const ofDay = (Number(hour) * 60 + Number(minute)) * MINUTE + Number(second) * 1e6 + Number(fraction.padEnd(6, '0'));
  let midnight = clock.day(near, nearOffset) * DAY;
  if (year !== undefined) {
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null;
    midnight = date.getTime() * 1000;
  }
  const wall = midnight + ofDay;
  if (!isTime(wall)) return null;
  if (zone !== undefined) return wall - fixedOffset(zone) * MINUTE;
  // The offset depends on the instant, which depends on the offset: the second look settles all but the hour that a change of clocks skips.
  const guess = wall - clock.offset(wall, nearOffset) * MINUTE;
  return wall - clock.offset(guess, nearOffset) * MINUTE;
}

function unit(letter: string): number {
  const minutes: Record<string, number> = { s: 1 / 60, m: 1, min: 1, h: 60, d: 1440, w: 10_080 };
  return minutes[letter.toLowerCase()] ?? 1;
}

function fixedOffset(zone: string): number {
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  return match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0;
}

function isTime(time: Micros): boolean {
  return Math.abs(time) < LIMIT - DAY * 2;
}

function knownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}

/** Minutes east of UTC. */
function zoneOffset(zone: string, time: Micros): number {
  if (zone === 'UTC' || !isTime(time)) return 0;
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(zone, format);
  }
  const minute = Math.floor(time / MINUTE) * 60_000;
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(minute)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute: minutes = 0 } = parts;
  return (Date.UTC(year, month - 1, day, hour, minutes) - minute) / 60_000;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60), 2)}:${pad(size % 60, 2)}`;
}

function isoDate(date: Date): string {
  return date.toISOString().slice(0, -14);
}

const WEEKDAYS = [t('Sun'), t('Mon'), t('Tue'), t('Wed'), t('Thu'), t('Fri'), t('Sat')];

function weekday(date: Date): string {
  return WEEKDAYS[date.getUTCDay()] ?? '';
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
