/** What a view counts besides its rows: errors, and tracebacks at any level. */
import type { Generation } from '../index/generation.ts';
import { NO_LEVEL, NONE, RecordStore, recordFlags } from '../index/recordStore.ts';
import { ERROR } from '../record/level.ts';
import type { Marks } from './marks.ts';

export interface Alarms {
  /** At ERROR and above, or a traceback at any level. */
  errors: number;
  exceptions: number;
}

/** Of all rows, or of those that pass. */
export function countAlarms(generations: readonly Generation[], marks: Marks | undefined): Alarms {
  const alarms = { errors: 0, exceptions: 0 };
  for (const { column, store, master, entered } of generations) {
    const isError = Uint8Array.from({ length: 256 }, (_, code) => {
      const level = store.levelOfCode(code);
      return level !== NO_LEVEL && level >= ERROR ? 1 : 0;
    });
    for (const { number, first, count } of column.parts) {
      const { level, flags, partner } = store.chunk(number);
      const end = Math.min(count, entered - first);
      for (let i = 0; i < end; i++) {
        const exception = (flags[i] as number) & recordFlags.exception;
        if (exception === 0 && isError[level[i] as number] === 0) continue;
        if (master && partner !== undefined && partner[i] !== NONE) continue;
        if (marks?.passes(RecordStore.number(number, i)) === false) continue;
        alarms.errors++;
        if (exception !== 0) alarms.exceptions++;
      }
    }
  }
  return alarms;
}
