/** What a running service tells of itself. */

import type { ServiceCounts } from './counts.ts';
import type { ReceiverKind } from './receivers.ts';
import type { StreamInfo, StreamIntake } from './streamIntake.ts';
import type { StreamReceiver } from './streamReceiver.ts';

/** Where a receiver listens. */
export interface Listening {
  kind: 'safelog' | 'stream' | ReceiverKind;
  /** `HOST:PORT`, or the path of a Unix socket. */
  address: string;
}

export interface ServiceStatus {
  pid: number;
  root: string;
  /** ISO 8601. */
  since: string;
  receivers: readonly (Listening & { connections: number })[];
  /** Entries and records written in the last seconds, for each. */
  perSecond: number;
  /** Bytes that wait to be written. */
  queuedBytes: number;
  counts: ServiceCounts;
  /** Some of the programs that are connected by streams. */
  clients: readonly StreamInfo[];
}

export interface StatusReportOptions {
  root: string;
  counts: ServiceCounts;
  listening: readonly Listening[];
  queuedBytes: () => number;
  /** Open connections of the original protocol. */
  entries: () => number;
  /** In the order of the streams among `listening`. */
  streams: readonly StreamReceiver[];
  intakes: readonly StreamIntake[];
  /** Of the other receivers, by what they are listed as. */
  others: ReadonlyMap<Listening, () => number>;
}

const SAMPLE_MS = 1000;
const SAMPLES = 5;
const MAX_CLIENTS = 100;

export class StatusReport {
  readonly #options: StatusReportOptions;
  readonly #since = new Date().toISOString();
  /** Written until then, and when; the oldest first. */
  #samples: { written: number; at: number }[];
  readonly #timer: NodeJS.Timeout;

  constructor(options: StatusReportOptions) {
    this.#options = options;
    this.#samples = [this.#sample()];
    this.#timer = setInterval(() => {
      this.#samples = [...this.#samples, this.#sample()].slice(-SAMPLES);
    }, SAMPLE_MS);
    this.#timer.unref();
  }

  now(): ServiceStatus {
    const { root, counts, listening, queuedBytes, entries, streams, intakes, others } = this.#options;
    const [first = this.#sample()] = this.#samples;
    const { written, at } = this.#sample();
    let stream = 0;
    return {
      pid: process.pid,
      root,
      since: this.#since,
      receivers: listening.map((each) => ({
        ...each,
        connections: others.get(each)?.() ?? (each.kind === 'safelog' ? entries() : (streams[stream++]?.connections ?? 0)),
      })),
      perSecond: Math.round(((written - first.written) * 1000) / Math.max(1, at - first.at)),
      queuedBytes: queuedBytes(),
      counts,
      clients: intakes.flatMap(({ sessions }) => [...sessions].slice(0, MAX_CLIENTS).map(({ info }) => info)).slice(0, MAX_CLIENTS),
    };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): { written: number; at: number } {
    return { written: this.#options.counts.written, at: performance.now() };
  }
}
