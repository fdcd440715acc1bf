/** The numbers of users and groups that are given by name: the system's own functions know those of directory services too. */

import { createRequire } from 'node:module';
import type { Owner } from './access.ts';

/** A user and a group, by name or number; null or undefined leaves one. Throws a RangeError for a name that there is not. */
export function lookUpOwner(user: string | number | null | undefined, group: string | number | null | undefined): Owner {
  return { uid: numberOf('user', user), gid: numberOf('group', group) };
}

function numberOf(kind: 'user' | 'group', who: string | number | null | undefined): number {
  if (who === null || who === undefined) return -1;
  if (typeof who === 'number') return who;
  const found = process.platform === 'win32' ? undefined : lookUp(kind, who);
  if (found === undefined) throw new RangeError(`owner: there is no ${kind} ${JSON.stringify(who)}`);
  return found;
}

/**
 * getpwnam(3) and getgrnam(3). Both structures begin with two pointers (name and password); the number follows, on Linux and on macOS.
 */
function lookUp(kind: 'user' | 'group', name: string): number | undefined {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const find = koffi.load(null).func(kind === 'user' ? 'void *getpwnam(const char *name)' : 'void *getgrnam(const char *name)');
  const entry: unknown = find(name);
  return entry === null ? undefined : Number(koffi.decode(entry, 2 * koffi.sizeof('void *'), 'uint32_t'));
}
