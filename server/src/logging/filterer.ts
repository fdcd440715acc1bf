import type { LogRecord } from './logRecord.ts';

/** Says whether a record is let through; an object with such a method, or the function itself. It may change the record. */
export type Filter = ((record: LogRecord) => boolean) | { filter(record: LogRecord): boolean };

/** What loggers and handlers have in common (https://docs.python.org/3/library/logging.html#filter-objects). */
export class Filterer {
  readonly filters: Filter[] = [];

  /** Adds one that is not there yet. */
  addFilter(filter: Filter): void {
    if (!this.filters.includes(filter)) this.filters.push(filter);
  }

  removeFilter(filter: Filter): void {
    const at = this.filters.indexOf(filter);
    if (at >= 0) this.filters.splice(at, 1);
  }

  /** Whether all filters let the record through. */
  filter(record: LogRecord): boolean {
    return this.filters.every((filter) => (typeof filter === 'function' ? filter(record) : filter.filter(record)));
  }
}
