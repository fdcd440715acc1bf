/** The folder of indexes that are kept on disk, one file each; shared by all windows and commands of a user. */
import { createHash } from 'node:crypto';
import { unlinkSync, utimesSync } from 'node:fs';
import { lstat, mkdir, readdir, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Container, ContainerWriter } from './container.ts';

const SUFFIX = '.index';
/** ms after which a file that was only begun is taken for left behind. */
const ABANDONED = 3_600_000;
/** ms for which an index is kept at least, though its log may seem to be gone. */
const KEPT_FOR_SURE = 86_400_000;
/** Descriptors that are held: what is held can be read even if another window replaces or deletes it. */
const MAX_OPEN = process.platform === 'win32' ? 0 : 128;

export interface CacheLimits {
  /** Bytes on disk; the least recently used go first. */
  diskSize: number;
  /** Bytes of content below which reading a log again is as fast. */
  smallest: number;
}

const DEFAULT_LIMITS: CacheLimits = { diskSize: 2 ** 31, smallest: 64 * 1024 };

/** Where a command keeps indexes (XDG Base Directory Specification; Apple's and Microsoft's folders for caches). */
export function defaultCacheFolder(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  const home = env.HOME ?? homedir();
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'safelog', 'index');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'safelog', 'index');
  const base = env.XDG_CACHE_HOME;
  // Relative ones are to be ignored.
  return join(base?.startsWith('/') === true ? base : join(home, '.cache'), 'safelog', 'index');
}

export class IndexCache {
  readonly limits: CacheLimits;
  private readonly held: Container[] = [];
  private readonly orders: Container[] = [];
  private pruned = false;

  constructor(
    readonly folder: string,
    limits: Partial<CacheLimits> = {},
  ) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /**
   * What is kept under a name; undefined where there is nothing that can be used.
   * @param holds what it has can be read until `close`, however many others are opened, and whatever is written in its place
   */
  open(name: string, holds = false): Container | undefined {
    const path = this.pathOf(name);
    const container = Container.open(path);
    if (container === undefined) return undefined;
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      // It only looks older than it is.
    }
    if (holds && MAX_OPEN > 0) {
      this.orders.push(container);
      return container;
    }
    this.held.push(container);
    if (this.held.length > MAX_OPEN) this.held.shift()?.close();
    return container;
  }

  /** @throws what the file system says */
  async create(name: string): Promise<ContainerWriter> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    if (!this.pruned) {
      this.pruned = true;
      await this.prune();
    }
    return ContainerWriter.create(this.pathOf(name));
  }

  delete(name: string): void {
    try {
      unlinkSync(this.pathOf(name));
    } catch {
      // Somebody else did.
    }
  }

  close(): void {
    for (const container of [...this.held.splice(0), ...this.orders.splice(0)]) container.close();
  }

  /** Deletes what was left behind, what belongs to logs that are gone, and the least recently used of what is too much. */
  async prune(): Promise<void> {
    const files: { path: string; size: number; used: number }[] = [];
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      const stats = await lstat(path).catch(() => undefined);
      if (stats === undefined) continue;
      const used = stats.mtimeMs;
      const age = Date.now() - used;
      if (name.endsWith('.tmp') && age > ABANDONED) await unlink(path).catch(() => undefined);
      else if (name.endsWith(SUFFIX)) {
        if (age > KEPT_FOR_SURE && (await isOrphan(path))) await unlink(path).catch(() => undefined);
        else files.push({ path, size: stats.size, used });
      }
    }
    let sum = files.reduce((bytes, { size }) => bytes + size, 0);
    for (const { path, size } of files.sort((a, b) => a.used - b.used)) {
      if (sum <= this.limits.diskSize) break;
      await unlink(path).catch(() => undefined);
      sum -= size;
    }
  }

  private pathOf(name: string): string {
    const hash = createHash('sha256').update(name).digest('base64url').slice(0, 24);
    return join(this.folder, `${hash}${SUFFIX}`);
  }
}

/** What an index tells of the place that it is about. */
export interface Origin {
  /** A file that it is about, or the folder. */
  path: string;
  /** Of that file, whatever it is called by now; 0 for a folder. */
  ino: number;
}

export function originOf(directory: unknown): Origin | undefined {
  if (typeof directory !== 'object' || directory === null || !('origin' in directory)) return undefined;
  const { origin } = directory;
  if (typeof origin !== 'object' || origin === null || !('path' in origin) || !('ino' in origin)) return undefined;
  const { path, ino } = origin;
  return typeof path === 'string' && typeof ino === 'number' ? { path, ino } : undefined;
}

/** What it is an index of is not there any more, under any name in its folder. */
async function isOrphan(path: string): Promise<boolean> {
  const container = Container.open(path);
  container?.close();
  const origin = originOf(container?.directory);
  if (origin === undefined) return true;
  try {
    if (origin.ino === 0) return (await lstat(origin.path)) === undefined;
    const folder = dirname(origin.path);
    for (const name of await readdir(folder)) {
      const stats = await lstat(join(folder, name)).catch(() => undefined);
      if (stats?.ino === origin.ino) return false;
    }
    return true;
  } catch (error) {
    // A disk that is not mounted now may come back.
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
}
