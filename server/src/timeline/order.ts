/**
 * The order of records: by key (time), ties by master.log's order, then file and line. See DESIGN: an entry up to 1 s before its
 * predecessor has the predecessor's key already; a larger step back starts a new run.
 */
import type { Generation } from '../index/generation.ts';
import type { RecordNumber, RecordStore } from '../index/recordStore.ts';
import { NONE } from '../index/recordStore.ts';

export type Compare = (a: RecordNumber, b: RecordNumber) => number;

/** The full order. Generations have their `position` (user, module, age). */
export function recordOrder(store: RecordStore, generationOf: (slot: number) => Generation): Compare {
  const place = (a: RecordNumber, b: RecordNumber): number => {
    const slotA = store.generation(a);
    const slotB = store.generation(b);
    return slotA === slotB ? store.index(a) - store.index(b) : generationOf(slotA).position - generationOf(slotB).position;
  };
  /** The record of master.log that stands for it; NONE where there is none. */
  const inMaster = (record: RecordNumber): RecordNumber => (generationOf(store.generation(record)).master ? record : store.partner(record));
  return (a, b) => {
    const difference = store.key(a) - store.key(b);
    if (difference !== 0) return difference;
    const masterA = inMaster(a);
    const masterB = inMaster(b);
    if (masterA !== NONE && masterB !== NONE) return place(masterA, masterB);
    if (masterA !== masterB) return masterA === NONE ? 1 : -1;
    return place(a, b);
  };
}

interface Run {
  records: Uint32Array;
  keys: Float64Array;
}

/**
 * Merges runs that are each sorted by key; of equal keys the order is not said.
 * @param runs record numbers; each with rising keys
 */
export function mergeRuns(store: RecordStore, runs: readonly Uint32Array[]): Uint32Array {
  let level: Run[] = runs.filter((records) => records.length > 0).map((records) => ({ records, keys: keysOf(store, records) }));
  while (level.length > 1) {
    // The smallest with the smallest: each record is copied as few times as possible.
    level.sort((a, b) => a.records.length - b.records.length);
    const next: Run[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(mergeTwo(level[i] as Run, level[i + 1] as Run));
    if (level.length % 2 === 1) next.push(level.at(-1) as Run);
    level = next;
  }
  return level[0]?.records ?? new Uint32Array(0);
}

/** Sorts each stretch of equal keys, in place. */
export function sortTies(store: RecordStore, records: Uint32Array, compare: Compare): void {
  let start = 0;
  let key = records.length > 0 ? store.key(records[0] as number) : 0;
  for (let end = 1; end <= records.length; end++) {
    const next = end < records.length ? store.key(records[end] as number) : Number.NaN;
    if (next === key) continue;
    if (end - start > 1) records.subarray(start, end).sort(compare);
    start = end;
    key = next;
  }
}

function keysOf(store: RecordStore, records: Uint32Array): Float64Array {
  const keys = new Float64Array(records.length);
  for (let i = 0; i < records.length; i++) keys[i] = store.key(records[i] as number);
  return keys;
}

function mergeTwo(a: Run, b: Run): Run {
  const length = a.records.length + b.records.length;
  const records = new Uint32Array(length);
  const keys = new Float64Array(length);
  let i = 0;
  let j = 0;
  for (let k = 0; k < length; k++) {
    const keyA = i < a.keys.length ? (a.keys[i] as number) : Number.POSITIVE_INFINITY;
    const keyB = j < b.keys.length ? (b.keys[j] as number) : Number.POSITIVE_INFINITY;
    if (keyA <= keyB) {
      keys[k] = keyA;
      records[k] = a.records[i++] as number;
    } else {
      keys[k] = keyB;
      records[k] = b.records[j++] as number;
    }
  }
  return { records, keys };
}

/** Records in order; grows at its end for little, takes insertions anywhere. */
export class SortedRecords {
  private records: Uint32Array;
  private count: number;

  constructor(
    private readonly store: RecordStore,
    private readonly compare: Compare,
    sorted: Uint32Array = new Uint32Array(0),
  ) {
    this.records = sorted;
    this.count = sorted.length;
  }

  get length(): number {
    return this.count;
  }

  at(rank: number): RecordNumber {
    const record = rank < this.count ? this.records[rank] : undefined;
    if (record === undefined) throw new RangeError(`no row ${rank} of ${this.count}`);
    return record;
  }

  slice(from: number, to: number): Uint32Array {
    return this.records.slice(Math.max(0, from), Math.min(this.count, to));
  }

  /** A view on the records; valid until the next change. */
  all(): Uint32Array {
    return this.records.subarray(0, this.count);
  }

  /** The rank of the first record that does not come before, i.e. for which `before` is false. */
  search(before: (record: RecordNumber) => boolean): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before(this.records[middle] as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The rank of a record, or of the place where it would stand. */
  rankOf(record: RecordNumber): number {
    const rank = this.search((other) => this.compare(other, record) < 0);
    if (this.records[rank] === record && rank < this.count) return rank;
    // Among equal keys it may still stand where it stood before a pairing was found, or lost.
    const key = this.store.key(record);
    for (let at = this.search((other) => this.store.key(other) < key); at < this.count; at++) {
      if (this.records[at] === record) return at;
      if (this.store.key(this.records[at] as number) > key) break;
    }
    return rank;
  }

  has(record: RecordNumber): boolean {
    const rank = this.rankOf(record);
    return rank < this.count && this.records[rank] === record;
  }

  /** Sorts a record, and those with the same key, anew: its place in master.log has become known. */
  resort(record: RecordNumber): void {
    const key = this.store.key(record);
    const start = this.search((other) => this.store.key(other) < key);
    const end = this.search((other) => this.store.key(other) <= key);
    if (end - start > 1) this.records.subarray(start, end).sort(this.compare);
  }

  replace(sorted: Uint32Array): void {
    this.records = sorted;
    this.count = sorted.length;
  }

  /** Keeps what passes, in its order. */
  filter(passes: (record: RecordNumber) => boolean): void {
    let kept = 0;
    for (let rank = 0; rank < this.count; rank++) {
      const record = this.records[rank] as number;
      if (passes(record)) this.records[kept++] = record;
    }
    this.count = kept;
  }

  /** Puts records in their places. They have to be sorted. Costs what stands behind the first of them. */
  insert(sorted: Uint32Array): void {
    const first = sorted[0];
    if (first === undefined) return;
    const needed = this.count + sorted.length;
    if (needed > this.records.length) {
      const larger = new Uint32Array(Math.max(64, Math.ceil(needed * 1.25)));
      larger.set(this.all());
      this.records = larger;
    }
    let write = needed - 1;
    let old = this.count - 1;
    for (let fresh = sorted.length - 1; fresh >= 0; ) {
      const record = sorted[fresh] as number;
      if (old >= 0 && this.compare(this.records[old] as number, record) > 0) this.records[write--] = this.records[old--] as number;
      else {
        this.records[write--] = record;
        fresh--;
      }
    }
    this.count = needed;
  }

  /** Takes records out. They have to be still comparable. @returns those that were there */
  remove(records: Iterable<RecordNumber>): RecordNumber[] {
    const ranks: number[] = [];
    for (const record of records) {
      let rank = this.rankOf(record);
      // Its key has changed: the last record of a file was only begun.
      if (this.records[rank] !== record) rank = this.all().lastIndexOf(record);
      if (rank >= 0 && rank < this.count) ranks.push(rank);
    }
    ranks.sort((a, b) => a - b);
    const gone = ranks.map((rank) => this.records[rank] as number);
    for (let i = 0; i < ranks.length; i++) {
      const from = (ranks[i] as number) + 1;
      const to = ranks[i + 1] ?? this.count;
      this.records.copyWithin(from - 1 - i, from, to);
    }
    this.count -= ranks.length;
    return gone;
  }
}
