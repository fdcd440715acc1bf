import { defaultFormatter, type Formatter } from './formatter.ts';
import type { LogRecord } from './logRecord.ts';

/** Formats many records at once; subclasses add a header and a footer (https://docs.python.org/3/library/logging.html#logging.BufferingFormatter). */
export class BufferingFormatter {
  readonly linefmt: Formatter;

  /** `linefmt` formats each record; by default as a Formatter without a format does. */
  constructor(linefmt: Formatter = defaultFormatter) {
    this.linefmt = linefmt;
  }

  formatHeader(_records: readonly LogRecord[]): string {
    return '';
  }

  formatFooter(_records: readonly LogRecord[]): string {
    return '';
  }

  /** Empty where there are no records. */
  format(records: readonly LogRecord[]): string {
    if (records.length === 0) return '';
    return this.formatHeader(records) + records.map((record) => this.linefmt.format(record)).join('') + this.formatFooter(records);
  }
}
