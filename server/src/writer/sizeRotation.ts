/** The chain of a log that is rotated by size: LOG.1 is the newest generation, LOG.2 the one before, each plain or gzipped (`.gz`). */

import { renameSync, unlinkSync } from 'node:fs';
import type { Form, Rotation, Rotator } from './rotation.ts';
import { formsAt, freeSlot, isNewer, modified, type Slots } from './slots.ts';

export interface SizeRotationOptions {
  /** The log's absolute path. */
  log: string;
  /** The log is rotated when it has so many bytes or more. 0: never. */
  maxBytes: number;
  /** Generations that are kept. 0: the log is emptied. */
  backupCount: number;
  /** Changes the name of a generation before `.gz` is added, as CLH's namer; `LOG.N` by default. */
  namer?: ((name: string) => string) | undefined;
  rotator?: Rotator | undefined;
}

export class SizeRotation implements Rotation {
  readonly #maxBytes: number;
  readonly #backupCount: number;
  readonly #slots: Slots;
  readonly #move: Rotator;

  constructor({ log, maxBytes, backupCount, namer = (name) => name, rotator = renameSync }: SizeRotationOptions) {
    this.#maxBytes = maxBytes;
    this.#backupCount = backupCount;
    this.#move = rotator;
    this.#slots = { path: (slot) => namer(`${log}.${slot}`), last: backupCount };
  }

  get keeps(): boolean {
    return this.#slots.last > 0;
  }

  keepAtLeast(generations: number): void {
    this.#slots.last = Math.max(this.#backupCount, generations);
  }

  refresh(): void {}

  isDue(size: number): boolean {
    return this.#maxBytes > 0 && size >= this.#maxBytes;
  }

  begin(): string {
    return '';
  }

  advance(): void {}

  enterLog(log: string): void {
    freeSlot(this.#slots, 1);
    this.#move(log, this.#slots.path(1));
  }

  /**
   * It goes behind those that have come into the chain while it was being compressed (Python's writers compress under the lock). Out of
   * the chain's end it is deleted.
   */
  enterInFlight(path: string, form: Form): void {
    const age = modified(path);
    let slot = 1;
    for (let other = 1; other <= this.#slots.last && formsAt(this.#slots, other).length > 0; other++) {
      if (isNewer(this.#slots, other, age)) slot = other + 1;
    }
    if (slot > this.#slots.last) {
      unlinkSync(path);
      return;
    }
    freeSlot(this.#slots, slot);
    this.#move(path, this.#slots.path(slot) + form);
  }
}
