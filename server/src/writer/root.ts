/** Where the tree is, and whose logs a program writes there, when nobody says otherwise. */

import { accessSync, constants, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

/** The variables that are read. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Safelog's own place. */
export const SYSTEM_ROOT = '/var/local/log';

/**
 * The root of the tree: $SAFELOG_ROOT; else /var/local/log where it is there, can be read, and the current user can write their logs
 * into it; else $XDG_STATE_HOME/safelog, which is ~/.local/state/safelog when that is not set (XDG Base Directory Specification: a
 * relative path there is ignored). An absolute path; it need not exist.
 */
export function defaultRoot(environment: Environment = process.env, systemRoot = SYSTEM_ROOT): string {
  if (environment.SAFELOG_ROOT) return resolve(environment.SAFELOG_ROOT);
  if (process.platform !== 'win32' && isUsable(systemRoot, userName(environment))) return systemRoot;
  const state = environment.XDG_STATE_HOME;
  const home = environment.HOME || homedir();
  return state?.startsWith('/') ? join(state, 'safelog') : join(home, '.local', 'state', 'safelog');
}

/** Whose directory is written: $SAFELOG_USER, else the name of the effective uid, else the uid itself (a container's often has no name). */
export function userName(environment: Environment = process.env): string {
  if (environment.SAFELOG_USER) return environment.SAFELOG_USER;
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.() ?? 'user');
  }
}

function isUsable(root: string, user: string): boolean {
  const { R_OK, W_OK, X_OK } = constants;
  return isDirectory(root) && may(root, R_OK | X_OK) && (may(root, W_OK) || may(join(root, user), R_OK | W_OK | X_OK));
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
