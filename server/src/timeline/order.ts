/**
 * The order of records: by key (time), ties by master.log's order, then file and line. See DESIGN: an entry up to 1 s before its
 * predecessor has the predecessor's key already; a larger step back starts a new run.
 */
import type { Generation } from '../index/generation.ts';
import type { RecordNumber, RecordStore } from '../index/recordStore.ts';
import { NONE } from '../index/recordStore.ts';
import { Merge } from './merge.ts';

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

/** Rotation chains by user and module, each the oldest generation first. */
export function chainsOf(generations: readonly Generation[]): Generation[][] {
  const chains: Generation[][] = [];
  let last: Generation | undefined;
  for (const generation of generations.toSorted((a, b) => a.position - b.position)) {
    if (last !== undefined && last.file.user === generation.file.user && last.file.module === generation.file.module)
      chains.at(-1)?.push(generation);
    else chains.push([generation]);
    last = generation;
  }
  return chains;
}

/**
 * Puts the rows among all records in order, some thousand records a step.
 * @param chains generations by user and module, each chain the oldest first
 * @param compare decides between equal keys
 */
export function* orderRows(chains: readonly (readonly Generation[])[], compare: Compare): Generator<undefined, Uint32Array> {
  const rows = new Uint32Array(chains.reduce((sum, chain) => chain.reduce((all, generation) => all + rowsOf(generation), sum), 0));
  const merge = new Merge(chains, true);
  let length = 0;
  for (let count = merge.read(); count > 0; count = merge.read()) {
    const { records, keys } = merge;
    let start = length;
    let startKey = Number.NaN;
    let tied = false;
    for (let i = 0; i < count; i++) {
      const key = keys[i] as number;
      if (key !== startKey) {
        if (tied) sortFew(rows, start, length, compare);
        tied = false;
        start = length;
        startKey = key;
      } else tied = true;
      rows[length++] = records[i] as number;
    }
    if (tied) sortFew(rows, start, length, compare);
    yield;
  }
  return rows.subarray(0, length);
}

/** How many of a generation's records are rows of their own. */
function rowsOf({ column, store, master }: Generation): number {
  let rows = column.length;
  if (!master) return rows;
  for (const { number, count } of column.parts) {
    const partner = store.partnersOf(number);
    if (partner === undefined) continue;
    for (let i = 0; i < count; i++) if (partner[i] !== NONE) rows--;
  }
  return rows;
}

/** Sorts [from, to), which mostly is in order already. */
function sortFew(records: Uint32Array, from: number, to: number, compare: Compare): void {
  for (let i = from + 1; i < to; i++) {
    if (compare(records[i - 1] as number, records[i] as number) <= 0) continue;
    records.subarray(from, to).sort(compare);
    return;
  }
}

/** Records in order; grows at its end for little, takes insertions anywhere. */
export class SortedRecords {
  private records: Uint32Array;
  private count: number;
  /** So many others read the array, which may not change meanwhile. */
  private readers = 0;

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

  /** Of memory. */
  get bytes(): number {
    return this.records.byteLength;
  }

  at(rank: number): RecordNumber {
    const record = rank < this.count ? this.records[rank] : undefined;
    if (record === undefined) throw new RangeError(`no row ${rank} of ${this.count}`);
    return record;
  }

  slice(from: number, to: number): Uint32Array {
    return this.records.slice(Math.max(0, from), Math.min(this.count, to));
  }

  /** The records as they are now: they stay so until `unshare`, as changes are made in memory of their own. */
  share(): Uint32Array {
    this.readers++;
    return this.all();
  }

  /** What `share` has given is not read any more. */
  unshare({ buffer }: Uint32Array): void {
    if (buffer === this.records.buffer) this.readers--;
  }

  /** Before anything is changed in place. */
  private own(): void {
    if (this.readers > 0) this.use(this.records.slice(0, this.count));
  }

  private use(records: Uint32Array): void {
    this.records = records;
    this.readers = 0;
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
    if (end - start < 2) return;
    this.own();
    this.records.subarray(start, end).sort(this.compare);
  }

  replace(sorted: Uint32Array): void {
    this.use(sorted);
    this.count = sorted.length;
  }

  /** Keeps what passes, in its order. */
  filter(passes: (record: RecordNumber) => boolean): void {
    this.own();
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
    if (needed > this.records.length || this.readers > 0) {
      const larger = new Uint32Array(Math.max(64, Math.ceil(needed * 1.25)));
      larger.set(this.all());
      this.use(larger);
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
    if (ranks.length > 0) this.own();
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
