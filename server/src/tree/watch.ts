/**
 * Says when something in a source changes: chokidar's events, and a poll under them, because network drives have no events and a fast
 * rotation may look like a plain change. Only that something changed is said; what it was, a scan tells.
 */
import { existsSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { watch as chokidar } from 'chokidar';
import type { Source } from '../protocol.ts';
import { rootOf } from './scan.ts';

export interface Watch {
  close(): Promise<void>;
}

/** The poll takes at most this part of the time. */
const POLL_MS = 1000;

/**
 * @param onPaths absolute paths of files whose content changed; a rotation may hide behind it
 * @param onStructure files or folders came or went, or the poll is due; tells whether the root is there
 */
export function watchSource(source: Source, onPaths: (path: string) => void, onStructure: () => Promise<boolean>): Watch {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  let running = false;
  let again = false;
  let watched = existsSync(rootOf(source));

  const structure = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      const there = await onStructure();
      // A root that is made only now is watched from now on.
      if (there && !watched && !closed) await restart();
      watched = there;
    } while (again && !closed);
    running = false;
  };

  const restart = async (): Promise<void> => {
    await watcher?.close();
    const root = rootOf(source);
    watcher = chokidar(root, {
      ignoreInitial: true,
      followSymlinks: false,
      depth: source.kind === 'file' ? 0 : 16,
      ignored: (path) => path !== root && /[\\/]\.[^\\/]*$/.test(path),
      ignorePermissionErrors: true,
    });
    // What happened while it was being set up has no events.
    watcher.on('ready', () => void structure());
    watcher.on('all', (event) => {
      if (event !== 'change') void structure();
    });
    // Its own 'change' leaves out what follows within 50 ms: the last append of a burst would be seen only by the poll.
    watcher.on('raw', (event, name, details) => {
      if (event === 'change' && typeof name === 'string') onPaths(pathOf(name, details));
    });
    // No more watches, say: the poll goes on.
    watcher.on('error', () => undefined);
  };
  void restart();

  const poll = async (): Promise<void> => {
    const begun = performance.now();
    await structure();
    if (closed) return;
    const taken = performance.now() - begun;
    timer = setTimeout(() => void poll(), Math.max(POLL_MS, taken * 20));
    timer.unref();
  };
  timer = setTimeout(() => void poll(), POLL_MS);
  timer.unref();

  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await watcher?.close();
    },
  };
}

/** What an event of the system is about: a name within the folder that is watched, or the watched file itself. */
function pathOf(name: string, details: unknown): string {
  const watched = typeof details === 'object' && details !== null && 'watchedPath' in details ? String(details.watchedPath) : '';
  if (isAbsolute(name) || watched === '') return name;
  return basename(watched) === name ? watched : join(watched, name);
}
