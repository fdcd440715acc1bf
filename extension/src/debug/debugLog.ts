/** What the sessions of one launch have logged and the server has not got yet: in order, in batches, and bounded. Pure. */

import type { DebugEntry } from '../../../server/src/protocol.ts';

/** How long (ms) entries wait for others before they go to the server together, and lines for those that continue them. */
const batchMs = 100;
/** After a failure (ms). */
const retryMs = 2000;
/** UTF-16 units of one request, and of all that waits: while nobody has answered whether it may be written, too. */
const maxBatch = 1024 * 1024;
const maxWaiting = 32 * 1024 * 1024;
/** What an entry costs beside its text. */
const entryCost = 100;

/** What becomes of entries now: they are sent, kept until somebody has decided, or thrown away. */
export type Gate = 'open' | 'waiting' | 'shut';

export interface DebugLogOptions {
  gate: () => Gate;
  send: (entries: DebugEntry[]) => Promise<unknown>;
  /** Told once for a row of failures. */
  report: (error: unknown) => void;
  maxWaiting?: number;
}

/** An entry that waits for its turn. */
export interface WaitingEntry {
  readonly entry: DebugEntry;
  /** `growing`: it may get more lines until none has come for its patience; `asked`: it waits for an answer. Those behind it wait with it. */
  state: 'closed' | 'growing' | 'asked';
  /** How often it is looked at and left waiting for more lines, each time for `batchMs`. */
  patience: number;
  isTaken: boolean;
}

export class DebugLog {
  readonly #options: DebugLogOptions;
  readonly #max: number;
  #waiting: WaitingEntry[] = [];
  #size = 0;
  #lost: { place: WaitingEntry; lines: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #failed = false;

  constructor(options: DebugLogOptions) {
    this.#options = options;
    this.#max = options.maxWaiting ?? maxWaiting;
  }

  /** Takes an entry. */
  add(entry: DebugEntry, state: WaitingEntry['state'] = 'closed', patience = 1): WaitingEntry {
    const added: WaitingEntry = { entry, state, patience, isTaken: false };
    const size = entry.text.length + entryCost;
    if (this.#size + size > this.#max) {
      this.#lose(entry);
      // It takes what may still come, and is never sent.
      return added;
    }
    this.#lost = undefined;
    this.#size += size;
    this.#waiting.push(added);
    this.#wake();
    return added;
  }

  /** Continues an entry; false where it is too late, or there is no room. */
  extend(waiting: WaitingEntry, text: string, patience = 1): boolean {
    const { entry, isTaken, state } = waiting;
    if (isTaken || state === 'closed' || entry.text.length + text.length > maxBatch || this.#size + text.length > this.#max) return false;
    entry.text += text;
    waiting.patience = patience;
    this.#size += text.length;
    return true;
  }

  /** Resolves when everything was sent, where it may be: nothing stays open. */
  async end(): Promise<void> {
    for (const each of this.#waiting) each.state = 'closed';
    while (this.#options.gate() !== 'waiting' && (this.#waiting.length > 0 || this.#sending !== undefined)) {
      await this.flush();
      if (this.#failed) return;
    }
  }

  /** Sends what is there, one request after the other, so that no more is ever under way than the server takes. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      // Whoever decides lets it go on.
      if (this.#waiting.length > 0 && this.#options.gate() !== 'waiting') this.#wake(this.#failed ? retryMs : batchMs);
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    const { gate, send, report } = this.#options;
    for (;;) {
      if (gate() === 'shut') this.#drop();
      const batch = gate() === 'open' ? this.#take() : [];
      if (batch.length === 0) return;
      try {
        await send(batch.map(({ entry }) => entry));
        this.#failed = false;
      } catch (error) {
        if (!this.#failed) report(error);
        this.#failed = true;
        // They come back to their place: the server may be started anew.
        this.#waiting.unshift(...batch);
        for (const { entry } of batch) this.#size += entry.text.length + entryCost;
        return;
      }
    }
  }

  /** From the front, as far as entries are closed or have stopped growing. */
  #take(): WaitingEntry[] {
    let count = 0;
    let size = 0;
    for (const each of this.#waiting) {
      if (size >= maxBatch || each.state === 'asked') break;
      if (each.state === 'growing' && each.patience-- > 0) break;
      each.isTaken = true;
      size += each.entry.text.length + entryCost;
      count++;
    }
    this.#size -= size;
    return this.#waiting.splice(0, count);
  }

  #drop(): void {
    for (const each of this.#waiting) each.isTaken = true;
    this.#waiting = [];
    this.#size = 0;
  }

  /** One entry stands where others are missing, and says how many lines they had. */
  #lose({ time, text }: DebugEntry): void {
    if (this.#lost === undefined || this.#lost.place.isTaken) {
      const entry: DebugEntry = { time, level: 'WARNING', text: '', source: { kind: 'session' } };
      this.#lost = { place: { entry, state: 'closed', patience: 0, isTaken: false }, lines: 0 };
      this.#waiting.push(this.#lost.place);
      this.#size += entryCost;
    }
    const { place } = this.#lost;
    this.#lost.lines += text.split('\n').length;
    place.entry.text = `${this.#lost.lines} lines are missing here: they came faster than they could be written`;
  }

  #wake(ms = batchMs): void {
    // A program that is held up by its own output must not hold up the debugger.
    this.#timer ??= setTimeout(() => void this.flush(), ms);
  }
}
