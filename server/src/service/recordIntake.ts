/**
 * The records of receivers on their way to the writers. Those of some ms go together, for each user, or of one turn of the event loop where
 * somebody waits for them; a line holds what it
 * can in its block (`safelog+source`), and what is too long for that follows the message.
 */

import { nameFault } from '../record/treeName.ts';
import { toEntry } from '../wire/recordEntry.ts';
import { BatchEncoder, RecordBatch, Records } from '../wire/stream.ts';
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

/**
 * What has become of records.
 * @param problem null when all of them are in the logs
 * @param rejected how many are not
 */
export type Stored = (problem: string | null, rejected: number) => void;

/** Somebody who waits until records are written. */
interface Waiter {
  stored: Stored;
  /** Batches that they are in, and one until all of them are in batches. */
  left: number;
  problem: string | null;
  rejected: number;
}

/** What waits for the end of the turn. */
interface Pending {
  encoder: BatchEncoder;
  count: number;
  runs: Run[];
}

/** Records that follow each other, of one module, for which one waits. */
interface Run {
  waiter: Waiter;
  module: string;
  records: number;
}

/** Records for which nobody waits are written together: those of so many ms, or so many bytes. */
const LINGER_MS = 5;
const LINGER_BYTES = 256 * 1024;
const MAX_KEPT = 4;
const MAX_KEPT_BYTES = 2 ** 20;
const MAX_BATCH_BYTES = 2 ** 19;
/** No record is longer: a receiver takes none that is. */
const MAX_FRAME_BYTES = 2 ** 30;

export class RecordIntake {
  readonly #options: RecordIntakeOptions;
  readonly #pending = new Map<string, Pending>();
  #turn: NodeJS.Immediate | null = null;
  #later: NodeJS.Timeout | null = null;
  /** Of batches that are written: fresh memory costs more than what is put into it. */
  readonly #memory: Buffer[] = [];
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
      stored?.(null, 0);
      return;
    }
    const { counts, sayOnce, defaultUser } = this.#options;
    if (identity.kind === 'none') {
      counts.unidentified += records.length;
      sayOnce('records none', 'records have been refused: nobody knows whose process sent them', 'A process writes only as its own user.');
      stored?.('nobody knows who you are', records.length);
      return;
    }
    if (identity.kind === 'any' && !identity.isKnown) counts.unknown += records.length;
    const name = identity.name ?? defaultUser;
    const user = nameFault(name) ? defaultUser : name;
    const waiter: Waiter | null = stored ? { stored, left: 1, problem: null, rejected: 0 } : null;
    let pending = this.#of(user);
    for (const record of records) {
      if (pending.encoder.bytes > MAX_BATCH_BYTES) {
        this.#flush(user, pending);
        pending = this.#of(user);
      }
      const before = pending.encoder.bytes;
      const entry = toEntry(record, this.#options.defaultModule);
      pending.encoder.add(entry);
      pending.count++;
      this.#bytes += pending.encoder.bytes - before;
      if (waiter) addTo(pending, waiter, entry.module);
    }
    if (waiter) settle(waiter);
    if (waiter || this.#bytes > LINGER_BYTES) this.#turn ??= setImmediate(() => this.flush());
    else this.#later ??= setTimeout(() => this.flush(), LINGER_MS);
  }

  /** Hands what waits to the writers. */
  flush(): void {
    if (this.#turn) clearImmediate(this.#turn);
    this.#turn = null;
    if (this.#later) clearTimeout(this.#later);
    this.#later = null;
    for (const [user, pending] of this.#pending) this.#flush(user, pending);
  }

  #of(user: string): Pending {
    let pending = this.#pending.get(user);
    if (!pending) {
      pending = { encoder: new BatchEncoder(MAX_FRAME_BYTES, this.#memory.pop()), count: 0, runs: [] };
      this.#pending.set(user, pending);
    }
    return pending;
  }

  #flush(user: string, { encoder, count, runs }: Pending): void {
    this.#pending.delete(user);
    if (count === 0) return;
    this.#bytes -= encoder.bytes;
    if (this.#bytes < 0 || this.#pending.size === 0) this.#bytes = 0;
    const { payload, memory } = encoder.hand(1);
    const batch = new RecordBatch(payload);
    const { counts, writers } = this.#options;
    const channels = batch.channels.map((channel) => ({ ...channel, user }));
    writers.batch(user, { batch, client: null, channels, receivedAt: nowMicros() }, (error, modules) => {
      const failed = error ? countOf(batch, modules) : 0;
      counts.failed += failed;
      counts.written += count - failed;
      if (failed < count) counts.writtenBytes += batch.payload.length;
      if (memory.length <= MAX_KEPT_BYTES && this.#memory.length < MAX_KEPT) this.#memory.push(memory);
      for (const [i, { waiter, module, records }] of runs.entries()) {
        if (error && (modules?.includes(module) ?? true)) {
          waiter.problem ??= error.message;
          waiter.rejected += records;
        }
        if (runs[i + 1]?.waiter !== waiter) settle(waiter);
      }
    });
  }
}

function addTo({ runs }: Pending, waiter: Waiter, module: string): void {
  const last = runs[runs.length - 1];
  if (last?.waiter === waiter && last.module === module) {
    last.records++;
    return;
  }
  if (last?.waiter !== waiter) waiter.left++;
  runs.push({ waiter, module, records: 1 });
}

function settle(waiter: Waiter): void {
  if (--waiter.left === 0) waiter.stored(waiter.problem, waiter.rejected);
}

/** Records of a batch that are of these modules; undefined: of any. */
function countOf(batch: RecordBatch, modules: readonly string[] | undefined): number {
  if (!modules) return batch.count;
  let count = 0;
  for (const records = new Records(batch); records.next(); ) if (modules.includes(batch.channels[records.channel]?.module ?? '')) count++;
  return count;
}
