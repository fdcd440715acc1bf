/** Deletes the oldest rotated generations of a tree: those that are too old, and as many as it takes to keep the whole small enough. */

import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseName } from '../generation/name.ts';
import { nameFault } from '../record/treeName.ts';
import { LockFile } from '../writer/lockFile.ts';

export interface Retention {
  /** Since the last entry of a generation, ms; 0: any. */
  maxAgeMs: number;
  /** Of all logs of the tree together, the live ones counted; 0: any. */
  maxTotalBytes: number;
}

/** A file to delete, as it was seen. */
export interface Doomed {
  user: string;
  basename: string;
  /** The live log of its chain. */
  log: string;
  ino: bigint;
}

/** What is to go, the oldest first. Live logs, and rotations in flight, never are. What cannot be read is left out. */
export function chooseDoomed(root: string, { maxAgeMs, maxTotalBytes }: Retention, now = Date.now()): Doomed[] {
  const rotated: (Doomed & { size: number; mtimeMs: number })[] = [];
  let total = 0;
  for (const user of names(root)) {
    if (nameFault(user) || !lstatSync(join(root, user), { throwIfNoEntry: false })?.isDirectory()) continue;
    for (const basename of names(join(root, user))) {
      const name = parseName(basename);
      if (!name) continue;
      const stats = lstatSync(join(root, user, basename), { throwIfNoEntry: false, bigint: true });
      if (!stats?.isFile()) continue;
      const size = Number(stats.size);
      total += size;
      if (!name.live && !name.inFlight)
        rotated.push({ user, basename, log: name.log, ino: stats.ino, size, mtimeMs: Number(stats.mtimeMs) });
    }
  }
  return rotated
    .sort((a, b) => a.mtimeMs - b.mtimeMs)
    .filter(({ size, mtimeMs }) => {
      const isDoomed = (maxAgeMs > 0 && now - mtimeMs > maxAgeMs) || (maxTotalBytes > 0 && total > maxTotalBytes);
      if (isDoomed) total -= size;
      return isDoomed;
    });
}

/** Deletes one under its log's lock, so that no rotation gives the name to another meanwhile. False where it is not that file any more. */
export function deleteGeneration(root: string, { user, basename, log, ino }: Doomed, lockFileDirectory?: string): boolean {
  const path = join(root, user, basename);
  const lock = new LockFile({ log: join(root, user, log), directory: lockFileDirectory, noFollow: true });
  try {
    if (!lock.acquire(100)) return false;
    const there = lstatSync(path, { throwIfNoEntry: false, bigint: true });
    if (there?.ino !== ino || !there.isFile()) return false;
    unlinkSync(path);
    return true;
  } finally {
    lock.close();
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
