/** Makes a record a line of text (https://docs.python.org/3/library/logging.html#formatter-objects). */

import { errorText } from '../client/errorText.ts';
import { Format, type FormatStyle, type Values } from '../record/formatStyle.ts';
import { percentFormat } from '../record/percentFormat.ts';
import { localtime, type WallClock, writeClock } from '../record/strftime.ts';
import type { LogRecord } from './logRecord.ts';

export interface FormatterOptions {
  /** The date's format, by strftime; `2026-11-20 22:56:00,406` by default. */
  datefmt?: string | null | undefined;
  /** `%(name)s`, `{name}` or `$name`; '%' by default. */
  style?: FormatStyle | undefined;
  /** false takes a format that names no field, too. */
  validate?: boolean | undefined;
  /** Values for names that a record has not. */
  defaults?: Values | undefined;
}

/** From seconds since the epoch to what a clock on the wall shows: localtime, gmtime, or one of your own. */
export type TimeConverter = (seconds: number) => WallClock;

export class Formatter {
  /** For all formatters that have none of their own, as in Python. */
  static converter: TimeConverter = localtime;
  datefmt: string | null;
  /** By strftime: the date where `datefmt` is not given. */
  defaultTimeFormat = '%Y-%m-%d %H:%M:%S';
  /** Puts the date (%s) and the milliseconds (%d) together; null leaves these out. */
  defaultMsecFormat: string | null = '%s,%03d';
  readonly #format: Format;
  #converter: TimeConverter | undefined;
  /** The date of a second is written once. */
  #written: { second: number; converter: TimeConverter; format: string; text: string } | undefined;

  /**
   * `fmt` names LogRecord's attributes: `%(asctime)s %(levelname)-8s %(message)s`. Throws a RangeError for a style that there is not, or
   * a format that is none in its style.
   */
  constructor(fmt?: string | null, { datefmt = null, style = '%', validate = true, defaults }: FormatterOptions = {}) {
    this.#format = new Format(fmt, style, defaults);
    if (validate) this.#format.validate();
    this.datefmt = datefmt;
  }

  /** Makes local times of times, or those in UTC. */
  get converter(): TimeConverter {
    return this.#converter ?? (this.constructor as typeof Formatter).converter;
  }
  set converter(converter: TimeConverter) {
    this.#converter = converter;
  }

  /** Whether the format names the time. */
  usesTime(): boolean {
    return this.#format.usesTime;
  }

  /** Throws where the message's arguments do not fit, or the format names what the record has not. */
  format(record: LogRecord): string {
    record.message = record.getMessage();
    if (this.usesTime()) record.asctime = this.formatTime(record, this.datefmt);
    let text = this.formatMessage(record);
    if (record.excInfo && !record.excText) record.excText = this.formatException(record.excInfo);
    if (record.excText) text += `${text.endsWith('\n') ? '' : '\n'}${record.excText}`;
    if (record.stackInfo) text += `${text.endsWith('\n') ? '' : '\n'}${this.formatStack(record.stackInfo)}`;
    return text;
  }

  formatMessage(record: LogRecord): string {
    // Most formats are this one.
    if (this.#format.isMessage) return record.message;
    return this.#format.fill(record as unknown as Values);
  }

  /** The record's time, as `datefmt` says, or as the defaults say. */
  formatTime(record: LogRecord, datefmt?: string | null): string {
    if (datefmt) return this.#date(datefmt, record.created);
    const text = this.#date(this.defaultTimeFormat, record.created);
    if (!this.defaultMsecFormat) return text;
    if (this.defaultMsecFormat === '%s,%03d') return `${text},${String(Math.floor(record.msecs)).padStart(3, '0')}`;
    return percentFormat(this.defaultMsecFormat, [text, record.msecs]);
  }

  /** An error with its stack, its causes, and all errors of an AggregateError. */
  formatException(error: Error): string {
    return errorText(error);
  }

  formatStack(stackInfo: string): string {
    return stackInfo;
  }

  #date(format: string, created: number): string {
    const { converter } = this;
    const second = Math.floor(created);
    const last = this.#written;
    if (last?.second === second && last.converter === converter && last.format === format) return last.text;
    const text = writeClock(format, converter(created));
    this.#written = { second, converter, format, text };
    return text;
  }
}

/** What a handler without a formatter uses. */
export const defaultFormatter = new Formatter();
