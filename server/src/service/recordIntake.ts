/**
 * The records of receivers on their way to the writers. Those of one turn of the event loop go together, for each user; a line holds what it
 * can in its block (`safelog+source`), and what is too long for that follows the message.
 */

import { nameFault } from '../record/treeName.ts';
import { toEntry } from '../wire/recordEntry.ts';
import { BatchEncoder, FrameDecoder, RecordBatch } from '../wire/stream.ts';
import type { WireRecord } from '../wire/wireRecord.ts';
import { nowMicros } from '../writer/clock.ts';
import type { ServiceCounts } from './counts.ts';
import type { Identity } from './identity.ts';
import type { Writers } from './writers.ts';

export interface RecordIntakeOptions {
  writers: Writers;
  counts: ServiceCounts;
  /** For whom nobody knows. */
  defaultUser: string;
  /** For records that name neither a logger nor a module. */
  defaultModule: string;
  sayOnce: (kind: string, message: string, advice?: string) => void;
}

/** What has become of records: null when they are in the logs. */
export type Stored = (problem: string | null) => void;

/** What waits for the end of the turn. */
interface Pending {
  encoder: BatchEncoder;
  count: number;
  stored: Stored[];
}

const MAX_BATCH_BYTES = 4 * 2 ** 20;
/** No record is longer: a receiver takes none that is. */
const MAX_FRAME_BYTES = 2 ** 30;

export class RecordIntake {
  readonly #options: RecordIntakeOptions;
  readonly #pending = new Map<string, Pending>();
  #turn: NodeJS.Immediate | null = null;
  /** Bytes that are not with the writers yet. */
  #bytes = 0;

  constructor(options: RecordIntakeOptions) {
    this.#options = options;
  }

  get queuedBytes(): number {
    return this.#bytes;
  }

  /**
   * Takes records of a peer; `stored` is called when all of them are written, or some cannot be. Whoever may not write at all is told
   * nothing: that is counted.
   */
  take(records: readonly WireRecord[], identity: Identity, stored?: Stored): void {
    if (records.length === 0) {
      stored?.(null);
      return;
    }
    const { counts, sayOnce, defaultUser } = this.#options;
    if (identity.kind === 'none') {
      counts.unidentified += records.length;
      sayOnce('records none', 'records have been refused: nobody knows whose process sent them', 'A process writes only as its own user.');
      stored?.('nobody knows who you are');
      return;
    }
    if (identity.kind === 'any' && !identity.isKnown) counts.unknown += records.length;
    const name = identity.name ?? defaultUser;
    const user = nameFault(name) ? defaultUser : name;
    let pending = this.#of(user);
    for (const record of records) {
      if (pending.encoder.bytes > MAX_BATCH_BYTES) {
        this.#flush(user, pending);
        pending = this.#of(user);
      }
      const before = pending.encoder.bytes;
      pending.encoder.add({ user: '', ...toEntry(record, this.#options.defaultModule) });
      pending.count++;
      this.#bytes += pending.encoder.bytes - before;
    }
    if (stored) pending.stored.push(stored);
    this.#turn ??= setImmediate(() => this.flush());
  }

  /** Hands what waits to the writers. */
  flush(): void {
    if (this.#turn) clearImmediate(this.#turn);
    this.#turn = null;
    for (const [user, pending] of this.#pending) this.#flush(user, pending);
  }

  #of(user: string): Pending {
    let pending = this.#pending.get(user);
    if (!pending) {
      pending = { encoder: new BatchEncoder(MAX_FRAME_BYTES), count: 0, stored: [] };
      this.#pending.set(user, pending);
    }
    return pending;
  }

  #flush(user: string, { encoder, count, stored }: Pending): void {
    this.#pending.delete(user);
    if (count === 0) return;
    this.#bytes -= encoder.bytes;
    if (this.#bytes < 0 || this.#pending.size === 0) this.#bytes = 0;
    const frames = new FrameDecoder(MAX_FRAME_BYTES);
    frames.push(encoder.finish(1));
    const frame = frames.next();
    if (!frame) throw new Error('a batch that is no frame');
    const batch = new RecordBatch(frame.payload);
    const { counts, writers } = this.#options;
    const channels = batch.channels.map((channel) => ({ ...channel, user }));
    writers.batch(user, { batch, client: null, channels, receivedAt: nowMicros() }, (error) => {
      if (error) counts.failed += count;
      else {
        counts.written += count;
        counts.writtenBytes += batch.payload.length;
      }
      for (const each of stored) each(error?.message ?? null);
    });
  }
}
