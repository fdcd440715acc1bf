/** What one who follows a view is to be shown: new rows in their order, each once and whole. */
import type { Generation } from '../index/generation.ts';
import { isMoved } from '../index/moved.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { moduleOf } from './message.ts';
import type { ReadOptions } from './reader.ts';
import { placeholder, readRecords } from './reader.ts';
import type { View } from './view.ts';

/** The last record of a file may still be being written (ms). */
const LAST_SETTLES = 250;
/** A line of master.log may be read before its other half in the module's log (ms). */
const MASTER_SETTLES = 600;
/** A burst comes in parts of about so many bytes, and of so many records at most. */
const PART_BYTES = 1 << 20;
const PART = 4096;
/** So often, one look after the other, a file may have moved before it could be read. */
const ATTEMPTS = 50;

/** A record and its bytes. */
export interface ReadRecord {
  record: RecordNumber;
  bytes: Buffer;
}

export interface NewsOptions extends Pick<ReadOptions, 'unreadable'> {
  /** Bytes of each record that are read at most. */
  limit: number;
  /** Called when there may be something to take. */
  wake: () => void;
}

export class News {
  /** When each was first seen, and how long its content was then. */
  private readonly waiting = new Map<RecordNumber, { since: number; bytes: number }>();
  /** Of these, those that had settled when that was last found out, in their order. */
  private ready: Uint32Array = new Uint32Array();
  /** How often each had moved when it was to be read. */
  private readonly moves = new Map<Generation, number>();

  constructor(
    private readonly view: View,
    private readonly options: NewsOptions,
  ) {
    view.onNews = (records) => {
      const since = performance.now();
      for (let i = 0; i < records.length; i++) this.waiting.set(records[i] as RecordNumber, { since, bytes: -1 });
      options.wake();
    };
    view.unshown = () => this.waiting.keys();
    view.onForgotten = (isGone) => {
      for (const record of this.waiting.keys()) if (isGone(record)) this.waiting.delete(record);
    };
  }

  /**
   * The next ones, in their order; none where those that wait have not settled. They are read in the timeline's turn, and wait until they
   * are: what a rotation takes away before that is news where it turns up again, and what was read is none.
   * @param all whether they have settled or not; none means that there are no more
   */
  async next(all = false): Promise<ReadRecord[]> {
    for (;;) {
      const read = await this.view.timeline.inTurn(() => this.read(all));
      if (all && read?.length === 0 && this.waiting.size > 0) continue;
      if (this.waiting.size > 0) setTimeout(this.options.wake, 50).unref();
      return read ?? [];
    }
  }

  private async read(all: boolean): Promise<ReadRecord[]> {
    const { limit, unreadable = placeholder } = this.options;
    const { timeline } = this.view;
    const { generationOf } = timeline.library;
    const records = this.part(all);
    const moved = new Set<Generation>();
    const texts = await readRecords(records, generationOf, limit, {
      inTurn: true,
      unreadable: (generation, error) => {
        const moves = this.moves.get(generation) ?? 0;
        if (!isMoved(error) || moves >= ATTEMPTS) return unreadable(generation, error);
        moved.add(generation);
        return undefined;
      },
    });
    const read: ReadRecord[] = [];
    for (const [index, record] of records.entries()) {
      const bytes = texts[index];
      const generation = generationOf(record);
      // The next look finds where it is now. What comes after it waits with it.
      if (bytes === undefined && moved.has(generation)) break;
      this.waiting.delete(record);
      this.moves.delete(generation);
      if (bytes !== undefined) read.push({ record, bytes });
    }
    for (const generation of moved) this.moves.set(generation, (this.moves.get(generation) ?? 0) + 1);
    if (moved.size > 0) {
      this.ready = new Uint32Array();
      void timeline.sync();
    }
    return read;
  }

  /** As many of those that have settled as are read at once. */
  private part(all: boolean): Uint32Array {
    const { rows, timeline } = this.view;
    const { store, generationOf } = timeline.library;
    if (this.ready.length === 0) this.ready = this.settled(all);
    const part: RecordNumber[] = [];
    let at = 0;
    for (let bytes = 0; at < this.ready.length && part.length < PART && bytes < PART_BYTES; at++) {
      const record = this.ready[at] as RecordNumber;
      if (!this.waiting.has(record) || !rows.has(record)) continue;
      bytes += Math.min(this.options.limit, generationOf(record).endOf(record) - store.offset(record));
      part.push(record);
    }
    this.ready = this.ready.subarray(at);
    return part.length === 0 && at > 0 ? this.part(all) : Uint32Array.from(part);
  }

  /** What is newer than one that has not settled waits with it; but nothing waits long. */
  private settled(all: boolean): Uint32Array {
    const { rows, timeline } = this.view;
    const { store, generationOf } = timeline.library;
    const now = performance.now();
    const settled: RecordNumber[] = [];
    let first: RecordNumber | undefined;
    for (const [record, seen] of this.waiting) {
      // Found to be the other half of a row, or its file is gone.
      if (!rows.has(record)) {
        this.waiting.delete(record);
        continue;
      }
      const generation = generationOf(record);
      const bytes = generation.endOf(record) - store.offset(record);
      if (bytes !== seen.bytes) {
        if (seen.bytes !== -1) seen.since = now;
        seen.bytes = bytes;
      }
      const isLast = store.index(record) === generation.column.length - 1;
      const fromMaster = generation.master && moduleOf(generation, record) !== generation.file.module;
      const wait = fromMaster ? MASTER_SETTLES : isLast ? LAST_SETTLES : 0;
      if (all || now - seen.since >= wait) settled.push(record);
      else if (first === undefined || timeline.compare(record, first) < 0) first = record;
    }
    const taken = settled.filter((record) => first === undefined || timeline.compare(record, first) < 0);
    return Uint32Array.from(taken).sort(timeline.compare);
  }
}
