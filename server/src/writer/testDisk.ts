/** For tests: a real disk that can be full. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounts a tmpfs of `bytes` on a directory of its own; `unmount` takes it away. Throws where that is not allowed: it needs root. */
export function mountDisk(bytes: number): { path: string; unmount: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'safelog-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'ignore' });
  } catch (error) {
    rmSync(path, { recursive: true });
    throw error;
  }
  return {
    path,
    unmount: () => {
      execFileSync('umount', [path]);
      rmSync(path, { recursive: true });
    },
  };
}

export function mayMount(): boolean {
  try {
    mountDisk(65_536).unmount();
    return true;
  } catch {
    return false;
  }
}
