/**
 * How the logs of a tree are locked and rotated is set in one place, the service: it leaves word in `ROOT/.safelog/rotation.json`, and
 * whoever writes the tree's files without it does the same, also when the service has ended.
 */

import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { SAFELOG_FOLDER } from '../generation/treeFormats.ts';
import type { ConcurrentFileOptions } from './concurrentFile.ts';
import { publish } from './publish.ts';
import { makeSchedule } from './schedule.ts';

export type TreeRotation = Pick<ConcurrentFileOptions, 'maxBytes' | 'backupCount' | 'useGzip' | 'schedule' | 'lockFileDirectory'>;

const NAME = 'rotation.json';
const MAX_BYTES = 4096;
const NONE: TreeRotation = {};

/** Leaves word in a tree. Throws the system's error. */
export function publishRotation(root: string, { maxBytes = 0, backupCount = 0, useGzip = false, ...rest }: TreeRotation): void {
  const { schedule, lockFileDirectory } = rest;
  const text = JSON.stringify({ maxBytes, backupCount, gzip: useGzip, ...named(schedule), lockFileDirectory }, null, 2);
  publish(root, NAME, `${text}\n`);
}

const named = (schedule: TreeRotation['schedule']): object => (schedule ? { when: schedule.when, interval: schedule.interval } : {});

/** What is published in a tree, looked at anew each time. */
export class PublishedRotation {
  readonly #root: string;
  readonly #path: string;
  #seen = '';
  #rotation: TreeRotation = NONE;

  constructor(root: string) {
    this.#root = root;
    this.#path = join(root, SAFELOG_FOLDER, NAME);
  }

  /** The same object as before where nothing has changed. What cannot be read, or is not believed, is none. */
  current(): TreeRotation {
    const seen = this.#look();
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#rotation = seen === '' ? NONE : readRotation(this.#root, this.#path);
    }
    return this.#rotation;
  }

  /** Empty where there is none, or where this user may not look. */
  #look(): string {
    try {
      const stats = lstatSync(this.#path, { throwIfNoEntry: false, bigint: true });
      return stats ? `${stats.ino} ${stats.mtimeNs} ${stats.size}` : '';
    } catch {
      return '';
    }
  }
}

/**
 * Rotating deletes: only what root, this user or the owner of the tree has written is believed, who can do as much by themselves.
 */
function readRotation(root: string, path: string): TreeRotation {
  try {
    const fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const { uid, size } = fstatSync(fd);
      if (size > MAX_BYTES || ![0, process.geteuid?.() ?? uid, statSync(root).uid].includes(uid)) return NONE;
      return parseRotation(JSON.parse(readFileSync(fd, 'utf8')));
    } finally {
      closeSync(fd);
    }
  } catch {
    return NONE;
  }
}

/** Throws where it is no rotation. */
function parseRotation(found: unknown): TreeRotation {
  if (typeof found !== 'object' || found === null) throw new TypeError('not an object');
  const { maxBytes, backupCount, gzip, when, interval, lockFileDirectory }: Record<string, unknown> = { ...found };
  const schedule = typeof when === 'string' ? { when, interval: toCount(interval) } : undefined;
  if (schedule) makeSchedule(schedule);
  return {
    maxBytes: toCount(maxBytes),
    backupCount: toCount(backupCount),
    useGzip: gzip === true,
    schedule,
    lockFileDirectory: typeof lockFileDirectory === 'string' && isAbsolute(lockFileDirectory) ? lockFileDirectory : undefined,
  };
}

function toCount(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new TypeError('not a count');
  return value;
}
