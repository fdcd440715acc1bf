/** The one way to the logs: a writer for each user, in this process, or, where root serves, in a child with that user's rights. */

import { lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../protocol.ts';
import type { LineFormat } from '../record/lineFormat.ts';
import { nameFault } from '../record/treeName.ts';
import { hasCode } from '../writer/makeFolder.ts';
import type { TreeRotation } from '../writer/treeRotation.ts';
import { JOURNAL_FOLDER, UserWriter } from '../writer/userWriter.ts';
import type { Done } from './batchItem.ts';
import { ChildWriter } from './childWriter.ts';
import { type Batch, LocalWriter, type Writer } from './localWriter.ts';
import { findAccount } from './users.ts';

export interface WritersOptions {
  /** Absolute. */
  root: string;
  rotation: TreeRotation;
  /** With which records of receivers are written; null: Safelog's own layout. */
  format: LineFormat | null;
  onProblem: (problem: Problem) => void;
  /** How a child is started that writes for another user; its options follow. Without it everything is written in this process. */
  command?: readonly string[] | undefined;
  /** Nobody has logs whom the system does not know. */
  refusesStrangers?: boolean | undefined;
}

/** A user who has written nothing for so long is closed, ms. */
const IDLE_MS = 60_000;
const MAX_WRITERS = 1000;

export class Writers {
  readonly #options: WritersOptions;
  /** By user; the one used last comes last. */
  readonly #writers = new Map<string, { writer: Writer; usedAt: number }>();
  readonly #closing = new Set<Promise<void>>();
  readonly #sweep: NodeJS.Timeout;

  constructor(options: WritersOptions) {
    this.#options = options;
    this.#sweep = setInterval(() => this.#closeIdle(IDLE_MS), IDLE_MS / 4);
    this.#sweep.unref();
  }

  get queuedBytes(): number {
    let bytes = 0;
    for (const { writer } of this.#writers.values()) bytes += writer.queuedBytes;
    return bytes;
  }

  get users(): number {
    return this.#writers.size;
  }

  /** The system does not know the user, and has to. */
  refuses(user: string): boolean {
    return this.#options.refusesStrangers === true && findAccount(user) === null;
  }

  /** Takes an entry for a user whose name has been checked. */
  raw(user: string, basename: string, entry: Uint8Array, done: Done): void {
    this.#try(user, done)?.raw(basename, entry, done);
  }

  /** Takes the records of a batch that are a user's. */
  batch(user: string, batch: Batch, done: Done): void {
    this.#try(user, done)?.batch(batch, done);
  }

  /** The client has all it wanted. */
  forget(user: string, client: string): void {
    this.#writers.get(user)?.writer.forget(client);
  }

  #try(user: string, done: Done): Writer | null {
    try {
      return this.#of(user);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return null;
    }
  }

  #of(user: string): Writer {
    const known = this.#writers.get(user);
    if (known) {
      known.usedAt = performance.now();
      return known.writer;
    }
    if (this.#writers.size >= MAX_WRITERS) this.#closeIdle(0);
    if (this.#writers.size >= MAX_WRITERS) throw new Error('too many users write at once');
    const writer = this.#open(user);
    this.#writers.set(user, { writer, usedAt: performance.now() });
    return writer;
  }

  /** Finishes what a killed service has left in the tree. */
  recover(): void {
    for (const user of readdirSync(this.#options.root)) {
      if (nameFault(user) || !lstatSync(join(this.#options.root, user, JOURNAL_FOLDER), { throwIfNoEntry: false })?.isDirectory()) continue;
      this.#of(user);
    }
  }

  /** Writes what waits, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([...this.#closing, ...[...this.#writers.values()].map(({ writer }) => writer.close())]);
    this.#writers.clear();
  }

  #open(user: string): Writer {
    const { root, rotation, format, onProblem, command } = this.#options;
    const account = command && process.geteuid?.() === 0 ? findAccount(user) : null;
    if (!command || !account || account.uid === 0)
      return new LocalWriter(new UserWriter({ root, user, rotation, onProblem }), user, format);
    makeOwned(join(root, user), account.uid, account.gid);
    return new ChildWriter({ command, root, user, account, rotation, format, onProblem });
  }

  #closeIdle(idleMs: number): void {
    for (const [user, { writer, usedAt }] of this.#writers) {
      if (writer.queuedBytes > 0 || performance.now() - usedAt < idleMs) continue;
      this.#writers.delete(user);
      const closing = writer.close().finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
  }
}

/** The root is the administrator's: nobody else can put a link into it. */
function makeOwned(folder: string, uid: number, gid: number): void {
  try {
    mkdirSync(folder, { mode: 0o755 });
    lchownSync(folder, uid, gid);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}
