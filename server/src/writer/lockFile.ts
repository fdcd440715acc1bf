/**
 * The lock that all writers of one log share, with those of Python's concurrent-log-handler among them: flock(2) on a file of a certain
 * name beside the log, which is never deleted. It is empty, or
 * holds the time of the next rotation.
 */

import { constants, fstatSync, fsyncSync, ftruncateSync, readSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Access, correctAccess, openOrMake } from './access.ts';
import { closeQuietly } from './closeQuietly.ts';
import type { Flock } from './flock.ts';
import { loadFlock } from './loadFlock.ts';
import { makeFolder } from './makeFolder.ts';
import { waitFor } from './waitFor.ts';

/** The lock's path for a log's: `DIR/app.log` has `DIR/.__app.lock`, `DIR/app.txt` has `DIR/.__app.txt.lock`; in `directory` where one is given. */
export function lockPath(log: string, directory?: string): string {
  const name = basename(log);
  return join(directory ?? dirname(log), `.__${name.endsWith('.log') ? name.slice(0, -'.log'.length) : name}.lock`);
}

export interface LockFileOptions {
  /** The log's absolute path. */
  log: string;
  /** Where the lock's file lies; beside the log by default. Made where it is missing. */
  directory?: string | undefined;
  /** Of a lock file that is made. */
  access?: Access | undefined;
  /** It may not be a symbolic link. */
  noFollow?: boolean | undefined;
}

/** Somebody may delete the lock's file. Writers that have it open would then exclude no newer ones: how often that is looked for, ms. */
const CHECK_MS = 50;

/** One handle of a log's lock. Not for use by several threads: each makes its own. */
export class LockFile {
  readonly path: string;
  readonly #access: Access;
  readonly #flags: number;
  readonly #makesFolder: boolean;
  readonly #flock: Flock;
  #fd: number | null = null;
  #checkedAt = 0;
  #isHeld = false;
  readonly #text = Buffer.alloc(32);

  /** Throws where this machine has no flock that can be called. */
  constructor({ log, directory, access = {}, noFollow = false }: LockFileOptions) {
    this.path = lockPath(log, directory);
    this.#access = access;
    this.#flags = constants.O_RDWR | (noFollow ? (constants.O_NOFOLLOW ?? 0) : 0);
    this.#makesFolder = directory !== undefined;
    const flock = loadFlock();
    if (!flock) throw new Error('locking is not possible here: the package koffi could not be loaded for this system');
    this.#flock = flock;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /**
   * Takes the lock; false where another holds it for longer than `limitMs` (0 does not wait). Throws the system's error where the file
   * cannot be opened or locked. Must not be held already.
   */
  acquire(limitMs: number): boolean {
    if (this.#isHeld) throw new Error(`the lock is held already: ${this.path}`);
    for (;;) {
      const fd = this.#open();
      // The free lock, which is the rule, costs no closure.
      if (!this.#flock.tryLock(fd) && !waitFor(() => this.#flock.tryLock(fd), limitMs)) return false;
      if (this.#isStillThere(fd)) {
        this.#isHeld = true;
        return true;
      }
      this.close();
    }
  }

  /** Gives the lock back. */
  release(): void {
    this.#isHeld = false;
    if (this.#fd !== null) this.#flock.unlock(this.#fd);
  }

  /** Closes the handle, which also gives the lock back. The next acquire opens it again. */
  close(): void {
    this.#isHeld = false;
    if (this.#fd === null) return;
    closeQuietly(this.#fd);
    this.#fd = null;
  }

  /** What stands in the lock's file (must be held): the time of the next rotation, for handlers that rotate by time. */
  readText(): string {
    return this.#text.toString('latin1', 0, readSync(this.#open(), this.#text, 0, this.#text.length, 0));
  }

  /** Replaces it, and waits until it is on the disk. A kill in between leaves the old text, or a mixture of as many digits. */
  writeText(text: string): void {
    const fd = this.#open();
    writeSync(fd, text, 0);
    ftruncateSync(fd, Buffer.byteLength(text));
    fsyncSync(fd);
  }

  #open(): number {
    if (this.#fd !== null) return this.#fd;
    this.#checkedAt = 0;
    if (this.#makesFolder) makeFolder(dirname(this.path));
    const fd = openOrMake(this.path, this.#flags, 0o777, this.#access);
    this.#fd = fd;
    try {
      correctAccess(fd, this.#access);
    } catch {
      // The log itself has the same, and says why it cannot be.
    }
    return fd;
  }

  #isStillThere(fd: number): boolean {
    const now = performance.now();
    if (now - this.#checkedAt < CHECK_MS) return true;
    this.#checkedAt = now;
    const there = statSync(this.path, { bigint: true, throwIfNoEntry: false });
    const ours = fstatSync(fd, { bigint: true });
    return there?.ino === ours.ino && there.dev === ours.dev;
  }
}
