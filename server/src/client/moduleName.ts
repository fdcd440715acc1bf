/** The name of a log for a source file: its folders below the nearest package.json and its own name, joined by dots. */

import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, relative, sep } from 'node:path';

/** Folders that say how a program is built, not what it is. */
const LAYOUT_FOLDERS: ReadonlySet<string> = new Set(['src', 'dist', 'lib', 'build']);
const EXTENSION = /\.[cm]?[jt]sx?$/i;

/**
 * The module of a source file (absolute path): `PACKAGE/src/web/server.ts` is `web.server`, `PACKAGE/src/web/index.ts` is `web`, and
 * `PACKAGE/index.js` has its folder's name. Without a package.json above it, the file's name alone.
 */
export function moduleOfFile(path: string): string {
  const folder = dirname(path);
  const home = packageFolder(folder);
  const folders = home === undefined ? [] : relative(home, folder).split(sep);
  const parts = folders.filter((part) => part !== '' && !LAYOUT_FOLDERS.has(part));
  const name = EXTENSION.test(path) ? basename(path, extname(path)) : basename(path);
  if (name !== 'index') parts.push(name);
  else if (parts.length === 0) parts.push(basename(home ?? folder) || name);
  return parts.join('.');
}

/**
 * A log's name as a file of the tree has it, without `.log`: a trailing `.log`, `.py` or JavaScript's and TypeScript's extensions go; what
 * may not stand in a name, and blanks, which end the name in a line of master.log, become `_`.
 */
export function moduleOfName(text: string): string {
  const name = text
    .replace(/\.log$/i, '')
    .replace(/\.pyc?$/i, '')
    .replace(EXTENSION, '')
    .normalize('NFC')
    .replace(process.platform === 'win32' ? /[\s\p{Cc}\p{Cs}/\\:*?"<>|]/gu : /[\s\p{Cc}\p{Cs}/]/gu, '_')
    .replace(/^\./, '_');
  return cut(name) || 'unnamed';
}

/** Room is left in 255 bytes for `.log`, a rotation's suffix and the lock file's name. */
const MAX_BYTES = 200;

function cut(name: string): string {
  let text = name;
  while (Buffer.byteLength(text) > MAX_BYTES) text = [...text].slice(0, -1).join('');
  return text;
}

function packageFolder(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
    if (dirname(at) === at) return undefined;
  }
}
