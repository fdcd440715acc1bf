/**
 * Time stamps of log lines, read from bytes and written. A time is µs since the epoch, UTC, in a double (exact until the year 2255).
 */

import { fixedNumber, isDigit } from './bytes.ts';
import { Calendar, isDate } from './calendar.ts';

const digit = (bytes: Uint8Array, at: number): number => (bytes[at] as number) - 0x30;

/** Four bytes that are there, as one number. */
const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);

/** µs of the last digit of a second's fraction, by its digits. */
const microUnits = [0, 100_000, 10_000, 1000, 100, 10, 1];

/** A stamp that was found. Reused: copy what is to be kept. */
export interface Stamp {
  /** µs since the epoch, UTC. */
  time: number;
  /** The stamp's own offset from UTC in minutes; null where it names none and the local zone was taken. */
  offset: number | null;
  /** Byte after the stamp. */
  end: number;
}

/** Reads stamps of one kind. */
export interface StampParser {
  readonly stamp: Stamp;
  /** True where a stamp stands at exactly `at`, within `end`; it is then in `this.stamp`. */
  read(bytes: Uint8Array, at: number, end: number): boolean;
}

/** Whether 3 digits stand here, and then something else. */
const areMillis = (bytes: Uint8Array, at: number, end: number): boolean =>
  fixedNumber(bytes, at, 3, end) !== -1 && !(at + 3 < end && (isDigit(bytes[at + 3]) || bytes[at + 3] === 0x3a));

/**
 * Reads `YYYY-MM-DD HH:MM:SS`, with `T` for the blank, `.` or `,` and 1 to 9 digits of a second (or `:` and just 3), and `Z`, `+HH:MM` or `+HHMM` behind it
 * (ISO 8601; Python's asctime; Safelog's own, whose fraction is absent at 0 µs). Second 60 is a leap second's. Without an offset the machine's local zone counts.
 *
 * Neighbouring lines share their minute: the last one is kept, so that most stamps cost a comparison of 16 bytes.
 */
export class StampReader implements StampParser {
  readonly stamp: Stamp = { time: 0, offset: null, end: 0 };
  /** The kept minute's 16 bytes; the first number is none at first. */
  private date = Number.NaN;
  private monthDay = 0;
  private dayHour = 0;
  private minute = 0;
  private readonly calendar = new Calendar();
  /** µs of the kept minute, read as UTC. */
  private utcMinute = 0;

  read(bytes: Uint8Array, at: number, end: number): boolean {
    if (end - at < 19) return false;
    const first = bytes[at] as number;
    if (first < 0x30 || first > 0x39) return false;
    if (
      word(bytes, at + 12) !== this.minute ||
      word(bytes, at + 8) !== this.dayHour ||
      word(bytes, at + 4) !== this.monthDay ||
      word(bytes, at) !== this.date
    ) {
      if (!this.readMinute(bytes, at)) return false;
    }
    const tens = digit(bytes, at + 17);
    const ones = digit(bytes, at + 18);
    if (bytes[at + 16] !== 0x3a || tens < 0 || tens > 6 || ones < 0 || ones > (tens === 6 ? 0 : 9)) return false;
    let micros = (tens * 10 + ones) * 1_000_000;
    let i = at + 19;
    const separator = i < end ? (bytes[i] as number) : 0;
    if (separator === 0x2e || separator === 0x2c || (separator === 0x3a && areMillis(bytes, i + 1, end))) {
      let fraction = 0;
      let next = i + 1;
      for (; next < end; next++) {
        const value = digit(bytes, next);
        if (value < 0 || value > 9) break;
        if (next <= i + 6) fraction = fraction * 10 + value;
      }
      if (next > i + 1) {
        micros += fraction * (microUnits[Math.min(6, next - i - 1)] as number);
        i = next;
      }
    }
    const { stamp } = this;
    stamp.offset = null;
    const sign = i < end ? (bytes[i] as number) : 0;
    if (sign === 0x5a) {
      stamp.offset = 0;
      i++;
    } else if (i + 4 < end && (sign === 0x2b || sign === 0x2d)) {
      const colon = bytes[i + 3] === 0x3a ? 1 : 0;
      const h1 = digit(bytes, i + 1);
      const h2 = digit(bytes, i + 2);
      const m1 = digit(bytes, i + 3 + colon);
      if (h1 >= 0 && h1 <= 2 && h2 >= 0 && h2 <= 9 && m1 >= 0 && m1 <= 5 && i + 4 + colon < end) {
        const m2 = digit(bytes, i + 4 + colon);
        if (m2 >= 0 && m2 <= 9) {
          if (h1 * 10 + h2 > 23) return false;
          stamp.offset = (sign === 0x2d ? -1 : 1) * ((h1 * 10 + h2) * 60 + m1 * 10 + m2);
          i += 5 + colon;
        }
      }
    }
    stamp.time = (stamp.offset === null ? this.calendar.local(this.utcMinute) : this.utcMinute - stamp.offset * 60e6) + micros;
    stamp.end = i;
    return true;
  }

  private readMinute(bytes: Uint8Array, at: number): boolean {
    const number = (from: number, length: number): number => {
      let value = 0;
      for (let i = from; i < from + length; i++) {
        const d = digit(bytes, at + i);
        if (d < 0 || d > 9) return -1;
        value = value * 10 + d;
      }
      return value;
    };
    const blank = bytes[at + 10];
    if (bytes[at + 4] !== 0x2d || bytes[at + 7] !== 0x2d || bytes[at + 13] !== 0x3a || (blank !== 0x20 && blank !== 0x54)) return false;
    const year = number(0, 4);
    const month = number(5, 2);
    const day = number(8, 2);
    const hour = number(11, 2);
    const minute = number(14, 2);
    if (!isDate(year, month, day) || hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
    this.date = word(bytes, at);
    this.monthDay = word(bytes, at + 4);
    this.dayHour = word(bytes, at + 8);
    this.minute = word(bytes, at + 12);
    this.utcMinute = this.calendar.minute(year, month, day, hour, minute, 0);
    return true;
  }
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** `YYYY-MM-DD HH:MM:SS.ffffff+00:00`, the fraction absent at 0 µs, as the original writes it. */
export function formatSafelog(micros: number): string {
  const iso = formatIso(micros);
  const fraction = iso.slice(19, 26);
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction === '.000000' ? '' : fraction}+00:00`;
}

/** ISO 8601 in UTC with always 6 digits: `2026-11-20T22:56:00.406171Z`. */
export function formatIso(micros: number): string {
  const whole = Math.floor(micros / 1e6);
  const fraction = Math.floor(micros - whole * 1e6);
  return `${new Date(whole * 1000).toISOString().slice(0, 19)}.${pad(fraction, 6)}Z`;
}

/**
 * A time as a person gives it: ISO 8601 (a date, or date and time, with any fraction; without an offset in the local zone) or `10m`,
 * `2h`, `1d`, `30s` before `reference`. Undefined for anything else.
 */
export function parseTime(text: string, reference: number): number | undefined {
  const ago = /^(\d+(?:\.\d+)?)\s*(s|m|h|d|w)$/.exec(text.trim());
  if (ago !== null) {
    const unit = { s: 1e6, m: 60e6, h: 3600e6, d: 86400e6, w: 7 * 86400e6 }[ago[2] as 's' | 'm' | 'h' | 'd' | 'w'];
    return Math.round(reference - Number(ago[1]) * unit);
  }
  const parts = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?::(\d\d(?:[.,]\d{1,9})?))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text.trim());
  if (parts === null) return undefined;
  const [, date, minute = '00:00', seconds = '00', zone = ''] = parts;
  const [whole = '00', fraction] = seconds.split(/[.,]/);
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone;
  const stamp = Buffer.from(`${date} ${minute}:${whole}${fraction === undefined ? '' : `.${fraction}`}${offset}`);
  const reader = new StampReader();
  return reader.read(stamp, 0, stamp.length) && reader.stamp.end === stamp.length ? reader.stamp.time : undefined;
}
