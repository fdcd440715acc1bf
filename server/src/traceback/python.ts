import type { Place } from '../protocol.ts';

/** A place in a line and the columns, in UTF-16 units, of what names it. */
export interface Located {
  start: number;
  end: number;
  place: Place;
}

const OPENING = 'File "';
const CLOSING = '", line ';

/**
 * The place that a line of a Python traceback names: `  File "PATH", line N, in f`. Syntax errors have no `, in f`; `Call stack:`
 * dumps have TABs, exception groups margins of `|` before it. Null for other lines, and for code without a file (`<string>`,
 * `<frozen importlib._bootstrap>`). The columns cover PATH to N.
 */
export function locatePython(line: string): Located | null {
  const opening = line.indexOf(OPENING);
  if (opening < 0) return null;
  const start = opening + OPENING.length;
  // The path may hold anything, quotes and `", line 3` too; a function's name cannot.
  const closing = line.lastIndexOf(CLOSING);
  if (closing <= start) return null;
  const digits = closing + CLOSING.length;
  const end = skipDigits(line, digits);
  const path = line.slice(start, closing);
  const number = Number(line.slice(digits, end));
  if ((path.startsWith('<') && path.endsWith('>')) || !isLine(number)) return null;
  return { start, end, place: { path, line: number } };
}

/** Column after the digits that begin at `at`. */
function skipDigits(line: string, at: number): number {
  let end = at;
  while (line.charCodeAt(end) >= 0x30 && line.charCodeAt(end) <= 0x39) end++;
  return end;
}

/** Whether a number can be one of a line or column: 1-based, and small enough for any editor. */
export function isLine(number: number): boolean {
  return number >= 1 && number <= 0x7fffffff;
}
