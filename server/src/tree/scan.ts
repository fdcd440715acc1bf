/** Finds the generations of a source: every file of a tree, of a folder, or of one log's rotation chain. */
import type { Dirent, Stats } from 'node:fs';
import { realpathSync } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import type { GenerationName } from '../generation/name.ts';
import { parseName } from '../generation/name.ts';
import { listSpools, SPOOLED_TREE, spoolBase, spoolFolder } from '../generation/spoolPath.ts';
import { formatsAround, readFormats } from '../generation/treeFormats.ts';
import type { Problem, Source } from '../protocol.ts';

export interface LogFile {
  /** Absolute. */
  path: string;
  /** Relative to the root, `/`-separated. */
  file: string;
  /** Empty outside a tree, and for files that lie in the root itself. */
  user: string;
  /** With its folders below the user: `sub/x`. */
  module: string;
  name: GenerationName;
  dev: number;
  ino: number;
  size: number;
  /** ms since the epoch. */
  mtimeMs: number;
  /** When anything of the file was changed last, its name, too: nobody can set that. ms */
  ctimeMs: number;
  /** It waits for the service to take it in (generation/spoolPath.ts). */
  spooled: boolean;
}

export interface Scan {
  root: string;
  exists: boolean;
  files: LogFile[];
  problems: Problem[];
  /** Formats with which the service of the tree has written that the source is, or lies in. */
  formats: readonly string[];
}

/** Folders within folders: deep enough for any tree of logs, and an end for one that goes round in bind mounts. */
const MAX_DEPTH = 16;
const PARALLEL = 32;

/** The folder that a source's files are relative to; links in its own path are resolved, where it is there. */
export function rootOf(source: Source): string {
  const root = resolve(source.kind === 'tree' ? source.root : source.kind === 'folder' ? source.path : dirname(source.path));
  try {
    return realpathSync(root);
  } catch {
    return root;
  }
}

/** Everything that is there now. Never throws: what cannot be read is a problem. Symbolic links are not followed. */
export async function scan(source: Source): Promise<Scan> {
  const root = rootOf(source);
  const result: Scan = { root, exists: true, files: [], problems: [], formats: formatsOf(source, root) };
  try {
    await lstat(root);
  } catch (error) {
    result.exists = false;
    if (errorCode(error) !== 'ENOENT') result.problems.push(cannotRead(root, error));
    return result;
  }
  await scanFolder(source, root, [], result);
  for (const tree of spooledTrees(source, root)) await scanFolder(source, tree, relative(root, tree).split(sep), result);
  result.files.sort((a, b) => (a.file < b.file ? -1 : 1));
  return result;
}

/** The files of one folder within the source, as they are now, without its sub-folders. */
export async function rescan(source: Source, folder: string): Promise<LogFile[]> {
  const root = rootOf(source);
  const parts = folder === root ? [] : relative(root, folder).split(sep);
  const result: Scan = { root, exists: true, files: [], problems: [], formats: formatsOf(source, root) };
  await listFolder(source, folder, parts, result);
  return result.files;
}

const formatsOf = (source: Source, root: string): readonly string[] => (source.kind === 'tree' ? readFormats(root) : formatsAround(root));

/** What programs could not write into a tree is shown as if it stood there. */
function spooledTrees(source: Source, root: string): string[] {
  if (source.kind !== 'tree') return [];
  const folder = spoolFolder(root);
  return listSpools(folder).map((client) => join(folder, client, SPOOLED_TREE));
}

/** The names below the tree that a file stands in, or would, were it not spooled; whether it is. */
function inTree(source: Source, path: string, parts: readonly string[]): { within: readonly string[]; spooled: boolean } {
  const base = spoolBase();
  if (source.kind !== 'tree' || !path.startsWith(base + sep)) return { within: parts, spooled: false };
  // TREE, CLIENT, `tree`.
  return { within: relative(base, path).split(sep).slice(3), spooled: true };
}

async function scanFolder(source: Source, folder: string, parts: readonly string[], result: Scan): Promise<void> {
  const folders = await listFolder(source, folder, parts, result);
  if (inTree(source, folder, parts).within.length < MAX_DEPTH)
    for (const name of folders) await scanFolder(source, join(folder, name), [...parts, name], result);
}

/** Adds a folder's files and problems to the result. @returns its sub-folders */
async function listFolder(source: Source, folder: string, parts: readonly string[], result: Scan): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') result.problems.push(cannotRead(folder, error));
    return [];
  }
  const only = source.kind === 'file' ? parseName(basename(source.path))?.log : undefined;
  const folders: string[] = [];
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) {
      // The default root has the spools of all trees in it.
      const isSpool = source.kind === 'tree' && join(folder, entry.name) === spoolBase();
      if (!entry.name.startsWith('.') && source.kind !== 'file' && !isSpool) folders.push(entry.name);
    } else if (entry.isFile()) {
      const wanted = source.kind === 'file' ? entry.name === basename(source.path) || parseName(entry.name)?.log === only : true;
      if (wanted) names.push(entry.name);
    }
  }
  for (let from = 0; from < names.length; from += PARALLEL) {
    const files = await Promise.all(
      names.slice(from, from + PARALLEL).map((name) => statFile(source, join(folder, name), [...parts, name])),
    );
    for (const file of files) if (file !== undefined) result.files.push(file);
  }
  await tellUnreadableNames(folder, [...folders, ...names], result);
  tellApart(result.files, parts.join('/'));
  return folders;
}

/** Node gives names as text, with U+FFFD for bytes that are no UTF-8: nothing can be opened by those. */
async function tellUnreadableNames(folder: string, names: readonly string[], { problems }: Scan): Promise<void> {
  for (const name of names) {
    if (!name.includes('\ufffd')) continue;
    const path = join(folder, name);
    const isThere = await lstat(path).then(
      () => true,
      () => false,
    );
    if (!isThere) problems.push({ path, message: 'is not shown: its name is not UTF-8', advice: 'Rename it.' });
  }
}

/** A module is MODULE.log. What is called MODULE only is one, too, but where both lie in a folder, it is called otherwise. */
function tellApart(files: readonly LogFile[], folder: string): void {
  const own = files.filter(({ file, name }) => !name.log.endsWith('.log') && posix.dirname(file) === (folder === '' ? '.' : folder));
  if (own.length === 0) return;
  const logs = new Set(files.map(({ file, name }) => `${posix.dirname(file)}/${name.log}`));
  for (const file of own) if (logs.has(`${posix.dirname(file.file)}/${file.name.log}.log`)) file.module += ' (no .log)';
}

/** One file as it is now; undefined where it is gone, or no log. `parts` are the names on the way from the root. */
export async function statFile(source: Source, path: string, parts: readonly string[]): Promise<LogFile | undefined> {
  const base = parts.at(-1) ?? '';
  let name = parseName(base);
  if (name === undefined) {
    // A file that was chosen by its name is a log whatever it is called.
    if (source.kind !== 'file' || base !== basename(source.path)) return undefined;
    name = { log: base, module: base, compressed: base.endsWith('.gz'), age: [3], live: !base.endsWith('.gz') };
  }
  let stats: Stats;
  try {
    stats = await lstat(path);
  } catch {
    return undefined;
  }
  if (!stats.isFile()) return undefined;
  const { within, spooled } = inTree(source, path, parts);
  const inUser = source.kind === 'tree' && within.length > 1;
  return {
    path,
    file: parts.join('/'),
    user: inUser ? (within[0] ?? '') : '',
    module: [...within.slice(inUser ? 1 : 0, -1), name.module].join('/'),
    name,
    spooled,
    dev: stats.dev,
    ino: stats.ino,
    size: stats.size,
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
  };
}

/** By its first two bytes (RFC 1952, 2.3.1); undefined where they are not there, or cannot be read. */
export async function isGzip(path: string): Promise<boolean | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
      return bytesRead === 2 ? buffer[0] === 0x1f && buffer[1] === 0x8b : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What to tell a person about a file or folder that cannot be read. */
export function cannotRead(path: string, error: unknown): Problem {
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      path,
      message: 'cannot be read: permission denied',
      advice: 'Let your user read it, for example by adding it to the group that owns the logs.',
    };
  }
  if (code === 'ENOENT') return { path, message: 'has vanished', advice: '' };
  if (code === 'ENOTDIR') return { path, message: 'is not a folder', advice: 'Choose another root.' };
  return { path, message: `cannot be read: ${error instanceof Error ? error.message : String(error)}`, advice: '' };
}
