/**
 * Takes connections of the streaming protocol in, on a Unix socket or on TCP. What a client has sent and has not been acknowledged is bounded
 * by its window: who sends more is not read from until there is room, so that nobody fills the memory, and a slow disk slows down its writers.
 */

import { createServer, type Server, type Socket } from 'node:net';
import {
  decodeClientFrame,
  encodeBye,
  encodeStatus,
  encodeStored,
  encodeWelcome,
  FrameDecoder,
  type Hello,
  MAX_FRAME_BYTES,
  MAX_HELLO_BYTES,
  type RecordBatch,
  STREAM_VERSION,
  StreamError,
} from '../wire/stream.ts';
import { isOneTooMany, listenAt, type Where } from './accepting.ts';

export interface StreamLimits {
  /** Open connections of this receiver. */
  connections: number;
  /** Of one connection: records and bytes that are not acknowledged. */
  windowRecords: number;
  windowBytes: number;
  /** All that waits in the service together, bytes. */
  totalBytes: number;
  /** Records a second of one connection; 0: as many as it can. */
  recordsPerSecond: number;
  /** For the hello, and for the rest of a frame that has begun, ms. Who says nothing between frames may. */
  idleMs: number;
}

export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  connections: 16_384,
  windowRecords: 65_536,
  windowBytes: 8 * 2 ** 20,
  totalBytes: 256 * 2 ** 20,
  recordsPerSecond: 0,
  idleMs: 30_000,
};

/** What a client is told, and what is done with what it sends. One for each connection that has said hello. */
export interface StreamSession {
  /** The user for records that name none. */
  user: string;
  /** What is known to be stored of this client. */
  stored: number;
  /** Of the tree. */
  root: string;
  /** Resolved when the batch needs nothing more: it is stored or refused. The frames it answers with are sent before the acknowledgement. */
  take(batch: RecordBatch, answer: (frame: Buffer) => void, done: () => void): void;
  /** It has all it wanted. */
  goodbye(): void;
  /** The connection is gone. */
  closed(): void;
}

export interface StreamReceiverOptions {
  where: Where;
  limits: StreamLimits;
  /** A client has said hello: its session, or why it is refused. */
  onHello: (socket: Socket, hello: Hello) => StreamSession | { refused: string };
  /** JSON for `safelog status`; null: this receiver does not tell. */
  status: (() => string) | null;
  /** Bytes that wait in the whole service. */
  queuedBytes: () => number;
  onBroken: (reason: string) => void;
  onRejected: () => void;
  onAcceptError: (error: Error) => void;
}

/** Longest wait for a client that has been told bye. */
const LINGER_MS = 1000;
const STOP_PAUSE_MS = 100;
const STOP_DRAIN_MS = 20_000;
/** How often somebody who was not read from because of the total is looked after, ms. */
const RESUME_MS = 5;

export class StreamReceiver {
  readonly #options: StreamReceiverOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #activity = 0;

  constructor(options: StreamReceiverOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, (socket) => this.#accept(socket));
  }

  /** Takes over a connection that another receiver has accepted (half-open), with what it has read of it. */
  adopt(socket: Socket, first: Buffer): void {
    socket.setNoDelay(true).setKeepAlive(true);
    socket.pause();
    socket.unshift(first);
    this.#accept(socket);
    socket.resume();
  }

  #accept(socket: Socket): void {
    if (isOneTooMany(socket, this.#connections.size, this.#options.limits.connections)) {
      this.#options.onRejected();
      socket.on('error', () => {}).end(encodeBye({ isFinal: false, reason: 'too many connections' }));
      socket.destroySoon();
      return;
    }
    const connection = new Connection(socket, this.#options, () => this.#activity++);
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
  }

  /** Without those that only ask for the status. */
  get connections(): number {
    let count = 0;
    for (const { onlyAsks } of this.#connections) if (!onlyAsks) count++;
    return count;
  }

  /** Where it listens: a path, or a host and a port. Rejects with the system's error. */
  listen(): Promise<Where> {
    return listenAt(this.#server, this.#options.where, this.#options.onAcceptError);
  }

  /** Takes what has been sent until now and waits until it is stored; then every client is told to come again elsewhere, or later. */
  async stop(): Promise<void> {
    const start = performance.now();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    let seen = -1;
    let since = start;
    const isBusy = (): boolean => [...this.#connections].some((connection) => connection.isBusy);
    while (performance.now() - start < STOP_DRAIN_MS && (isBusy() || performance.now() - since < STOP_PAUSE_MS)) {
      if (seen !== this.#activity) since = performance.now();
      seen = this.#activity;
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (this.#connections.size === 0) break;
    }
    for (const connection of [...this.#connections]) connection.bye({ isFinal: false, reason: 'the service stops' });
    await closed;
  }
}

class Connection {
  readonly #socket: Socket;
  readonly #options: StreamReceiverOptions;
  readonly #onActivity: () => void;
  readonly #decoder = new FrameDecoder(MAX_HELLO_BYTES);
  #session: StreamSession | null = null;
  #hasAsked = false;
  /** The next sequence that joins what came before; 0: any. */
  #expected = 0;
  /** Batches that are not done, the oldest first: the last sequence, and whether it is. */
  readonly #batches: { last: number; count: number; bytes: number; isDone: boolean }[] = [];
  #records = 0;
  #bytes = 0;
  #isPaused = false;
  #hasSaidGoodbye = false;
  #hasEnded = false;
  #isOver = false;
  #resume: NodeJS.Timeout | null = null;
  /** Of the rate: when the records that were taken will have had their time, ms. */
  #busyUntil = 0;

  constructor(socket: Socket, options: StreamReceiverOptions, onActivity: () => void) {
    this.#socket = socket;
    this.#options = options;
    this.#onActivity = onActivity;
    socket.setTimeout(options.limits.idleMs);
    socket.on('data', (chunk) => {
      if (this.#isOver) return;
      this.#onActivity();
      this.#decoder.push(chunk);
      this.#read();
    });
    socket.on('end', () => {
      this.#hasEnded = true;
      if (this.#isOver) socket.destroySoon();
      this.#endWhenDone();
    });
    // Between frames, silence is nothing to complain about.
    socket.on('timeout', () => {
      if (!this.#session || (this.#decoder.heldBytes > 0 && !this.#isPaused)) this.#break('silent for too long');
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      if (this.#resume) clearTimeout(this.#resume);
      this.#session?.closed();
      this.#session = null;
    });
  }

  get onlyAsks(): boolean {
    return this.#hasAsked && this.#session === null;
  }

  /** It has sent something that is not stored yet. */
  get isBusy(): boolean {
    return this.#batches.length > 0 || this.#isPaused;
  }

  /**
   * Ends the connection. What the client still sends is read and thrown away for a while: closing with something unread would be a reset,
   * which takes our last words with it.
   */
  bye(bye: { isFinal: boolean; reason: string }): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#socket.writable) this.#socket.end(encodeBye(bye));
    if (this.#resume) clearTimeout(this.#resume);
    this.#resume = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    if (this.#hasEnded) this.#socket.destroySoon();
    else this.#socket.resume();
  }

  #read(): void {
    if (this.#isPaused) return;
    try {
      for (let frame = this.#decoder.next(); frame; frame = this.#decoder.next()) {
        const message = decodeClientFrame(frame);
        if (message.kind === 'hello') this.#hello(message);
        else if (message.kind === 'askStatus') this.#status();
        else if (!this.#session) throw new StreamError('no hello');
        else if (message.kind === 'records') this.#take(message.batch);
        else if (message.kind === 'goodbye') this.#hasSaidGoodbye = true;
        if (this.#isOver) return;
        if (this.#mustWait()) {
          this.#pause();
          break;
        }
      }
      this.#endWhenDone();
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#break(error.message);
    }
  }

  #hello(hello: Hello): void {
    if (this.#session) throw new StreamError('a second hello');
    if (hello.version !== STREAM_VERSION) {
      this.bye({ isFinal: true, reason: `this service speaks version ${STREAM_VERSION}` });
      return;
    }
    const session = this.#options.onHello(this.#socket, hello);
    if ('refused' in session) {
      this.bye({ isFinal: true, reason: session.refused });
      return;
    }
    this.#session = session;
    this.#decoder.allow(MAX_FRAME_BYTES);
    const { windowRecords, windowBytes } = this.#options.limits;
    const { stored, user, root } = session;
    this.#socket.write(
      encodeWelcome({ version: STREAM_VERSION, stored, user, windowRecords, windowBytes, frameBytes: MAX_FRAME_BYTES, root }),
    );
  }

  #status(): void {
    const { status } = this.#options;
    if (!status) throw new StreamError('no status here');
    this.#hasAsked = true;
    this.#socket.write(encodeStatus(status()));
  }

  #take(batch: RecordBatch): void {
    const { recordsPerSecond } = this.#options.limits;
    if (batch.count === 0) return;
    if (this.#expected !== 0 && batch.first > this.#expected) throw new StreamError('a gap in the sequence');
    this.#expected = Math.max(this.#expected, batch.last + 1);
    const pending = { last: batch.last, count: batch.count, bytes: batch.payload.length, isDone: false };
    this.#batches.push(pending);
    this.#records += pending.count;
    this.#bytes += pending.bytes;
    if (recordsPerSecond > 0) this.#busyUntil = Math.max(this.#busyUntil, performance.now()) + (pending.count * 1000) / recordsPerSecond;
    const answer = (frame: Buffer): void => {
      if (this.#socket.writable) this.#socket.write(frame);
    };
    this.#session?.take(batch, answer, () => {
      pending.isDone = true;
      this.#acknowledge();
    });
  }

  /** The oldest batches that are done, with one frame. */
  #acknowledge(): void {
    let last = 0;
    for (let [first] = this.#batches; first?.isDone; [first] = this.#batches) {
      this.#batches.shift();
      this.#records -= first.count;
      this.#bytes -= first.bytes;
      last = Math.max(last, first.last);
    }
    if (last === 0) return;
    if (this.#socket.writable) this.#socket.write(encodeStored(last));
    this.#endWhenDone();
    if (this.#isPaused && !this.#mustWait()) this.#goOn();
  }

  #mustWait(): boolean {
    const { windowRecords, windowBytes, totalBytes } = this.#options.limits;
    if (this.#records > windowRecords || this.#bytes > windowBytes) return true;
    // A client that never reads its acknowledgements gets none, and is not read from.
    if (this.#socket.writableLength > 1 << 20) return true;
    return this.#options.queuedBytes() > totalBytes || this.#busyUntil > performance.now() + RESUME_MS;
  }

  #pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
    this.#lookAgain();
  }

  #lookAgain(): void {
    this.#resume ??= setTimeout(() => {
      this.#resume = null;
      if (!this.#isPaused) return;
      if (this.#mustWait()) this.#lookAgain();
      else this.#goOn();
    }, RESUME_MS);
  }

  #goOn(): void {
    if (this.#isOver) return;
    this.#isPaused = false;
    this.#read();
    if (!this.#isPaused) this.#socket.resume();
  }

  #endWhenDone(): void {
    if (this.#isOver || this.#batches.length > 0 || this.#isPaused) return;
    if (this.#hasSaidGoodbye) {
      this.#hasSaidGoodbye = false;
      this.#session?.goodbye();
      this.bye({ isFinal: false, reason: 'goodbye' });
    } else if (this.#hasEnded) this.#socket.end();
  }

  #break(reason: string): void {
    this.#options.onBroken(reason);
    this.bye({ isFinal: true, reason });
  }
}
