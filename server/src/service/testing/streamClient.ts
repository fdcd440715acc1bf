/** For tests: a client of the streaming protocol that does what docs/protocol.md says, and no more. */

import { randomBytes } from 'node:crypto';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import {
  BatchEncoder,
  decodeServiceFrame,
  encodeGoodbye,
  encodeHello,
  FrameDecoder,
  MAX_FRAME_BYTES,
  type RecordFields,
  type ServiceMessage,
  STREAM_VERSION,
  type Welcome,
} from '../../wire/stream.ts';

type Fields = Partial<RecordFields> & { text: string | Uint8Array };

export class StreamClient {
  readonly id = randomBytes(16).toString('hex');
  /** Everything the service has said but welcomes and acknowledgements. */
  readonly said: ServiceMessage[] = [];
  acknowledged = 0;
  isClosed = true;
  #where: NetConnectOpts;
  readonly #hello: { user: string; module: string };
  readonly #encoder = new BatchEncoder(MAX_FRAME_BYTES);
  /** Frames that are not acknowledged. */
  #unacknowledged: { last: number; frame: Buffer }[] = [];
  #next = 1;
  #socket: Socket | null = null;
  #onChange: (() => void)[] = [];

  constructor(where: NetConnectOpts, hello: { user?: string; module?: string } = {}) {
    this.#where = where;
    this.#hello = { user: hello.user ?? '', module: hello.module ?? 'web' };
  }

  get last(): number {
    return this.#next - 1;
  }

  get socket(): Socket {
    if (!this.#socket) throw new Error('not connected');
    return this.#socket;
  }

  /** Connects, and sends again what is not acknowledged. Rejects where nobody listens, or the service says bye. */
  connect(where = this.#where): Promise<Welcome> {
    this.#where = where;
    this.#socket?.destroy();
    return new Promise((resolve, reject) => {
      const socket = connect({ ...where, noDelay: true } as NetConnectOpts);
      const decoder = new FrameDecoder(MAX_FRAME_BYTES);
      this.#socket = socket;
      this.isClosed = false;
      socket.on('error', reject);
      socket.on('close', () => {
        if (this.#socket === socket) this.isClosed = true;
        this.#changed();
        reject(new Error('closed'));
      });
      socket.on('data', (chunk) => {
        if (this.#socket !== socket) return;
        decoder.push(chunk);
        for (let frame = decoder.next(); frame; frame = decoder.next()) {
          const message = decodeServiceFrame({ ...frame, payload: Buffer.from(frame.payload) });
          if (message.kind === 'welcome') {
            this.#drop(message.stored);
            for (const { frame: again } of this.#unacknowledged) socket.write(again);
            resolve(message);
          } else if (message.kind === 'stored') this.#drop(message.sequence);
          else this.said.push(message);
        }
        this.#changed();
      });
      socket.write(encodeHello({ version: STREAM_VERSION, client: this.id, program: 'test', ...this.#hello }));
    });
  }

  /** Sends them as one batch; the sequence of the last. */
  send(records: readonly Fields[]): number {
    for (const record of records) {
      if (!this.#encoder.add({ user: '', module: '', level: 'INFO', time: 0, ...record })) throw new Error('too large');
    }
    const first = this.#next;
    this.#next += records.length;
    const frame = this.#encoder.finish(first);
    this.#unacknowledged.push({ last: this.last, frame });
    if (this.#socket && !this.isClosed) this.#socket.write(frame);
    return this.last;
  }

  /** Until everything is acknowledged; false where the connection closes before. */
  async settled(): Promise<boolean> {
    await this.until(() => this.acknowledged >= this.last || this.isClosed);
    return this.acknowledged >= this.last;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#onChange.push(resolve));
  }

  goodbye(): void {
    this.socket.write(encodeGoodbye());
  }

  close(): void {
    this.#socket?.destroy();
  }

  #drop(sequence: number): void {
    this.acknowledged = Math.max(this.acknowledged, sequence);
    const left = this.#unacknowledged.findIndex(({ last }) => last > sequence);
    this.#unacknowledged = left < 0 ? [] : this.#unacknowledged.slice(left);
  }

  #changed(): void {
    for (const resolve of this.#onChange.splice(0)) resolve();
  }
}
