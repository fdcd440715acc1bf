/** From the path that a stack frame names to files that may be meant. Pure: looks at nothing on the disk. */

import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where traced paths that begin with `from` stand on this machine. Both are folders, or both whole files. */
export interface Mapping {
  from: string;
  to: string;
}

/**
 * The files that a frame's path may mean, the likeliest first: the path itself, what the person once picked for it or its siblings, then
 * the same file in the workspace's folders. Empty for what is no path of this machine (other URL schemes, UNC shares: opening one would
 * send credentials to a host that a log names).
 */
export function candidatePaths(traced: string, folders: readonly string[], mappings: readonly Mapping[]): string[] {
  const path = toPath(traced);
  if (path === undefined) return [];
  const found = isAbsolute(path) ? [path] : [];
  for (const mapping of mappings) {
    const mapped = applyMapping(path, mapping);
    if (mapped !== undefined) found.push(mapped);
  }
  const segments = segmentsOf(path);
  const fewest = isRooted(path) ? 2 : segments.length;
  for (let length = segments.length; length >= fewest; length--) {
    for (const folder of folders) found.push(join(folder, ...segments.slice(segments.length - length)));
  }
  return [...new Set(found)];
}

/** What a pick teaches: both paths without their common end, so that siblings of the picked file are found too. */
export function mappingOf(traced: string, picked: string): Mapping {
  const from = splitPath(toPath(traced) ?? traced);
  const to = splitPath(picked);
  let common = 0;
  while (common < from.length && common < to.length && from[from.length - 1 - common] === to[to.length - 1 - common]) common++;
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

function toPath(traced: string): string | undefined {
  if (traced === '' || traced.includes('\0') || /^[\\/]{2}/.test(traced)) return undefined;
  if (/^file:/i.test(traced)) {
    try {
      const url = new URL(traced);
      return url.host === '' ? fileURLToPath(url) : undefined;
    } catch {
      return undefined;
    }
  }
  // Two letters at least: `C:\…` is a drive, not a scheme. Python's `<string>` and Node's `[eval]` are no files.
  if (/^[a-z][a-z0-9+.-]+:/i.test(traced) || /^[<[].*[>\]]$/.test(traced)) return undefined;
  return traced;
}

/** `/a/b` → ['', 'a', 'b'], `C:\a` → ['C:', 'a']: joined by `/` it is a path again. */
function splitPath(path: string): string[] {
  return path.split(/[\\/]/);
}

function segmentsOf(path: string): string[] {
  return splitPath(path).filter((segment) => segment !== '' && segment !== '.' && !/^[a-z]:$/i.test(segment));
}

/** Also true of a Windows path on another system. */
function isRooted(path: string): boolean {
  return isAbsolute(path) || /^([a-z]:)?[\\/]/i.test(path);
}

function applyMapping(path: string, { from, to }: Mapping): string | undefined {
  const segments = splitPath(path);
  const prefix = from === '' && !isRooted(path) ? [] : splitPath(from);
  if (prefix.some((segment, index) => segments[index] !== segment)) return undefined;
  return [...splitPath(to), ...segments.slice(prefix.length)].join('/');
}
