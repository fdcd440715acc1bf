/**
 * What the writers of one log tell each other about their settings, in a file beside the lock (`.__app.writers`): a line of JSON each.
 * Writers that differ are told so; and no rotation deletes what another writer that is alive still keeps. Python's writers know nothing
 * of it, and need not.
 */

import { constants, fstatSync, ftruncateSync, readFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Access, openOrMake } from './access.ts';
import { closeQuietly } from './closeQuietly.ts';
import { hasCode } from './makeFolder.ts';

export interface Settings {
  /** How the log is rotated: by size, or by a schedule. */
  kind: string;
  maxBytes: number;
  backupCount: number;
}

interface Entry extends Settings {
  host: string;
  pid: number;
  /** ms since the epoch. */
  since: number;
}

/** A writer on another machine is taken for alive for so long. */
const DAY_MS = 86_400_000;
/** More than so much is no list of writers. */
const MAX_BYTES = 1 << 20;

export class Peers {
  readonly #path: string;
  readonly #settings: Settings;
  readonly #access: Access;

  constructor(lockPath: string, settings: Settings, access: Access) {
    this.#path = `${lockPath.slice(0, -'.lock'.length)}.writers`;
    this.#settings = settings;
    this.#access = access;
  }

  /** Adds this writer (lock held) and gives the others that are alive. Throws the system's error. */
  join(): Settings[] {
    const fd = openOrMake(this.#path, constants.O_RDWR, 0o666, this.#access);
    try {
      const others = aliveIn(fstatSync(fd).size > MAX_BYTES ? '' : readFileSync(fd, 'utf8'));
      const own: Entry = { ...this.#settings, host: hostname(), pid: process.pid, since: Date.now() };
      const isThere = others.some((entry) => entry.pid === own.pid && entry.host === own.host && !differ(entry, own));
      const text = [...others, ...(isThere ? [] : [own])].map((entry) => `${JSON.stringify(entry)}\n`).join('');
      writeSync(fd, text, 0);
      ftruncateSync(fd, Buffer.byteLength(text));
      return others;
    } finally {
      closeQuietly(fd);
    }
  }

  /** The writers that are alive, this one among them. */
  read(): Settings[] {
    try {
      return aliveIn(readFileSync(this.#path, 'utf8'));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  /** Whether one has other settings than this writer. */
  differs(other: Settings): boolean {
    return differ(this.#settings, other);
  }
}

function differ(a: Settings, b: Settings): boolean {
  return a.kind !== b.kind || a.maxBytes !== b.maxBytes || a.backupCount !== b.backupCount;
}

function aliveIn(text: string): Entry[] {
  return text.split('\n').flatMap((line) => {
    const entry = parse(line);
    return entry && isAlive(entry) ? [entry] : [];
  });
}

function parse(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { kind, maxBytes, backupCount, host, pid, since } = value as Partial<Record<keyof Entry, unknown>>;
    if (typeof kind !== 'string' || typeof maxBytes !== 'number' || typeof backupCount !== 'number') return undefined;
    if (typeof host !== 'string' || typeof since !== 'number') return undefined;
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
    return { kind, maxBytes, backupCount, host, pid, since };
  } catch {
    return undefined;
  }
}

function isAlive({ host, pid, since }: Entry): boolean {
  if (host !== hostname()) return Date.now() - since < DAY_MS;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is another user's.
    return hasCode(error, 'EPERM');
  }
}
