/** Takes datagrams in, a record each: Python's DatagramHandler, syslog. Nobody can be asked who sends them, and nobody waits: what is too much is dropped. */

import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { WireError, type WireRecord } from '../wire/wireRecord.ts';
import type { Drop } from './connectionReceiver.ts';
import { DatagramBatch } from './datagramBatch.ts';
import type { Identity } from './identity.ts';
import type { RecordIntake } from './recordIntake.ts';

export interface DatagramReceiverOptions {
  host: string;
  port: number;
  limits: { totalBytes: number; recordsPerSecond: number };
  intake: RecordIntake;
  /** Throws a WireError for what is no record. */
  decode: (bytes: Buffer, start: number, end: number) => WireRecord;
  /** Of those whom nobody knows. */
  identity: Identity;
  queuedBytes: () => number;
  onDrop: (kind: Drop, reason: string) => void;
  onError: (error: Error) => void;
}

/** The kernel keeps so much for us while we are busy, if it is allowed to (net.core.rmem_max). */
const RECEIVE_BYTES = 8 * 2 ** 20;
/** Of recvmmsg, in one turn of the event loop. */
const MAX_BATCHES = 16;
const STOP_PAUSE_MS = 50;
const STOP_DRAIN_MS = 5000;

export class DatagramReceiver {
  readonly #options: DatagramReceiverOptions;
  readonly #socket: Socket;
  readonly #batch = DatagramBatch.open();
  #fd = -1;
  /** What waited in this turn of the event loop has been taken. */
  #hasTaken = false;
  #activity = 0;
  /** Of the rate: when the datagrams that were taken will have had their time, ms. */
  #busyUntil = 0;

  constructor(options: DatagramReceiverOptions) {
    this.#options = options;
    this.#socket = createSocket(isIPv6(options.host) ? 'udp6' : 'udp4');
    this.#socket.on('message', (datagram) => this.#receive(datagram));
  }

  readonly connections = 0;

  /** Rejects with the system's error. */
  listen(): Promise<{ host: string; port: number }> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(port, host, () => {
        this.#socket.off('error', reject);
        this.#socket.on('error', this.#options.onError);
        try {
          this.#socket.setRecvBufferSize(RECEIVE_BYTES);
        } catch {
          // It stays as large as the system makes it.
        }
        this.#fd = descriptor(this.#socket);
        const address = this.#socket.address();
        resolve({ host: address.address, port: address.port });
      });
    });
  }

  /** Takes what has been sent until now. */
  async stop(): Promise<void> {
    const start = performance.now();
    let seen = -1;
    for (let since = start; performance.now() - since < STOP_PAUSE_MS && performance.now() - start < STOP_DRAIN_MS; ) {
      if (seen !== this.#activity) since = performance.now();
      seen = this.#activity;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  /** Takes one that Node has received, and all that wait behind it. */
  #receive(first: Buffer): void {
    const records: WireRecord[] = [];
    const take = (bytes: Buffer, start: number, end: number): void => this.#take(bytes, start, end, records);
    take(first, 0, first.length);
    if (this.#batch && this.#fd >= 0 && !this.#hasTaken) {
      this.#hasTaken = true;
      // Then the writers have their turn.
      setImmediate(() => {
        this.#hasTaken = false;
      });
      for (let i = 0; i < MAX_BATCHES && this.#batch.take(this.#fd, take) === DatagramBatch.MANY; i++);
    }
    this.#options.intake.take(records, this.#options.identity);
  }

  #take(bytes: Buffer, start: number, end: number, records: WireRecord[]): void {
    const { limits, decode, queuedBytes, onDrop } = this.#options;
    this.#activity++;
    if (queuedBytes() > limits.totalBytes) {
      onDrop('memory', 'too much came in at once');
      return;
    }
    if (limits.recordsPerSecond > 0) {
      const now = performance.now();
      // A second's worth may come at once.
      if (this.#busyUntil > now + 1000) {
        onDrop('rate', 'more datagrams came in a second than recordsPerSecond');
        return;
      }
      this.#busyUntil = Math.max(this.#busyUntil, now) + 1000 / limits.recordsPerSecond;
    }
    try {
      records.push(decode(bytes, start, end));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      onDrop('malformed', error.message);
    }
  }
}

/** Node keeps the descriptor in the socket's state, and has no other way to it; -1 where it is not there. */
function descriptor(socket: Socket): number {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  const state: unknown = symbol && Object.getOwnPropertyDescriptor(socket, symbol)?.value;
  const handle: unknown = typeof state === 'object' && state !== null && 'handle' in state ? state.handle : null;
  return typeof handle === 'object' && handle !== null && 'fd' in handle && typeof handle.fd === 'number' ? handle.fd : -1;
}
