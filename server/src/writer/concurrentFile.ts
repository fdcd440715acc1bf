/**
 * One log that any number of threads, processes and programs append to at once, Python's concurrent-log-handler among them. Every batch
 * of records is written under the lock, into the file that then has the log's name; a log that has reached its size is rotated first.
 */

import { constants, existsSync, fstatSync, ftruncateSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Access, correctAccess, openOrMake, openRegular } from './access.ts';
import { closeQuietly } from './closeQuietly.ts';
import { adoptStranded, InFlight } from './inFlight.ts';
import { LockFile } from './lockFile.ts';
import { makeOpenFileCheck, type OpenFileCheck } from './openFileCheck.ts';
import { Peers, type Settings } from './peers.ts';
import type { Rotation, Rotator } from './rotation.ts';
import { makeSchedule, type ScheduleOptions } from './schedule.ts';
import { SizeRotation } from './sizeRotation.ts';
import { TimedRotation } from './timedRotation.ts';
import { writeWhole } from './writeWhole.ts';

export interface ConcurrentFileOptions {
  /** The log's absolute path. */
  path: string;
  /** The log is rotated before a record when it has so many bytes or more. 0: never. */
  maxBytes?: number | undefined;
  /** The log is rotated by time as well. All its writers must have the same schedule. */
  schedule?: ScheduleOptions | undefined;
  /** Rotated generations that are kept. 0: the log is emptied instead of being rotated; with a schedule, all are kept. */
  backupCount?: number | undefined;
  useGzip?: boolean | undefined;
  /** Where the lock's file lies; beside the log by default. */
  lockFileDirectory?: string | undefined;
  /** Of the log, its lock and its rotations. By default the umask leaves what it leaves of rw-rw-rw-. */
  access?: Access | undefined;
  /** Closes the log after each batch. */
  keepFileOpen?: boolean | undefined;
  namer?: ((name: string) => string) | undefined;
  rotator?: Rotator | undefined;
  /** Bytes that every new log begins with: an encoding's byte order mark. */
  preamble?: Uint8Array | undefined;
  /** The log is emptied before the first record. */
  isEmptied?: boolean | undefined;
  /** Longest wait for the lock, ms; 1000 by default. The thread sleeps meanwhile. */
  lockLimitMs?: number | undefined;
  /** Told what went wrong with a rotation. The records are written all the same. */
  onRotationError?: ((error: unknown) => void) | undefined;
  /** Told once that another writer of the log has other settings. Without it the writers do not tell each other. */
  onDiffer?: ((other: Settings) => void) | undefined;
  /** Told what is done to the files. */
  onStep?: ((step: string) => void) | undefined;
  /** Neither the log nor its lock may be a symbolic link, nor the log anything but a file. */
  noFollow?: boolean | undefined;
}

/** Where a held log's next bytes go. */
export interface HeldFile {
  /** Of the file that has the log's name. */
  dev: bigint;
  ino: bigint;
  /** Its bytes, after which the next ones come. */
  size: number;
}

/** Another writer held the lock for longer than the limit; nothing was written. */
export class LockTimeoutError extends Error {
  override name = 'LockTimeoutError';
  readonly code = 'ELOCKTIMEOUT';
}

/** Longer than any holder needs, but for one that compresses under the lock, or stands at a breakpoint. */
const DEFAULT_LOCK_LIMIT_MS = 1000;
/** A program that rotates faster than the thread pool compresses, or never lets the event loop turn, waits for its compression. */
const MAX_WAITING = 3;

export class ConcurrentFile {
  readonly path: string;
  readonly #lock: LockFile;
  readonly #rotation: Rotation;
  readonly #useGzip: boolean;
  readonly #keepFileOpen: boolean;
  readonly #lockLimitMs: number;
  readonly #access: Access;
  readonly #noFollow: boolean;
  readonly #preamble: Uint8Array | undefined;
  readonly #peers: Peers | null;
  readonly #onStep: ((step: string) => void) | undefined;
  #onDiffer: ((other: Settings) => void) | undefined;
  readonly #onRotationError: (error: unknown) => void;
  readonly #check: OpenFileCheck;
  #fd: number | null = null;
  /** Of the open file; null: not asked for yet. */
  #place: Pick<HeldFile, 'dev' | 'ino'> | null = null;
  #isFirst = true;
  #mustEmpty: boolean;
  #hasToldAccess = false;
  readonly #waiting: InFlight[] = [];
  #compressing: Promise<void> | null = null;

  /** Opens nothing yet. Throws where this machine has no flock that can be called, and a RangeError for a schedule that there is not. */
  constructor(options: ConcurrentFileOptions) {
    this.path = options.path;
    this.#check = makeOpenFileCheck(options.path);
    this.#useGzip = options.useGzip ?? false;
    this.#keepFileOpen = options.keepFileOpen ?? true;
    this.#lockLimitMs = options.lockLimitMs ?? DEFAULT_LOCK_LIMIT_MS;
    const { access = {}, preamble, isEmptied = false, onDiffer } = options;
    this.#access = access;
    this.#noFollow = options.noFollow ?? false;
    this.#preamble = preamble;
    this.#mustEmpty = isEmptied;
    this.#onDiffer = onDiffer;
    this.#onStep = options.onStep;
    this.#onRotationError = options.onRotationError ?? (() => {});
    this.#lock = new LockFile({ log: options.path, directory: options.lockFileDirectory, access, noFollow: options.noFollow });
    const { path: log, maxBytes = 0, backupCount = 0, schedule, namer, rotator } = options;
    this.#rotation = schedule
      ? new TimedRotation({ log, lock: this.#lock, schedule: makeSchedule(schedule), maxBytes, backupCount, namer, rotator })
      : new SizeRotation({ log, maxBytes, backupCount, namer, rotator });
    this.#peers = onDiffer ? new Peers(this.#lock.path, { kind: kindOf(schedule), maxBytes, backupCount }, access) : null;
  }

  /**
   * Appends whole records, each with its line end, in their order. On return they are in the file: write(2) has returned. Throws
   * LockTimeoutError, or the system's error; then a beginning of the records may have been written, none in part.
   */
  append(records: readonly Uint8Array[]): void {
    const { error } = this.tryAppend(records);
    if (error !== null) throw error;
  }

  /** The same, and tells how many of the records are in the file. Waits for the lock no longer than `limitMs`. */
  tryAppend(records: readonly Uint8Array[], limitMs = this.#lockLimitMs): { written: number; error: unknown } {
    const progress = { written: 0 };
    let error: unknown = null;
    try {
      if (!this.#lock.acquire(limitMs)) throw this.#lockTimeout();
      try {
        this.#appendLocked(records, progress);
        if (!this.#keepFileOpen) this.#closeLog();
      } finally {
        this.#lock.release();
      }
    } catch (failure) {
      error = failure;
      // A descriptor that went stale (a network drive's ESTALE) is not used again.
      if (!(failure instanceof LockTimeoutError)) this.#closeFiles();
    }
    if (this.#waiting.length > 0) this.#goOnCompressing();
    return { written: progress.written, error };
  }

  /**
   * Takes the lock, and rotates where that is due, for one append by `appendHeld`: until `release` nobody else writes. Throws
   * LockTimeoutError, or the system's error; nothing is held then.
   */
  hold(limitMs = this.#lockLimitMs): HeldFile {
    if (!this.#lock.acquire(limitMs)) throw this.#lockTimeout();
    try {
      this.#rotation.refresh();
      let fd = this.#openFirst();
      if (this.#rotation.isDue(this.#check.size)) {
        this.#guardRotation(() => this.#rotate());
        fd = this.#openLog();
      }
      if (!this.#place) {
        const { dev, ino } = fstatSync(fd, { bigint: true });
        this.#place = { dev, ino };
      }
      return { ...this.#place, size: this.#check.size };
    } catch (error) {
      this.#closeFiles();
      throw error;
    }
  }

  /** Appends to the held log, all or nothing. Throws the system's error. */
  appendHeld(bytes: Uint8Array): void {
    if (this.#fd === null || !this.#lock.isHeld) throw new Error(`the log is not held: ${this.path}`);
    writeWhole(this.#fd, bytes);
  }

  /** Gives the held log back. */
  release(): void {
    if (!this.#keepFileOpen) this.#closeLog();
    this.#lock.release();
    if (this.#waiting.length > 0) this.#goOnCompressing();
  }

  /** Resolves when the generations that this writer has rotated are compressed and in the chain. */
  async flush(): Promise<void> {
    while (this.#compressing) await this.#compressing;
  }

  /** Waits for the compression as flush does, and closes the files. The next append opens them again. */
  async close(): Promise<void> {
    await this.flush();
    this.closeSync();
  }

  /** The same without an event loop: what is not compressed yet is compressed now. */
  closeSync(): void {
    for (const inFlight of this.#waiting.splice(0)) this.#finishSync(inFlight);
    if (this.#peers && !this.#isFirst) this.#guardRotation(() => this.#leave());
    this.#isFirst = true;
    this.#closeFiles();
  }

  #appendLocked(records: readonly Uint8Array[], progress: { written: number }): void {
    this.#rotation.refresh();
    let fd = this.#openFirst();
    let size = this.#check.size;
    if (this.#mustEmpty) {
      ftruncateSync(fd, 0);
      this.#mustEmpty = false;
      size = 0;
    }
    for (let next = 0; next < records.length; ) {
      if (this.#rotation.isDue(size)) {
        this.#guardRotation(() => this.#rotate());
        fd = this.#openLog();
        size = this.#check.size;
      }
      if (size === 0 && this.#preamble) {
        writeWhole(fd, this.#preamble);
        size = this.#preamble.length;
      }
      const first = next;
      let bytes = 0;
      do {
        bytes += records[next]?.length ?? 0;
        next++;
      } while (next < records.length && !this.#rotation.isDue(size + bytes));
      const only = records[first];
      writeWhole(fd, only && next === first + 1 ? only : Buffer.concat(records.slice(first, next), bytes));
      size += bytes;
      progress.written = next;
    }
  }

  /** As #openLog; the first time others are met, and what they left behind is looked for. */
  #openFirst(): number {
    const fd = this.#openLog();
    if (!this.#isFirst) return fd;
    this.#isFirst = false;
    this.#guardRotation(() => this.#meet(this.#peers?.join()));
    this.#guardRotation(() => this.#adoptStranded());
    return fd;
  }

  /** The file that has the log's name now; it is made where there is none. */
  #openLog(): number {
    if (this.#fd !== null) {
      if (this.#check.isStillThere()) return this.#fd;
      this.#closeLog();
      // Another has rotated it: one with other settings, perhaps.
      if (this.#onDiffer) this.#guardRotation(() => this.#meet(this.#peers?.read()));
    }
    const fd = this.#noFollow
      ? openRegular(this.path, this.#access)
      : openOrMake(this.path, constants.O_WRONLY | constants.O_APPEND, 0o666, this.#access);
    this.#fd = fd;
    this.#check.remember(fd);
    this.#onStep?.(`opened, ${this.#check.size} bytes`);
    this.#correctAccess(fd);
    return fd;
  }

  /** Where that is not allowed, it is said once, and records are written all the same. */
  #correctAccess(fd: number): void {
    try {
      correctAccess(fd, this.#access);
    } catch (error) {
      if (!this.#hasToldAccess) this.#onRotationError(error);
      this.#hasToldAccess = true;
    }
  }

  /** Where the lock is not free, the others forget this writer when its process is gone. Where the log's folder is gone, nothing is left to do. */
  #leave(): void {
    if (!existsSync(this.#lock.path) || !this.#lock.acquire(0)) return;
    try {
      this.#peers?.leave();
    } finally {
      this.#lock.release();
    }
  }

  /** Others may keep more than this writer, which then deletes none of it. */
  #meet(others: Settings[] = []): void {
    const differing = others.find((other) => this.#peers?.differs(other));
    this.#rotation.keepAtLeast(Math.max(0, ...others.map(keptBy)));
    if (!differing) return;
    this.#onDiffer?.(differing);
    this.#onDiffer = undefined;
  }

  #closeFiles(): void {
    this.#closeLog();
    this.#lock.close();
  }

  #closeLog(): void {
    if (this.#fd !== null) closeQuietly(this.#fd);
    this.#fd = null;
    this.#place = null;
  }

  #rotate(): void {
    this.#guardRotation(() => this.#meet(this.#peers?.read()));
    if (!this.#rotation.keeps) {
      if (this.#fd !== null) ftruncateSync(this.#fd, 0);
      this.#onStep?.('emptied');
      return;
    }
    this.#adoptStranded();
    const mark = this.#rotation.begin();
    if (this.#useGzip) {
      this.#waiting.push(InFlight.begin(this.path, mark));
      this.#rotation.advance();
    } else this.#rotation.enterLog(this.path, mark);
    this.#closeLog();
    this.#onStep?.('rotated');
  }

  #adoptStranded(): void {
    if (this.#rotation.keeps) this.#waiting.push(...adoptStranded(this.path, this.#rotation, this.#useGzip));
  }

  /** A rotation that fails loses no record: they go on into the log as it is. */
  #guardRotation(rotation: () => void): void {
    try {
      rotation();
    } catch (error) {
      this.#onRotationError(error);
    }
  }

  #goOnCompressing(): void {
    while (this.#waiting.length > MAX_WAITING) {
      const oldest = this.#waiting.shift();
      if (oldest) this.#finishSync(oldest);
    }
    this.#compressing ??= this.#compressWaiting().finally(() => {
      this.#compressing = null;
    });
  }

  async #compressWaiting(): Promise<void> {
    for (let [inFlight] = this.#waiting; inFlight; [inFlight] = this.#waiting) {
      try {
        if (!(await inFlight.compress())) continue;
        // The lock is tried without blocking: the event loop of this program has more to do.
        const deadline = performance.now() + this.#lockLimitMs;
        while (this.#waiting[0] === inFlight && performance.now() < deadline && !this.#lock.acquire(0)) await sleep(2);
        if (this.#waiting[0] !== inFlight) continue;
        this.#waiting.shift();
        if (!this.#lock.isHeld) throw this.#lockTimeout();
        this.#enterLocked(inFlight);
      } catch (error) {
        if (this.#waiting[0] === inFlight) this.#waiting.shift();
        this.#giveUp(inFlight, error);
      }
    }
  }

  #finishSync(inFlight: InFlight): void {
    try {
      inFlight.compressSync();
      if (!this.#lock.acquire(this.#lockLimitMs)) throw this.#lockTimeout();
      this.#enterLocked(inFlight);
    } catch (error) {
      this.#giveUp(inFlight, error);
    }
  }

  #enterLocked(inFlight: InFlight): void {
    try {
      inFlight.enterCompressed(this.#rotation);
      this.#onStep?.('compressed');
    } finally {
      this.#lock.release();
    }
  }

  #giveUp(inFlight: InFlight, error: unknown): void {
    this.#onRotationError(error);
    this.#guardRotation(() => inFlight.abandon());
  }

  #lockTimeout(): LockTimeoutError {
    return new LockTimeoutError(`the lock is held by another writer: ${this.#lock.path}`);
  }
}

/** Says of two writers whether they rotate alike. */
function kindOf(schedule: ScheduleOptions | undefined): string {
  if (!schedule) return 'size';
  const { when = 'h', interval = 1, utc = false, atTime = /^w/i.test(when) ? 'end' : 0 } = schedule;
  return `${when.toUpperCase()} ${interval} ${utc ? 'utc' : 'local'} ${atTime}`;
}

/** Generations that a writer keeps. */
function keptBy({ kind, backupCount }: Settings): number {
  return kind !== 'size' && backupCount === 0 ? Number.POSITIVE_INFINITY : backupCount;
}
