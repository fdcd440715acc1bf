import type { RecordId } from '../../server/src/protocol.ts';
import type { Known } from './rows.ts';

/** More rows than this are never selected at once. */
export const MAX_SELECTED = 5000;

/** The selected records, the one that has the focus, and the one that a range starts from. */
export class Selection {
  #ranks = new Map<RecordId, number>();
  cursor: Known | null = null;
  pivot: Known | null = null;

  get size(): number {
    return this.#ranks.size;
  }

  has(id: RecordId): boolean {
    return this.#ranks.has(id);
  }

  /** In the order of the view. */
  ids(): RecordId[] {
    return [...this.#ranks].sort((a, b) => a[1] - b[1]).map(([id]) => id);
  }

  only(record: Known): void {
    this.#ranks = new Map([[record.id, record.rank]]);
    this.cursor = record;
    this.pivot = record;
  }

  toggle(record: Known): void {
    if (!this.#ranks.delete(record.id)) this.#ranks.set(record.id, record.rank);
    this.cursor = record;
    this.pivot = record;
  }

  /** Selects a range; the pivot stays. */
  range(records: readonly Known[], cursor: Known): void {
    this.#ranks = new Map(records.map(({ id, rank }) => [id, rank]));
    this.cursor = cursor;
  }

  clear(): void {
    this.#ranks.clear();
    this.cursor = null;
    this.pivot = null;
  }

  /** Gives back what a page kept; the ranks are found when the rows come. */
  restore(ids: readonly RecordId[]): void {
    this.#ranks = new Map(ids.slice(0, MAX_SELECTED).map((id, index) => [id, index]));
  }

  /** All ranks moved; those of the rows that are here are known for sure. */
  move(by: number, rankOf: (id: RecordId) => number | undefined): void {
    for (const [id, rank] of this.#ranks) this.#ranks.set(id, rankOf(id) ?? rank + by);
    const moved = (record: Known | null): Known | null => record && { id: record.id, rank: rankOf(record.id) ?? record.rank + by };
    this.cursor = moved(this.cursor);
    this.pivot = moved(this.pivot);
  }
}
