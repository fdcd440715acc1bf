/** Entries that wait in memory, in their order. */

import type { ClientEntry } from './treeFiles.ts';

export class EntryQueue {
  #entries: ClientEntry[] = [];
  /** About how much memory they take. */
  bytes = 0;

  get length(): number {
    return this.#entries.length;
  }

  push(entry: ClientEntry): void {
    this.#entries.push(entry);
    this.bytes += sizeOf(entry);
  }

  /** Before those that are there. */
  putBack(entries: readonly ClientEntry[]): void {
    if (entries.length === 0) return;
    this.#entries = [...entries, ...this.#entries];
    for (const entry of entries) this.bytes += sizeOf(entry);
  }

  /** The oldest, at most `count`. */
  take(count = this.#entries.length): ClientEntry[] {
    const taken = count >= this.#entries.length ? this.#entries : this.#entries.splice(0, count);
    if (taken === this.#entries) this.#entries = [];
    for (const entry of taken) this.bytes -= sizeOf(entry);
    return taken;
  }
}

const sizeOf = ({ text }: ClientEntry): number => text.length * 2 + 200;
