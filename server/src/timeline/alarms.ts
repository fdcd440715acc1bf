/** What a view counts besides its rows: errors, and tracebacks at any level. */
import type { Generation } from '../index/generation.ts';
import type { Alarms } from '../index/recordStore.ts';
import { NO_LEVEL, NONE, recordFlags } from '../index/recordStore.ts';
import { ERROR } from '../record/level.ts';
import type { Marks } from './marks.ts';

/** Of all rows, or of those that pass. */
export function countAlarms(generations: readonly Generation[], marks: Marks | undefined): Alarms {
  const alarms = { errors: 0, exceptions: 0 };
  for (const { column, store, master, entered } of generations) {
    const isError = Uint8Array.from({ length: 256 }, (_, code) => {
      const level = store.levelOfCode(code);
      return level !== NO_LEVEL && level >= ERROR ? 1 : 0;
    });
    for (const { number, first, count } of column.parts) {
      const end = Math.min(count, entered - first);
      // Mostly nothing has to be looked at: none pass, it has been counted, or all of it is paired.
      if (end <= 0 || marks?.hasPassed(number) === false || (master && store.arePaired(number, end))) continue;
      const { errors, exceptions } = store.summary(number, end);
      if (errors === 0) continue;
      if (marks === undefined && !(master && store.partnersOf(number) !== undefined)) {
        alarms.errors += errors;
        alarms.exceptions += exceptions;
        continue;
      }
      const { level, flags, partner } = store.chunk(number);
      const look = (at: number): void => {
        const exception = (flags[at] as number) & recordFlags.exception;
        if (exception === 0 && isError[level[at] as number] === 0) return;
        if (master && partner !== undefined && partner[at] !== NONE) return;
        alarms.errors++;
        if (exception !== 0) alarms.exceptions++;
      };
      if (marks !== undefined) marks.eachPassed(number, end, look);
      else for (let at = 0; at < end; at++) look(at);
    }
  }
  return alarms;
}
