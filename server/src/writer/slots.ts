import { lstatSync, renameSync, unlinkSync } from 'node:fs';
import { FORMS, type Form } from './rotation.ts';

/**
 * Numbered places for files, each of which holds a plain file, a compressed one, or both. Each step is one rename or one deletion, so that
 * a kill between any two leaves at most a gap, which the next move closes.
 */
export interface Slots {
  /** The path of the plain file; a compressed one has `.gz` behind it. */
  path: (slot: number) => string;
  /** The last place; Infinity where there is none. */
  last: number;
}

/** Moves the files from `slot` on one place up, as far as the first gap; who would leave the last place is deleted. */
export function freeSlot(slots: Slots, slot: number): void {
  let gap = slot;
  while (gap <= slots.last && formsAt(slots, gap).length > 0) gap++;
  if (gap > slots.last) {
    gap = slots.last;
    for (const form of formsAt(slots, gap)) unlinkSync(slots.path(gap) + form);
  }
  for (let from = gap - 1; from >= slot; from--) {
    for (const form of formsAt(slots, from)) renameSync(slots.path(from) + form, slots.path(from + 1) + form);
  }
}

/** What is at a place. */
export function formsAt(slots: Slots, slot: number): Form[] {
  const path = slots.path(slot);
  return FORMS.filter((form) => lstatSync(path + form, { throwIfNoEntry: false }) !== undefined);
}

/** Whether something at a place was written to after `age`, ns since the epoch. */
export function isNewer(slots: Slots, slot: number, age: bigint): boolean {
  return formsAt(slots, slot).some((form) => modified(slots.path(slot) + form) > age);
}

/** A file's time of modification, ns since the epoch. */
export function modified(path: string): bigint {
  return lstatSync(path, { bigint: true }).mtimeNs;
}
