import type { LogRecord } from './logRecord.ts';

/** Says whether a record is let through. It may change the record, or give another one in its place, as in Python 3.12. */
export type FilterLike = ((record: LogRecord) => boolean | LogRecord) | { filter(record: LogRecord): boolean | LogRecord };

/**
 * Lets records through of the logger of a name and of those below it; of all without a name
 * (https://docs.python.org/3/library/logging.html#filter-objects). Subclasses decide otherwise.
 */
export class Filter {
  readonly name: string;

  constructor(name = '') {
    this.name = name;
  }

  filter(record: LogRecord): boolean | LogRecord {
    return this.name === '' || record.name === this.name || record.name.startsWith(`${this.name}.`);
  }
}
