/**
 * The chain of a log's rotated generations: LOG.1 is the newest, LOG.2 the one before, each plain or gzipped (`.gz`). Everything here
 * happens under the log's lock. Each step is one rename or one deletion, so that a kill between any two leaves at most a gap in the
 * chain, which the next rotation closes.
 */

import { lstatSync, renameSync, unlinkSync } from 'node:fs';

export interface Chain {
  /** The log's absolute path. */
  log: string;
  /** Generations that are kept; at least 1. */
  backupCount: number;
  /** Changes the name of a generation before `.gz` is added, as CLH's namer; `LOG.N` by default. */
  namer?: ((name: string) => string) | undefined;
}

const FORMS = ['', '.gz'] as const;

/** The path of a generation without `.gz`. */
export function slotPath({ log, namer }: Chain, slot: number): string {
  const name = `${log}.${slot}`;
  return namer ? namer(name) : name;
}

/** Moves the generations from `slot` on one place up, as far as the first gap; who would leave the chain is deleted. */
export function freeSlot(chain: Chain, slot: number): void {
  let gap = slot;
  while (gap <= chain.backupCount && formsAt(chain, gap).length > 0) gap++;
  if (gap > chain.backupCount) {
    gap = chain.backupCount;
    for (const form of formsAt(chain, gap)) unlinkSync(slotPath(chain, gap) + form);
  }
  for (let from = gap - 1; from >= slot; from--) {
    for (const form of formsAt(chain, from)) renameSync(slotPath(chain, from) + form, slotPath(chain, from + 1) + form);
  }
}

/** Makes a file, plain or gzipped, the newest generation: `.1`. */
export function enterNewest(chain: Chain, path: string): void {
  freeSlot(chain, 1);
  renameSync(path, slotPath(chain, 1));
}

/**
 * Puts a gzipped generation into the chain where it belongs by age. Those that were written to after it have come into the chain while it
 * was being compressed (Python's writers compress under the lock): it goes behind them. Out of the chain's end it is deleted.
 */
export function enterByAge(chain: Chain, path: string, form: '' | '.gz'): void {
  const age = lstatSync(path, { bigint: true }).mtimeNs;
  let slot = 1;
  for (let candidate = 1; candidate <= chain.backupCount; candidate++) {
    const there = formsAt(chain, candidate);
    if (there.length === 0) break;
    const isNewer = there.some((present) => lstatSync(slotPath(chain, candidate) + present, { bigint: true }).mtimeNs > age);
    if (isNewer) slot = candidate + 1;
  }
  if (slot > chain.backupCount) {
    unlinkSync(path);
    return;
  }
  freeSlot(chain, slot);
  renameSync(path, slotPath(chain, slot) + form);
}

function formsAt(chain: Chain, slot: number): ('' | '.gz')[] {
  const path = slotPath(chain, slot);
  return FORMS.filter((form) => lstatSync(path + form, { throwIfNoEntry: false }) !== undefined);
}
