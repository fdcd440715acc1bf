/** Ruby: what it prints of an uncaught exception (Exception#full_message), with causes, and backtraces alone. */

import { contentStart, isUnder, type Lines, numberBefore, trimmedEnd } from './lines.ts';
import type { Frame, Trace, TracedException } from './trace.ts';

const LIBRARIES = ['/gems/', '/lib/ruby/', '<internal:', '/rubygems/', '/bundler/'];
const IN = ':in ';

/** Reads the trace that begins at a line: `FILE:L:in 'f': MESSAGE (Type)`, or a frame alone. */
export function readRuby(lines: Lines, at: number): Trace | null {
  const exceptions: TracedException[] = [];
  let next = at;
  for (;;) {
    const read = readException(lines, next);
    if (!read || (exceptions.length > 0 && read.exception.type === '')) break;
    if (exceptions.length > 0) read.exception.role = 'cause';
    exceptions.push(read.exception);
    next = read.end;
  }
  return exceptions.length > 0 ? { language: 'ruby', start: at, end: next, newestFirst: true, exceptions } : null;
}

function readException(lines: Lines, at: number): { exception: TracedException; end: number } | null {
  const first = readFrame(lines.at(at), at);
  if (!first) return null;
  const { frame, rest } = first;
  const exception: TracedException = { role: rest === '' ? 'stack' : 'raised', type: '', message: '', textLine: at, frames: [frame] };
  if (rest !== '') {
    const open = rest.lastIndexOf(' (');
    if (!rest.endsWith(')') || open < 0) return null;
    exception.type = rest.slice(open + 2, -1);
    exception.message = rest.slice(2, open);
  }
  let index = at + 1;
  for (; index < lines.length; index++) {
    const next = readFrame(lines.at(index), index);
    if (next && next.rest === '') exception.frames.push(next.frame);
    // ` ... 12 levels...`
    else if (!/^\.{3} ?\d{1,9} levels\.{3}$/.test(lines.content(index))) break;
  }
  return { exception, end: index };
}

/** `from FILE:12:in 'Shop#sell'`; before Ruby 3.4 with a backtick. `rest` is what follows the name. */
function readFrame(line: string, textLine: number): { frame: Frame; rest: string } | null {
  const marker = line.indexOf(IN);
  if (marker < 0) return null;
  const quote = marker + IN.length;
  if (line.charAt(quote) !== '`' && line.charAt(quote) !== "'") return null;
  const close = line.indexOf("'", quote + 1);
  if (close < 0) return null;
  const number = numberBefore(line, marker);
  let start = contentStart(line);
  if (line.startsWith('from ', start)) start += 5;
  // `WARN: /srv/a.rb:1:in …`: behind the text of an entry.
  const stamped = line.lastIndexOf(' /', marker);
  if (stamped >= start && !line.startsWith('/', start) && line.slice(start, stamped).endsWith(':')) start = stamped + 1;
  if (!number || number.start - 1 <= start || line.charAt(number.start - 1) !== ':') return null;
  const path = line.slice(start, number.start - 1);
  const rest = line.slice(close + 1, trimmedEnd(line));
  if (rest !== '' && !rest.startsWith(': ')) return null;
  const isFile = !path.startsWith('<') && !path.startsWith('(');
  const frame: Frame = {
    textLine,
    startLine: textLine,
    endLine: textLine + 1,
    start,
    end: marker,
    place: isFile ? { path, line: number.number } : null,
    function: line.slice(quote + 1, close),
    library: isUnder(path, LIBRARIES),
  };
  return { frame, rest };
}
