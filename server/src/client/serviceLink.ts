/** One connection to the service, from its welcome on. Nothing here waits for an event loop. */

import {
  decodeServiceFrame,
  encodeGoodbye,
  encodeHello,
  FrameDecoder,
  MAX_FRAME_BYTES,
  type ServiceMessage,
  STREAM_VERSION,
  type Welcome,
} from '../wire/stream.ts';
import { type ServiceAddress, StreamSocket } from './streamSocket.ts';

export interface LinkOptions {
  address: ServiceAddress;
  /** 32 hex digits. */
  client: string;
  user: string;
  program: string;
  /** Longest wait for the connection and its welcome, ms. */
  limitMs: number;
}

/** The service does not want this client, now or ever. Of what it was sent and has not acknowledged it stores nothing. */
export class TurnedAwayError extends Error {
  override name = 'TurnedAwayError';
  readonly isFinal: boolean;

  constructor(reason: string, isFinal: boolean) {
    super(reason);
    this.isFinal = isFinal;
  }
}

export class ServiceLink {
  readonly welcome: Welcome;
  readonly #socket: StreamSocket;
  readonly #decoder = new FrameDecoder(MAX_FRAME_BYTES);
  /** What the system has not taken yet. */
  #outgoing: Buffer[] = [];

  /** Throws the system's error where nobody listens, ETIMEDOUT where there is no welcome in time, and TurnedAwayError. */
  constructor({ address, client, user, program, limitMs }: LinkOptions) {
    const deadline = performance.now() + limitMs;
    this.#socket = new StreamSocket(address, limitMs);
    try {
      this.send(encodeHello({ version: STREAM_VERSION, client, program: program.slice(0, 80), user, module: '' }));
      this.welcome = this.#awaitWelcome(deadline);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Gives a frame to the system, or keeps it until the system takes it: `isSent` tells. Throws where the connection is broken. */
  send(frame: Buffer): void {
    this.#outgoing.push(frame);
    this.push();
  }

  get isSent(): boolean {
    return this.#outgoing.length === 0;
  }

  /** Goes on with what the system has not taken. Throws where the connection is broken. */
  push(): void {
    for (let [first] = this.#outgoing; first; [first] = this.#outgoing) {
      const sent = this.#socket.send(first);
      if (sent === first.length) this.#outgoing.shift();
      else if (sent === 0) return;
      else this.#outgoing[0] = first.subarray(sent);
    }
  }

  /** What the service has said. Throws where the connection is broken or at its end. */
  receive(): ServiceMessage[] {
    const messages: ServiceMessage[] = [];
    for (;;) {
      const bytes = this.#socket.receive();
      if (bytes?.length === 0) return messages;
      if (bytes === null) {
        // What was said before the end counts; the next call tells of the end.
        if (messages.length > 0) return messages;
        throw Object.assign(new Error('the service has closed the connection'), { code: 'ECONNRESET' });
      }
      this.#decoder.push(Buffer.from(bytes));
      for (let frame = this.#decoder.next(); frame; frame = this.#decoder.next()) {
        const message = decodeServiceFrame(frame);
        messages.push(message);
      }
    }
  }

  /** Sleeps until the service says something (or takes something), for at most `limitMs`. */
  wait(limitMs: number): void {
    this.#socket.wait(limitMs, !this.isSent);
  }

  /** Everything has been sent and acknowledged: the service may forget this client. */
  sayGoodbye(): void {
    try {
      this.send(encodeGoodbye());
    } catch {
      // It is gone; it forgets by itself.
    }
  }

  close(): void {
    this.#socket.close();
  }

  #awaitWelcome(deadline: number): Welcome {
    for (;;) {
      for (const message of this.receive()) {
        if (message.kind === 'welcome') return message;
        if (message.kind === 'bye') throw new TurnedAwayError(message.reason, message.isFinal);
      }
      const left = deadline - performance.now();
      if (left <= 0) throw Object.assign(new Error('the service does not answer'), { code: 'ETIMEDOUT' });
      this.push();
      this.wait(left);
    }
  }
}
