/** What a client has sent to the service, or is about to: batches with their sequences, kept until they are acknowledged. */

import { randomBytes } from 'node:crypto';
import { BatchEncoder, type Welcome } from '../wire/stream.ts';
import type { ClientEntry } from './treeFiles.ts';

interface Sent {
  first: number;
  last: number;
  frame: Buffer;
  entries: readonly ClientEntry[];
}

export class Outbox {
  /** Who numbers them: 32 hex digits. */
  readonly client = randomBytes(16).toString('hex');
  #encoder: BatchEncoder | null = null;
  #batch: ClientEntry[] = [];
  #sent: Sent[] = [];
  #records = 0;
  #bytes = 0;
  #next = 1;
  /** The last sequence that is acknowledged. */
  #stored = 0;
  /** Sequences, both inclusive, that are not stored though they will be acknowledged with those around them. */
  #refused: { first: number; last: number }[] = [];

  /** Nothing is in the batch, and nothing is unacknowledged. */
  get isEmpty(): boolean {
    return this.#sent.length === 0 && this.#batch.length === 0;
  }

  /** Batches that are not acknowledged. */
  get frames(): readonly Buffer[] {
    return this.#sent.map(({ frame }) => frame);
  }

  /** Batches that are not acknowledged, to be sent once more: what the service has said of them counts no more. */
  sendAgain(): readonly Buffer[] {
    this.#refused = [];
    return this.frames;
  }

  /** Entries in the batch that is not finished. */
  get batched(): number {
    return this.#batch.length;
  }

  /** Puts an entry into the batch. False where it does not fit: finish() first; it never fits into an empty one that says so. */
  add(entry: ClientEntry, frameBytes: number): boolean {
    this.#encoder ??= new BatchEncoder(frameBytes);
    const { module, level, text, source, time } = entry;
    if (!this.#encoder.add({ user: '', module, level, text, source, time })) return false;
    this.#batch.push(entry);
    return true;
  }

  /** The batch as a frame, to be sent; null where it is empty. */
  finish(): Buffer | null {
    if (this.#batch.length === 0 || !this.#encoder) return null;
    const entries = this.#batch;
    const first = this.#next;
    this.#next += entries.length;
    const frame = this.#encoder.finish(first);
    this.#batch = [];
    this.#sent.push({ first, last: this.#next - 1, frame, entries });
    this.#records += entries.length;
    this.#bytes += frame.length;
    return frame;
  }

  /** Whether the service takes what is sent; one batch is always taken. */
  isWithin({ windowRecords, windowBytes }: Welcome): boolean {
    return this.#sent.length <= 1 || (this.#records <= windowRecords && this.#bytes <= windowBytes);
  }

  /** The service will not store these. They go elsewhere in their turn: it may say so of later ones first. */
  refuse(first: number, last: number): void {
    this.#refused.push({ first, last });
  }

  /** Everything up to this sequence is stored, or was refused, or never will be. Gives those that were refused, in order. */
  acknowledge(sequence: number): ClientEntry[] {
    this.#stored = Math.max(this.#stored, sequence);
    const refused = this.#refused.filter(({ last }) => last <= sequence).sort((a, b) => a.first - b.first);
    this.#refused = this.#refused.filter(({ last }) => last > sequence);
    const entries = refused.flatMap(({ first, last }) => this.#between(first, last));
    let done = 0;
    for (const { last, entries, frame } of this.#sent) {
      if (last > sequence) break;
      done++;
      this.#records -= entries.length;
      this.#bytes -= frame.length;
    }
    if (done > 0) this.#sent.splice(0, done);
    return entries;
  }

  /** All that is not acknowledged, and what is in the batch. */
  unstored(): ClientEntry[] {
    return [...this.#between(this.#stored + 1, Number.MAX_SAFE_INTEGER), ...this.#batch];
  }

  /** Entries by their sequences, both inclusive. */
  #between(first: number, last: number): ClientEntry[] {
    return this.#sent.flatMap((sent) => sent.entries.slice(Math.max(0, first - sent.first), Math.max(0, last + 1 - sent.first)));
  }
}
