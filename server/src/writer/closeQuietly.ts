import { closeSync } from 'node:fs';

/** Closes a descriptor. A network drive can report an old failure here; every write's own result has been looked at by then. */
export function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Nothing is left that could be done about it.
  }
}
