/**
 * Python (https://docs.python.org/3/library/traceback.html): tracebacks, chained both ways; exception groups; syntax errors; the stacks that
 * logging (`Stack (most recent call last):`), Safelog (`Call stack:`) and faulthandler dump.
 */

import { namedAtStart } from './header.ts';
import { contentStart, isLine, isUnder, type Lines, MAX_MESSAGE, trimmedEnd } from './lines.ts';
import type { Frame, Role, Trace, TracedException } from './trace.ts';

const TRACEBACK = 'Traceback (most recent call last):';
const STACKS = ['Call stack:', 'Stack (most recent call last):', '(most recent call first):'];
const OPENING = 'File "';
const CLOSING = '", line ';
const CAUSE = 'The above exception was the direct cause of the following exception:';
const CONTEXT = 'During handling of the above exception, another exception occurred:';
const LIBRARIES = ['/site-packages/', '/dist-packages/', '/lib/python', '/Lib/', '/pypy'];

/** Reads the trace that begins at a line: a header, or a frame whose header is gone. */
export function readPython(lines: Lines, at: number): Trace | null {
  const line = lines.at(at);
  const isHeader = line.includes('most recent call') || line.includes('Call stack:');
  if (!isHeader && !line.includes(OPENING)) return null;
  const exceptions: TracedException[] = [];
  let role: Role = 'raised';
  let newestFirst = false;
  let next = at;
  for (;;) {
    const header = isHeader || exceptions.length > 0 ? headerOf(lines.at(next)) : null;
    if (header === 'first') newestFirst = true;
    const read = readException(lines, header ? next + 1 : next, header === 'stack' || header === 'first');
    if (!read || (header === null && read.exception.frames.length === 0 && exceptions.length === 0)) break;
    const { exception } = read;
    if (header) exception.textLine = exception.type ? exception.textLine : next;
    exception.role = header === 'stack' || header === 'first' ? 'stack' : role;
    exceptions.push(exception);
    next = read.end;
    const following = nextException(lines, next, exceptions.length > 0 && exception.type !== '');
    if (!following) break;
    if (following.link === 'member') role = 'member';
    else {
      role = exception.role;
      exception.role = following.link;
    }
    next = following.at;
  }
  return exceptions.length > 0 ? { language: 'python', start: at, end: next, newestFirst, exceptions } : null;
}

function headerOf(line: string): 'traceback' | 'stack' | 'first' | null {
  const end = trimmedEnd(line);
  if (line.endsWith(TRACEBACK, end)) return 'traceback';
  const stack = STACKS.find((each) => line.endsWith(each, end));
  if (!stack) return null;
  return stack.includes('first') ? 'first' : 'stack';
}

/** Frames, and the line below them that names the exception. */
function readException(lines: Lines, at: number, isStack: boolean): { exception: TracedException; end: number } | null {
  const frames: Frame[] = [];
  let column = -1;
  let index = at;
  for (; index < lines.length; index++) {
    const line = lines.at(index);
    const start = contentStart(line);
    const frame = readFrame(line, index);
    if (frame) {
      column = start;
      frames.push(frame);
      continue;
    }
    const last = frames.at(-1);
    // Source lines and carets stand further right than `File`; `[Previous line repeated 3 more times]` stands below it.
    if (!last || start >= line.length || (start <= column && !line.startsWith('[Previous line', start))) break;
    last.endLine = index + 1;
  }
  const exception: TracedException = { role: 'raised', type: '', message: '', textLine: at, frames };
  if (isStack) return frames.length > 0 ? { exception, end: index } : null;
  const named = namedAtStart(lines.content(index));
  if (!named) return frames.length > 0 ? { exception, end: index } : null;
  return { exception: { ...exception, ...named, textLine: index }, end: index + 1 };
}

/**
 * `File "PATH", line N, in f`. Syntax errors have no `, in f`, faulthandler no comma. The path may hold anything, quotes and `", line 3`
 * too; a function's name cannot.
 */
function readFrame(line: string, textLine: number): Frame | null {
  const opening = line.indexOf(OPENING);
  if (opening < 0) return null;
  const start = opening + OPENING.length;
  const closing = line.lastIndexOf(CLOSING);
  if (closing <= start) return null;
  const digits = closing + CLOSING.length;
  let end = digits;
  while (line.charCodeAt(end) >= 0x30 && line.charCodeAt(end) <= 0x39) end++;
  const number = Number(line.slice(digits, end));
  if (!isLine(number)) return null;
  const path = line.slice(start, closing);
  const inFunction = line.indexOf(' in ', end);
  const name = inFunction >= 0 ? line.slice(inFunction + 4, trimmedEnd(line)) : '';
  // `<string>`, `<frozen importlib._bootstrap>`, `<stdin>`.
  const isFile = !(path.startsWith('<') && path.endsWith('>'));
  const library = path.startsWith('<frozen ') || isUnder(path, LIBRARIES);
  return {
    textLine,
    startLine: textLine,
    endLine: textLine + 1,
    start,
    end,
    place: isFile ? { path, line: number } : null,
    function: name,
    library,
  };
}

/** Where the exception stands that this one led to, or the next member of its group. */
function nextException(lines: Lines, at: number, isNamed: boolean): { at: number; link: 'cause' | 'context' | 'member' } | null {
  if (!isNamed) return null;
  for (let index = at; index < Math.min(lines.length, at + MAX_MESSAGE); index++) {
    const content = lines.content(index);
    if (content === CAUSE || content === CONTEXT) {
      const header = index + 1 + (lines.content(index + 1) === '' ? 1 : 0);
      return begins(lines, header) ? { at: header, link: content === CAUSE ? 'cause' : 'context' } : null;
    }
    // `+-+---------------- 1 ----------------` opens a group's first member, `+---------------- 2 ----------------` the next.
    if (content.startsWith('+-') && /^\+-[+-]*-{8} (?:\d+|\.\.\.) -{8}/.test(content)) {
      return namedAtStart(lines.content(index + 1)) || begins(lines, index + 1) ? { at: index + 1, link: 'member' } : null;
    }
    // Another entry, or another trace.
    if (begins(lines, index)) return null;
  }
  return null;
}

const begins = (lines: Lines, index: number): boolean => headerOf(lines.at(index)) !== null || readFrame(lines.at(index), index) !== null;
