/** One service for each tree: whoever has the lock serves. It ends with its process, so that another takes over. */

import { closeSync, constants, fchmodSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SAFELOG_FOLDER } from '../generation/treeFormats.ts';
import { loadFlock } from '../writer/loadFlock.ts';
import { makeFolder } from '../writer/makeFolder.ts';

export interface Holder {
  pid: number;
  /** Where it can be reached, once it listens. */
  addresses: string[];
}

export interface RootLock {
  /** Tells others where this service can be reached. */
  publish(addresses: string[]): void;
  release(): void;
}

/** The lock, or who has it (null: not known). Without flock on this machine everybody gets it. Throws the system's error. */
export function lockRoot(root: string): RootLock | { holder: Holder | null } {
  const flock = loadFlock();
  if (!flock) return { publish: () => {}, release: () => {} };
  const folder = join(root, SAFELOG_FOLDER);
  makeFolder(folder);
  const path = join(folder, 'service');
  // Who could open it could keep the lock: nobody else may.
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600);
  try {
    fchmodSync(fd, 0o600);
    if (!flock.tryLock(fd, true)) {
      closeSync(fd);
      return { holder: readHolder(path) };
    }
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  const publish = (addresses: string[]): void => {
    const text = `${JSON.stringify({ pid: process.pid, addresses } satisfies Holder)}\n`;
    ftruncateSync(fd, 0);
    writeSync(fd, text, 0);
  };
  publish([]);
  return { publish, release: () => closeSync(fd) };
}

function readHolder(path: string): Holder | null {
  try {
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof found !== 'object' || found === null || !('pid' in found) || typeof found.pid !== 'number') return null;
    const addresses =
      'addresses' in found && Array.isArray(found.addresses) ? found.addresses.filter((each) => typeof each === 'string') : [];
    return { pid: found.pid, addresses };
  } catch {
    return null;
  }
}
