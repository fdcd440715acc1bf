/**
 * Says when something in a source changes: chokidar's events, and a poll under them, because network drives have no events and a fast
 * rotation may look like a plain change. Only that something changed is said; what it was, a scan tells.
 */
import { existsSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { watch as chokidar } from 'chokidar';
import type { Problem, Source } from '../protocol.ts';
import { errorCode, rootOf } from './scan.ts';

export interface Watch {
  close(): Promise<void>;
}

export interface Watcher {
  /** Of a file whose content changed the absolute path; a rotation may hide behind it. */
  onPath(path: string): void;
  /** Files or folders came or went, or the poll is due. @returns whether the root is there, and whether anything was new */
  onStructure(): Promise<{ exists: boolean; changed: boolean }>;
  /** The system tells of no changes, or not of all. Said once. */
  onRefused(problem: Problem): void;
}

/** How often is polled at most (ms), and of how much of the time a poll takes (1 / share): less often where events tell the news first. */
const HEARD = { pause: 1000, share: 20 };
const SILENT = { pause: 250, share: 4 };
/** ms: no poll is later for what took longer just once, as it had to wait for others. */
const LATEST = 5000;

export function watchSource(source: Source, { onPath, onStructure, onRefused }: Watcher): Watch {
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  let running = false;
  let again = false;
  let watched = existsSync(rootOf(source));
  let refused = false;
  /** Events since the last poll. */
  let heard = 0;
  /** News came without any event: a network drive, say. */
  let silent = false;

  /** @returns whether anything was new */
  const structure = async (): Promise<boolean> => {
    if (running) {
      again = true;
      return false;
    }
    running = true;
    let isNew = false;
    do {
      again = false;
      const { exists, changed } = await onStructure();
      isNew ||= changed;
      // A root that is made only now is watched from now on.
      if (exists && !watched && !closed) await restart();
      watched = exists;
    } while (again && !closed);
    running = false;
    return isNew;
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
      heard++;
      if (event !== 'change') void structure();
    });
    // Its own 'change' leaves out what follows within 50 ms: the last append of a burst would be seen only by the poll.
    watcher.on('raw', (event, name, details) => {
      heard++;
      if (event === 'change' && typeof name === 'string') onPath(pathOf(name, details));
    });
    watcher.on('error', (error) => {
      if (!refused) onRefused(isRefused(root, error));
      refused = true;
    });
  };
  void restart();

  const poll = async (): Promise<void> => {
    const begun = performance.now();
    const isNew = await structure();
    if (closed) return;
    silent = heard === 0 && (silent || isNew);
    heard = 0;
    const { pause, share } = refused || silent ? SILENT : HEARD;
    const taken = performance.now() - begun;
    const wait = Math.max(pause, Math.min(taken * share, Math.max(LATEST, taken * SILENT.share)));
    timer = setTimeout(() => void poll(), wait);
    timer.unref();
  };
  timer = setTimeout(() => void poll(), HEARD.pause);
  timer.unref();

  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await watcher?.close();
    },
  };
}

/** What to tell a person where the system refuses to tell of changes. */
function isRefused(root: string, error: unknown): Problem {
  const code = errorCode(error);
  const limit = code === 'ENOSPC' ? 'max_user_watches' : code === 'EMFILE' ? 'max_user_instances' : undefined;
  const reason = error instanceof Error ? error.message : String(error);
  return {
    path: root,
    message: `is looked at now and then instead of being watched: ${limit === undefined ? reason : `the system has no more watches (${code})`}`,
    advice:
      limit === undefined
        ? ''
        : `New entries come a little later. Raise fs.inotify.${limit} with sysctl, or close programs that watch many files.`,
  };
}

/** What an event of the system is about: a name within the folder that is watched, or the watched file itself. */
function pathOf(name: string, details: unknown): string {
  const watched = typeof details === 'object' && details !== null && 'watchedPath' in details ? String(details.watchedPath) : '';
  if (isAbsolute(name) || watched === '') return name;
  return basename(watched) === name ? watched : join(watched, name);
}
