import type { Micros, RecordId } from '../../server/src/protocol.ts';
import type { Known } from './rows.ts';

/** A selected record, and its time. */
export interface Chosen extends Known {
  time: Micros;
}

/** More rows than this are never selected at once. */
export const MAX_SELECTED = 5000;

/** The selected records, the one that has the focus, and the one that a range starts from. */
export class Selection {
  #ranks = new Map<RecordId, number>();
  /** Unknown of those that another page kept. */
  #times = new Map<RecordId, Micros>();
  #span: Micros | null | undefined;
  /** Grows with every choice that a person makes. */
  turn = 0;
  cursor: Known | null = null;
  pivot: Known | null = null;

  get size(): number {
    return this.#ranks.size;
  }

  /** From the earliest to the latest of what is selected; null where that is not known of all. */
  get span(): Micros | null {
    if (this.#span !== undefined) return this.#span;
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    let known = this.#ranks.size > 0;
    for (const id of this.#ranks.keys()) {
      const time = this.#times.get(id);
      if (time === undefined) known = false;
      else [first, last] = [Math.min(first, time), Math.max(last, time)];
    }
    this.#span = known ? last - first : null;
    return this.#span;
  }

  has(id: RecordId): boolean {
    return this.#ranks.has(id);
  }

  /** In the order of the view. */
  ids(): RecordId[] {
    return [...this.#ranks].sort((a, b) => a[1] - b[1]).map(([id]) => id);
  }

  only(record: Chosen): void {
    this.#choose([record]);
    this.cursor = record;
    this.pivot = record;
  }

  toggle(record: Chosen): void {
    this.turn++;
    if (!this.#ranks.delete(record.id)) {
      this.#ranks.set(record.id, record.rank);
      this.#times.set(record.id, record.time);
    }
    this.#span = undefined;
    this.cursor = record;
    this.pivot = record;
  }

  /** Selects a range; the pivot stays. */
  range(records: readonly Chosen[], cursor: Known): void {
    this.#choose(records);
    this.cursor = cursor;
  }

  clear(): void {
    this.#choose([]);
    this.cursor = null;
    this.pivot = null;
  }

  /** Gives back what a page kept; the ranks are found when the rows come. */
  restore(ids: readonly RecordId[]): void {
    this.#choose([]);
    this.#ranks = new Map(ids.slice(0, MAX_SELECTED).map((id, index) => [id, index]));
  }

  #choose(records: readonly Chosen[]): void {
    this.turn++;
    this.#ranks = new Map(records.map(({ id, rank }) => [id, rank]));
    this.#times = new Map(records.map(({ id, time }) => [id, time]));
    this.#span = undefined;
  }

  /** All ranks moved; those of the rows that are here are known for sure. */
  move(by: number, rankOf: (id: RecordId) => number | undefined): void {
    for (const [id, rank] of this.#ranks) this.#ranks.set(id, rankOf(id) ?? rank + by);
    const moved = (record: Known | null): Known | null => record && { id: record.id, rank: rankOf(record.id) ?? record.rank + by };
    this.cursor = moved(this.cursor);
    this.pivot = moved(this.pivot);
  }
}
