/** Receives what SocketHandlers send, and hands it to loggers (Python's cookbook: "Sending and receiving logging events across a network"). */

import { createServer, type Server, type Socket } from 'node:net';
import { FrameCutter } from '../wire/lengthFrames.ts';
import { PickledGlobal, PickledObject, readPickle, Tuple } from '../wire/pickle.ts';
import { pythonRepr } from '../wire/pythonLiteral.ts';
import { DEFAULT_TCP_LOGGING_PORT } from './constants.ts';
import type { LogRecord } from './logRecord.ts';
import { getLogger } from './manager.ts';
import { makeLogRecord } from './recordFields.ts';

export interface LogRecordSocketReceiverOptions {
  /** 127.0.0.1 by default. */
  host?: string | undefined;
  /** 9020 by default; 0 takes a free one. */
  port?: number | undefined;
  /** The logger that gets all records; by default each record's own. */
  logname?: string | null | undefined;
  /** Told of a frame that is no record; its connection is closed. */
  onError?: ((error: Error) => void) | undefined;
}

/** A frame that says that it is longer is refused. */
const MAX_FRAME = 16 * 2 ** 20;

export class LogRecordSocketReceiver {
  readonly #options: LogRecordSocketReceiverOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: LogRecordSocketReceiverOptions = {}) {
    this.#options = options;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Listens; gives the port. Rejects with the system's error. */
  start(): Promise<number> {
    const { host = '127.0.0.1', port = DEFAULT_TCP_LOGGING_PORT } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  /** Resolves when all connections are closed. */
  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** For subclasses: what becomes of a record. Its level is not looked at: the sender has done so. */
  handleLogRecord(record: LogRecord): void {
    getLogger(this.#options.logname ?? record.name).handle(record);
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const frames = new FrameCutter(MAX_FRAME);
    const take = (bytes: Buffer, start: number, end: number): void => this.handleLogRecord(recordOf(readPickle(bytes, start, end)));
    socket.on('data', (chunk) => {
      try {
        frames.push(chunk, take);
      } catch (error) {
        this.#options.onError?.(error instanceof Error ? error : new Error(String(error)));
        socket.destroy();
      }
    });
  }
}

/** Throws a TypeError for what is no record's dictionary. */
function recordOf(value: unknown): LogRecord {
  if (!(value instanceof Map) || !value.has('name')) throw new TypeError('no record');
  const fields = Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  return makeLogRecord(fields);
}

/** What the other side could not send as itself is a text. */
function plain(value: unknown): unknown {
  if (value instanceof Tuple) return value.items.map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  if (value instanceof PickledObject || value instanceof PickledGlobal || value instanceof Set) return pythonRepr(value);
  return value;
}
