import { fstatSync, ftruncateSync, writeSync } from 'node:fs';

/**
 * Appends to a file that is open with O_APPEND: one write(2), except where the disk is full or a signal cut it; then the rest follows, or
 * what was written is taken back, so that no torn entry stays behind. Throws the system's error.
 */
export function writeWhole(fd: number, bytes: Uint8Array): void {
  let written = bytes.length === 0 ? 0 : writeSync(fd, bytes);
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      // Without a lock another writer's entry could have come after it, on a full disk, in a rare moment.
      ftruncateSync(fd, Math.max(0, fstatSync(fd).size - written));
      throw error;
    }
  }
}
