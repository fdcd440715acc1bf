/**
 * What stands between a program and its log: records are written at once, or a turn of the event loop together; and where writing is
 * impossible (a full disk, no permission, a lock that another program keeps) they wait in memory, in their order, while the program goes on.
 */

import type { ConcurrentFile } from './concurrentFile.ts';

export interface RecordWriterOptions {
  file: Pick<ConcurrentFile, 'tryAppend' | 'flush' | 'closeSync'>;
  /** Records of one turn of the event loop are written together, those that are urgent at once. */
  batch?: boolean | undefined;
  /** Records that wait, bytes. */
  maxQueuedBytes?: number | undefined;
  /** Told why writing is impossible, once until it has been possible again. */
  onError?: ((error: unknown) => void) | undefined;
  /** A record that says how many were dropped because the queue was full; written before those that came after. */
  dropped?: ((count: number) => Uint8Array) | undefined;
}

const DEFAULT_QUEUED_BYTES = 8 * 2 ** 20;
/** A batch is written at this size, though the event loop has not turned. */
const BATCH_BYTES = 256 * 1024;
const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 1000;

export class RecordWriter {
  readonly #options: RecordWriterOptions;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #droppedCount = 0;
  /** Writing failed when it was last tried. */
  #isFailing = false;
  #retryMs = FIRST_RETRY_MS;
  #turn: NodeJS.Immediate | null = null;
  #retry: NodeJS.Timeout | null = null;

  constructor(options: RecordWriterOptions) {
    this.#options = options;
    if (writers.size === 0) process.on('exit', onExit);
    writers.add(this);
  }

  /** Bytes of the records that wait. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Takes one record with its line end. Never throws, and waits for the lock once at most until it has been had again. */
  write(record: Uint8Array, isUrgent = true): void {
    const isDeferred = this.#isFailing || (this.#options.batch === true && !isUrgent && !isExiting);
    // Without a queue there is nothing to copy.
    if (!isDeferred && this.#queue.length === 0) {
      const { written, error } = this.#options.file.tryAppend([record]);
      if (written === 0) this.#enqueue(record);
      this.#note(error);
      return;
    }
    this.#enqueue(record);
    if (!isDeferred || (!this.#isFailing && this.#queuedBytes >= BATCH_BYTES)) this.flushSync();
    else this.#wake();
  }

  /**
   * Writes what waits. True when all of it is in the file. After a failure the lock is not waited for any more, so that a program that
   * logs much is not held up again and again.
   */
  flushSync(): boolean {
    if (this.#queue.length > 0) {
      const { written, error } = this.#options.file.tryAppend(this.#queue, this.#isFailing ? 0 : undefined);
      for (let i = 0; i < written; i++) this.#queuedBytes -= this.#queue[i]?.length ?? 0;
      this.#queue = written === this.#queue.length ? [] : this.#queue.slice(written);
      this.#note(error);
    }
    return this.#queue.length === 0;
  }

  /** Resolves when everything that was taken is in the file, and rotated generations are in their place. */
  async flush(): Promise<void> {
    while (!this.flushSync()) await new Promise((resolve) => setTimeout(resolve, this.#retryMs));
    await this.#options.file.flush();
  }

  /** Tries once more, and gives up what cannot be written: its records are counted in the result. */
  closeSync(): number {
    writers.delete(this);
    if (writers.size === 0) process.off('exit', onExit);
    this.flushSync();
    if (this.#turn) clearImmediate(this.#turn);
    if (this.#retry) clearTimeout(this.#retry);
    this.#turn = null;
    this.#retry = null;
    const lost = this.#queue.length + this.#droppedCount;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#droppedCount = 0;
    this.#options.file.closeSync();
    return lost;
  }

  #enqueue(record: Uint8Array): void {
    const { maxQueuedBytes = DEFAULT_QUEUED_BYTES, dropped } = this.#options;
    if (this.#queuedBytes + record.length > maxQueuedBytes) {
      this.#droppedCount++;
      return;
    }
    if (this.#droppedCount > 0 && dropped) {
      const notice = dropped(this.#droppedCount);
      this.#queue.push(notice);
      this.#queuedBytes += notice.length;
      this.#droppedCount = 0;
    }
    this.#queue.push(record);
    this.#queuedBytes += record.length;
  }

  #note(error: unknown): void {
    if (error === null) {
      this.#isFailing = false;
      this.#retryMs = FIRST_RETRY_MS;
      this.#noteDropped();
      return;
    }
    if (!this.#isFailing) this.#options.onError?.(error);
    this.#isFailing = true;
    this.#wake();
  }

  /** Nothing came after those that were dropped: that they were is said all the same. */
  #noteDropped(): void {
    const { dropped, file } = this.#options;
    if (this.#droppedCount === 0 || !dropped || this.#queue.length > 0) return;
    if (file.tryAppend([dropped(this.#droppedCount)], 0).written > 0) this.#droppedCount = 0;
  }

  /** Writes in the next turn, or, where that failed, after a while. A retry alone does not keep a program alive that has come to its end. */
  #wake(): void {
    if (!this.#isFailing) {
      this.#turn ??= setImmediate(() => {
        this.#turn = null;
        this.flushSync();
      });
      return;
    }
    if (this.#retry) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.flushSync();
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }
}

const writers = new Set<RecordWriter>();
let isExiting = false;

/** After this listener the event loop turns no more: what is logged in later ones is written at once. */
function onExit(): void {
  isExiting = true;
  for (const writer of writers) writer.flushSync();
}
