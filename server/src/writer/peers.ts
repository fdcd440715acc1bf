/**
 * What the writers of one log tell each other about their settings, in a file beside the lock (`.__app.writers`): a line of JSON each.
 * Writers that differ are told so; and no rotation deletes what another writer that is alive still keeps. Python's writers know nothing
 * of it, and need not.
 */

import { constants, fstatSync, ftruncateSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
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
  /** One writer's alone. */
  id: string;
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
  readonly #id = crypto.randomUUID();

  constructor(lockPath: string, settings: Settings, access: Access) {
    this.#path = `${lockPath.slice(0, -'.lock'.length)}.writers`;
    this.#settings = settings;
    this.#access = access;
  }

  /** Adds this writer (lock held) and gives the others that are alive. Throws the system's error. */
  join(): Settings[] {
    const fd = openOrMake(this.#path, constants.O_RDWR, 0o666, this.#access);
    try {
      const others = aliveIn(fstatSync(fd).size > MAX_BYTES ? '' : readFileSync(fd, 'utf8')).filter(({ id }) => id !== this.#id);
      const own: Entry = { ...this.#settings, id: this.#id, host: hostname(), pid: process.pid, since: Date.now() };
      replace(fd, [...others, own]);
      return others;
    } finally {
      closeQuietly(fd);
    }
  }

  /** Takes this writer out (lock held); the last one deletes the file. Throws the system's error. */
  leave(): void {
    const all = this.#read();
    const others = all.filter(({ id }) => id !== this.#id);
    if (others.length === all.length) return;
    if (others.length === 0) {
      unlinkSync(this.#path);
      return;
    }
    const fd = openOrMake(this.#path, constants.O_RDWR, 0o666, this.#access);
    try {
      replace(fd, others);
    } finally {
      closeQuietly(fd);
    }
  }

  /** The writers that are alive, this one among them (lock held). */
  read(): Settings[] {
    return this.#read();
  }

  /** Whether one has other settings than this writer. */
  differs({ kind, maxBytes, backupCount }: Settings): boolean {
    const own = this.#settings;
    return kind !== own.kind || maxBytes !== own.maxBytes || backupCount !== own.backupCount;
  }

  #read(): Entry[] {
    try {
      return aliveIn(readFileSync(this.#path, 'utf8'));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }
}

function replace(fd: number, entries: readonly Entry[]): void {
  const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  writeSync(fd, text, 0);
  ftruncateSync(fd, Buffer.byteLength(text));
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
    const { id, kind, maxBytes, backupCount, host, pid, since } = value as Partial<Record<keyof Entry, unknown>>;
    if (typeof kind !== 'string' || typeof maxBytes !== 'number' || typeof backupCount !== 'number') return undefined;
    if (typeof id !== 'string' || typeof host !== 'string' || typeof since !== 'number') return undefined;
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
    return { id, kind, maxBytes, backupCount, host, pid, since };
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
