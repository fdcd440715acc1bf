/** Merges the records of many files by their keys, a window of time after the other. Walks the chunks of the index in their order. */
import { keyAt } from '../index/chunk.ts';
import type { Generation } from '../index/generation.ts';
import { NONE, RecordStore } from '../index/recordStore.ts';
import { SpreadSort } from './spreadSort.ts';

/** Records that a lane has at hand: few enough for those of all lanes to stay in the processor's cache. */
const BLOCK = 256;

/** A stretch of a generation's records, indexes [from, to), with rising keys. */
interface Run {
  readonly generation: Generation;
  readonly from: number;
  readonly to: number;
}

/**
 * Runs that are read one after the other, with keys that rise over all of them.
 * @param generations of one rotation chain, the oldest first
 */
function lanesOf(generations: readonly Generation[]): Run[][] {
  const lanes: Run[][] = [];
  let last = Number.POSITIVE_INFINITY;
  for (const generation of generations) {
    const { column, runStarts, store } = generation;
    let from = 0;
    for (const to of [...runStarts, column.length]) {
      if (to <= from) continue;
      const run = { generation, from, to };
      // Mostly a rotation goes on where the one before it ended.
      if (store.key(column.at(from)) >= last) lanes.at(-1)?.push(run);
      else lanes.push([run]);
      last = store.key(column.at(to - 1));
      from = to;
    }
  }
  return lanes;
}

/** Reads runs one after the other, a block at a time. */
class Lane {
  private readonly keys: Float64Array;
  private readonly records: Uint32Array;
  /** What is at hand: [at, count) of both arrays. */
  private at = 0;
  private count = 0;
  private run = 0;
  private part = 0;
  private index: number;

  constructor(
    private readonly runs: readonly Run[],
    private readonly rowsOnly: boolean,
  ) {
    const length = Math.min(
      BLOCK,
      runs.reduce((sum, { from, to }) => sum + to - from, 0),
    );
    this.keys = new Float64Array(length);
    this.records = new Uint32Array(length);
    this.index = runs[0]?.from ?? 0;
    this.fill();
  }

  get done(): boolean {
    return this.count === 0;
  }

  /** Below this all keys are at hand. */
  get bound(): number {
    return this.run < this.runs.length ? (this.keys[this.count - 1] as number) : Number.POSITIVE_INFINITY;
  }

  /**
   * Gives what is at hand below a bound, or at it where that is wanted.
   * @returns how many records were put into the arrays
   */
  take(bound: number, inclusive: boolean, keys: Float64Array, records: Uint32Array, to: number): number {
    const { at, count } = this;
    let end = at;
    while (end < count && ((this.keys[end] as number) < bound || (inclusive && this.keys[end] === bound))) {
      keys[to] = this.keys[end] as number;
      records[to++] = this.records[end++] as number;
    }
    this.at = end;
    if (end === count) this.fill();
    return end - at;
  }

  private fill(): void {
    this.at = 0;
    this.count = 0;
    while (this.count === 0 && this.run < this.runs.length) this.fillFrom(this.runs[this.run] as Run);
  }

  private fillFrom(run: Run): void {
    const { column, store, master } = run.generation;
    let part = column.parts[this.part];
    while (part !== undefined && this.index >= part.first + part.count) part = column.parts[++this.part];
    if (part === undefined) throw new RangeError('a run is longer than its generation');
    const from = this.index - part.first;
    const count = Math.min(this.keys.length, Math.min(run.to, part.first + part.count) - this.index);
    const chunk = store.chunk(part.number);
    const first = RecordStore.number(part.number, from);
    const partner = this.rowsOnly && master ? chunk.partner : undefined;
    let filled = 0;
    for (let i = 0; i < count; i++) {
      if (partner !== undefined && partner[from + i] !== NONE) continue;
      this.keys[filled] = keyAt(chunk, from + i);
      this.records[filled++] = first + i;
    }
    this.count = filled;
    this.index += count;
    if (this.index < run.to) return;
    this.run++;
    this.part = 0;
    this.index = this.runs[this.run]?.from ?? 0;
  }
}

/**
 * The records of rotation chains by key. What all lanes have at hand below the smallest of their bounds is put together and sorted, which
 * costs less than choosing the next one of all lanes for each record.
 */
export class Merge {
  /** The window that was read last is in the first places of both. */
  keys = new Float64Array(BLOCK);
  records = new Uint32Array(BLOCK);
  private lanes: Lane[];
  private readonly sorter = new SpreadSort();

  /**
   * @param chains of generations, each the oldest first
   * @param rowsOnly leaves out lines of master.log that have another half: that one is the row
   */
  constructor(chains: Iterable<readonly Generation[]>, rowsOnly = false) {
    this.lanes = [...chains].flatMap(lanesOf).map((runs) => new Lane(runs, rowsOnly));
  }

  /**
   * Reads the next window. Equal keys are all in one: by chain, then as they stand in its lanes.
   * @returns how many records it has; 0 at the end
   */
  read(): number {
    let bound = Number.POSITIVE_INFINITY;
    for (const lane of this.lanes) bound = Math.min(bound, lane.bound);
    let count = 0;
    let finished = false;
    for (const lane of this.lanes) {
      this.makeRoom(count + BLOCK);
      count += lane.take(bound, false, this.keys, this.records, count);
      finished ||= lane.done;
    }
    if (count > 0) this.sorter.sort(this.keys, this.records, count);
    else if (bound !== Number.POSITIVE_INFINITY) {
      // The smallest key of all is at the end of a block: all that has it, however much that is.
      for (const lane of this.lanes) {
        for (let taken = 1; taken > 0; count += taken) {
          this.makeRoom(count + BLOCK);
          taken = lane.take(bound, true, this.keys, this.records, count);
        }
        finished ||= lane.done;
      }
    }
    if (finished) this.lanes = this.lanes.filter((lane) => !lane.done);
    return count;
  }

  private makeRoom(length: number): void {
    if (this.keys.length >= length) return;
    const keys = new Float64Array(length * 2);
    const records = new Uint32Array(length * 2);
    keys.set(this.keys);
    records.set(this.records);
    this.keys = keys;
    this.records = records;
  }
}
