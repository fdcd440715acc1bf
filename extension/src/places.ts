/** From the path that a stack frame names to files that may be meant. Pure: looks at nothing on the disk. */

import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where traced paths that begin with `from` stand on this machine. Both are folders, or both whole files. `from` may be a URL. */
export interface Mapping {
  from: string;
  to: string;
}

export interface Mappings {
  /** What a person has said in the settings: before all else. */
  configured: readonly Mapping[];
  /** Picks, and what launch configurations and modules' files tell: where nothing stands under the path itself. */
  learned: readonly Mapping[];
}

/**
 * The files that a frame's path may mean, the likeliest first: what settings say, the path itself, what has been learned, then the same
 * file in the workspace's folders. Of a URL's only its path is looked for, and nothing is fetched. Empty for what is no path (`<string>`,
 * other URL schemes) and for UNC shares: opening one would send credentials to a host that a log names.
 */
export function candidatePaths(traced: string, folders: readonly string[], { configured, learned }: Mappings): string[] {
  const wanted = readTraced(traced);
  if (wanted === undefined) return [];
  const { path, isHere } = wanted;
  const mapped = (mappings: readonly Mapping[]): string[] =>
    mappings.flatMap((mapping) => applyMapping(path, mapping) ?? applyMapping(wanted.written, mapping) ?? []);
  const found = [...mapped(configured), ...(isHere ? [path] : []), ...mapped(learned)];
  const segments = segmentsOf(path);
  const fewest = isRooted(path) ? 2 : segments.length;
  for (let length = segments.length; length >= fewest; length--) {
    for (const folder of folders) found.push(join(folder, ...segments.slice(segments.length - length)));
  }
  return [...new Set(found)];
}

/** The name that a frame's file has wherever it stands; undefined where candidatePaths knows nothing either. */
export function fileName(traced: string): string | undefined {
  const wanted = readTraced(traced);
  const name = wanted && segmentsOf(wanted.path).at(-1);
  return name === undefined || name === '..' ? undefined : name;
}

/** Of files by the same name those that share the longest end with a frame's path, and how many names of it they share. */
export function longestSuffix(traced: string, files: readonly string[]): { files: string[]; length: number; whole: boolean } {
  const segments = segmentsOf(readTraced(traced)?.path ?? '');
  let length = 0;
  let best: string[] = [];
  for (const file of files) {
    const shared = commonEnd(segments, segmentsOf(file));
    if (shared > length) best = [];
    if (shared >= length && shared > 0) best.push(file);
    length = Math.max(length, shared);
  }
  return { files: best, length, whole: length > 0 && length === segments.length };
}

/** What a pick teaches: both paths without their common end, so that siblings of the picked file are found too. */
export function mappingOf(traced: string, picked: string): Mapping {
  const from = splitPath(readTraced(traced)?.path ?? traced);
  const to = splitPath(picked);
  const common = commonEnd(from, to);
  return { from: from.slice(0, from.length - common).join('/'), to: to.slice(0, to.length - common).join('/') };
}

/** The mappings with a new one, which replaces any for the same paths; the newest is the first to be tried. */
export function withMapping(mappings: readonly Mapping[], added: Mapping): Mapping[] {
  return [added, ...mappings.filter(({ from }) => from !== added.from)].slice(0, maxMappings);
}

/** What the workspace's memory holds, made into mappings. */
export function parseMappings(value: unknown): Mapping[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    const { from, to } = item as Record<string, unknown>;
    return typeof from === 'string' && typeof to === 'string' ? [{ from, to }] : [];
  });
}

const maxMappings = 100;

/** Code that a browser or a bundler has: what stands behind the host is a path within some folder of a project. */
const bundled = /^(?:https?|webpack|webpack-internal|app|capacitor|ng):/i;

interface Traced {
  path: string;
  /** Without a query: what mappings of URLs look at. */
  written: string;
  /** Whether the path may be one of this machine. */
  isHere: boolean;
}

function readTraced(traced: string): Traced | undefined {
  if (traced === '' || traced.includes('\0') || /^[\\/]{2}/.test(traced)) return undefined;
  if (/^file:/i.test(traced)) {
    try {
      const url = new URL(traced);
      if (url.host !== '') return undefined;
      const path = fileURLToPath(url);
      return { path, written: path, isHere: true };
    } catch {
      return undefined;
    }
  }
  if (bundled.test(traced)) {
    const written = traced.replace(/[?#].*$/s, '');
    const path = decoded(written.replace(/^[a-z-]+:(?:\/\/[^/]*)?\/*/i, ''));
    return path === undefined || path === '' ? undefined : { path: `/${path.replace(/^(?:\.?\/)+/, '')}`, written, isHere: false };
  }
  // Two letters at least: `C:\…` is a drive, not a scheme. Python's `<string>` and Node's `[eval]` are no files.
  if (/^[a-z][a-z0-9+.-]+:/i.test(traced) || /^[<[].*[>\]]$/.test(traced)) return undefined;
  return { path: traced, written: traced, isHere: isAbsolute(traced) };
}

function decoded(path: string): string | undefined {
  try {
    const text = decodeURIComponent(path);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** `/a/b` → ['', 'a', 'b'], `C:\a` → ['C:', 'a']: joined by `/` it is a path again. */
function splitPath(path: string): string[] {
  return path.split(/[\\/]/);
}

/** What leads out of a folder leads nowhere. */
function segmentsOf(path: string): string[] {
  return splitPath(path).filter((segment) => segment !== '' && segment !== '.' && segment !== '..' && !/^[a-z]:$/i.test(segment));
}

function commonEnd(one: readonly string[], other: readonly string[]): number {
  let common = 0;
  while (common < one.length && common < other.length && one[one.length - 1 - common] === other[other.length - 1 - common]) common++;
  return common;
}

/** Also true of a Windows path on another system. */
function isRooted(path: string): boolean {
  return isAbsolute(path) || /^([a-z]:)?[\\/]/i.test(path);
}

function applyMapping(path: string, { from, to }: Mapping): string | undefined {
  const segments = splitPath(path);
  const prefix = from === '' && !isRooted(path) ? [] : splitPath(from.length > 1 ? from.replace(/[\\/]$/, '') : from);
  if (prefix.some((segment, index) => segments[index] !== segment)) return undefined;
  const rest = segments.slice(prefix.length);
  // A log's `..` would lead out of the folder that a person has named.
  return rest.includes('..') ? undefined : [...splitPath(to.length > 1 ? to.replace(/[\\/]$/, '') : to), ...rest].join('/');
}
