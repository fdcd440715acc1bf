/** The filter of a view: the last that can be used, and why what was asked for since cannot. */
import type { Filter, ViewState } from '../protocol.ts';
import type { CompiledFilter } from './filter.ts';
import { compileFilter } from './filter.ts';
import { NOTHING } from './predicate.ts';
import { QueryError } from './query/syntax.ts';
import type { QueryContext } from './query/time.ts';

/** Nothing passes. */
const REFUSED: CompiledFilter = { ...NOTHING, all: false, marks: false };

export class FilterInForce {
  /** Undefined until there was one that can be used. */
  asked: Filter | undefined;
  compiled: CompiledFilter = REFUSED;
  error: Pick<ViewState, 'filterError' | 'filterErrorAt'> = {};
  /** What the times of its query are relative to: set with the filter, and with the first records. */
  times: QueryContext = { now: 0 };

  /** @returns whether it can be used; else the one before stays: this one may be half typed */
  take(asked: Filter): boolean {
    const times = { now: Date.now() * 1000 };
    this.error = {};
    if (this.compile(asked, times) === undefined) return false;
    this.asked = asked;
    this.times = times;
    return true;
  }

  /** Counts on what is known by now of records and marks. */
  renew(known: Partial<Pick<QueryContext, 'newest' | 'marked'>>): void {
    this.times = { ...this.times, ...known };
    this.compiled = (this.asked && this.compile(this.asked, this.times)) ?? REFUSED;
  }

  /** It cannot be used after all. */
  refuse(reason: string): void {
    this.compiled = REFUSED;
    this.error = { filterError: reason };
  }

  private compile(filter: Filter, times: QueryContext): CompiledFilter | undefined {
    try {
      return compileFilter(filter, times);
    } catch (error) {
      this.error = { filterError: error instanceof Error ? error.message : String(error) };
      if (error instanceof QueryError) this.error.filterErrorAt = { start: error.start, length: error.length };
      return undefined;
    }
  }
}
