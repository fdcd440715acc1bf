import type { Writable } from 'node:stream';
import { Handler } from './handler.ts';
import type { Level } from './levels.ts';
import type { LogRecord } from './logRecord.ts';

export interface StreamHandlerOptions {
  level?: Level | undefined;
}

/** What records can be written to: a stream of Node's, or anything with such a method. */
export type LogStream = Pick<Writable, 'write'> | { write(text: string): unknown };

/** Writes records to a stream (https://docs.python.org/3/library/logging.handlers.html#streamhandler). */
export class StreamHandler extends Handler {
  /** What follows each record. */
  terminator = '\n';
  #stream: LogStream | null;

  /** `stream`: process.stderr by default, the one that it is when a record comes. */
  constructor(stream: LogStream | null = null, { level }: StreamHandlerOptions = {}) {
    super(level);
    this.#stream = stream;
  }

  get stream(): LogStream {
    return this.#stream ?? process.stderr;
  }

  /** Flushes the stream, takes another one, and gives the one before; null where it is the same. */
  setStream(stream: LogStream): LogStream | null {
    const before = this.stream;
    if (stream === before) return null;
    void this.flush();
    this.#stream = stream;
    return before;
  }

  override emit(record: LogRecord): void {
    try {
      this.stream.write(this.format(record) + this.terminator);
    } catch (error) {
      this.handleError(record, error);
    }
  }

  /** Resolves when the stream has handed over what it was given; at once where nothing waits in it. */
  override flush(): void | Promise<void> {
    const { stream } = this;
    if (!('writableLength' in stream) || stream.writableLength === 0) return;
    return new Promise((resolve) => {
      (stream as Writable).write('', () => resolve());
    });
  }
}
