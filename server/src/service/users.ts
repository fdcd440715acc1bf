/** Names and numbers of the system's users, by its own functions, which know those of directory services too. */

import { createRequire } from 'node:module';

export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** What was found is asked again after so long, ms. */
const FRESH_MS = 60_000;
const MAX_CACHED = 1000;

type Find = (key: string | number) => unknown;
interface Finders {
  byName: Find;
  byUid: Find;
  decode(entry: unknown): Account;
}

let finders: Finders | null | undefined;
const cache = new Map<string | number, { account: Account | null; until: number }>();

/** By name or uid; null where there is none, or nobody can be asked (Windows, no koffi). */
export function findAccount(key: string | number): Account | null {
  const known = cache.get(key);
  if (known && known.until > performance.now()) return known.account;
  if (cache.size >= MAX_CACHED) cache.clear();
  const account = ask(key);
  cache.set(key, { account, until: performance.now() + FRESH_MS });
  return account;
}

function ask(key: string | number): Account | null {
  finders ??= load();
  if (!finders || (typeof key === 'string' && key.includes('\0'))) return null;
  const entry = typeof key === 'number' ? finders.byUid(key) : finders.byName(key);
  return entry === null ? null : finders.decode(entry);
}

function load(): Finders | null {
  if (process.platform === 'win32') return null;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const library = koffi.load(null);
    const word = koffi.sizeof('void *');
    return {
      byName: library.func('void *getpwnam(const char *name)'),
      byUid: library.func('void *getpwuid(uint32_t uid)'),
      // Both Linux and macOS begin the structure with name, password, uid, gid.
      decode: (entry) => ({
        name: String(koffi.decode(entry, 0, 'char *')),
        uid: Number(koffi.decode(entry, 2 * word, 'uint32_t')),
        gid: Number(koffi.decode(entry, 2 * word + 4, 'uint32_t')),
      }),
    };
  } catch {
    return null;
  }
}
