import type { Place } from '../protocol.ts';
import { isLine, type Located } from './python.ts';

const EVAL = 'eval at ';

/**
 * The place that a line of a V8 stack names (https://v8.dev/docs/stack-trace-api): `    at f (FILE:L:C)`, `    at FILE:L:C`, with
 * `async`, `new`, `[as name]`; of evaluated code, the place of the outermost eval call. FILE is a path or a file URL; `node:internal`,
 * `<anonymous>`, `native` and other schemes are no places. The columns cover FILE to C.
 */
export function locateNode(line: string): Located | null {
  let at = 0;
  while (isMargin(line.charCodeAt(at))) at++;
  if (!line.startsWith('at ', at)) return null;
  let start = at + 3;
  let end = line.length;
  while (isBlank(line.charCodeAt(end - 1))) end--;
  // The last frame of an error with properties goes on with them.
  if (line.endsWith(' {', end)) end -= 2;
  if (line.startsWith('async ', start)) start += 6;
  if (line.charCodeAt(end - 1) === CLOSE) {
    const open = line.indexOf(' (', start);
    if (open < 0) return null;
    start = open + 2;
    end--;
    while (line.startsWith(EVAL, start)) {
      // `eval at f (PLACE), <anonymous>:1:2`, and PLACE may be of that kind again.
      const inner = line.indexOf(' (', start);
      const close = line.lastIndexOf('), ', end);
      if (inner < 0 || close <= inner) return null;
      start = inner + 2;
      end = close;
    }
  }
  return locate(line, start, end);
}

/**
 * The line that Node prints above an uncaught error or a syntax error: the place alone, `FILE:L`, before the source line and its carets.
 * `following` are the next two lines.
 */
export function locateNodeHeader(line: string, following: readonly string[]): Located | null {
  if (!line.startsWith('/') && !line.startsWith('file:///') && !isDrive(line, 0)) return null;
  if (!following.some(isCarets)) return null;
  let end = line.length;
  while (isBlank(line.charCodeAt(end - 1))) end--;
  return locate(line, 0, end);
}

/** Reads `FILE:L:C` or `FILE:L` that fills the columns from start to end. */
function locate(line: string, start: number, end: number): Located | null {
  const last = numberBefore(line, end);
  if (!last) return null;
  const first = numberBefore(line, last.colon);
  const [path, place] = first ? [first.colon, { line: first.number, column: last.number }] : [last.colon, { line: last.number }];
  const file = line.slice(start, path);
  if (!isFile(file)) return null;
  return { start, end, place: { path: file, ...place } satisfies Place };
}

/** The number that ends before `end`, and the colon in front of it. */
function numberBefore(line: string, end: number): { number: number; colon: number } | null {
  let digits = end;
  while (isDigit(line.charCodeAt(digits - 1))) digits--;
  const number = Number(line.slice(digits, end));
  if (digits === end || line.charCodeAt(digits - 1) !== COLON || !isLine(number)) return null;
  return { number, colon: digits - 1 };
}

function isFile(file: string): boolean {
  if (file.startsWith('file://')) return file.length > 'file://'.length;
  if (isDrive(file, 0) || file.startsWith('\\\\')) return true;
  if (file === '' || file.startsWith('<') || file.includes(':')) return file.startsWith('/') && file.length > 1;
  // Without a folder or an extension it is a word of prose, such as `at noon:12`, or V8's `native`.
  return /[/\\]|\.\w{1,5}$/.test(file);
}

function isDrive(text: string, at: number): boolean {
  return text.charCodeAt(at + 1) === COLON && /[A-Za-z]/.test(text.charAt(at)) && /[\\/]/.test(text.charAt(at + 2));
}

/** `^`, `~` and blanks, at least one `^`. */
function isCarets(line: string): boolean {
  if (!line.includes('^')) return false;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code !== 0x5e && code !== 0x7e && !isBlank(code)) return false;
  }
  return true;
}

const COLON = 0x3a;
const CLOSE = 0x29;
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isBlank = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0d;
/** Blanks, and the `|` that a tool draws beside nested causes. */
const isMargin = (code: number): boolean => isBlank(code) || code === 0x7c;
