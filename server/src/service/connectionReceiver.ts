/**
 * Takes connections in on which records follow each other: Python's sockets, syslog over TCP or a Unix socket, JSON lines. Who sends more
 * than can be written is not read from; who breaks the protocol, says nothing within a message or is one too many is hung up on.
 */

import { createServer, type Server, type Socket } from 'node:net';
import { WireError, type WireRecord } from '../wire/wireRecord.ts';
import { isOneTooMany, listenAt, type Where } from './accepting.ts';
import type { Identity } from './identity.ts';
import type { RecordIntake } from './recordIntake.ts';
import { readInto, SHARED_BYTES } from './sharedBuffer.ts';

/** Makes records of what comes in on one connection; throws a WireError where it cannot go on. */
export interface Decoder {
  /** The chunk's memory is used for the next one. */
  push(chunk: Buffer): WireRecord[];
  /** Nothing has come for a moment. */
  pause?(): WireRecord[];
  /** Nothing more will come. */
  end(): WireRecord[];
  /** Bytes of a record that is not whole yet. */
  readonly heldBytes: number;
}

export interface ConnectionLimits {
  connections: number;
  /** All that waits in the service, and what is not whole yet on all connections of this receiver, bytes. */
  totalBytes: number;
  /** Of one connection; 0: any. */
  recordsPerSecond: number;
  /** Silence within a record, ms. */
  idleMs: number;
}

/** Why something has been dropped. */
export type Drop = 'malformed' | 'oversized' | 'memory' | 'count' | 'idle' | 'rate';

export interface ConnectionReceiverOptions {
  where: Where;
  limits: ConnectionLimits;
  intake: RecordIntake;
  newDecoder: () => Decoder;
  identify: (socket: Socket) => Identity;
  queuedBytes: () => number;
  onDrop: (kind: Drop, reason: string) => void;
  onAcceptError: (error: Error) => void;
}

const PAUSE_MS = 100;
const RESUME_MS = 5;
/** No more is read in one turn of the event loop, where it is not written yet. */
const TURN_BYTES = 2 ** 20;
const STOP_PAUSE_MS = 100;
const STOP_DRAIN_MS = 20_000;

export class ConnectionReceiver {
  readonly #options: ConnectionReceiverOptions;
  readonly #server: Server;
  readonly #open = new Set<Connection>();
  readonly #buffer = Buffer.allocUnsafeSlow(SHARED_BYTES);
  #activity = 0;
  /** Told once when no connection is open any more. */
  #onEmpty: (() => void) | null = null;

  constructor(options: ConnectionReceiverOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true, keepAlive: true, pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  get connections(): number {
    return this.#open.size;
  }

  /** Where it listens. Rejects with the system's error. */
  listen(): Promise<Where> {
    return listenAt(this.#server, this.#options.where, this.#options.onAcceptError);
  }

  /** Takes what has been sent until now. */
  async stop(): Promise<void> {
    const start = performance.now();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    let seen = -1;
    let since = start;
    while (this.#open.size > 0 && performance.now() - start < STOP_DRAIN_MS && performance.now() - since < STOP_PAUSE_MS) {
      if (seen !== this.#activity) since = performance.now();
      seen = this.#activity;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (const connection of this.#open) connection.end();
    await closed;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      if (this.#open.size === 0) resolve();
    });
  }

  #accept(accepted: Socket): void {
    const { limits, onDrop } = this.#options;
    if (isOneTooMany(accepted, this.#open.size, limits.connections)) {
      onDrop('count', 'too many connections are open');
      accepted.on('error', () => {}).destroy();
      return;
    }
    const connection = new Connection(accepted, this.#buffer, this.#options, {
      heldBytes: () => this.#heldBytes(),
      onActivity: () => this.#activity++,
      onClosed: () => {
        this.#open.delete(connection);
        if (this.#open.size === 0) this.#onEmpty?.();
      },
    });
    this.#open.add(connection);
  }

  #heldBytes(): number {
    let bytes = 0;
    for (const { heldBytes } of this.#open) bytes += heldBytes;
    return bytes;
  }
}

interface Shared {
  heldBytes: () => number;
  onActivity: () => void;
  onClosed: () => void;
}

class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionReceiverOptions;
  readonly #shared: Shared;
  readonly #decoder: Decoder;
  readonly #identity: Identity;
  #pause: NodeJS.Timeout | null = null;
  #resume: NodeJS.Timeout | null = null;
  /** When the records that were taken will have had their time, ms. */
  #busyUntil = 0;
  #isOver = false;

  constructor(accepted: Socket, buffer: Buffer, options: ConnectionReceiverOptions, shared: Shared) {
    const socket = readInto(accepted, buffer, (bytes) => this.#read(bytes));
    this.#socket = socket;
    this.#options = options;
    this.#shared = shared;
    this.#decoder = options.newDecoder();
    this.#identity = options.identify(socket);
    socket.setTimeout(options.limits.idleMs);
    socket.on('end', () => this.end());
    socket.on('timeout', () => {
      if (this.heldBytes > 0) this.#drop('idle', 'a record was not finished');
    });
    socket.on('error', () => this.end());
    socket.once('close', () => {
      this.end();
      if (this.#resume) clearTimeout(this.#resume);
      shared.onClosed();
    });
    socket.resume();
  }

  get heldBytes(): number {
    return this.#decoder.heldBytes;
  }

  /** Takes what is whole, and hangs up. */
  end(): void {
    if (this.#isOver) return;
    this.#try(() => this.#decoder.end());
    this.#over();
  }

  #read(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#shared.onActivity();
    this.#try(() => this.#decoder.push(chunk));
    if (this.#isOver) return;
    const { heldBytes } = this;
    if (heldBytes > 0) {
      // What others hold is only looked at where this one has much.
      if (heldBytes > 65_536 && this.#shared.heldBytes() + this.#options.queuedBytes() > this.#options.limits.totalBytes) {
        this.#drop('memory', 'too much came in at once');
        return;
      }
      if (this.#decoder.pause) this.#pause ??= setTimeout(() => this.#paused(), PAUSE_MS);
      this.#pause?.refresh();
    }
    if (this.#mustWait()) {
      this.#socket.pause();
      this.#lookAgain();
    } else if (this.#options.queuedBytes() > TURN_BYTES) {
      // The writers have their turn: they use the same memory again then.
      this.#socket.pause();
      setImmediate(() => {
        if (!this.#isOver && !this.#resume) this.#socket.resume();
      });
    }
  }

  #paused(): void {
    if (!this.#isOver) this.#try(() => this.#decoder.pause?.() ?? []);
  }

  #try(decode: () => WireRecord[]): void {
    const { intake, limits } = this.#options;
    try {
      const records = decode();
      if (limits.recordsPerSecond > 0)
        this.#busyUntil = Math.max(this.#busyUntil, performance.now()) + (records.length * 1000) / limits.recordsPerSecond;
      if (records.length > 0) intake.take(records, this.#identity);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#drop(/too long/.test(error.message) ? 'oversized' : 'malformed', error.message);
    }
  }

  #mustWait(): boolean {
    const { limits, queuedBytes } = this.#options;
    return queuedBytes() > limits.totalBytes / 2 || this.#busyUntil > performance.now() + RESUME_MS;
  }

  #lookAgain(): void {
    this.#resume ??= setTimeout(() => {
      this.#resume = null;
      if (this.#isOver) return;
      if (this.#mustWait()) this.#lookAgain();
      else this.#socket.resume();
    }, RESUME_MS);
  }

  #drop(kind: Drop, reason: string): void {
    this.#options.onDrop(kind, reason);
    this.#over();
  }

  #over(): void {
    this.#isOver = true;
    if (this.#pause) clearTimeout(this.#pause);
    if (!this.#socket.destroyed) this.#socket.destroy();
  }
}
