/** Goes through many rows of a view, in slices between which other requests have their turn. */
import type { RecordNumber } from '../index/recordStore.ts';
import type { View } from './view.ts';

/** Rows that are gone through before the clock is looked at. */
const ROWS = 1 << 14;
/** ms before others have their turn. */
const SLICE = 8;

/**
 * @param rank of the first row
 * @param cancelled asked between slices
 * @param visit gets the rows in their order, some at a time; true ends it
 * @returns false when cancelled
 */
export async function walkRows(
  view: View,
  rank: number,
  cancelled: () => boolean,
  visit: (records: Uint32Array) => boolean | undefined,
): Promise<boolean> {
  let next = rank;
  let last: RecordNumber | undefined;
  for (let seen = view.version, until = performance.now() + SLICE; ; ) {
    const slice = view.rows.slice(next, next + ROWS);
    if (visit(slice) === true || slice.length < ROWS) return true;
    last = slice.at(-1);
    next += ROWS;
    if (performance.now() < until) continue;
    await new Promise(setImmediate);
    if (cancelled()) return false;
    until = performance.now() + SLICE;
    // Rows came or went meanwhile: on from where it was. What came before is in the view's next version.
    if (seen !== view.version && last !== undefined) next = Math.min(view.rows.length, view.rows.rankOf(last) + 1);
    seen = view.version;
  }
}
