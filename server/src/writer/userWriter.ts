/**
 * Writes everything that the service takes in for one user. What has come since the last time is one transaction: the logs that it goes
 * to are locked, rotated where that is due, the journal is told, the bytes are appended, and whoever waits is told. A record's line in
 * its module's log and the one in master.log are in the same transaction.
 */

import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { SAFELOG_FOLDER } from '../generation/treeFormats.ts';
import type { Problem } from '../protocol.ts';
import { nameFault } from '../record/treeName.ts';
import { HeldLogs } from './heldLogs.ts';
import { type Append, Journal } from './journal.ts';
import type { LineBuffer } from './lineBuffer.ts';
import { loadFlock } from './loadFlock.ts';
import { LockFile } from './lockFile.ts';
import { makeFolder } from './makeFolder.ts';
import { describeProblem } from './problem.ts';
import { finishAppend } from './recovery.ts';
import type { TreeRotation } from './treeRotation.ts';

/** Something to write. */
export interface LogItem {
  /** The logs that it goes to. */
  readonly basenames: readonly string[];
  /** Who numbers its records, the last of which is `last`; null where nobody does. */
  readonly client: string | null;
  readonly last: number;
  /** About how many it has. */
  readonly bytes: number;
  /** Appends its lines; those of records up to the sequence `stored` are in the logs already. It may be asked again. */
  render(log: (basename: string) => LineBuffer, stored: number): void;
  /** A log of it cannot be written: goes on without what goes there. False where it cannot, or nothing is left then. */
  leaveOut?(basename: string, error: Error): boolean;
  /** null: it is in the logs, but for what it was to leave out. Else it will never be. */
  done(error: Error | null): void;
}

export interface UserWriterOptions {
  /** Absolute. */
  root: string;
  user: string;
  rotation?: TreeRotation | undefined;
  /** Told once per path when it cannot be written, and again when it failed anew after it had worked. */
  onProblem: (problem: Problem) => void;
  /** Logs that are kept open; 64 by default. */
  maxOpenFiles?: number | undefined;
}

/** In the user's folder. */
export const JOURNAL_FOLDER = SAFELOG_FOLDER;

const TRANSACTION_BYTES = 2 ** 19;
const MAX_OPEN_FILES = 64;
/** Whoever holds a log's lock for longer is not waited for: what goes elsewhere goes on. */
const LOCK_LIMIT_MS = 20;
const FIRST_RETRY_MS = 5;
const LONGEST_RETRY_MS = 500;
/** How often the user's folder is looked at, ms. */
const CHECK_MS = 50;
/** Longest wait at the end for what cannot be written. */
const CLOSE_MS = 5000;
/** Not to be mended by waiting. */
const FINAL_CODES = new Set(['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ELOOP', 'ENXIO', 'ENOTDIR', 'EINVAL', 'ENAMETOOLONG']);

export class UserWriter {
  readonly #options: UserWriterOptions;
  readonly #folder: string;
  readonly #flock = loadFlock();
  readonly #logs: HeldLogs;
  readonly #said = new Set<string>();
  /** Logs that another keeps locked. */
  #blocked = new Set<string>();
  #queue: LogItem[] = [];
  #queuedBytes = 0;
  #journal: Journal | null = null;
  /** Of the last transaction, which is stored: what could not be appended yet; and who is told then. */
  #unfinished: Append[] = [];
  #waiting: LogItem[] = [];
  #committedAt = 0;
  /** performance.now() of the last look at the folder. */
  #checkedAt = Number.NEGATIVE_INFINITY;
  #turn: NodeJS.Immediate | null = null;
  #retry: NodeJS.Timeout | null = null;
  #retryMs = FIRST_RETRY_MS;
  #isClosed = false;
  #hasLookedForJournal = false;

  constructor(options: UserWriterOptions) {
    this.#options = options;
    this.#folder = join(options.root, options.user);
    const { rotation, maxOpenFiles = MAX_OPEN_FILES } = options;
    this.#logs = new HeldLogs({
      folder: this.#folder,
      rotation,
      lockLimitMs: LOCK_LIMIT_MS,
      maxOpenFiles,
      maxLineBytes: 4 * TRANSACTION_BYTES,
    });
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get queuedItems(): number {
    return this.#queue.length + this.#waiting.length;
  }

  /** Takes it; everything of one turn of the event loop is written together. */
  take(item: LogItem): void {
    if (this.#isClosed) {
      item.done(new Error('the service has ended'));
      return;
    }
    this.#queue.push(item);
    this.#queuedBytes += item.bytes;
    this.#wake();
  }

  /** The client has all it wanted: its id will not come again. */
  forget(client: string): void {
    if (this.#journal?.stored(client)) this.#try(() => this.#journal?.commit({ clients: new Map([[client, 0]]), appends: [] }));
  }

  /** Writes what waits; what cannot be written within some seconds is given up, and its `done` told so. */
  async close(): Promise<void> {
    const deadline = performance.now() + CLOSE_MS;
    while (this.queuedItems > 0 && performance.now() < deadline) {
      this.flush();
      if (this.queuedItems > 0) await new Promise((resolve) => setTimeout(resolve, this.#isFailing ? 20 : 0));
    }
    this.#isClosed = true;
    if (this.#turn) clearImmediate(this.#turn);
    if (this.#retry) clearTimeout(this.#retry);
    // What is unfinished is in the journal: its next owner, who may be a client, finishes it.
    for (const item of this.#waiting) item.done(null);
    for (const item of this.#queue) item.done(new Error('the service ended before it could be written'));
    this.#waiting = [];
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#logs.close();
    this.#journal?.close();
    this.#journal = null;
  }

  /** Finishes what a killed service has left, if it has: else that is done before the next transaction. */
  recover(): void {
    this.#try(() => this.#openJournal(false));
  }

  /** One transaction; what is left waits for the next, or for better times. */
  flush(): void {
    if (!this.#transact()) this.#later();
    else {
      this.#retryMs = FIRST_RETRY_MS;
      if (this.#queue.length > 0) this.#wake();
    }
  }

  /** False where something could not be written. */
  #transact(): boolean {
    if (!this.#finishLast()) return false;
    try {
      if (this.#queue.length > 0) this.#checkFolder();
      this.#openJournal(this.#queue.some(({ client }) => client !== null));
    } catch (error) {
      this.#say(this.#folder, error);
      if (isFinal(error)) this.#giveUp(this.#queue.splice(0), error);
      return false;
    }
    const items = this.#choose();
    try {
      if (items.length > 0) this.#write(items);
    } catch (error) {
      // Nothing of it is stored: all of it comes again.
      this.#say(this.#folder, error);
      if (isFinal(error)) this.#giveUp(items, error);
      else this.#queue.unshift(...items);
      return false;
    } finally {
      this.#logs.release();
    }
    return !this.#isFailing;
  }

  get #isFailing(): boolean {
    return this.#unfinished.length > 0 || this.#blocked.size > 0;
  }

  /** True when nothing is left of the transaction before. */
  #finishLast(): boolean {
    while (this.#unfinished[0]) {
      const append = this.#unfinished[0];
      try {
        this.#finish(append, this.#committedAt);
        this.#unfinished.shift();
      } catch (error) {
        this.#say(join(this.#folder, append.basename), error);
        return false;
      }
    }
    for (const item of this.#waiting.splice(0)) item.done(null);
    return true;
  }

  #finish(append: Append, since: number): void {
    const log = join(this.#folder, append.basename);
    // A journal that somebody else has written into the user's folder leads nowhere else.
    if (nameFault(append.basename)) return;
    if (!this.#flock) {
      finishAppend(this.#folder, append, since);
      return;
    }
    const lock = new LockFile({ log, directory: this.#options.rotation?.lockFileDirectory, noFollow: true });
    try {
      if (!lock.acquire(LOCK_LIMIT_MS)) throw Object.assign(new Error('the lock is held by another writer'), { code: 'ELOCKTIMEOUT' });
      finishAppend(this.#folder, append, since);
    } finally {
      lock.close();
    }
  }

  /** The oldest items, without those that go to a log that cannot be had, and without what the same client sent after these. */
  #choose(): LogItem[] {
    const wasBlocked = this.#blocked;
    this.#blocked = new Set();
    const clients = new Set<string>();
    const chosen: LogItem[] = [];
    const left: LogItem[] = [];
    let bytes = 0;
    let isFull = false;
    for (const item of this.#queue) {
      isFull ||= chosen.length > 0 && bytes + item.bytes > TRANSACTION_BYTES;
      const mustWait =
        isFull || (item.client !== null && clients.has(item.client)) || item.basenames.some((name) => this.#blocked.has(name));
      const free = !mustWait && this.#holdAll(item, wasBlocked);
      if (free === null) {
        this.#queuedBytes -= item.bytes;
        continue;
      }
      if (!free) {
        left.push(item);
        if (item.client !== null) clients.add(item.client);
        continue;
      }
      chosen.push(item);
      bytes += item.bytes;
    }
    this.#queue = left;
    return chosen;
  }

  /** False: one of its logs is locked. null: nothing of it can be written, and it has been told. */
  #holdAll(item: LogItem, wasBlocked: ReadonlySet<string>): boolean | null {
    for (const basename of item.basenames) {
      if (this.#logs.has(basename)) continue;
      try {
        this.#logs.hold(basename, wasBlocked.has(basename) ? 0 : undefined);
        if (this.#said.size > 0) this.#said.delete(join(this.#folder, basename));
      } catch (error) {
        this.#say(join(this.#folder, basename), error);
        if (isFinal(error)) {
          if (item.leaveOut?.(basename, asError(error))) continue;
          item.done(asError(error));
          return null;
        }
        this.#blocked.add(basename);
        return false;
      }
    }
    return true;
  }

  #write(items: LogItem[]): void {
    const clients = new Map<string, number>();
    const log = (basename: string): LineBuffer => this.#logs.lines(basename);
    for (const item of items) {
      const stored = item.client === null ? 0 : Math.max(clients.get(item.client) ?? 0, this.#journal?.stored(item.client) ?? 0);
      item.render(log, stored);
      if (item.client !== null) clients.set(item.client, Math.max(stored, item.last));
    }
    const appends = this.#logs.appends();
    if (clients.size > 0) this.#journal?.commit({ clients, appends });
    // From here on it is stored.
    this.#committedAt = Date.now();
    for (const { bytes } of items) this.#queuedBytes -= bytes;
    this.#waiting = items;
    this.#unfinished = [...appends];
    try {
      for (const append of appends) {
        this.#logs.write(append);
        this.#unfinished.shift();
      }
    } catch (error) {
      this.#say(join(this.#folder, this.#unfinished[0]?.basename ?? ''), error);
      // The memory of the lines is used again.
      for (const append of this.#unfinished) append.bytes = Buffer.from(append.bytes);
      return;
    }
    for (const item of this.#waiting.splice(0)) item.done(null);
  }

  /** Now and then, as the locks' files: whoever swaps it for a link can do that behind every check. */
  #checkFolder(): void {
    const now = performance.now();
    if (now - this.#checkedAt < CHECK_MS && !this.#isFailing) return;
    checkFolder(this.#folder);
    this.#checkedAt = now;
  }

  /** Has it where it is needed or has been, and the last transaction in it finished. */
  #openJournal(isNeeded: boolean): void {
    if (this.#journal) return;
    const folder = join(this.#folder, JOURNAL_FOLDER);
    if (!isNeeded && (this.#hasLookedForJournal || !existsSync(folder))) {
      this.#hasLookedForJournal = true;
      return;
    }
    checkFolder(this.#folder);
    checkFolder(folder);
    const journal = Journal.open(folder, this.#flock, (appends, since) => {
      for (const append of appends) this.#finish(append, since);
    });
    if (!journal) throw Object.assign(new Error('another service writes here'), { code: 'EBUSY' });
    this.#journal = journal;
  }

  #giveUp(items: readonly LogItem[], error: unknown): void {
    for (const item of items) {
      this.#queuedBytes -= item.bytes;
      item.done(asError(error));
    }
  }

  #wake(): void {
    // What is blocked holds up nothing else; what is unfinished does.
    if (this.#turn || this.#unfinished.length > 0 || this.#isClosed) return;
    this.#turn = setImmediate(() => {
      this.#turn = null;
      this.flush();
    });
  }

  #later(): void {
    if (this.#retry || this.#isClosed) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.flush();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  #try(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#say(join(this.#folder, JOURNAL_FOLDER), error);
    }
  }

  #say(path: string, error: unknown): void {
    if (this.#said.has(path)) return;
    if (this.#said.size > 1000) this.#said.clear();
    this.#said.add(path);
    this.#options.onProblem(describeProblem(path, error));
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && FINAL_CODES.has(String(error.code));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Makes it where it is missing. A link in the tree would have entries written elsewhere. */
function checkFolder(folder: string): void {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (!stats) makeFolder(folder);
  else if (!stats.isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
}
