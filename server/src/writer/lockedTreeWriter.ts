/**
 * Appends entries to ROOT/USER/BASENAME under each log's lock, which Python's concurrent-log-handler and our own handlers take as well.
 * What cannot be written now waits in memory, in its order. Calls may sleep for as long as the lock's limit: it is for a thread of its own.
 */

import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { MASTER_LOG } from '../generation/name.ts';
import type { Problem } from '../protocol.ts';
import { nameFault } from '../record/treeName.ts';
import { nowMicros } from './clock.ts';
import { ConcurrentFile } from './concurrentFile.ts';
import { masterLine, moduleLine } from './logEntry.ts';
import { makeFolder } from './makeFolder.ts';
import { describeProblem } from './problem.ts';
import { RecordWriter } from './recordWriter.ts';
import { PublishedRotation, type TreeRotation } from './treeRotation.ts';

export interface LockedTreeWriterOptions {
  /** Absolute path. Made on demand. */
  root: string;
  /** Told once per path when it cannot be written, and again when it failed anew after it had worked. */
  onProblem: (problem: Problem) => void;
  /** Longest wait for a lock, ms. A log whose lock is kept for longer is not waited for again until it has been had. */
  lockLimitMs?: number;
  /** Logs that are kept open; one that was used longest ago, and has nothing that waits, is closed for a new one. */
  maxOpenFiles?: number;
  /** Bytes that wait in memory for each log. What comes then is dropped, and counted in the log. */
  maxQueuedBytes?: number;
}

export class LockedTreeWriter {
  readonly root: string;
  readonly #options: LockedTreeWriterOptions;
  readonly #maxOpenFiles: number;
  readonly #published: PublishedRotation;
  #rotation: TreeRotation;
  /** By path; the one used last comes last. */
  readonly #logs = new Map<string, RecordWriter>();

  constructor(options: LockedTreeWriterOptions) {
    this.root = options.root;
    this.#options = options;
    this.#published = new PublishedRotation(options.root);
    this.#rotation = this.#published.current();
    this.#maxOpenFiles = Math.max(1, options.maxOpenFiles ?? 64);
  }

  /** Takes one entry with its line end; flushSync writes it. False, and onProblem is told, where the name is refused. */
  append(user: string, basename: string, entry: Uint8Array): boolean {
    const path = join(this.root, user, basename);
    const fault = nameFault(user) ?? nameFault(basename);
    if (fault) {
      this.#options.onProblem(describeProblem(path, Object.assign(new Error(fault), { code: 'EINVAL' })));
      return false;
    }
    this.#log(join(this.root, user), basename).write(entry, false);
    return true;
  }

  /** Writes what was taken, each log's under one lock. True when nothing waits; else it is tried again by and by. */
  flushSync(): boolean {
    let isAllWritten = true;
    for (const log of this.#logs.values()) isAllWritten = log.flushSync() && isAllWritten;
    return isAllWritten;
  }

  /** Tries once more and closes the logs; onProblem is told how many entries could not be written. They are opened again when needed. */
  close(): void {
    for (const [path, log] of this.#logs) {
      const lost = log.closeSync();
      if (lost > 0) this.#options.onProblem({ path, message: `${lost} entries that waited could not be written`, advice: '' });
    }
    this.#logs.clear();
  }

  #log(folder: string, basename: string): RecordWriter {
    this.#followRotation();
    const path = join(folder, basename);
    const log = this.#logs.get(path) ?? this.#open(folder, basename);
    this.#logs.delete(path);
    this.#logs.set(path, log);
    return log;
  }

  /** Logs that have nothing that waits are opened anew when the service has told of another way to lock and rotate them. */
  #followRotation(): void {
    const rotation = this.#published.current();
    if (rotation === this.#rotation) return;
    this.#rotation = rotation;
    for (const [path, log] of this.#logs) {
      if (log.queuedBytes > 0) continue;
      log.closeSync();
      this.#logs.delete(path);
    }
  }

  #open(folder: string, basename: string): RecordWriter {
    for (const [path, log] of this.#logs) {
      if (this.#logs.size < this.#maxOpenFiles) break;
      if (log.queuedBytes > 0) continue;
      log.closeSync();
      this.#logs.delete(path);
    }
    const { onProblem, lockLimitMs, maxQueuedBytes } = this.#options;
    const path = join(folder, basename);
    const file = new ConcurrentFile({ path, ...this.#rotation, lockLimitMs });
    return new RecordWriter({
      file: {
        tryAppend: (records, limitMs) => {
          try {
            prepare(folder, path);
          } catch (error) {
            return { written: 0, error };
          }
          return file.tryAppend(records, limitMs);
        },
        flush: () => file.flush(),
        closeSync: () => file.closeSync(),
      },
      batch: true,
      maxQueuedBytes,
      onError: (error) => onProblem(describeProblem(path, error)),
      dropped: (count) => Buffer.from(droppedLine(basename, count)),
    });
  }
}

/** Somebody may have deleted the folder. A link in the tree would have entries written elsewhere. */
function prepare(folder: string, path: string): void {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (!stats) makeFolder(folder);
  else if (!stats.isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
  const log = lstatSync(path, { throwIfNoEntry: false });
  if (log?.isSymbolicLink()) throw Object.assign(new Error('a symbolic link'), { code: 'ELOOP' });
  if (log && !log.isFile()) throw Object.assign(new Error('not a regular file'), { code: 'ENXIO' });
}

function droppedLine(basename: string, count: number): string {
  const entry = { module: 'safelog', level: 'WARNING', text: `${count} entries were dropped here: the log could not be written` };
  return basename === MASTER_LOG ? masterLine(entry, nowMicros()) : moduleLine(entry, nowMicros());
}
