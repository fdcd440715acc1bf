/** Lines of a text, and how the parts of a stack frame are told in them. Everything looks at each character a bounded number of times. */

/** Longer lines are no stack frames, and hostile text is not worth the time. UTF-16 units. */
const MAX_LINE = 4096;

/** How far a message may reach between an exception's name and its frames, and properties behind them. Lines. */
export const MAX_MESSAGE = 20;

export class Lines {
  readonly #lines: readonly string[];
  /** Nothing before this line is looked at: it belongs to the trace before. */
  floor = 0;

  constructor(text: string) {
    this.#lines = text.split('\n');
  }

  get length(): number {
    return this.#lines.length;
  }

  /** Without its CR; empty outside of the text, and where it is too long to be a line of a trace. */
  at(index: number): string {
    const line = this.#lines[index] ?? '';
    if (line.length > MAX_LINE) return '';
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  /** What stands behind the margin. */
  content(index: number): string {
    const line = this.at(index);
    return line.slice(contentStart(line), trimmedEnd(line));
  }
}

/** Column behind the margin: blanks, the `:` and TAB that marks continued lines, the bars of exception groups and of nested causes. */
export function contentStart(line: string): number {
  let at = line.startsWith(':\t') ? 2 : 0;
  while (isBlank(line.charCodeAt(at)) || line.charCodeAt(at) === BAR) at++;
  return at;
}

/** Column after the last character that is not blank. */
export function trimmedEnd(line: string): number {
  let end = line.length;
  while (end > 0 && isBlank(line.charCodeAt(end - 1))) end--;
  return end;
}

/** The number that ends before `end`, and the column of its first digit; null where none does. */
export function numberBefore(line: string, end: number): { number: number; start: number } | null {
  let start = end;
  while (isDigit(line.charCodeAt(start - 1))) start--;
  const number = Number(line.slice(start, end));
  return start < end && isLine(number) ? { number, start } : null;
}

/** `PATH:LINE` or `PATH:LINE:COLUMN` that fills the columns from start to end; null where it does not. */
export function placeBefore(line: string, start: number, end: number): { path: string; line: number; column?: number } | null {
  const last = numberAfterColon(line, start, end);
  if (!last) return null;
  const first = numberAfterColon(line, start, last.colon);
  if (!first) return { path: line.slice(start, last.colon), line: last.number };
  return { path: line.slice(start, first.colon), line: first.number, column: last.number };
}

function numberAfterColon(line: string, start: number, end: number): { number: number; colon: number } | null {
  const found = numberBefore(line, end);
  if (!found || found.start - 1 <= start || line.charCodeAt(found.start - 1) !== COLON) return null;
  return { number: found.number, colon: found.start - 1 };
}

/** Whether a number can be one of a line or column: 1-based, and small enough for any editor. */
export function isLine(number: number): boolean {
  return number >= 1 && number <= 0x7fffffff;
}

/** `C:\` or `C:/`. */
export function isDrive(text: string, at = 0): boolean {
  return text.charCodeAt(at + 1) === COLON && /^[A-Za-z]$/.test(text.charAt(at)) && /^[\\/]$/.test(text.charAt(at + 2));
}

/** Whether a path is one of these folders' files, or has one of their names in it; Windows' separators count as `/`. */
export function isUnder(path: string, parts: readonly string[]): boolean {
  const slashed = path.includes('\\') ? path.replaceAll('\\', '/') : path;
  return parts.some((part) => slashed.includes(part));
}

const COLON = 0x3a;
const BAR = 0x7c;
export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
export const isBlank = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0d;
