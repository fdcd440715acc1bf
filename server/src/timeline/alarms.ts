/** What a view counts besides its rows: errors, and tracebacks at any level. */
import { recordFlags } from '../index/chunk.ts';
import type { Alarms } from '../index/chunkSummary.ts';
import type { Generation } from '../index/generation.ts';
import { NO_LEVEL } from '../index/nameTable.ts';
import type { RecordStore } from '../index/recordStore.ts';
import { NONE } from '../index/recordStore.ts';
import { ERROR } from '../record/level.ts';
import type { Marks } from './marks.ts';

/** Of all rows, or of those that pass. */
export function countAlarms(generations: readonly Generation[], marks: Marks | undefined): Alarms {
  const alarms = { errors: 0, exceptions: 0 };
  let errorCodes: Uint8Array | undefined;
  for (const { column, store, master, entered } of generations) {
    // One store has them all.
    errorCodes ??= errorsOf(store);
    const isError = errorCodes;
    for (const { number, first, count } of column.parts) {
      const end = Math.min(count, entered - first);
      // Mostly nothing has to be looked at: none pass, it has been counted, or all of it is paired.
      if (end <= 0 || marks?.hasPassed(number) === false || (master && store.arePaired(number, end))) continue;
      const { errors, exceptions } = store.summary(number, end);
      if (errors === 0) continue;
      const partner = master ? store.partnersOf(number) : undefined;
      if (marks === undefined && partner === undefined) {
        alarms.errors += errors;
        alarms.exceptions += exceptions;
        continue;
      }
      const { level, flags } = store.kinds(number);
      const look = (at: number): void => {
        const exception = (flags[at] as number) & recordFlags.exception;
        if (exception === 0 && isError[level[at] as number] === 0) return;
        if (partner !== undefined && partner[at] !== NONE) return;
        alarms.errors++;
        if (exception !== 0) alarms.exceptions++;
      };
      if (marks !== undefined) marks.eachPassed(number, end, look);
      else for (let at = 0; at < end; at++) look(at);
    }
  }
  return alarms;
}

/** By a level's code: 1 at ERROR and above. */
function errorsOf(store: RecordStore): Uint8Array {
  const errors = new Uint8Array(256);
  for (let code = 0; code < 256; code++) {
    const level = store.names.levelOfCode(code);
    if (level !== NO_LEVEL && level >= ERROR) errors[code] = 1;
  }
  return errors;
}
