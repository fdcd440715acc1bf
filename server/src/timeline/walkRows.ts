/** Goes through many rows of a view, in slices between which other requests have their turn. */
import type { RecordNumber } from '../index/recordStore.ts';
import type { View } from './view.ts';

/** Rows that are gone through before the clock is looked at. */
const ROWS = 1 << 14;
/** ms before others have their turn. */
const SLICE = 8;

/**
 * @param first tells the rank of the first row, as it is now
 * @param cancelled asked between slices
 * @param visit gets the rows in their order, some at a time; true ends it
 * @returns false when cancelled
 */
export async function walkRows(
  view: View,
  first: () => number,
  cancelled: () => boolean,
  visit: (records: Uint32Array) => boolean | undefined,
): Promise<boolean> {
  const { store } = view.timeline.library;
  let next = first();
  let last: RecordNumber | undefined;
  let until = performance.now() + SLICE;
  const giveWay = async (): Promise<void> => {
    await new Promise(setImmediate);
    until = performance.now() + SLICE;
  };
  for (let seen = view.version; ; ) {
    const slice = view.rows.slice(next, next + ROWS);
    // Each of a hundred logs may have to be brought into memory for the first rows.
    for (let i = 0; i < slice.length; i++) if (store.bring(slice[i] as RecordNumber) && performance.now() >= until) await giveWay();
    if (seen === view.version) {
      if (visit(slice) === true || slice.length < ROWS) return true;
      last = slice.at(-1);
      next += ROWS;
      if (performance.now() < until) continue;
      await giveWay();
    }
    if (cancelled()) return false;
    // Rows came or went meanwhile: on from where it was. What came before is in the view's next version.
    if (seen !== view.version) next = last === undefined ? first() : Math.min(view.rows.length, view.rows.rankOf(last) + 1);
    seen = view.version;
  }
}
