/** What one who follows a view is to be shown: new rows in their order, each once and whole. */
import type { RecordNumber } from '../index/recordStore.ts';
import { moduleOf } from './message.ts';
import type { View } from './view.ts';

/** The last record of a file may still be being written (ms). */
const LAST_SETTLES = 250;
/** A line of master.log may be read before its other half in the module's log (ms). */
const MASTER_SETTLES = 600;

export class News {
  /** When each was first seen, and how long its content was then. */
  private readonly waiting = new Map<RecordNumber, { since: number; bytes: number }>();

  /** @param wake called when there may be something to take */
  constructor(
    private readonly view: View,
    private readonly wake: () => void,
  ) {
    view.onNews = (records) => {
      const since = performance.now();
      for (let i = 0; i < records.length; i++) this.waiting.set(records[i] as RecordNumber, { since, bytes: -1 });
      wake();
    };
    view.unshown = () => this.waiting.keys();
  }

  /** Those that have settled. What is newer than one that has not waits with it; but nothing waits long. */
  take(all = false): Uint32Array {
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
    for (const record of taken) this.waiting.delete(record);
    if (this.waiting.size > 0) setTimeout(this.wake, 50).unref();
    return Uint32Array.from(taken).sort(timeline.compare);
  }
}
