/** What becomes of the batches of a streaming client: each record goes to the writer of its user, or is refused. */

import type { Socket } from 'node:net';
import { channelFault } from '../wire/recordBatch.ts';
import { type Channel, encodeRefused, type Hello, type RecordBatch, Records } from '../wire/stream.ts';
import { nowMicros } from '../writer/clock.ts';
import type { ServiceCounts } from './counts.ts';
import { type Identity, mayWriteAs } from './identity.ts';
import type { StreamSession } from './streamReceiver.ts';
import type { Writers } from './writers.ts';

export interface StreamIntakeOptions {
  root: string;
  writers: Writers;
  counts: ServiceCounts;
  /** For whom nobody knows and who names no user; null: none. */
  defaultUser: string | null;
  defaultModule: string;
  identify: (socket: Socket) => Identity;
  sayOnce: (kind: string, message: string, advice?: string) => void;
}

/** Why records are refused; the client may try itself what could not be written. */
interface Refusal {
  reason: string;
  isUnwritable: boolean;
}

/** For `safelog status`. */
export interface StreamInfo {
  program: string;
  user: string;
  records: number;
}

export class StreamIntake {
  readonly #options: StreamIntakeOptions;
  readonly sessions = new Set<Session>();

  constructor(options: StreamIntakeOptions) {
    this.#options = options;
  }

  /** Why a client is refused, or its session. */
  hello(socket: Socket, hello: Hello): StreamSession | { refused: string } {
    const { counts, defaultUser, sayOnce } = this.#options;
    const identity = this.#options.identify(socket);
    if (identity.kind === 'none') {
      counts.unidentified++;
      sayOnce('stream none', 'a stream has been refused: nobody knows whose process it is', 'A process writes only as its own user.');
      return { refused: 'nobody knows who you are' };
    }
    const own = identity.name ?? defaultUser ?? '';
    if (hello.user !== '' && !mayWriteAs(identity, hello.user)) {
      counts.foreign++;
      sayOnce(`stream ${hello.user}`, `a stream for ${JSON.stringify(hello.user)} has been refused: it came from ${JSON.stringify(own)}`);
      return { refused: `you are ${own}, not ${hello.user}` };
    }
    counts.streams++;
    if (identity.kind === 'any' && !identity.isKnown) counts.unknown++;
    const session = new Session(this.#options, identity, hello.user || own, hello, () => this.sessions.delete(session));
    this.sessions.add(session);
    return session;
  }
}

class Session implements StreamSession {
  /** The journals know, user by user. */
  readonly stored = 0;
  readonly root: string;
  readonly user: string;
  readonly info: StreamInfo;
  readonly closed: () => void;
  readonly #options: StreamIntakeOptions;
  readonly #identity: Identity;
  readonly #hello: Hello;
  readonly #users = new Set<string>();

  constructor(options: StreamIntakeOptions, identity: Identity, user: string, hello: Hello, closed: () => void) {
    this.#options = options;
    this.#identity = identity;
    this.#hello = hello;
    this.user = user;
    this.root = options.root;
    this.closed = closed;
    this.info = { program: hello.program, user, records: 0 };
  }

  take(batch: RecordBatch, answer: (frame: Buffer) => void, done: () => void): void {
    const { counts, writers } = this.#options;
    const reasons: (Refusal | null)[] = [];
    const users = new Set<string>();
    const channels = batch.channels.map((channel, i): Channel | null => {
      const named = {
        ...channel,
        user: channel.user || this.user,
        module: channel.module || this.#hello.module || this.#options.defaultModule,
      };
      const fault = this.#fault(named);
      reasons[i] = fault === null ? null : { reason: fault, isUnwritable: false };
      if (fault !== null) return null;
      users.add(named.user);
      return named;
    });
    let refused = this.#refuse(batch, reasons, answer);
    this.info.records += batch.count;
    let left = users.size;
    if (left === 0) {
      done();
      return;
    }
    const whole = { batch, client: this.#hello.client, channels, receivedAt: nowMicros() };
    const failures = new Map<string, Refusal>();
    for (const user of users) {
      this.#users.add(user);
      writers.batch(user, whole, (error) => {
        if (error) failures.set(user, { reason: error.message, isUnwritable: true });
        if (--left > 0) return;
        refused += this.#refuse(
          batch,
          channels.map((channel) => (channel && failures.get(channel.user)) ?? null),
          answer,
        );
        counts.written += batch.count - refused;
        if (refused < batch.count) counts.writtenBytes += batch.payload.length;
        done();
      });
    }
  }

  goodbye(): void {
    for (const user of this.#users) this.#options.writers.forget(user, this.#hello.client);
  }

  #fault(channel: Channel): string | null {
    const fault = channelFault(channel);
    if (fault) return fault;
    if (!mayWriteAs(this.#identity, channel.user)) return 'foreign';
    return this.#options.writers.refuses(channel.user) ? 'user stranger' : null;
  }

  /** Tells the client which records are refused, by their channels; how many. */
  #refuse(batch: RecordBatch, reasons: readonly (Refusal | null)[], answer: (frame: Buffer) => void): number {
    if (!reasons.some((reason) => reason !== null)) return 0;
    const { counts, sayOnce } = this.#options;
    const records = new Records(batch);
    let count = 0;
    let run: ({ first: number; last: number } & Refusal) | null = null;
    const tell = (): void => {
      if (run) answer(encodeRefused({ ...run, isFinal: true }));
      run = null;
    };
    while (records.next()) {
      const refusal = reasons[records.channel];
      if (!refusal) continue;
      const { reason, isUnwritable } = refusal;
      count++;
      if (isUnwritable) counts.failed++;
      else if (reason === 'foreign') counts.foreign++;
      else counts.refused[faultOf(reason)]++;
      if (run && run.reason === reason && run.last === records.sequence - 1) run.last = records.sequence;
      else {
        tell();
        run = { first: records.sequence, last: records.sequence, ...refusal };
        // What cannot be written its writer has told.
        if (!isUnwritable)
          sayOnce(
            `records ${reason}`,
            `records of ${JSON.stringify(this.info.program)}, which runs as ${this.user}, have been refused (${reason})`,
          );
      }
    }
    tell();
    return count;
  }
}

function faultOf(reason: string): keyof ServiceCounts['refused'] {
  const word = reason.slice(reason.lastIndexOf(' ') + 1);
  return word === 'empty' ||
    word === 'dot' ||
    word === 'separator' ||
    word === 'control' ||
    word === 'long' ||
    word === 'reserved' ||
    word === 'stranger'
    ? word
    : 'level';
}
