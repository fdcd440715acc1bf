/**
 * Appends whole entries to ROOT/USER/BASENAME. Any number of processes may do so at once: every entry is one write(2) with O_APPEND.
 * The files are looked at again before each entry, so that it goes into the right one after a rotation, a deletion or a truncation.
 */

import { type BigIntStats, closeSync, constants, existsSync, fstatSync, lstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../protocol.ts';
import { nameFault } from '../record/treeName.ts';
import { closeQuietly } from './closeQuietly.ts';
import { hasCode, makeFolder } from './makeFolder.ts';
import { describeProblem } from './problem.ts';
import { writeWhole } from './writeWhole.ts';

export interface TreeWriterOptions {
  /** Absolute path. Made on demand. */
  root: string;
  /** Files that are kept open; the one that was used longest ago is closed for a new one. */
  maxOpenFiles?: number;
  /** Told once per path when it cannot be written, and again when it failed anew after it had worked. */
  onProblem?: (problem: Problem) => void;
}

interface OpenFile {
  fd: number;
  dev: bigint;
  ino: bigint;
}

/** O_NONBLOCK: a FIFO without a reader fails at once instead of waiting for one. Regular files ignore it. Windows lacks both. */
const OPEN_FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const FOLDER_FLAGS = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Linux: opening through this is openat(2), so that nobody can put a link in the place of the directory in between. */
const DESCRIPTORS = '/proc/self/fd';
const hasDescriptors = process.platform === 'linux' && existsSync(DESCRIPTORS);

/** Paths whose failure has been said; beyond this many the oldest are forgotten, and may be said again. */
const MAX_SAID = 1000;

export class TreeWriter {
  readonly root: string;
  readonly #maxOpenFiles: number;
  readonly #onProblem: (problem: Problem) => void;
  /** By path; the one used last comes last. */
  readonly #files = new Map<string, OpenFile>();
  readonly #said = new Set<string>();

  constructor({ root, maxOpenFiles = 256, onProblem = () => {} }: TreeWriterOptions) {
    this.root = root;
    this.#maxOpenFiles = Math.max(1, maxOpenFiles);
    this.#onProblem = onProblem;
  }

  /**
   * Appends one entry as it is: no line end is added. On return it is in the file (write(2) has returned), or `false` says that it is
   * not, and onProblem has been told. Nothing else is thrown.
   */
  append(user: string, basename: string, entry: Uint8Array): boolean {
    const path = join(this.root, user, basename);
    try {
      const fault = nameFault(user) ?? nameFault(basename);
      if (fault) throw Object.assign(new Error(`the name is refused (${fault})`), { code: 'EINVAL' });
      writeWhole(this.#file(user, basename, path).fd, entry);
      if (this.#said.size > 0) this.#said.delete(path);
      return true;
    } catch (error) {
      this.#forget(path);
      this.#say(path, error);
      return false;
    }
  }

  /** Closes all files. The writer can be used on: they are opened again. */
  close(): void {
    for (const path of [...this.#files.keys()]) this.#forget(path);
  }

  #file(user: string, basename: string, path: string): OpenFile {
    const known = this.#files.get(path);
    if (known) {
      const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      this.#files.delete(path);
      if (there && there.ino === known.ino && there.dev === known.dev) {
        this.#files.set(path, known);
        return known;
      }
      closeQuietly(known.fd);
    }
    for (const oldest of this.#files.keys()) {
      if (this.#files.size < this.#maxOpenFiles) break;
      this.#forget(oldest);
    }
    const file = openAppending(join(this.root, user), basename);
    this.#files.set(path, file);
    return file;
  }

  #forget(path: string): void {
    const file = this.#files.get(path);
    if (!file) return;
    this.#files.delete(path);
    closeQuietly(file.fd);
  }

  #say(path: string, error: unknown): void {
    if (this.#said.has(path)) return;
    this.#said.add(path);
    for (const oldest of this.#said) {
      if (this.#said.size <= MAX_SAID) break;
      this.#said.delete(oldest);
    }
    this.#onProblem(describeProblem(path, error));
  }
}

/** Opens FOLDER/BASENAME, making both where they are missing. Neither may be a symbolic link; links above FOLDER are followed. */
function openAppending(folder: string, basename: string): OpenFile {
  const directory = openFolder(folder);
  try {
    const fd = openSync(join(directory === null ? folder : `${DESCRIPTORS}/${directory}`, basename), OPEN_FLAGS, 0o644);
    try {
      const stats: BigIntStats = fstatSync(fd, { bigint: true });
      if (!stats.isFile()) throw Object.assign(new Error('not a regular file'), { code: 'ENXIO' });
      return { fd, dev: stats.dev, ino: stats.ino };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  } finally {
    if (directory !== null) closeSync(directory);
  }
}

/** A descriptor of the folder on Linux, else null after the check that it is one and no link. */
function openFolder(folder: string): number | null {
  for (let made = false; ; made = true) {
    try {
      if (hasDescriptors) return openSync(folder, FOLDER_FLAGS);
      if (!lstatSync(folder).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
      return null;
    } catch (error) {
      if (made || !hasCode(error, 'ENOENT')) throw error;
    }
    makeFolder(folder);
  }
}
