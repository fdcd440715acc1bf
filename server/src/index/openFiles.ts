/**
 * Files that are read at random stay open for a moment: who is shown one page of them mostly wants another, and opening each of dozens of
 * files costs more than reading it. What a rotation does to their names meanwhile is not noticed, and does not matter: the content is the same.
 */
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { Moved } from './moved.ts';

/** ms */
const IDLE = 1000;
/** So many may be open while nobody reads them. */
const MOST = 256;

interface Held {
  /** With its stats as they were then. */
  readonly opening: Promise<{ file: FileHandle; stats: Stats }>;
  /** Those who read it or wait for it. */
  users: number;
  /** Ends it; while nobody uses it. */
  timer: NodeJS.Timeout | undefined;
}

/** By inode and path; the one that was used last is the last one. */
const held = new Map<string, Held>();

/**
 * Does something with a file. Closes it some time after the last who did.
 * @param ino of the file that is meant
 * @throws Moved where the path leads to another file, what the file system says, and what the job throws
 */
export async function withFile<T>(path: string, ino: number, job: (file: FileHandle, stats: Stats) => Promise<T>): Promise<T> {
  const key = `${ino}:${path}`;
  const one = held.get(key) ?? { opening: openFile(path, ino), users: 0, timer: undefined };
  held.delete(key);
  held.set(key, one);
  clearTimeout(one.timer);
  one.timer = undefined;
  one.users++;
  try {
    const { file, stats } = await one.opening.catch((error: unknown) => {
      // Who comes next tries again.
      if (held.get(key) === one) held.delete(key);
      throw error;
    });
    return await job(file, stats);
  } finally {
    if (--one.users === 0 && held.get(key) === one) {
      one.timer = setTimeout(() => close(key, one), IDLE).unref();
      for (const [oldest, other] of held) {
        if (held.size <= MOST) break;
        if (other.users === 0) close(oldest, other);
      }
    }
  }
}

/** Closes those that nobody reads. */
export function closeIdle(): void {
  for (const [key, one] of held) if (one.users === 0) close(key, one);
}

function close(key: string, one: Held): void {
  clearTimeout(one.timer);
  held.delete(key);
  // What could not be opened was told to who asked.
  one.opening.then(({ file }) => file.close()).catch(() => undefined);
}

async function openFile(path: string, ino: number): Promise<{ file: FileHandle; stats: Stats }> {
  const file = await open(path, 'r');
  try {
    const stats = await file.stat();
    if (stats.ino === ino) return { file, stats };
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  throw new Moved(path);
}
