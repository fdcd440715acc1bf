/** Sorts records by their keys, stably: spreads them over as many buckets as there are records, since times are mostly spread evenly. */

/** So few are sorted by insertion. */
const FEW = 24;

export class SpreadSort {
  private bucketOf = new Uint32Array(0);
  private ends = new Uint32Array(0);
  private keys = new Float64Array(0);
  private records = new Uint32Array(0);

  /**
   * Sorts the first `count` of both arrays by the keys.
   * @param keys whole numbers, finite
   */
  sort(keys: Float64Array, records: Uint32Array, count: number): void {
    if (this.bucketOf.length < count) {
      const length = Math.ceil(count * 1.25);
      this.bucketOf = new Uint32Array(length);
      this.ends = new Uint32Array(length + 1);
      this.keys = new Float64Array(length);
      this.records = new Uint32Array(length);
    }
    this.spread(keys, records, 0, count);
  }

  private spread(keys: Float64Array, records: Uint32Array, from: number, to: number): void {
    const count = to - from;
    if (count <= FEW) {
      insertionSort(keys, records, from, to);
      return;
    }
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let sorted = true;
    let before = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) {
      const key = keys[i] as number;
      if (key < before) sorted = false;
      before = key;
      if (key < low) low = key;
      if (key > high) high = key;
    }
    if (sorted) return;
    const { bucketOf, ends } = this;
    const scale = (count - 1) / (high - low);
    ends.fill(0, 0, count);
    for (let i = from; i < to; i++) {
      const bucket = ((keys[i] as number) - low) * scale;
      bucketOf[i - from] = bucket;
      ends[bucketOf[i - from] as number] = (ends[bucketOf[i - from] as number] as number) + 1;
    }
    let sum = 0;
    let most = 0;
    for (let bucket = 0; bucket < count; bucket++) {
      const size = ends[bucket] as number;
      ends[bucket] = sum;
      sum += size;
      if (size > most) most = size;
    }
    this.keys.set(keys.subarray(from, to));
    this.records.set(records.subarray(from, to));
    for (let i = 0; i < count; i++) {
      const bucket = bucketOf[i] as number;
      const place = from + (ends[bucket] as number);
      ends[bucket] = (ends[bucket] as number) + 1;
      keys[place] = this.keys[i] as number;
      records[place] = this.records[i] as number;
    }
    if (most > FEW) this.spreadAgain(keys, records, from, to, (key) => Math.floor((key - low) * scale));
    insertionSort(keys, records, from, to);
  }

  /** Where many times are close together: those again, among themselves. */
  private spreadAgain(keys: Float64Array, records: Uint32Array, from: number, to: number, bucketOf: (key: number) => number): void {
    const crowded: [number, number][] = [];
    for (let start = from; start < to; ) {
      const bucket = bucketOf(keys[start] as number);
      let end = start + 1;
      while (end < to && bucketOf(keys[end] as number) === bucket) end++;
      if (end - start > FEW) crowded.push([start, end]);
      start = end;
    }
    for (const [start, end] of crowded) this.spread(keys, records, start, end);
  }
}

function insertionSort(keys: Float64Array, records: Uint32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const key = keys[i] as number;
    if ((keys[i - 1] as number) <= key) continue;
    const record = records[i] as number;
    let at = i;
    for (; at > from && (keys[at - 1] as number) > key; at--) {
      keys[at] = keys[at - 1] as number;
      records[at] = records[at - 1] as number;
    }
    keys[at] = key;
    records[at] = record;
  }
}
