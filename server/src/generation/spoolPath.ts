/**
 * Where what could not be logged waits for the service, and is looked at meanwhile:
 *
 *     $XDG_STATE_HOME/safelog/spool/TREE/CLIENT/records           what the program would have sent
 *     $XDG_STATE_HOME/safelog/spool/TREE/CLIENT/tree/USER/*.log   the same as logs
 *
 * TREE is the tree's path, encoded; CLIENT one program's id.
 */

import { createHash } from 'node:crypto';
import { readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Within a program's spool: a log tree. */
export const SPOOLED_TREE = 'tree';

/** The spools of all trees of this user; absolute. */
export function spoolBase(environment: Environment = process.env): string {
  const state = environment.XDG_STATE_HOME;
  return join(state?.startsWith('/') ? state : join(environment.HOME || homedir(), '.local', 'state'), 'safelog', 'spool');
}

/** Where the programs of this user spool for a tree; absolute. A folder in it is the spool of one program. */
export function spoolFolder(root: string, environment: Environment = process.env): string {
  return join(spoolBase(environment), encodeRoot(root));
}

/** The programs' spools in a tree's spool. */
export function listSpools(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f]{32}$/.test(name));
  } catch {
    return [];
  }
}

function encodeRoot(root: string): string {
  let path = resolve(root);
  try {
    path = realpathSync(path);
  } catch {
    // A tree that is not there yet has the path that it will have.
  }
  const name = encodeURIComponent(path);
  return name.length <= 200 ? name : createHash('sha256').update(path).digest('hex');
}
