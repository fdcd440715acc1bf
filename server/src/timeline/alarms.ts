/** What a view counts besides its rows: errors, and tracebacks at any level. */
import { CHUNK_SIZE, recordFlags } from '../index/chunk.ts';
import type { Alarms } from '../index/chunkSummary.ts';
import type { Generation } from '../index/generation.ts';
import { NO_LEVEL } from '../index/nameTable.ts';
import type { RecordStore } from '../index/recordStore.ts';
import { NONE } from '../index/recordStore.ts';
import { ERROR } from '../record/level.ts';
import { areAllSet, eachBit } from './bits.ts';
import type { Marks } from './marks.ts';

const ALL = new Uint8Array(CHUNK_SIZE / 8).fill(0xff);

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
      const passed = marks === undefined ? ALL : marks.passedOf(number);
      // Mostly nothing has to be looked at: none pass, it has been counted, or all of it is paired.
      if (end <= 0 || passed.length === 0 || (master && store.arePaired(number, end))) continue;
      const { errors, exceptions } = store.summary(number, end);
      if (errors === 0) continue;
      const partners = master ? store.partnersOf(number) : undefined;
      if (partners === undefined && areAllSet(passed, end)) {
        alarms.errors += errors;
        alarms.exceptions += exceptions;
        continue;
      }
      const { level, flags } = store.kinds(number);
      eachBit(passed, end, (at) => {
        const exception = (flags[at] as number) & recordFlags.exception;
        if (exception === 0 && isError[level[at] as number] === 0) return;
        if (partners !== undefined && partners[at] !== NONE) return;
        alarms.errors++;
        if (exception !== 0) alarms.exceptions++;
      });
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
