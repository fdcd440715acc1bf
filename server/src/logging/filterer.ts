import type { FilterLike } from './filter.ts';
import type { LogRecord } from './logRecord.ts';

/** What loggers and handlers have in common (https://docs.python.org/3/library/logging.html#filter-objects). */
export class Filterer {
  readonly filters: FilterLike[] = [];

  /** Adds one that is not there yet. */
  addFilter(filter: FilterLike): void {
    if (!this.filters.includes(filter)) this.filters.push(filter);
  }

  removeFilter(filter: FilterLike): void {
    const at = this.filters.indexOf(filter);
    if (at >= 0) this.filters.splice(at, 1);
  }

  /** The record, or the one that filters have put in its place, where all of them let it through; else false. */
  filter(record: LogRecord): LogRecord | false {
    let passed = record;
    for (const filter of this.filters) {
      const answer = typeof filter === 'function' ? filter(passed) : filter.filter(passed);
      if (!answer) return false;
      if (answer !== true) passed = answer;
    }
    return passed;
  }
}
