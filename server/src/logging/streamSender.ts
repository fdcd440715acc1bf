/** Sends bytes over a connection that is made when it is needed, and made anew when it breaks; what cannot be sent yet waits. */

import type { Socket } from 'node:net';

/** Python's names: seconds until the next try to connect, growing by `factor` up to `max`. */
export interface BackOff {
  retryStart: number;
  retryMax: number;
  retryFactor: number;
}

export interface StreamSenderOptions {
  /** Begins to connect. */
  connect: () => Socket;
  /** Longest wait for a connection, ms. */
  connectMs: number;
  backOff: () => BackOff;
  /** Bytes that wait at most; what comes then is dropped. */
  maxQueuedBytes: number;
  /** Told what went wrong, once for each broken or refused connection, and once for each time that something was dropped or left unsent. */
  onError: (error: Error) => void;
}

/** All, to say at the end what they have not sent. */
const senders = new Set<StreamSender>();
process.on('exit', () => {
  for (const sender of senders) sender.tellUnsent();
});

export class StreamSender {
  readonly #options: StreamSenderOptions;
  /** What the system has not taken yet; the first `#sent` of them are being written. */
  readonly #waiting: Uint8Array[] = [];
  #sent = 0;
  #bytes = 0;
  #dropped = 0;
  #socket: Socket | null = null;
  #isConnected = false;
  #isClosed = false;
  /** ms of performance.now(). */
  #retryAt = 0;
  #retryPeriod = 0;
  #timer: NodeJS.Timeout | null = null;
  #whenIdle: (() => void)[] = [];

  constructor(options: StreamSenderOptions) {
    this.#options = options;
    senders.add(this);
  }

  /** Records that the system has not taken. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Bytes are sent in one piece or not at all, in their order. */
  send(bytes: Uint8Array): void {
    if (this.#bytes + bytes.length > this.#options.maxQueuedBytes && this.#waiting.length > 0) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.#pump();
  }

  /** Resolves when the system has taken all, or when it could not be reached, which onError has been told. */
  flush(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    this.#retryAt = 0;
    const idle = new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    this.#pump();
    return idle;
  }

  /** Ends the connection when all is sent. What comes later is sent over another one. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length === 0) this.#socket?.end();
    else void this.flush();
  }

  /** Ends the connection now; what waits is sent over the next one. */
  disconnect(): void {
    this.#socket?.destroy();
  }

  tellUnsent(): void {
    const count = this.#waiting.length + this.#dropped;
    if (count > 0) this.#options.onError(new Error(`${count} records were not sent before the program's end`));
  }

  #pump(): void {
    if (this.#waiting.length === this.#sent) return;
    const socket = this.#socket ?? this.#connect();
    if (!socket || !this.#isConnected) return;
    socket.ref();
    for (; this.#sent < this.#waiting.length; this.#sent++) {
      const bytes = this.#waiting[this.#sent];
      if (bytes) socket.write(bytes, (error) => error || this.#written(socket));
    }
  }

  #written(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#bytes -= this.#waiting.shift()?.length ?? 0;
    this.#sent--;
    if (this.#waiting.length > 0) return;
    if (this.#dropped > 0) {
      this.#options.onError(new Error(`${this.#dropped} records were dropped: more waited than ${this.#options.maxQueuedBytes} bytes`));
      this.#dropped = 0;
    }
    // An idle connection does not keep the program alive.
    socket.unref();
    if (this.#isClosed) socket.end();
    this.#settle();
  }

  #connect(): Socket | null {
    if (performance.now() < this.#retryAt) {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        this.#pump();
      }, this.#retryAt - performance.now()).unref();
      return null;
    }
    let socket: Socket;
    try {
      socket = this.#options.connect();
    } catch (error) {
      this.#broken(null, error instanceof Error ? error : new Error(String(error)));
      return null;
    }
    this.#socket = socket;
    this.#isConnected = false;
    const { connectMs } = this.#options;
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${connectMs} ms`)), connectMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      this.#isConnected = true;
      this.#retryPeriod = 0;
      this.#pump();
    });
    socket.on('error', (error) => this.#broken(socket, error));
    socket.once('close', () => {
      clearTimeout(timer);
      this.#broken(socket, null);
    });
    // The receivers of logs do not answer; what they send is not kept.
    socket.resume();
    return socket;
  }

  /** `error` is null at the other side's end. What was not written is written again over the next connection. */
  #broken(socket: Socket | null, error: Error | null): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#isConnected = false;
    this.#sent = 0;
    const { retryStart, retryMax, retryFactor } = this.#options.backOff();
    this.#retryPeriod = this.#retryPeriod === 0 ? retryStart : Math.min(this.#retryPeriod * retryFactor, retryMax);
    this.#retryAt = performance.now() + this.#retryPeriod * 1000;
    if (error) this.#options.onError(error);
    this.#settle();
    if (this.#waiting.length > 0 && !this.#isClosed) this.#pump();
  }

  #settle(): void {
    const resolved = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of resolved) resolve();
  }
}
