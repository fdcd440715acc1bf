/** Makes a record a line of text (https://docs.python.org/3/library/logging.html#formatter-objects). */

import { formatKeys, percentFormat } from '../record/percentFormat.ts';
import { strftime } from '../record/strftime.ts';
import type { LogRecord } from './logRecord.ts';

export interface FormatterOptions {
  /** The date's format, by strftime; `2026-11-20 22:56:00,406` by default. */
  datefmt?: string | undefined;
}

const DEFAULT_FORMAT = '%(message)s';
const DEFAULT_DATE = '%Y-%m-%d %H:%M:%S';

export class Formatter {
  readonly #format: string;
  readonly #usesTime: boolean;
  readonly #datefmt: string | undefined;
  /** The date of a second is written once. */
  #second = Number.NaN;
  #secondText = '';

  /** `fmt` in the `%` style, with the names of LogRecord's attributes: `%(asctime)s %(levelname)-8s %(message)s`. */
  constructor(fmt: string = DEFAULT_FORMAT, { datefmt }: FormatterOptions = {}) {
    this.#format = fmt;
    this.#usesTime = formatKeys(fmt).includes('asctime');
    this.#datefmt = datefmt;
  }

  /** Whether the format names the time. */
  usesTime(): boolean {
    return this.#usesTime;
  }

  /** Throws where the message's arguments do not fit, or the format names what the record has not. */
  format(record: LogRecord): string {
    record.message = record.getMessage();
    if (this.#usesTime) record.asctime = this.formatTime(record, this.#datefmt);
    let text = this.formatMessage(record);
    if (record.excInfo && record.excText === null) record.excText = this.formatException(record.excInfo);
    if (record.excText !== null) text += `${text.endsWith('\n') ? '' : '\n'}${record.excText}`;
    if (record.stackInfo !== null) text += `${text.endsWith('\n') ? '' : '\n'}${this.formatStack(record.stackInfo)}`;
    return text;
  }

  formatMessage(record: LogRecord): string {
    // Most formats are this one.
    if (this.#format === DEFAULT_FORMAT) return record.message;
    return percentFormat(this.#format, record as unknown as Readonly<Record<string, unknown>>);
  }

  /** The record's local time. */
  formatTime(record: LogRecord, datefmt?: string): string {
    const second = Math.floor(record.created);
    if (datefmt !== undefined) return strftime(datefmt, record.created * 1e6);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = strftime(DEFAULT_DATE, second * 1e6);
    }
    return `${this.#secondText},${String(Math.floor(record.msecs)).padStart(3, '0')}`;
  }

  /** An error with its stack and its causes. */
  formatException(error: Error): string {
    const lines: string[] = [];
    const seen = new Set<unknown>();
    for (let next: unknown = error; next !== undefined && !seen.has(next); next = next instanceof Error ? next.cause : undefined) {
      seen.add(next);
      lines.push((next instanceof Error ? next.stack : undefined) ?? String(next));
    }
    return lines.join('\nCaused by: ');
  }

  formatStack(stackInfo: string): string {
    return stackInfo;
  }
}
