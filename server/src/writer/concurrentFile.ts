/**
 * One log that any number of threads, processes and programs append to at once, Python's concurrent-log-handler among them. Every batch
 * of records is written under the lock, into the file that then has the log's name; a log that has reached its size is rotated first.
 */

import { constants, fchmodSync, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeQuietly } from './closeQuietly.ts';
import { adoptStranded, InFlight } from './inFlight.ts';
import { LockFile } from './lockFile.ts';
import { makeOpenFileCheck, type OpenFileCheck } from './openFileCheck.ts';
import type { Rotation } from './rotation.ts';
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
  /** Permissions of the log, its lock and its rotations. By default those that the umask leaves of rw-rw-rw-. */
  chmod?: number | undefined;
  /** Closes the log after each batch. */
  keepFileOpen?: boolean | undefined;
  namer?: ((name: string) => string) | undefined;
  /** Longest wait for the lock, ms; 1000 by default. The thread sleeps meanwhile. */
  lockLimitMs?: number | undefined;
  /** Told what went wrong with a rotation. The records are written all the same. */
  onRotationError?: ((error: unknown) => void) | undefined;
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
  readonly #chmod: number | undefined;
  readonly #onRotationError: (error: unknown) => void;
  readonly #check: OpenFileCheck;
  #fd: number | null = null;
  #hasLookedForStranded = false;
  readonly #waiting: InFlight[] = [];
  #compressing: Promise<void> | null = null;

  /** Opens nothing yet. Throws where this machine has no flock that can be called, and a RangeError for a schedule that there is not. */
  constructor(options: ConcurrentFileOptions) {
    this.path = options.path;
    this.#check = makeOpenFileCheck(options.path);
    this.#useGzip = options.useGzip ?? false;
    this.#keepFileOpen = options.keepFileOpen ?? true;
    this.#lockLimitMs = options.lockLimitMs ?? DEFAULT_LOCK_LIMIT_MS;
    this.#chmod = options.chmod;
    this.#onRotationError = options.onRotationError ?? (() => {});
    this.#lock = new LockFile({ log: options.path, directory: options.lockFileDirectory, mode: options.chmod });
    const { path: log, maxBytes = 0, backupCount = 0, schedule, namer } = options;
    this.#rotation = schedule
      ? new TimedRotation({ log, lock: this.#lock, schedule: makeSchedule(schedule), maxBytes, backupCount, namer })
      : new SizeRotation({ log, maxBytes, backupCount, namer });
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
    this.#closeFiles();
  }

  #appendLocked(records: readonly Uint8Array[], progress: { written: number }): void {
    this.#rotation.refresh();
    let fd = this.#openLog();
    let size = this.#check.size;
    if (!this.#hasLookedForStranded) {
      this.#hasLookedForStranded = true;
      this.#guardRotation(() => this.#adoptStranded());
    }
    for (let next = 0; next < records.length; ) {
      if (this.#rotation.isDue(size)) {
        this.#guardRotation(() => this.#rotate());
        fd = this.#openLog();
        size = this.#check.size;
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

  /** The file that has the log's name now; it is made where there is none. */
  #openLog(): number {
    if (this.#fd !== null) {
      if (this.#check.isStillThere()) return this.#fd;
      this.#closeLog();
    }
    const fd = openSync(this.path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, this.#chmod ?? 0o666);
    this.#fd = fd;
    this.#check.remember(fd);
    if (this.#chmod !== undefined) this.#correctMode(fd, this.#chmod);
    return fd;
  }

  /** Only where the umask or somebody has made it another, and by its owner: others leave it. */
  #correctMode(fd: number, wanted: number): void {
    const { mode, uid } = fstatSync(fd);
    if ((mode & 0o777) !== wanted && process.geteuid?.() === uid) fchmodSync(fd, wanted);
  }

  #closeFiles(): void {
    this.#closeLog();
    this.#lock.close();
  }

  #closeLog(): void {
    if (this.#fd !== null) closeQuietly(this.#fd);
    this.#fd = null;
  }

  #rotate(): void {
    if (!this.#rotation.keeps) {
      if (this.#fd !== null) ftruncateSync(this.#fd, 0);
      return;
    }
    this.#adoptStranded();
    const mark = this.#rotation.begin();
    if (this.#useGzip) {
      this.#waiting.push(InFlight.begin(this.path, mark));
      this.#rotation.advance();
    } else this.#rotation.enterLog(this.path, mark);
    this.#closeLog();
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
