/**
 * Takes whole connections in: all bytes up to EOF are one message, and messages come out in the order in which their connections began
 * to speak. A client that is slow, idle or gone holds nobody up for longer than a moment.
 */

import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { isHello } from '../wire/stream.ts';
import { isOneTooMany, listenAt } from './accepting.ts';
import type { Identity } from './identity.ts';

/** How a connection ended: with EOF; or the peer said nothing for too long, broke off, or was still there when the receiver stopped. */
export type Ending = 'eof' | 'idle' | 'reset' | 'stop';

/** Why a connection was broken off: its message was too long, or all the open ones together were. */
export type Overflow = 'oversized' | 'memory';

export interface ReceiverLimits {
  /** Longest message, bytes. */
  messageBytes: number;
  /** All messages that are still coming in, together, bytes. */
  totalBytes: number;
  /** A peer that says nothing for so long, or up to an eighth more, is given up, ms. */
  idleMs: number;
  /**
   * A client's next connection can end before a long message on its last one has been read to the end. So a message waits for those that
   * began before it, but no longer than this, ms.
   */
  orderMs: number;
  /** Open connections. */
  connections: number;
}

export const DEFAULT_LIMITS: ReceiverLimits = {
  messageBytes: 64 * 2 ** 20,
  totalBytes: 256 * 2 ** 20,
  idleMs: 30_000,
  orderMs: 250,
  connections: 16_384,
};

export interface ReceiverOptions {
  host: string;
  /** 0 picks a free one. */
  port: number;
  limits: ReceiverLimits;
  /** Whoever connected; asked at once, since original clients are gone soon. */
  identify: (socket: Socket) => Identity;
  /** To be called back when it is written, or dropped. */
  onMessage: (message: Buffer, ending: Ending, identity: Identity, done: () => void) => void;
  /** A connection turns out to speak the streaming protocol: it is not this receiver's any more. `first` is what was read of it. */
  onStream?: ((socket: Socket, first: Buffer) => void) | undefined;
  /** Bytes that were handed on and are not written yet. */
  queuedBytes: () => number;
  onOverflow: (kind: Overflow | 'count') => void;
  /** The system refuses connections (too many open files). The receiver goes on. */
  onAcceptError: (error: Error) => void;
}

export interface Receiver {
  host: string;
  port: number;
  /** Takes what has been sent until now, then no more; resolves when all of it has been handed on. */
  stop(): Promise<void>;
  /** Connections that are open. */
  count(): number;
}

interface Connection {
  socket: Socket;
  identity: Identity;
  chunks: Buffer[];
  size: number;
  /** When the peer was last heard, ms of the monotonic clock. */
  heardAt: number;
  /** Until then those that began to speak later wait for it, ms of the monotonic clock. */
  waitedForUntil: number;
  /** Then, before they go on without it, what the kernel has of it is read: on a busy machine it is we who are late. */
  lastLook: 'due' | 'under way' | 'over';
  ending: Ending | null;
}

/** Node reads no more at once: behind so much there may be more already. */
const READ_BYTES = 65_536;
/** How often silent peers are looked for, at least. */
const LONGEST_SWEEP_MS = 1000;
/** At the stop: accepting what waits in the backlog; a pause after which nothing more is expected; and the longest drain. */
const STOP_ACCEPT_MS = 10_000;
const STOP_PAUSE_MS = 250;
const STOP_DRAIN_MS = 20_000;

/** Starts to listen. Rejects with the system's error (EADDRINUSE, EACCES, ENOTFOUND …). */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const receiver = new EntryReceiver(options);
  return { ...(await receiver.listen()), stop: () => receiver.stop(), count: () => receiver.count };
}

class EntryReceiver {
  readonly #options: ReceiverOptions;
  readonly #server: Server;
  readonly #open = new Set<Connection>();
  /** Those that have begun to speak and may be waited for, in that order. */
  readonly #queue = new Set<Connection>();
  #queueTimer: NodeJS.Timeout | null = null;
  #sweep: NodeJS.Timeout | null = null;
  #buffered = 0;
  #accepted = 0;
  #activity = 0;
  #stopped: Promise<void> | null = null;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    // Half-open: a peer may close its half and wait for ours, which closes when its message has been handed on.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  async listen(): Promise<{ host: string; port: number }> {
    const { host, port, limits, onAcceptError } = this.#options;
    const bound = await listenAt(this.#server, { host, port }, onAcceptError);
    // A timer for each connection would cost more than the rest of what is known of it.
    this.#sweep = setInterval(() => this.#endIdle(), Math.min(LONGEST_SWEEP_MS, Math.ceil(limits.idleMs / 8))).unref();
    return 'port' in bound ? bound : { host, port };
  }

  get count(): number {
    return this.#open.size;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  #accept(socket: Socket): void {
    const { limits, identify, onOverflow } = this.#options;
    if (isOneTooMany(socket, this.#open.size, limits.connections)) {
      onOverflow('count');
      socket.on('error', () => {}).destroy();
      return;
    }
    const connection: Connection = {
      socket,
      identity: identify(socket),
      chunks: [],
      size: 0,
      heardAt: performance.now(),
      waitedForUntil: 0,
      lastLook: 'due',
      ending: null,
    };
    this.#accepted++;
    this.#open.add(connection);
    socket.on('data', (chunk) => this.#take(connection, chunk));
    socket.on('end', () => this.#end(connection, 'eof'));
    // After the end this is only the peer's reset of a connection that it has closed long ago.
    socket.on('error', () => this.#end(connection, 'reset'));
    socket.on('close', () => this.#end(connection, 'reset'));
  }

  #take(connection: Connection, chunk: Buffer): void {
    if (connection.ending) return;
    const { limits, onOverflow, queuedBytes } = this.#options;
    this.#activity++;
    connection.heardAt = performance.now();
    const begins = connection.size === 0;
    if (begins && this.#options.onStream && isHello(chunk)) {
      connection.ending = 'eof';
      this.#release(connection);
      for (const event of ['data', 'end', 'error', 'close']) connection.socket.removeAllListeners(event);
      this.#options.onStream(connection.socket, chunk);
      return;
    }
    if (begins) this.#queue.add(connection);
    if (begins || chunk.length >= READ_BYTES) {
      connection.waitedForUntil = connection.heardAt + limits.orderMs;
      connection.lastLook = 'due';
    }
    connection.chunks.push(chunk);
    connection.size += chunk.length;
    this.#buffered += chunk.length;
    const overflow: Overflow | null =
      connection.size > limits.messageBytes ? 'oversized' : this.#buffered + queuedBytes() > limits.totalBytes ? 'memory' : null;
    if (!overflow) return;
    connection.ending = 'reset';
    this.#release(connection);
    this.#queue.delete(connection);
    connection.socket.destroy();
    onOverflow(overflow);
    this.#flush();
  }

  #endIdle(): void {
    const last = performance.now() - this.#options.limits.idleMs;
    for (const connection of this.#open) {
      if (connection.heardAt > last) continue;
      this.#end(connection, 'idle');
      connection.socket.destroy();
    }
  }

  #end(connection: Connection, ending: Ending): void {
    if (connection.ending) return;
    connection.ending = ending;
    this.#activity++;
    if (this.#queue.has(connection)) this.#flush();
    else this.#deliver(connection, ending);
  }

  /** Hands on what has ended, up to the first that has not and is still to be waited for. */
  #flush(): void {
    if (this.#queueTimer) clearTimeout(this.#queueTimer);
    this.#queueTimer = null;
    for (const connection of this.#queue) {
      if (connection.ending) {
        this.#queue.delete(connection);
        this.#deliver(connection, connection.ending);
        continue;
      }
      const wait = connection.waitedForUntil - performance.now();
      if (wait > 0) {
        this.#queueTimer = setTimeout(() => this.#flush(), Math.ceil(wait));
        return;
      }
      if (connection.lastLook === 'due') void this.#lookOnceMore(connection);
      if (connection.lastLook === 'under way') return;
      this.#queue.delete(connection);
    }
  }

  async #lookOnceMore(connection: Connection): Promise<void> {
    connection.lastLook = 'under way';
    await nextTurn();
    await nextTurn();
    if (connection.lastLook === 'under way') connection.lastLook = 'over';
    this.#flush();
  }

  #deliver(connection: Connection, ending: Ending): void {
    const { chunks, socket, identity } = connection;
    const [only] = chunks;
    const message = only && chunks.length === 1 ? only : Buffer.concat(chunks);
    this.#release(connection);
    this.#options.onMessage(message, ending, identity, () => {
      // All that the peer has sent is read: that is as good as an end, and costs a system call and two turns less.
      socket.destroy();
    });
  }

  #release(connection: Connection): void {
    this.#buffered -= connection.size;
    connection.chunks = [];
    connection.size = 0;
    this.#open.delete(connection);
  }

  async #drain(): Promise<void> {
    // What clients have connected and sent, but the kernel still holds for us, would be lost with the listening socket.
    const start = performance.now();
    for (let seen = -1; seen !== this.#accepted && performance.now() - start < STOP_ACCEPT_MS; ) {
      seen = this.#accepted;
      await nextTurn();
      await nextTurn();
    }
    this.#server.close();
    if (this.#sweep) clearInterval(this.#sweep);
    let seen = this.#activity;
    let since = performance.now();
    while (this.#open.size > 0 && performance.now() - since < STOP_PAUSE_MS && performance.now() - start < STOP_DRAIN_MS) {
      await sleep(5);
      if (seen === this.#activity) continue;
      seen = this.#activity;
      since = performance.now();
    }
    for (const connection of [...this.#open]) {
      this.#end(connection, 'stop');
      connection.socket.destroy();
    }
    this.#flush();
  }
}
