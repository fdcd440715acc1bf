import type { ConcurrentFileOptions } from '../writer/concurrentFile.ts';
import { makeSchedule } from '../writer/schedule.ts';
import { ConcurrentHandler, type ConcurrentHandlerOptions } from './concurrentHandler.ts';
import { secondsOf } from './timeOfDay.ts';

export interface ConcurrentTimedHandlerOptions extends ConcurrentHandlerOptions {
  /** `S` `M` `H` `D` (seconds to days), `midnight`, `W0` (Monday) to `W6`, in any case; 'h' by default. */
  when?: string | undefined;
  /** So many of them; 1 by default. */
  interval?: number | undefined;
  /** Times and names in UTC instead of the local time. */
  utc?: boolean | undefined;
  /** For midnight and weekdays, the time of the day: `HH:MM`, `HH:MM:SS`, or seconds after midnight; the day's end by default. */
  atTime?: string | number | null | undefined;
  /** What rotated files are called behind the log's name, by strftime. */
  suffix?: string | null | undefined;
  /** What a suffix looks like of a file that may be deleted; by default what `suffix` writes. */
  extMatch?: RegExp | null | undefined;
}

/**
 * As ConcurrentRotatingFileHandler, rotated by time, and with maxBytes by size as well: `LOG.2026-11-20_10`, then `LOG.2026-11-20_10.1` and
 * so on within a period. When the next rotation is due stands in the lock's file, for all writers, also over restarts.
 */
export class ConcurrentTimedRotatingFileHandler extends ConcurrentHandler {
  readonly when: string;
  readonly interval: number;
  readonly utc: boolean;
  /** Seconds after midnight; null: midnight, and for weekdays the day's end. */
  readonly atTime: number | null;
  #suffix: string | null;
  #extMatch: RegExp | null;

  constructor(filename: string, options: ConcurrentTimedHandlerOptions = {}) {
    super(filename, options);
    const { when = 'h', interval = 1, utc = false, atTime, suffix = null, extMatch = null } = options;
    this.when = when;
    this.interval = interval;
    this.utc = utc;
    this.atTime = atTime === undefined || atTime === null ? null : secondsOf(atTime);
    this.#suffix = suffix;
    this.#extMatch = extMatch;
    // Now, and not with the first record, it is said what cannot be.
    makeSchedule(this.rotation().schedule);
  }

  get suffix(): string | null {
    return this.#suffix;
  }
  set suffix(suffix: string | null) {
    this.#suffix = suffix;
    this.reopen();
  }
  get extMatch(): RegExp | null {
    return this.#extMatch;
  }
  set extMatch(extMatch: RegExp | null) {
    this.#extMatch = extMatch;
    this.reopen();
  }

  protected override rotation(): Required<Pick<ConcurrentFileOptions, 'schedule'>> {
    const { when, interval, utc, atTime } = this;
    return {
      schedule: {
        when,
        interval,
        utc,
        atTime: atTime ?? undefined,
        suffix: this.#suffix ?? undefined,
        extMatch: this.#extMatch ?? undefined,
      },
    };
  }
}
