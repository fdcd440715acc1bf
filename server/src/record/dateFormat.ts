/**
 * Stamps of any shape, as strftime describes them (https://docs.python.org/3/library/datetime.html#format-codes), and seconds since the
 * epoch. A format is compiled once to steps over bytes; no regex per line.
 */
import { fixedNumber, fractionMicros, isAlphanumeric, isDigit, literalAt, skipBlanks, skipDigits } from './bytes.ts';
import { Calendar, isDate } from './calendar.ts';
import type { FileContext } from './head.ts';
import type { Stamp, StampParser } from './timestamp.ts';
import { StampReader } from './timestamp.ts';

/** Months by their first three letters, lower case, in one number. */
const monthCode = (a: number, b: number, c: number): number => ((a | 0x20) << 16) | ((b | 0x20) << 8) | (c | 0x20);
const months = new Map(
  ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].map((name, index) => [
    monthCode(name.charCodeAt(0), name.charCodeAt(1), name.charCodeAt(2)),
    index + 1,
  ]),
);

type Step = { kind: 'literal'; bytes: Uint8Array } | { kind: 'directive'; code: string };

/** Directives that stand for others. */
const composed: Record<string, string> = {
  T: '%H:%M:%S',
  X: '%H:%M:%S',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  F: '%Y-%m-%d',
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  c: '%a %b %d %H:%M:%S %Y',
};
/** Those that one can write but not read back, or other names of others. */
const same: Record<string, string> = { e: 'd', k: 'H', l: 'I', h: 'b', B: 'b', A: 'a', P: 'p' };
const readable = 'YmdHMSfIpybazZjs';

/** Of these, at least one in a stamp tells a date. */
const dated = 'Yymdbjs';

/** Whether stamps of a strftime format tell no date. */
export const isDateless = (format: string): boolean =>
  compile(format).every((step) => step.kind === 'literal' || !dated.includes(step.code));

/** A day of leeway for clocks and zones, before a stamp without a year counts as the year before. */
const DAY = 86_400e6;

/** @throws RangeError where a directive cannot be read back */
function compile(format: string): Step[] {
  const steps: Step[] = [];
  const literal = (text: string): void => {
    steps.push({ kind: 'literal', bytes: Buffer.from(text) });
  };
  for (let at = 0; at < format.length; ) {
    const percent = format.indexOf('%', at);
    if (percent !== at) {
      literal(format.slice(at, percent === -1 ? undefined : percent));
      if (percent === -1) break;
    }
    // glibc's flags say how to pad, which reading does not ask.
    const flagged = /^%[-_0^#]?(.)/su.exec(format.slice(percent));
    const letter = flagged?.[1] ?? '';
    const code = same[letter] ?? letter;
    at = percent + (flagged?.[0].length ?? 1);
    if (letter === '%') literal('%');
    else if (letter === 'n' || letter === 't') literal(letter === 'n' ? '\n' : '\t');
    else if (composed[letter] !== undefined) steps.push(...compile(composed[letter]));
    else if (code !== '' && readable.includes(code)) steps.push({ kind: 'directive', code });
    else throw new RangeError(`%${letter} in ${JSON.stringify(format)} is no date format that can be read back`);
  }
  return steps;
}

/** Reads stamps of one strftime format. A fraction behind the seconds is taken even where the format has none. */
export class DateFormat implements StampParser {
  readonly stamp: Stamp = { time: 0, offset: null, end: 0 };
  private readonly steps: readonly Step[];
  private readonly calendar = new Calendar();
  private readonly fields = emptyFields();
  /** µs: stamps without a year are before this; and its year. */
  private limit = Number.NaN;
  private latestYear = 0;

  /**
   * @param format of strftime
   * @param wholeMillis digits behind the seconds' point are a number of ms, not a fraction: `%(asctime)s,%(msecs)d`
   * @throws RangeError where a directive cannot be read back
   */
  constructor(
    format: string,
    private readonly context: FileContext,
    private readonly wholeMillis = false,
  ) {
    this.steps = compile(format);
  }

  read(bytes: Uint8Array, at: number, end: number): boolean {
    const { steps } = this;
    const first = steps[0];
    // Most lines are told apart by their first byte.
    if (first === undefined || (first.kind === 'directive' && !isAlphanumeric(bytes[at] ?? 0) && bytes[at] !== 0x20)) return false;
    const { fields } = this;
    clear(fields);
    let i = at;
    for (let step = 0; step < steps.length; step++) {
      const current = steps[step];
      if (current === undefined) return false;
      if (current.kind === 'literal') {
        if (!literalAt(bytes, i, end, current.bytes)) return false;
        i += current.bytes.length;
      } else {
        i = this.readField(current.code, bytes, i, end);
        if (i === -1) return false;
        if (current.code === 'S') {
          const next = steps[step + 1];
          if (next?.kind !== 'literal' || !literalAt(bytes, i, end, next.bytes)) i = this.readFraction(bytes, i, end);
        }
      }
    }
    const time = this.toTime();
    if (Number.isNaN(time)) return false;
    this.stamp.time = time;
    this.stamp.offset = fields.offset;
    this.stamp.end = i;
    return true;
  }

  private readFraction(bytes: Uint8Array, at: number, end: number): number {
    if ((bytes[at] !== 0x2e && bytes[at] !== 0x2c) || at + 1 >= end || !isDigit(bytes[at + 1])) return at;
    const after = skipDigits(bytes, at + 1, end);
    this.fields.micros =
      this.wholeMillis && after - at - 1 <= 3
        ? fixedNumber(bytes, at + 1, after - at - 1, end) * 1000
        : fractionMicros(bytes, at + 1, after);
    return after;
  }

  /** The byte after the field; -1 where it is not there. */
  private readField(code: string, bytes: Uint8Array, at: number, end: number): number {
    const { fields } = this;
    if (code === 'Y') {
      fields.year = fixedNumber(bytes, at, 4, end);
      return fields.year < 1 ? -1 : at + 4;
    }
    if (code === 'a' || code === 'b' || code === 'p') return this.readName(code, bytes, at, end);
    if (code === 'z' || code === 'Z') return this.readZone(code, bytes, at, end);
    if (code === 'f') {
      const after = skipDigits(bytes, at, Math.min(end, at + 9));
      if (after === at) return -1;
      fields.micros = fractionMicros(bytes, at, after);
      return after;
    }
    if (code === 's') {
      const after = skipDigits(bytes, at, Math.min(end, at + 12));
      if (after === at) return -1;
      fields.epoch = fixedNumber(bytes, at, after - at, end);
      return after;
    }
    // Days and hours may be padded with a blank, or not at all.
    const from = code === 'd' || code === 'H' || code === 'I' ? (bytes[at] === 0x20 ? at + 1 : at) : at;
    const after = skipDigits(bytes, from, Math.min(end, from + (code === 'j' ? 3 : 2)));
    if (after === from) return -1;
    const value = fixedNumber(bytes, from, after - from, end);
    if (code === 'm') fields.month = value;
    else if (code === 'd') fields.day = value;
    else if (code === 'H') fields.hour = value;
    else if (code === 'M') fields.minute = value;
    else if (code === 'S') fields.second = value;
    else if (code === 'I') fields.hour = value >= 1 && value <= 12 ? value % 12 : 99;
    else if (code === 'y') fields.year = value < 69 ? 2000 + value : 1900 + value;
    else if (code === 'j') fields.dayOfYear = value;
    // 20 for a year of 2026 is none.
    if ((code === 'M' || code === 'S' || code === 'y') && after - from !== 2) return -1;
    return after;
  }

  private readName(code: string, bytes: Uint8Array, at: number, end: number): number {
    const { fields } = this;
    const a = (bytes[at] ?? 0) | 0x20;
    if (code === 'p') {
      if ((a !== 0x61 && a !== 0x70) || at + 1 >= end || ((bytes[at + 1] ?? 0) | 0x20) !== 0x6d) return -1;
      fields.afternoon = a === 0x70;
      return at + 2;
    }
    let after = at;
    while (after < end && after < at + 12 && isAlphanumeric(bytes[after] ?? 0) && !isDigit(bytes[after])) after++;
    if (after - at < 3) return -1;
    if (code === 'b') {
      const month = months.get(monthCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0));
      if (month === undefined) return -1;
      fields.month = month;
    }
    // `Sep.`, as some write it.
    return after < end && bytes[after] === 0x2e ? after + 1 : after;
  }

  private readZone(code: string, bytes: Uint8Array, at: number, end: number): number {
    const { fields } = this;
    const sign = bytes[at];
    if (code === 'z' && (sign === 0x2b || sign === 0x2d)) {
      const hours = fixedNumber(bytes, at + 1, 2, end);
      const colon = bytes[at + 3] === 0x3a ? 1 : 0;
      const minutes = fixedNumber(bytes, at + 3 + colon, 2, end);
      if (hours < 0 || hours > 23 || minutes > 59) return -1;
      fields.offset = (sign === 0x2d ? -1 : 1) * (hours * 60 + Math.max(0, minutes));
      return minutes < 0 ? at + 3 : at + 5 + colon;
    }
    let after = at;
    while (after < end && after < at + 5 && isAlphanumeric(bytes[after] ?? 0)) after++;
    const name = Buffer.from(bytes.subarray(at, after)).toString('latin1');
    // Names of zones are not unique: only UTC's are taken at their word, any other one means the local zone.
    if (name === 'UTC' || name === 'GMT' || name === 'Z') fields.offset = 0;
    else if (!/^[A-Z]{2,4}T$/.test(name)) return -1;
    return after;
  }

  /** NaN where the fields make no time. */
  private toTime(): number {
    const { fields, calendar } = this;
    if (fields.epoch >= 0) return fields.epoch * 1e6 + fields.micros;
    if (fields.hour > 23 || fields.minute > 59 || fields.second > 60) return Number.NaN;
    const hour = fields.hour + (fields.afternoon ? 12 : 0);
    if (hour > 23) return Number.NaN;
    const micros = fields.second * 1e6 + fields.micros;
    const at = (year: number, month: number, day: number): number =>
      calendar.minute(year, month, day, hour, fields.minute, fields.offset) + micros;
    if (fields.dayOfYear > 0 && fields.year > 0) return at(fields.year, 1, 1) + (fields.dayOfYear - 1) * DAY;
    if (fields.year > 0) return isDate(fields.year, fields.month, fields.day) ? at(fields.year, fields.month, fields.day) : Number.NaN;
    const modified = this.context.modified();
    if (fields.month === 0) {
      // No date at all: that of the file's last change, or the day before.
      const today = new Date(modified / 1000);
      const time = at(today.getFullYear(), today.getMonth() + 1, today.getDate());
      return time > modified ? time - DAY : time;
    }
    const limit = modified + DAY;
    if (limit !== this.limit) {
      this.limit = limit;
      this.latestYear = new Date(limit / 1000).getFullYear();
    }
    for (let year = this.latestYear; year > this.latestYear - 9; year--) {
      if (!isDate(year, fields.month, fields.day)) continue;
      const time = at(year, fields.month, fields.day);
      if (time <= limit) return time;
    }
    return Number.NaN;
  }
}

interface Fields {
  year: number;
  month: number;
  day: number;
  dayOfYear: number;
  hour: number;
  minute: number;
  second: number;
  micros: number;
  epoch: number;
  afternoon: boolean;
  offset: number | null;
}

function clear(fields: Fields): Fields {
  fields.year = 0;
  fields.month = 0;
  fields.day = 1;
  fields.dayOfYear = 0;
  fields.hour = 0;
  fields.minute = 0;
  fields.second = 0;
  fields.micros = 0;
  fields.epoch = -1;
  fields.afternoon = false;
  fields.offset = null;
  return fields;
}

const emptyFields = (): Fields =>
  clear({ year: 0, month: 0, day: 1, dayOfYear: 0, hour: 0, minute: 0, second: 0, micros: 0, epoch: -1, afternoon: false, offset: null });

/** µs in a number of digits that count seconds, ms, µs or ns since the epoch; NaN where it is no such time (1985 to 2286). */
export function epochMicros(value: number, digits: number): number {
  if (digits === 10 || digits === 9) return value >= 5e8 ? value * 1e6 : Number.NaN;
  if (digits === 13 || digits === 12) return value >= 5e11 ? value * 1e3 : Number.NaN;
  if (digits === 16 || digits === 15) return value >= 5e14 ? value : Number.NaN;
  if (digits === 19 || digits === 18) return value >= 5e17 ? Math.floor(value / 1e3) : Number.NaN;
  return Number.NaN;
}

/** Reads seconds (with a fraction), ms, µs or ns since the epoch, told apart by the number of digits. */
export class EpochStamp implements StampParser {
  readonly stamp: Stamp = { time: 0, offset: 0, end: 0 };

  read(bytes: Uint8Array, at: number, end: number): boolean {
    const from = skipBlanks(bytes, at, Math.min(end, at + 4));
    const after = skipDigits(bytes, from, Math.min(end, from + 20));
    // The last three digits of ns are more than a double holds.
    const length = after - from;
    let time = length === 19 ? fixedNumber(bytes, from, 16, end) : epochMicros(fixedNumber(bytes, from, length, end), length);
    if (Number.isNaN(time) || length < 9) return false;
    let i = after;
    if ((bytes[i] === 0x2e || bytes[i] === 0x2c) && i + 1 < end && isDigit(bytes[i + 1])) {
      const fraction = skipDigits(bytes, i + 1, end);
      if (length <= 10) time += fractionMicros(bytes, i + 1, fraction);
      i = fraction;
    }
    this.stamp.time = time;
    this.stamp.end = i;
    return true;
  }
}

/**
 * A reader of stamps.
 * @param datefmt of strftime; undefined for ISO 8601, `%s` for any number since the epoch
 * @throws RangeError where a directive cannot be read back
 */
export function createStamp(datefmt: string | undefined, context: FileContext, wholeMillis = false): StampParser {
  if (datefmt === undefined) return new StampReader();
  return datefmt === '%s' ? new EpochStamp() : new DateFormat(datefmt, context, wholeMillis);
}
