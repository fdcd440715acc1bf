/**
 * The format strings with which the service of a tree has written, in `ROOT/.safelog/formats.json`, the one of today first: whoever reads the
 * tree then need not find them out.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LineFormat } from '../record/lineFormat.ts';

/** In a tree, and in the folders of its users: hidden, so that it is no log. */
export const SAFELOG_FOLDER = '.safelog';
export const FORMATS_FILE = 'formats.json';
const MAX_BYTES = 64 * 1024;
/** Those that were used before these have been rotated away. */
const MAX_FORMATS = 16;

/** Those of a tree. Never throws: what cannot be read is none. */
export function readFormats(root: string): string[] {
  try {
    const fd = openSync(
      join(root, SAFELOG_FOLDER, FORMATS_FILE),
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    try {
      if (fstatSync(fd).size > MAX_BYTES) return [];
      return parseOnce(readFileSync(fd, 'utf8'));
    } finally {
      closeSync(fd);
    }
  } catch {
    return [];
  }
}

/** Those of the tree that a folder of logs lies in: a log is one or two folders below its tree. */
export function formatsAround(folder: string): string[] {
  const folders = [folder, dirname(folder), dirname(dirname(folder))];
  return folders.map(readFormats).find((formats) => formats.length > 0) ?? [];
}

/** What the file says when a service begins to write with another one; null where it says that already. */
export function withFormat(known: readonly string[], format: string): string | null {
  if (known[0] === format) return null;
  const formats = [format, ...known.filter((each) => each !== format)].slice(0, MAX_FORMATS);
  return `${JSON.stringify({ formats }, null, 2)}\n`;
}

/** Trees are looked at again and again. */
const parsed = new Map<string, string[]>();

function parseOnce(text: string): string[] {
  const known = parsed.get(text);
  if (known) return known;
  if (parsed.size >= MAX_FORMATS) parsed.clear();
  const formats = parse(text);
  parsed.set(text, formats);
  return formats;
}

function parse(text: string): string[] {
  const found: unknown = JSON.parse(text);
  const list: unknown = typeof found === 'object' && found !== null && 'formats' in found ? found.formats : [];
  return (Array.isArray(list) ? list : []).slice(0, MAX_FORMATS).filter(isReadable);
}

function isReadable(format: unknown): format is string {
  if (typeof format !== 'string') return false;
  try {
    return new LineFormat(format).name !== '';
  } catch {
    return false;
  }
}
