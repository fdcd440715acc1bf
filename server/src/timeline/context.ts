/** Rows around hits, as grep's -C: the neighbours in the same log, not those that other programs wrote at the same time. */
import type { RecordNumber } from '../index/recordStore.ts';

interface Log {
  /** Rows since the last one that was taken, at most as many as may be shown before a hit. */
  before: RecordNumber[];
  /** How many more follow the last hit. */
  after: number;
  /** Undefined where rows have been left out since its end. */
  group: RecordNumber[] | undefined;
}

/**
 * Hits with up to `count` rows of the same log before and after each. Hits whose neighbours meet share a group.
 * @param rows all of them, in order
 * @param hits some of the rows, in the same order
 * @param logOf what the rows of one log have in common
 * @returns groups of rows of one log each, in the order of their first hits
 */
export function withContext(
  rows: ArrayLike<RecordNumber>,
  hits: ArrayLike<RecordNumber>,
  logOf: (row: RecordNumber) => string,
  count: number,
): RecordNumber[][] {
  const groups: RecordNumber[][] = [];
  const logs = new Map<string, Log>();
  for (let rank = 0, hit = 0; rank < rows.length; rank++) {
    const row = rows[rank] as RecordNumber;
    const name = logOf(row);
    let log = logs.get(name);
    if (log === undefined) {
      log = { before: [], after: 0, group: undefined };
      logs.set(name, log);
    }
    if (row === hits[hit]) {
      hit++;
      if (log.group === undefined) {
        log.group = [];
        groups.push(log.group);
      }
      log.group.push(...log.before, row);
      log.before = [];
      log.after = count;
    } else if (log.after > 0) {
      log.after--;
      log.group?.push(row);
    } else {
      log.before.push(row);
      if (log.before.length <= count) continue;
      log.before.shift();
      log.group = undefined;
    }
  }
  return groups;
}
