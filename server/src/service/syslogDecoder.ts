/** Connections of syslog, over TCP or a Unix socket. */

import { decodeSyslog, SyslogFramer } from '../wire/syslog.ts';
import type { WireRecord } from '../wire/wireRecord.ts';
import { nowMicros } from '../writer/clock.ts';
import type { Decoder } from './connectionReceiver.ts';

export class SyslogDecoder implements Decoder {
  readonly #framer: SyslogFramer;
  readonly #host: string;

  constructor(maxBytes: number, host: string) {
    this.#framer = new SyslogFramer(maxBytes);
    this.#host = host;
  }

  get heldBytes(): number {
    return this.#framer.heldBytes;
  }

  push(chunk: Buffer): WireRecord[] {
    return this.#decode(this.#framer.push(chunk));
  }

  pause(): WireRecord[] {
    return this.#decode(this.#framer.pause(false));
  }

  end(): WireRecord[] {
    return this.#decode(this.#framer.pause(true));
  }

  #decode(messages: readonly Buffer[]): WireRecord[] {
    const now = nowMicros();
    return messages.map((message) => decodeSyslog(message, { now, host: this.#host }));
  }
}
