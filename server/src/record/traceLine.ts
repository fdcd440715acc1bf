/** Lines that only a stack trace has, told by their bytes: Python's first line, and V8's and Java's frames. */
import { BACKSLASH, BLANK, isDigit, literalAt, TAB } from './bytes.ts';

const CALL_LAST = Buffer.from('(most recent call last):');
const AT = Buffer.from('at ');
const [COLON, CLOSING, N, T] = [0x3a, 0x29, 0x6e, 0x74];

/** Whether the line [start, end) ends as the first one of Python's tracebacks. */
export function endsInCallLast(bytes: Uint8Array, start: number, end: number): boolean {
  const at = end - CALL_LAST.length;
  return at >= start && bytes[end - 1] === COLON && literalAt(bytes, at, end, CALL_LAST);
}

/** Whether the line [start, end), a record's second or later one, is a stack trace's. */
export function isTraceLine(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[end - 1] === COLON) return endsInCallLast(bytes, start, end);
  let at = start;
  while (at < end && (bytes[at] === BLANK || bytes[at] === TAB)) at++;
  return at > start && isFrame(bytes, at, end);
}

/** `at f (file:1:2)`, `at file:1:2`. */
const isFrame = (bytes: Uint8Array, at: number, end: number): boolean =>
  (bytes[end - 1] === CLOSING || isDigit(bytes[end - 1])) && literalAt(bytes, at, end, AT);

/** Whether the text [start, end) between the quotes of a JSON string has such a line. */
export function quotedTrace(bytes: Uint8Array, start: number, end: number): boolean {
  for (let line = start; line < end; ) {
    let next = line;
    while (next < end && !(bytes[next] === BACKSLASH && bytes[next + 1] === N)) next += bytes[next] === BACKSLASH ? 2 : 1;
    const lineEnd = Math.min(next, end);
    let at = line;
    for (let indent = 1; indent > 0 && at < lineEnd; at += indent) {
      indent = bytes[at] === BLANK ? 1 : bytes[at] === BACKSLASH && bytes[at + 1] === T ? 2 : 0;
    }
    if (endsInCallLast(bytes, line, lineEnd) || (line > start && at > line && isFrame(bytes, at, lineEnd))) return true;
    line = next + 2;
  }
  return false;
}
