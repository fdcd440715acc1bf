import { createConnection, type Socket } from 'node:net';
import { writePickle } from '../wire/pickle.ts';
import { Handler } from './handler.ts';
import type { Level } from './levels.ts';
import type { LogRecord } from './logRecord.ts';
import { toPicklable } from './picklable.ts';
import { StreamSender } from './streamSender.ts';

export interface SocketHandlerOptions {
  level?: Level | undefined;
  /** Memory for records that cannot be sent yet, bytes; 8 MB by default. */
  maxQueuedBytes?: number | undefined;
}

/** As Python's makeSocket waits, ms. */
const CONNECT_MS = 1000;

/**
 * Sends records to a receiver as Python's SocketHandler does: a length of 4 bytes, big-endian, and a pickle of the record's dictionary
 * (https://docs.python.org/3/library/logging.handlers.html#sockethandler). Records that cannot be sent wait for the next connection.
 */
export class SocketHandler extends Handler {
  readonly host: string;
  /** null: `host` is the path of a Unix socket. */
  readonly port: number | null;
  /** A connection is closed when an error occurs, and the next record makes another one; also after errors of other kinds than its own. */
  closeOnError = false;
  /** Seconds until the next try after the first failure, the longest time, and what it grows by. */
  retryStart = 1;
  retryMax = 30;
  retryFactor = 2;
  readonly #sender: StreamSender;

  constructor(host: string, port: number | null, { level, maxQueuedBytes = 8 * 2 ** 20 }: SocketHandlerOptions = {}) {
    super(level);
    this.host = host;
    this.port = port;
    this.#sender = new StreamSender({
      connect: () => this.makeSocket(),
      connectMs: CONNECT_MS,
      backOff: () => this,
      maxQueuedBytes,
      onError: (error) => this.handleError(null, error),
    });
  }

  /** For subclasses: begins to connect. */
  makeSocket(): Socket {
    const socket = this.port === null ? createConnection({ path: this.host }) : createConnection({ host: this.host, port: this.port });
    return socket.setNoDelay();
  }

  /** For subclasses: a record as it is sent. The message is merged, and an error is a text, so that the other side needs no class of it. */
  makePickle(record: LogRecord): Uint8Array {
    const pickle = writePickle(toPicklable(record, (each) => this.format(each)));
    const frame = Buffer.alloc(4 + pickle.length);
    frame.writeUInt32BE(pickle.length);
    frame.set(pickle, 4);
    return frame;
  }

  /** For subclasses: sends what makePickle has made. */
  send(bytes: Uint8Array): void {
    this.#sender.send(bytes);
  }

  override emit(record: LogRecord): void {
    try {
      this.send(this.makePickle(record));
    } catch (error) {
      this.handleError(record, error);
    }
  }

  override handleError(record: LogRecord | null, error: unknown): void {
    if (this.closeOnError) this.#sender.disconnect();
    else super.handleError(record, error);
  }

  /** Resolves when the system has taken all records, or the receiver could not be reached, which handleError was told. */
  override flush(): Promise<void> {
    return this.#sender.flush();
  }

  override close(): void {
    super.close();
    this.#sender.close();
  }
}
