/** Holds the text of many records against a filter, a span of a file at a time. */
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { readMessage } from './message.ts';
import type { Predicate } from './predicate.ts';

/** Records further apart are read one by one. */
const GAP = 64 * 1024;
const SPAN = 1 << 20;
/** So many hits tell how frequent they are. */
const ENOUGH = 64;
/** So much of a record is looked at. */
export const SEARCHED_BYTES = 16 << 20;

/**
 * Those records of one generation that pass, in the order given. What cannot be read does not pass.
 * @param records in the file's order
 */
export async function searchGeneration(
  generation: Generation,
  records: ArrayLike<RecordNumber>,
  filter: Predicate,
): Promise<RecordNumber[]> {
  const { store } = generation;
  const passed: RecordNumber[] = [];
  const offset = (index: number): number => store.offset(records[index] as number);
  const end = (index: number): number => Math.min(generation.endOf(records[index] as number), offset(index) + SEARCHED_BYTES);
  for (let from = 0; from < records.length; ) {
    const start = offset(from);
    let stop = end(from);
    let to = from + 1;
    while (to < records.length && offset(to) - stop <= GAP && end(to) - start <= SPAN) stop = end(to++);
    const span = await generation.read(start, stop).catch(() => undefined);
    if (span !== undefined) {
      const passes = (index: number): boolean => {
        const record = records[index] as number;
        const message = readMessage(generation, record, span.subarray(offset(index) - start, end(index) - start));
        return filter.byMessage(message, generation, record);
      };
      // A text that is decoded may stand in the bytes in another form.
      const placeFrom = generation.heads.decodes ? undefined : filter.needle?.in(span);
      if (placeFrom === undefined) {
        for (let index = from; index < to; index++) if (passes(index)) passed.push(records[index] as number);
      } else {
        // Most records do not hold it: they are never looked at.
        for (let at = placeFrom(0), index = from, hits = 0; at !== -1; at = placeFrom(at)) {
          index = lastAtOrBefore(offset, index, to, start + at);
          if (start + at < end(index) && passes(index)) passed.push(records[index] as number);
          at = Math.max(at + 1, end(index) - start);
          if (++hits < ENOUGH || hits * 2 < index - from) continue;
          // Most do hold it: looking for it first only costs.
          while (++index < to) if (passes(index)) passed.push(records[index] as number);
          break;
        }
      }
    }
    from = to;
  }
  return passed;
}

/** The last index in [low, high) whose offset is at or before a position; `low` has to be one. */
function lastAtOrBefore(offset: (index: number) => number, low: number, high: number, position: number): number {
  let first = low;
  let last = high - 1;
  while (first < last) {
    const middle = (first + last + 1) >> 1;
    if (offset(middle) <= position) first = middle;
    else last = middle - 1;
  }
  return first;
}
