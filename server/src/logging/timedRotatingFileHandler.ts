import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { nowMicros } from '../writer/clock.ts';
import { makeSchedule, standardSuffix } from '../writer/schedule.ts';
import { BaseRotatingHandler } from './baseRotatingHandler.ts';
import type { FileHandlerOptions } from './fileHandler.ts';
import type { LogRecord } from './logRecord.ts';
import { isNoFile } from './rotatingFileHandler.ts';
import { secondsOf } from './timeOfDay.ts';

export interface TimedRotatingFileHandlerOptions extends Omit<FileHandlerOptions, 'mode'> {
  /** `S` `M` `H` `D` (seconds to days), `midnight`, `W0` (Monday) to `W6`, in any case; 'h' by default. */
  when?: string | undefined;
  /** So many of them; 1 by default. */
  interval?: number | undefined;
  /** Rotated files that are kept; 0 keeps all. */
  backupCount?: number | undefined;
  /** Times and names in UTC instead of the local time. */
  utc?: boolean | undefined;
  /** For midnight and weekdays, the time of the day: `HH:MM`, `HH:MM:SS`, or seconds after midnight; the day's end by default. */
  atTime?: string | number | null | undefined;
}

/**
 * Rotates by time (https://docs.python.org/3/library/logging.handlers.html#timedrotatingfilehandler): a rotated file is named after the
 * beginning of its period. For one thread alone: where several threads or processes write, take ConcurrentTimedRotatingFileHandler.
 */
export class TimedRotatingFileHandler extends BaseRotatingHandler {
  /** In upper case. */
  readonly when: string;
  readonly interval: number;
  readonly utc: boolean;
  backupCount: number;
  /** What follows the file's name and a dot, as a format of dates. */
  suffix: string;
  /** What a suffix looks like of a file that may be deleted; an extension may follow. */
  extMatch: RegExp;
  /** The next rotation, in seconds since the epoch. */
  rolloverAt: number;
  readonly #atTime: number | undefined;

  /** Throws a RangeError for a `when`, an `interval` or an `atTime` that there is not. */
  constructor(filename: string, options: TimedRotatingFileHandlerOptions = {}) {
    const { when = 'h', interval = 1, backupCount = 0, utc = false, atTime } = options;
    super(filename, options);
    this.when = when.toUpperCase();
    this.interval = interval;
    this.utc = utc;
    this.backupCount = backupCount;
    this.#atTime = atTime === undefined || atTime === null ? undefined : secondsOf(atTime);
    this.suffix = standardSuffix(this.when);
    this.extMatch = patternOf(this.suffix);
    const modified = statSync(this.baseFilename, { throwIfNoEntry: false })?.mtimeMs;
    this.rolloverAt = this.computeRollover(Math.floor(modified === undefined ? now() : modified / 1000));
  }

  /** The first rotation after a time, in seconds since the epoch. */
  computeRollover(currentTime: number): number {
    return this.#schedule().next(currentTime);
  }

  /** What the file is called behind its name that a rotation ends which is due at this time, in seconds since the epoch. */
  suffixOf(rolloverAt: number): string {
    return this.#schedule().suffix(rolloverAt);
  }

  override shouldRollover(_record: LogRecord): boolean {
    const current = now();
    if (current < this.rolloverAt) return false;
    if (!isNoFile(this.baseFilename)) return true;
    this.rolloverAt = this.computeRollover(current);
    return false;
  }

  override doRollover(): void {
    this.closeFile();
    const current = now();
    const path = this.rotationFilename(`${this.baseFilename}.${this.suffixOf(this.rolloverAt)}`);
    rmSync(path, { force: true });
    this.rotate(this.baseFilename, path);
    if (this.backupCount > 0) for (const old of this.getFilesToDelete()) rmSync(old, { force: true });
    if (!this.delay) this.openFile();
    this.rolloverAt = this.computeRollover(current);
  }

  /** The oldest rotated files, where there are more than are to be kept; by their names, which tell their times. */
  getFilesToDelete(): string[] {
    const folder = dirname(this.baseFilename);
    const base = basename(this.baseFilename);
    const prefix = `${base.slice(0, base.length - extname(base).length)}.`;
    const found = readdirSync(folder)
      .filter((name) => name.startsWith(prefix) && (this.namer !== null || name.startsWith(base)))
      .filter((name) =>
        name
          .slice(prefix.length)
          .split('.')
          .some((part) => this.extMatch.test(part)),
      )
      .sort()
      .map((name) => join(folder, name));
    return found.slice(0, Math.max(0, found.length - this.backupCount));
  }

  #schedule(): ReturnType<typeof makeSchedule> {
    return makeSchedule({ when: this.when, interval: this.interval, utc: this.utc, atTime: this.#atTime, suffix: this.suffix });
  }
}

const now = (): number => Math.floor(nowMicros() / 1e6);

/** An extension may follow. */
const patternOf = (suffix: string): RegExp => new RegExp(`^${suffix.replace('%Y', '\\d{4}').replace(/%\w/g, '\\d{2}')}(\\.\\w+)?$`);
