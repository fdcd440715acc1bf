/** Where entries go that can be neither sent nor written: into the spool. What cannot even be spooled is lost, and counted. */

import { randomBytes } from 'node:crypto';
import { spoolFolder } from '../generation/spoolPath.ts';
import type { Outbox } from './outbox.ts';
import { Spool } from './spool.ts';
import type { ClientEntry } from './treeFiles.ts';

export interface LastResortOptions {
  user: string;
  program: string;
  /** The tree that the entries are for, absolute. */
  root: () => string;
  /** Told that entries are lost, and why. */
  onLost: (error: unknown) => void;
}

/** A spool that nothing has come into for so long is whole: a service may take it in. */
const REST_MS = 2000;

export class LastResort {
  readonly #options: LastResortOptions;
  #spool: Spool | null = null;
  /** performance.now() */
  #usedAt = 0;
  #spooled = 0;
  #lost = 0;
  #unreported = 0;

  constructor(options: LastResortOptions) {
    this.#options = options;
  }

  /** Entries that wait in the spool, or have waited, and those that are nowhere. */
  get fates(): { spooled: number; lost: number } {
    return { spooled: this.#spooled, lost: this.#lost };
  }

  /** Takes entries that no service has. Never throws. */
  keep(entries: readonly ClientEntry[]): void {
    if (entries.length === 0) return;
    try {
      this.#spool ??= this.#open(randomBytes(16).toString('hex'));
      this.#spool.append(entries);
      this.#usedAt = performance.now();
      this.#spooled += entries.length;
    } catch (error) {
      this.#lose(entries.length, error);
    }
  }

  /** Takes what was sent, with its numbers: the service, if it has stored it after all, does not store it again. Never throws. */
  keepSent(outbox: Outbox): void {
    outbox.finish();
    const entries = outbox.unstored();
    try {
      const spool = this.#open(outbox.client);
      try {
        spool.appendFrames(outbox.frames, entries);
        this.#spooled += entries.length;
      } finally {
        spool.close();
      }
    } catch (error) {
      this.#lose(entries.length, error);
    }
  }

  /** Entries go elsewhere again: lets a service take in what has been spooled. */
  rest(): void {
    if (this.#spool && performance.now() - this.#usedAt > REST_MS) this.close();
  }

  close(): void {
    this.#spool?.close();
    this.#spool = null;
  }

  /** How many were lost since it was last asked. */
  takeLost(): number {
    const lost = this.#unreported;
    this.#unreported = 0;
    return lost;
  }

  #open(client: string): Spool {
    const { root, user, program } = this.#options;
    return new Spool({ folder: spoolFolder(root()), client, user, program });
  }

  #lose(count: number, error: unknown): void {
    this.#lost += count;
    this.#unreported += count;
    this.#options.onLost(error);
  }
}
