/** Lines that wait for their other halves: found by the hash of their text, the oldest first, and dropped once they are too old. */
import type { RecordNumber } from '../index/recordStore.ts';
import { NONE } from '../index/recordStore.ts';

const FIRST_CAPACITY = 64;

/** A ring of lines in the order of their keys, and a chain through it for each bucket of hashes: memory for what waits, nothing else. */
export class WaitingLines {
  private capacity = FIRST_CAPACITY;
  private keys = new Float64Array(FIRST_CAPACITY);
  private hashes = new Uint32Array(FIRST_CAPACITY);
  /** NONE: taken already. */
  private records = new Uint32Array(FIRST_CAPACITY);
  /** Places in the ring count on for ever; place p is at p & (capacity - 1). -1: none. */
  private next = new Float64Array(FIRST_CAPACITY);
  private heads = new Float64Array(FIRST_CAPACITY).fill(-1);
  private tails = new Float64Array(FIRST_CAPACITY);
  private first = 0;
  private end = 0;

  /** @param key not smaller than those before */
  add(record: RecordNumber, key: number, hash: number): void {
    if (this.end - this.first === this.capacity) this.grow();
    this.put(record, key, hash);
  }

  /** Takes out the oldest with this hash; NONE where there is none. */
  take(hash: number): RecordNumber {
    if (this.first === this.end) return NONE;
    const mask = this.capacity - 1;
    const bucket = hash & mask;
    for (let place = this.heads[bucket] as number; place !== -1; place = this.next[place & mask] as number) {
      const at = place & mask;
      const record = this.records[at] as number;
      if (record === NONE) {
        // Taken before: nobody has to pass it again where it is the first.
        if (this.heads[bucket] === place) this.heads[bucket] = this.next[at] as number;
      } else if (this.hashes[at] === hash) {
        this.records[at] = NONE;
        return record;
      }
    }
    return NONE;
  }

  /** Drops those with smaller keys. */
  expire(key: number): void {
    const mask = this.capacity - 1;
    while (this.first < this.end && ((this.keys[this.first & mask] as number) < key || this.records[this.first & mask] === NONE)) {
      const bucket = (this.hashes[this.first & mask] as number) & mask;
      if (this.heads[bucket] === this.first) this.heads[bucket] = this.next[this.first & mask] as number;
      this.first++;
    }
  }

  private put(record: RecordNumber, key: number, hash: number): void {
    const mask = this.capacity - 1;
    const place = this.end++;
    const at = place & mask;
    this.keys[at] = key;
    this.hashes[at] = hash;
    this.records[at] = record;
    this.next[at] = -1;
    const bucket = hash & mask;
    if (this.heads[bucket] === -1) this.heads[bucket] = place;
    else this.next[(this.tails[bucket] as number) & mask] = place;
    this.tails[bucket] = place;
  }

  private grow(): void {
    const { keys, hashes, records, first, end, capacity } = this;
    this.capacity *= 2;
    this.keys = new Float64Array(this.capacity);
    this.hashes = new Uint32Array(this.capacity);
    this.records = new Uint32Array(this.capacity);
    this.next = new Float64Array(this.capacity);
    this.heads = new Float64Array(this.capacity).fill(-1);
    this.tails = new Float64Array(this.capacity);
    this.first = 0;
    this.end = 0;
    for (let place = first; place < end; place++) {
      const at = place & (capacity - 1);
      if (records[at] !== NONE) this.put(records[at] as number, keys[at] as number, hashes[at] as number);
    }
  }
}
