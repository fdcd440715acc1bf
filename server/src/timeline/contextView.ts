/** A view together with the rows around its hits: their neighbours in the same log, not what other programs wrote at the same time. */
import type { RecordNumber } from '../index/recordStore.ts';
import type { Anchor, FindResult } from '../protocol.ts';
import { Neighbours } from './neighbours.ts';
import { SortedRecords } from './order.ts';
import { findRecord, type Paged, rankOf } from './page.ts';
import type { View, ViewedTimeline } from './view.ts';

/** Around more hits than these nobody looks, and finding what stands there would take too long. */
const MAX_HITS = 20_000;
const MAX_COUNT = 100;
/** Worked out anew no more often (ms), and no more than a fifth of the time. */
const QUIET = 50;

export class ContextView implements Paged {
  readonly timeline: ViewedTimeline;
  /** Of the view when the rows were worked out. */
  version = -1;
  final = false;
  /** Too many hits: only they are shown. */
  tooMany = false;
  private readonly count: number;
  private around: SortedRecords;
  private hits = new Set<RecordNumber>();
  private pause = 0;
  private lastTime = 0;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param count rows before and after each hit
   * @param onChanged told when the rows are others, some time after the view's are
   */
  constructor(
    private readonly view: View,
    count: number,
    private readonly onChanged: () => void,
  ) {
    this.timeline = view.timeline;
    this.count = Math.max(0, Math.min(MAX_COUNT, Math.floor(count)));
    this.around = new SortedRecords(view.timeline.library.store, view.timeline.compare);
    this.workOut();
  }

  get rows(): SortedRecords {
    return this.tooMany ? this.view.rows : this.around;
  }

  isHit(record: RecordNumber): boolean {
    return this.tooMany || this.hits.has(record);
  }

  /** The view has changed. */
  changed(): void {
    this.timer ??= setTimeout(
      () => {
        this.timer = undefined;
        this.workOut();
        this.onChanged();
      },
      Math.max(0, this.lastTime + this.pause - performance.now()),
    );
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** The hit after or before an anchor; wraps round. */
  nextHit(from: Anchor, direction: 'next' | 'previous'): FindResult {
    const { rows: hits, timeline } = this.view;
    const { length } = hits;
    if (length === 0) return { id: null, rank: -1, wrapped: false };
    const forward = direction === 'next';
    const record =
      'id' in from
        ? findRecord(timeline, from.id)
        : this.rows.length > 0
          ? this.rows.at(Math.min(rankOf(this, from), this.rows.length - 1))
          : undefined;
    let at = record === undefined ? 0 : hits.rankOf(record);
    if (forward && record !== undefined && hits.has(record)) at++;
    else if (!forward) at--;
    const wrapped = at < 0 || at >= length;
    const hit = hits.at((at + length) % length);
    return { id: timeline.library.generationOf(hit).recordId(hit), rank: this.rows.rankOf(hit), wrapped };
  }

  private workOut(): void {
    const begun = performance.now();
    const { rows, version, final } = this.view;
    this.version = version;
    this.final = final;
    this.tooMany = rows.length > MAX_HITS;
    if (!this.tooMany) {
      const hits = rows.slice(0, rows.length);
      this.hits = new Set(hits);
      const all = new Set(hits);
      const logs = new Neighbours(this.timeline);
      for (const hit of hits) {
        for (const step of [-1, 1] as const) for (const record of logs.neighbours(hit, step, this.count)) all.add(record);
      }
      this.around.replace(Uint32Array.from(all).sort(this.timeline.compare));
    }
    this.lastTime = performance.now();
    this.pause = Math.max(QUIET, 4 * (this.lastTime - begun));
  }
}
