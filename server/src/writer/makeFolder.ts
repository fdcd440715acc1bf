import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory with those above it, 0755 less the umask; one that is there is fine. Throws the system's error. Node's own
 * `recursive` never returns where making one says ENOENT although its parent is there (/proc, some network drives).
 */
export function makeFolder(path: string): void {
  try {
    makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if (!hasCode(error, 'ENOENT') || parent === path) throw error;
    makeFolder(parent);
    makeOne(path);
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    // A file in its place shows itself at the first use, with its own error.
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

/** Whether an error is the system's with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
