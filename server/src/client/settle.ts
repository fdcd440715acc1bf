/** What has become of records that were sent to a service that has died: its journal knows. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nameFault } from '../record/treeName.ts';
import { type Append, Journal } from '../writer/journal.ts';
import { loadFlock } from '../writer/loadFlock.ts';
import { LockFile } from '../writer/lockFile.ts';
import { finishAppend } from '../writer/recovery.ts';
import { PublishedRotation } from '../writer/treeRotation.ts';
import { JOURNAL_FOLDER } from '../writer/userWriter.ts';

const LOCK_LIMIT_MS = 300;

/**
 * The last sequence of a client that is stored in ROOT/USER, after what a killed service left half done has been finished; those behind it
 * are not stored, and never will be. Null while a service runs there. Throws the system's error where this user may not look.
 */
export function lastStored(folder: string, client: string): number | null {
  const path = join(folder, JOURNAL_FOLDER);
  // No journal: no service has ever stored a numbered record there.
  if (!existsSync(path)) return 0;
  const { lockFileDirectory } = new PublishedRotation(dirname(folder)).current();
  const flock = loadFlock();
  if (!flock) throw new Error('the journal cannot be locked: the package koffi could not be loaded for this system');
  const journal = Journal.open(path, flock, (appends, since) => {
    for (const append of appends) finish(folder, append, since, lockFileDirectory);
  });
  if (!journal) return null;
  try {
    return journal.stored(client);
  } finally {
    journal.close();
  }
}

function finish(folder: string, append: Append, since: number, directory: string | undefined): void {
  if (nameFault(append.basename)) return;
  const lock = new LockFile({ log: join(folder, append.basename), directory, noFollow: true });
  try {
    if (!lock.acquire(LOCK_LIMIT_MS)) throw Object.assign(new Error('the lock is held by another writer'), { code: 'ELOCKTIMEOUT' });
    finishAppend(folder, append, since);
  } finally {
    lock.close();
  }
}
