/**
 * The generations of a log that is rotated by time, and by size within a period: LOG.SUFFIX for a period's first, LOG.SUFFIX.1 for its
 * second, and so on, each plain or gzipped (`.gz`). When the next rotation is due stands in the lock's file, for all writers.
 */

import { lstatSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LockFile } from './lockFile.ts';
import type { Form, Rotation, Rotator } from './rotation.ts';
import type { Schedule } from './schedule.ts';
import { formsAt, freeSlot, isNewer, modified, type Slots } from './slots.ts';

export interface TimedRotationOptions {
  /** The log's absolute path. */
  log: string;
  lock: LockFile;
  schedule: Schedule;
  /** Rotated also when the log has so many bytes. 0: by time only. */
  maxBytes: number;
  /** Files that are kept, the newest ones. 0: all. */
  backupCount: number;
  /** Changes the name of a generation before `.N` and `.gz` are added; `LOG.SUFFIX` by default. The suffix must stay in it. */
  namer?: ((name: string) => string) | undefined;
  rotator?: Rotator | undefined;
  /** The time, in seconds since the epoch. */
  now?: () => number;
}

interface Generation {
  path: string;
  suffix: string;
  number: number;
}

/** A suffix that no log has, to see where a namer puts it. */
const PROBE = '0001-01-01_00-00-00';

/** What is smaller was never a time of a rotation: a zero, say. Generations would be named by the days before the epoch. */
const FIRST_TIME = 1_000_000;

export class TimedRotation implements Rotation {
  readonly keeps = true;
  readonly #log: string;
  readonly #lock: LockFile;
  readonly #schedule: Schedule;
  readonly #maxBytes: number;
  /** Infinity: all. */
  readonly #backupCount: number;
  #kept: number;
  readonly #move: Rotator;
  readonly #name: (suffix: string) => string;
  readonly #clock: () => number;
  /** As of the last refresh: the time, and when the next rotation is due. */
  #now = 0;
  #due = 0;

  /** Throws a RangeError where the namer drops the suffix: the periods would overwrite each other. */
  constructor(options: TimedRotationOptions) {
    const { log, lock, schedule, maxBytes, backupCount, namer = (name) => name, rotator = renameSync } = options;
    const { now = () => Date.now() / 1000 } = options;
    this.#log = log;
    this.#lock = lock;
    this.#schedule = schedule;
    this.#maxBytes = maxBytes;
    this.#backupCount = backupCount === 0 ? Number.POSITIVE_INFINITY : backupCount;
    this.#kept = this.#backupCount;
    this.#move = rotator;
    this.#name = (suffix) => namer(`${log}.${suffix}`);
    this.#clock = now;
    if (!this.#name(PROBE).includes(PROBE)) throw new RangeError("namer: the generation's date and time must stay in its name");
  }

  /** The time is what stands in the lock's file, else counted from the log's last record, or from now. */
  refresh(): void {
    this.#now = this.#clock();
    const text = this.#lock.readText();
    if (/^\d{1,12}$/.test(text) && Number(text) >= FIRST_TIME) {
      this.#due = Number(text);
      return;
    }
    const log = lstatSync(this.#log, { throwIfNoEntry: false });
    this.#setDue(log && log.size > 0 ? log.mtimeMs / 1000 : this.#now);
  }

  keepAtLeast(generations: number): void {
    this.#kept = Math.max(this.#backupCount, generations);
  }

  isDue(size: number): boolean {
    if (this.#maxBytes > 0 && size >= this.#maxBytes) return true;
    if (this.#now < this.#due) return false;
    if (size > 0) return true;
    // Nothing has been written in that period: there is nothing to rotate.
    this.#setDue(this.#now);
    return false;
  }

  begin(): string {
    return this.#schedule.suffix(this.#due);
  }

  enterLog(log: string, mark: string): void {
    const newest = this.#generations().filter(({ suffix }) => suffix === mark);
    const slot = 1 + Math.max(-1, ...newest.map(({ number }) => number));
    this.#move(log, this.#slots(mark).path(slot));
    this.advance();
    this.#deleteOldest();
  }

  /** Comes after the rename: a kill in between leaves the old time, by which the next writer names what came since. */
  advance(): void {
    if (this.#now >= this.#due) this.#setDue(this.#now);
  }

  /** Before those of its period that are newer, which move up. CLH's, which know no period in flight, get that of their last record. */
  enterInFlight(path: string, form: Form, mark: string): void {
    const age = modified(path);
    const suffix = this.#schedule.pattern.test(mark) ? mark : this.#schedule.suffix(this.#schedule.next(Number(age / 1_000_000_000n)));
    const slots = this.#slots(suffix);
    const present = this.#generations().filter((generation) => generation.suffix === suffix);
    const older = present.filter(({ number }) => formsAt(slots, number).length > 0 && !isNewer(slots, number, age));
    const slot = 1 + Math.max(-1, ...older.map(({ number }) => number));
    freeSlot(slots, slot);
    this.#move(path, slots.path(slot) + form);
    this.#deleteOldest();
  }

  #slots(suffix: string): Slots {
    const first = this.#name(suffix);
    return { path: (slot) => (slot === 0 ? first : `${first}.${slot}`), last: Number.POSITIVE_INFINITY };
  }

  #setDue(last: number): void {
    this.#due = Math.floor(this.#schedule.next(last));
    this.#lock.writeText(String(this.#due));
  }

  #deleteOldest(): void {
    if (this.#kept === Number.POSITIVE_INFINITY) return;
    const generations = this.#generations().sort((a, b) => this.#age(a) - this.#age(b) || a.number - b.number);
    for (const { path } of generations.slice(0, Math.max(0, generations.length - this.#kept))) unlinkSync(path);
  }

  /** By the date in the name; where a suffix does not tell one, by the last record. Seconds. */
  #age({ path, suffix }: Generation): number {
    return this.#schedule.order(suffix) ?? Number(modified(path) / 1_000_000_000n);
  }

  /** All files of the log that a rotation by this schedule has named. */
  #generations(): Generation[] {
    const probe = this.#name(PROBE);
    const folder = dirname(probe);
    const name = basename(probe);
    const at = name.indexOf(PROBE);
    const [before, after] = [name.slice(0, at), name.slice(at + PROBE.length)].map((part) => part.replace(META, '\\$&'));
    const pattern = new RegExp(`^${before}(.+?)${after}(?:\\.(\\d{1,9}))?(?:\\.gz)?$`, 's');
    return readdirSync(folder).flatMap((present) => {
      const [, suffix = '', number = '0'] = pattern.exec(present) ?? [];
      return this.#schedule.pattern.test(suffix) ? [{ path: join(folder, present), suffix, number: Number(number) }] : [];
    });
  }
}

const META = /[\\^$.*+?()[\]{}|/-]/g;
