/** Rust: panics (std::panic), with the backtrace that RUST_BACKTRACE asks for, and backtraces alone (std::backtrace). */

import { contentStart, isDigit, isUnder, type Lines, MAX_MESSAGE, placeBefore, trimmedEnd } from './lines.ts';
import type { Frame, Trace, TracedException } from './trace.ts';

const PANICKED = ' panicked at ';
const LIBRARIES = ['/rustc/', '/.cargo/registry/', '/.cargo/git/', '/.rustup/', '/library/std/', '/library/core/', '/library/alloc/'];
/** Names of code that came with the compiler, where it has no place. */
const NAMES = ['std::', 'core::', 'alloc::', '<alloc::', '<core::', '<std::', '__', '_start', 'rust_', 'main'];

/** Reads the trace that begins at a line: a panic, or the first frame of a backtrace. */
export function readRust(lines: Lines, at: number): Trace | null {
  const exception: TracedException = { role: 'stack', type: '', message: '', textLine: at, frames: [] };
  let next = at;
  if (lines.at(at).includes(PANICKED)) {
    const panic = readPanic(lines, at);
    if (!panic) return null;
    Object.assign(exception, panic.exception);
    next = panic.end;
  } else if (!readFrame(lines, at)) return null;
  for (let frame = readFrame(lines, next); frame; frame = readFrame(lines, next)) {
    exception.frames.push(frame);
    next = frame.endLine;
  }
  return { language: 'rust', start: at, end: next, newestFirst: true, exceptions: [exception] };
}

/** `thread 'main' panicked at src/main.rs:4:5:` and the message below; before 1.73 `thread 'main' panicked at 'MESSAGE', src/main.rs:4:5`. */
function readPanic(lines: Lines, at: number): { exception: Partial<TracedException>; end: number } | null {
  const line = lines.at(at);
  let start = line.indexOf(PANICKED) + PANICKED.length;
  let end = trimmedEnd(line);
  const message: string[] = [];
  let index = at + 1;
  if (line.charAt(end - 1) === ':') {
    end--;
    // The backtrace, a note about it, or an empty line of the log ends the message.
    for (; index < Math.min(lines.length, at + MAX_MESSAGE); index++) {
      const content = lines.content(index);
      if (content === '' || content === 'stack backtrace:' || content.startsWith('note: run with `RUST_BACKTRACE')) break;
      message.push(content);
    }
  } else {
    const quote = line.lastIndexOf("', ");
    if (quote < start) return null;
    message.push(line.slice(start + 1, quote));
    start = quote + 3;
  }
  const place = placeBefore(line, start, end);
  if (!place) return null;
  const library = isUnder(place.path, LIBRARIES);
  const site: Frame = { textLine: at, startLine: at, endLine: index, start, end, place, function: '', library };
  // The frames begin behind the header, if they were asked for.
  const backtrace = lines.content(index) === 'stack backtrace:' ? index + 1 : index;
  return { exception: { role: 'raised', type: 'panic', message: message.join('\n'), site }, end: backtrace };
}

/** `   4: demo::divide`, and below it `             at ./src/main.rs:4:5` where that is known. */
function readFrame(lines: Lines, startLine: number): Frame | null {
  const line = lines.at(startLine);
  const first = contentStart(line);
  let digits = first;
  while (isDigit(line.charCodeAt(digits))) digits++;
  if (first === 0 || digits === first || digits - first > 5 || !line.startsWith(': ', digits)) return null;
  // With addresses: `4:     0x55d0 - demo::divide`.
  const named = line.slice(digits + 2, trimmedEnd(line)).trimStart();
  const address = /^0x[0-9a-f]{1,16} - /.exec(named);
  const name = address ? named.slice(address[0].length) : named;
  if (!/^[\p{L}_<{[]/u.test(name) || name.length < 2) return null;
  const below = lines.at(startLine + 1);
  const at = contentStart(below);
  if (below.startsWith('at ', at) && at > first) {
    const end = trimmedEnd(below);
    const place = placeBefore(below, at + 3, end);
    if (place) {
      const library = isUnder(place.path, LIBRARIES) || (!/[\\/]/.test(place.path) && NAMES.some((each) => name.startsWith(each)));
      return { textLine: startLine + 1, startLine, endLine: startLine + 2, start: at + 3, end, place, function: name, library };
    }
  }
  // `12: something` is a numbered list as well: only names of code.
  if (!name.includes('::') && !NAMES.some((each) => name.startsWith(each))) return null;
  return {
    textLine: startLine,
    startLine,
    endLine: startLine + 1,
    start: first,
    end: trimmedEnd(line),
    place: null,
    function: name,
    library: true,
  };
}
