/** What the service leaves word of in a tree, for those who write or read its files without it. */

import { closeSync, constants, fchmodSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAFELOG_FOLDER } from '../generation/treeFormats.ts';
import { makeFolder } from './makeFolder.ts';

/** Puts a file into `ROOT/.safelog`, whole or not at all. Throws the system's error. */
export function publish(root: string, name: string, text: string): void {
  const folder = join(root, SAFELOG_FOLDER);
  makeFolder(folder);
  const temporary = join(folder, `${name}.${process.pid}`);
  const fd = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0), 0o644);
  try {
    // All who use the tree read it, whatever the umask.
    fchmodSync(fd, 0o644);
    writeFileSync(fd, text);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, join(folder, name));
}
