/** Tells whether generations hold the same: the compressed one and the one that it was, a copy and its original. */
import type { Generation } from './generation.ts';

/**
 * True where the records of one begin those of the other, or are all of them: one is a copy of the other, or was taken while it
 * grew. The last record may still have been growing.
 */
export function begins(one: Generation, other: Generation): boolean {
  const { store, column } = one;
  const { length } = column;
  if (length === 0 || length > other.column.length || one.layouts !== other.layouts || one.damaged || other.damaged) return false;
  if (one.end === other.end && one.crc === other.crc) return true;
  // Found out when one of them was new, and the first has not grown since.
  const origin = other.origin?.of === one ? other.origin : one.origin?.of === other ? one.origin : undefined;
  if (origin?.end === one.end) return true;
  if (one.isShort) return one.beginsSame(other);
  // Mostly that settles it, without a look at columns that may be on disk.
  if (length > 1 && one.firstRecord().hash !== other.firstRecord().hash) return false;
  for (let i = 0; i < length; i++) {
    const a = column.at(i);
    const b = other.column.at(i);
    if (store.offset(a) !== store.offset(b)) return false;
    // What is cut off may be cut off in its stamp.
    const whole = i < length - 1 || length === 1 || one.end === other.end;
    if (whole && (store.key(a) !== store.key(b) || store.hash(a) !== store.hash(b))) return false;
  }
  return true;
}

/**
 * A copy that is being made, or was made, of another generation: it holds the same, or the beginning of it. The log that is being written
 * is never one: if it begins as a rotation does, it says the same once more. What is being compressed may not have a whole record yet.
 */
export function isCopyOf(copy: Generation, other: Generation): boolean {
  if (copy.file.name.live) return false;
  return begins(copy, other) || (copy.problem !== undefined && copy.file.path === `${other.file.path}.gz`);
}
