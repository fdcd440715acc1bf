/** Names of users and log files, as they stand in the tree: ROOT/USER/BASENAME. Peers choose them, so that each is checked. */

/** Why a name cannot be a file or a directory of the tree. */
export type NameFault = 'empty' | 'dot' | 'separator' | 'control' | 'long' | 'reserved';

const MAX_NAME_BYTES = 255;

/**
 * What is wrong with a name as a file or directory directly in its folder; null where nothing is. A leading dot is refused because of
 * `.` and `..`, and because hidden names are the writers' own (lock files). The limit is 255 bytes of UTF-8.
 */
export function nameFault(name: string): NameFault | null {
  if (name === '') return 'empty';
  if (name.startsWith('.')) return 'dot';
  if (/[\x00-\x1f\x7f-\x9f]/.test(name)) return 'control';
  if (name.includes('/')) return 'separator';
  // Windows: separators, streams (`:`), wildcards, and the trailing dots and blanks that it cuts off.
  if (process.platform === 'win32' && (/[\\:*?"<>|]/.test(name) || /[. ]$/.test(name))) return 'reserved';
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return 'long';
  return null;
}

/** Bytes of UTF-8 that a module's name may have, so that `.log`, a rotation's suffix and the lock file's name still fit into 255. */
const MAX_MODULE_BYTES = 200;

/**
 * A module's name out of any text, such as a debug configuration's name: `my config/x` becomes `my_config_x`. Blanks go too, since they
 * separate the fields of a line in master.log. The result is never empty, never `master`, and a name of the tree on every system.
 */
export function cleanModule(text: string): string {
  const clean = text
    .normalize('NFC')
    .replace(/\.log$/i, '')
    .replace(/[\s\x00-\x1f\x7f-\x9f/\\:*?"<>|\uD800-\uDFFF]+/gu, '_')
    .replace(/^[._]+|[._]+$/g, '');
  const short = cutBytes(clean, MAX_MODULE_BYTES);
  if (short === '') return 'unnamed';
  return short === 'master' ? 'master_' : short;
}

/** The longest beginning that has at most `limit` bytes of UTF-8 and does not cut a character. */
function cutBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
