/**
 * Writes a program's entries into the tree, where no service does: each entry into its module's log and master.log, both under their
 * locks, so that the entries stand in the same order in both, and with the same time.
 */

import { existsSync, ftruncateSync, lstatSync, openSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MASTER_LOG, moduleOfLog } from '../generation/name.ts';
import type { Micros } from '../protocol.ts';
import { markContinuations } from '../record/continuation.ts';
import type { Access } from '../writer/access.ts';
import { closeQuietly } from '../writer/closeQuietly.ts';
import { ConcurrentFile, LockTimeoutError } from '../writer/concurrentFile.ts';
import { loadFlock } from '../writer/loadFlock.ts';
import { masterLine, moduleLine } from '../writer/logEntry.ts';
import { makeFolder } from '../writer/makeFolder.ts';
import { RecordWriter } from '../writer/recordWriter.ts';
import { PublishedRotation, type TreeRotation } from '../writer/treeRotation.ts';
import { TreeWriter } from '../writer/treeWriter.ts';

export interface ClientEntry {
  /** Without `.log`. */
  module: string;
  /** A word for the line; empty: the line has none. */
  level: string;
  text: string;
  /** A block of the layout `safelog+source`, as formatSource makes it. */
  source?: string | undefined;
  /** µs since the epoch. */
  time: Micros;
}

export interface TreeFilesOptions {
  /** Absolute. */
  root: string;
  user: string;
  /** Longest wait for a lock, ms; after one that was not had they are not waited for until they are. */
  lockLimitMs?: number;
}

/** One module's log cannot be written; others can, perhaps. */
export class LogError extends Error {
  override name = 'LogError';

  constructor(
    readonly module: string,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

const DEFAULT_LOCK_LIMIT_MS = 300;
const MAX_OPEN_FILES = 32;

export class TreeFiles {
  readonly folder: string;
  readonly #user: string;
  readonly #lockLimitMs: number;
  /** Without locks on this machine: each line is one write all the same. */
  readonly #unlocked: TreeWriter | null;
  readonly #files = new Map<string, ConcurrentFile>();
  readonly #published: PublishedRotation;
  #rotation: TreeRotation;
  #error: unknown = null;

  constructor({ root, user, lockLimitMs = DEFAULT_LOCK_LIMIT_MS }: TreeFilesOptions) {
    this.#user = user;
    this.folder = join(root, user);
    this.#lockLimitMs = lockLimitMs;
    this.#published = new PublishedRotation(root);
    this.#rotation = this.#published.current();
    this.#unlocked = loadFlock()
      ? null
      : new TreeWriter({
          root,
          onProblem: ({ message }) => {
            this.#error = new Error(message);
          },
        });
  }

  /** Writes all the entries, in their order, or none of them. Throws LockTimeoutError, a LogError, or the system's error. */
  append(entries: readonly ClientEntry[]): void {
    if (this.#unlocked) {
      this.#appendUnlocked(this.#unlocked, entries);
      return;
    }
    this.#useRotation(this.#published.current());
    const limitMs = this.#error === null ? this.#lockLimitMs : 0;
    try {
      appendAll(
        linesByLog(entries, (name) => this.#file(name)),
        limitMs,
      );
      this.#error = null;
    } catch (error) {
      this.#error = error instanceof LockTimeoutError ? error : null;
      throw error;
    }
  }

  close(): void {
    this.#closeFiles();
    this.#unlocked?.close();
  }

  #closeFiles(): void {
    for (const file of this.#files.values()) file.closeSync();
    this.#files.clear();
  }

  /** All who write a tree lock and rotate its logs in one way, which the last service has told. */
  #useRotation(rotation: TreeRotation): void {
    if (rotation === this.#rotation) return;
    this.#rotation = rotation;
    this.#closeFiles();
  }

  #file(name: string): ConcurrentFile {
    prepareFolder(this.folder);
    const known = this.#files.get(name);
    const file = known ?? new ConcurrentFile({ path: join(this.folder, name), ...this.#rotation, noFollow: true });
    this.#files.delete(name);
    this.#files.set(name, file);
    if (!known && this.#files.size > MAX_OPEN_FILES) {
      const [oldest] = this.#files;
      if (oldest) {
        oldest[1].closeSync();
        this.#files.delete(oldest[0]);
      }
    }
    return file;
  }

  #appendUnlocked(writer: TreeWriter, entries: readonly ClientEntry[]): void {
    for (const entry of entries) {
      for (const [name, line] of linesOf(entry)) {
        this.#error = null;
        if (!writer.append(this.#user, name, Buffer.from(line)) && this.#error) throw this.#error;
      }
    }
  }
}

/**
 * A log that lies somewhere else: written with its lock, and with the owner and the permissions that were asked for. What cannot be written
 * waits in memory, up to 8 MB.
 */
export class OwnFile {
  readonly #path: string;
  readonly #writer: RecordWriter;

  constructor(path: string, access: Access, onProblem: (message: string) => void) {
    this.#path = path;
    const onError = (error: unknown): void => onProblem(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
    this.#writer = new RecordWriter({ file: new ConcurrentFile({ path, access }), onError });
  }

  /** On return it is in the log, or onProblem has been told. */
  append({ level, text, time }: ClientEntry): void {
    makeFolderQuietly(dirname(this.#path));
    this.#writer.write(Buffer.from(moduleLine({ level: level || null, text: markContinuations(text) }, time)));
  }
}

/** Where it cannot be made, the write says why. */
function makeFolderQuietly(folder: string): void {
  try {
    if (!existsSync(folder)) makeFolder(folder);
  } catch {
    // As above.
  }
}

/** Empties a log under its lock, which is that of its tree where a root is named. Throws the system's error. */
export function emptyLog(path: string, access: Access = {}, root?: string): void {
  makeFolder(dirname(path));
  const lockFileDirectory = root === undefined ? undefined : new PublishedRotation(root).current().lockFileDirectory;
  const file = new ConcurrentFile({ path, access, isEmptied: true, lockFileDirectory });
  try {
    file.append([]);
  } finally {
    file.closeSync();
  }
}

/** The lines of an entry by the logs that they go to. `master` itself is written once. */
export function linesOf({ module, level, text, source, time }: ClientEntry): [basename: string, line: string][] {
  const entry = { module, level: level || null, text: markContinuations(text), source };
  const own: [string, string] = [`${module}.log`, moduleLine(entry, time)];
  return module === 'master' ? [own] : [own, [MASTER_LOG, masterLine(entry, time)]];
}

function linesByLog(entries: readonly ClientEntry[], open: (name: string) => ConcurrentFile): [ConcurrentFile, string[]][] {
  const logs = new Map<string, string[]>();
  for (const entry of entries) {
    for (const [name, line] of linesOf(entry)) {
      const lines = logs.get(name);
      if (lines) lines.push(line);
      else logs.set(name, [line]);
    }
  }
  // master.log last, as the service does: two writers do not wait for each other in a circle.
  const names = [...logs.keys()].sort((a, b) => Number(a === MASTER_LOG) - Number(b === MASTER_LOG) || (a < b ? -1 : 1));
  return names.map((name) => [open(name), logs.get(name) ?? []]);
}

function appendAll(logs: readonly [ConcurrentFile, string[]][], limitMs: number): void {
  const held: { file: ConcurrentFile; size: number }[] = [];
  let appended = 0;
  try {
    for (const [file] of logs) held.push({ file, size: hold(file, limitMs) });
    for (const [file, lines] of logs) {
      file.appendHeld(Buffer.from(lines.length === 1 ? (lines[0] ?? '') : lines.join('')));
      appended++;
    }
  } catch (error) {
    // The disk became full between two logs: an entry stands in both or in none.
    for (const { file, size } of held.slice(0, appended)) takeBack(file.path, size);
    throw error;
  } finally {
    for (const { file } of held) file.release();
  }
}

function hold(file: ConcurrentFile, limitMs: number): number {
  try {
    return file.hold(limitMs).size;
  } catch (error) {
    const name = basename(file.path);
    throw error instanceof LockTimeoutError || name === MASTER_LOG ? error : new LogError(moduleOfLog(name), error);
  }
}

function takeBack(path: string, size: number): void {
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, size);
  } finally {
    closeQuietly(fd);
  }
}

/** A link in the place of the user's folder would have entries written elsewhere. */
function prepareFolder(folder: string): void {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (!stats) makeFolder(folder);
  else if (!stats.isDirectory()) throw Object.assign(new Error(`not a directory: ${basename(folder)}`), { code: 'ENOTDIR' });
}
