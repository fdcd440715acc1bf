/** What receivers hand their records to, and the writer that is in this process. */

import type { LineFormat } from '../record/lineFormat.ts';
import type { Channel, RecordBatch } from '../wire/stream.ts';
import type { LogItem, UserWriter } from '../writer/userWriter.ts';
import { BatchItem, type Done } from './batchItem.ts';

export interface Batch {
  batch: RecordBatch;
  /** null: nobody numbers the records. */
  client: string | null;
  /** The batch's channels, with names filled in; null: refused. */
  channels: readonly (Channel | null)[];
  /** µs since the epoch. */
  receivedAt: number;
}

/** Writes for one user. */
export interface Writer {
  readonly queuedBytes: number;
  raw(basename: string, entry: Uint8Array, done: Done): void;
  batch(batch: Batch, done: Done): void;
  forget(client: string): void;
  close(): Promise<void>;
}

/** In this process. Also what a child uses. */
export class LocalWriter implements Writer {
  readonly #writer: UserWriter;
  readonly #user: string;
  readonly #format: LineFormat | null;

  /** @param format with which records of receivers are written; null: Safelog's own layout */
  constructor(writer: UserWriter, user: string, format: LineFormat | null) {
    this.#writer = writer;
    this.#user = user;
    this.#format = format;
    writer.recover();
  }

  get queuedBytes(): number {
    return this.#writer.queuedBytes;
  }

  raw(basename: string, entry: Uint8Array, done: Done): void {
    const item: LogItem = {
      basenames: [basename],
      client: null,
      last: 0,
      bytes: entry.length,
      render: (log) => log(basename).push(entry),
      done,
    };
    this.#writer.take(item);
  }

  batch(batch: Batch, done: Done): void {
    this.#writer.take(new BatchItem({ ...batch, user: this.#user, format: this.#format, done }));
  }

  forget(client: string): void {
    this.#writer.forget(client);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
