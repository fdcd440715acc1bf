import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** Sends datagrams to one address, and keeps the program alive until the system has them. */
export class DatagramSender {
  readonly #host: string;
  readonly #port: number;
  readonly #onError: (error: Error) => void;
  #socket: Socket | null = null;
  #pending = 0;
  #whenIdle: (() => void)[] = [];

  constructor(host: string, port: number, onError: (error: Error) => void) {
    this.#host = host;
    this.#port = port;
    this.#onError = onError;
  }

  /** `make`: another socket than the usual one. */
  send(bytes: Uint8Array, make = (): Socket => createSocket(isIPv6(this.#host) ? 'udp6' : 'udp4')): void {
    this.#socket ??= make().on('error', this.#onError);
    const socket = this.#socket;
    this.#pending++;
    socket.ref();
    socket.send(bytes, this.#port, this.#host, (error) => {
      if (error) this.#onError(error);
      if (--this.#pending > 0) return;
      if (socket === this.#socket) socket.unref();
      for (const resolve of this.#whenIdle.splice(0)) resolve();
    });
  }

  /** Resolves when the system has taken all. */
  flush(): Promise<void> {
    return this.#pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Closes the socket when all is sent. What comes later is sent from another one. */
  close(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket) void this.flush().then(() => socket.close());
  }
}
