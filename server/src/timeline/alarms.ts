/** What a view counts besides its rows: errors, and tracebacks at any level. */
import type { ChunkKinds } from '../index/chunk.ts';
import { CHUNK_SIZE, recordFlags } from '../index/chunk.ts';
import type { Alarms } from '../index/chunkSummary.ts';
import type { Generation } from '../index/generation.ts';
import { NO_LEVEL } from '../index/nameTable.ts';
import type { RecordStore } from '../index/recordStore.ts';
import { NONE } from '../index/recordStore.ts';
import { ERROR } from '../record/level.ts';
import type { Marks } from './marks.ts';

const ALL = new Uint8Array(CHUNK_SIZE / 8).fill(0xff);

/** Of all rows, or of those that pass. */
export function countAlarms(generations: readonly Generation[], marks: Marks | undefined): Alarms {
  const alarms: { errors: number; exceptions: number } = { errors: 0, exceptions: 0 };
  let errorCodes: Uint8Array | undefined;
  for (const { column, store, master, entered } of generations) {
    // One store has them all.
    errorCodes ??= errorsOf(store);
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
      } else countPassed(store.kinds(number), passed, end, partners, errorCodes, alarms);
    }
  }
  return alarms;
}

/** Of those of a chunk's first records that pass and have no other half. Written out: millions of records are gone through. */
function countPassed(
  { level, flags }: ChunkKinds,
  passed: Uint8Array,
  end: number,
  partners: Uint32Array | undefined,
  isError: Uint8Array,
  alarms: Alarms,
): void {
  const bytes = Math.min(passed.length, (end + 7) >>> 3);
  for (let byte = 0; byte < bytes; byte++) {
    for (let rest = passed[byte] as number; rest !== 0; rest &= rest - 1) {
      const at = byte * 8 + 31 - Math.clz32(rest & -rest);
      const exception = (flags[at] as number) & recordFlags.exception;
      if (exception === 0 && isError[level[at] as number] === 0) continue;
      if (at >= end || (partners !== undefined && partners[at] !== NONE)) continue;
      alarms.errors++;
      if (exception !== 0) alarms.exceptions++;
    }
  }
}

function areAllSet(bits: Uint8Array, count: number): boolean {
  const whole = count >>> 3;
  if (bits.length < (count + 7) >>> 3) return false;
  for (let byte = 0; byte < whole; byte++) if (bits[byte] !== 0xff) return false;
  const rest = (1 << (count & 7)) - 1;
  return rest === 0 || ((bits[whole] as number) & rest) === rest;
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
