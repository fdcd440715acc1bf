/** How many rows of a view there are when, by level: from the index alone. */
import { CHUNK_BITS, CHUNK_MASK, keyAt, recordFlags } from '../index/chunk.ts';
import type { RecordStore } from '../index/recordStore.ts';
import type { Histogram, HistogramParams, Micros } from '../protocol.ts';
import { levelClasses } from '../protocol.ts';
import { levelClassOf } from './levelClass.ts';
import type { View } from './view.ts';
import { walkRows } from './walkRows.ts';

const MAX_BUCKETS = 4096;

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** 1, 2, 5, 10 … below a bound. */
function decades(bound: number): number[] {
  const numbers: number[] = [];
  for (let power = 1; power < bound; power *= 10) numbers.push(power, 2 * power, 5 * power);
  return numbers;
}

const widths: readonly Micros[] = [
  ...decades(SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...decades(1e12).map((count) => count * DAY),
];

/** The smallest round width with which [from, to) fits into so many buckets, and where these begin and end. */
export function roundBuckets(from: Micros, to: Micros, buckets: number): Pick<Histogram, 'from' | 'to' | 'width'> {
  for (const width of widths) {
    const first = Math.floor(from / width);
    const end = Math.ceil(to / width);
    if (end - first <= buckets) return { from: first * width, to: end * width, width };
  }
  throw new RangeError(`${from} to ${to} is no range of times`);
}

/** By a level's code in a chunk: which of `levelClasses` it is. */
const classNumbers = (store: RecordStore): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, code) => levelClasses.indexOf(levelClassOf(store.names.levelOfCode(code))));

/**
 * Counts a view's rows.
 * @param cancelled asked between slices
 * @returns undefined when cancelled
 */
export async function countRows(view: View, params: HistogramParams, cancelled: () => boolean): Promise<Histogram | undefined> {
  const { rows, version, final } = view;
  const { store } = view.timeline.library;
  const keyAtRank = (rank: number): Micros => (rows.length === 0 ? 0 : store.key(rows.at(rank)));
  const begin = params.from ?? keyAtRank(0);
  const end = Math.max(begin, params.to ?? (rows.length === 0 ? begin : keyAtRank(rows.length - 1) + 1));
  const { from, to, width } = roundBuckets(begin, end, Math.max(1, Math.min(MAX_BUCKETS, Math.floor(params.buckets) || 1)));
  const buckets = Math.round((to - from) / width);
  const counts = levelClasses.map(() => new Uint32Array(buckets));
  const exceptions = new Uint32Array(buckets);
  const byCode = classNumbers(store);
  const first = (): number => view.rows.search((record) => store.key(record) < begin);
  const isDone = await walkRows(view, first, cancelled, (records) => {
    for (const record of records) {
      const chunk = store.chunk(record >>> CHUNK_BITS);
      const at = record & CHUNK_MASK;
      const key = keyAt(chunk, at);
      if (key >= end) return true;
      const bucket = Math.floor((key - from) / width);
      const ofClass = counts[byCode[chunk.level[at] as number] as number] as Uint32Array;
      ofClass[bucket] = (ofClass[bucket] as number) + 1;
      if (((chunk.flags[at] as number) & recordFlags.exception) !== 0) exceptions[bucket] = (exceptions[bucket] as number) + 1;
    }
    return false;
  });
  if (!isDone) return undefined;
  const levels = Object.fromEntries(levelClasses.map((name, index) => [name, [...(counts[index] ?? [])]])) as Histogram['levels'];
  const total = counts.reduce((sum, list) => list.reduce((all, count) => all + count, sum), 0);
  return { view: params.view, version, final, from, to, width, total, levels, exceptions: [...exceptions] };
}
