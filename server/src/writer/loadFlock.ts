/**
 * The system's lock on an open file, called in its own library through koffi: Node has no call for it. On Unix it is flock(2), on Windows
 * LockFileEx. It excludes the programs of other languages that use the same (Python's concurrent-log-handler does), in other processes
 * and in other threads alike, and the system takes it back when its holder dies.
 */

import { createRequire } from 'node:module';
import { type Flock, unixLock } from './flock.ts';
import { windowsLock } from './windowsLock.ts';

let loaded: Flock | null | undefined;

/** Null where koffi cannot be loaded on this machine. Looks once. */
export function loadFlock(): Flock | null {
  if (loaded === undefined) {
    try {
      const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
      loaded = process.platform === 'win32' ? windowsLock(koffi) : unixLock(koffi);
    } catch {
      loaded = null;
    }
  }
  return loaded;
}
