/** Go: panics, fatal errors and the stacks of goroutines (runtime/debug.Stack and the runtime's own traceback). */

import { contentStart, isUnder, type Lines, MAX_MESSAGE, placeBefore, trimmedEnd } from './lines.ts';
import type { Frame, Role, Trace, TracedException } from './trace.ts';

const LIBRARIES = ['/usr/lib/go', '/usr/local/go/', '/pkg/mod/', '@v', '/vendor/', '/go/src/runtime/', '/libexec/src/', '/usr/share/go'];
/** Built with -trimpath the standard library's files begin with their package; those of other modules have their version in the path. */
const STANDARD =
  /^(?:bufio|bytes|compress|container|context|crypto|database|encoding|errors|fmt|hash|html|internal|io|log|math|mime|net|os|reflect|regexp|runtime|slices|sort|strconv|strings|sync|syscall|testing|text|time)\//;
const GOROUTINE = /^goroutine \d{1,19}(?: gp=\S{1,40} m=\S{1,40}(?: mp=\S{1,40})?)? \[[^\]]{1,200}\]:$/;
const HEADERS = ['panic: ', 'fatal error: '];

/** Reads the trace that begins at a line: a panic, or a goroutine. */
export function readGo(lines: Lines, at: number): Trace | null {
  const line = lines.at(at);
  const header = HEADERS.map((each) => ({ each, column: line.indexOf(each) })).find(({ column }) => column >= 0);
  const isGoroutine = isGoroutineAt(lines, at);
  if (!header && !isGoroutine) return null;
  const exceptions: TracedException[] = [];
  let next = at;
  if (header) {
    const first = goroutineAfter(lines, at + 1);
    if (first === null) return null;
    const message = [line.slice(header.column + header.each.length).trimEnd()];
    // `panic: first [recovered]` is followed by a TAB and the next panic; a signal by its address.
    for (let index = at + 1; index < first; index++) if (lines.content(index) !== '') message.push(lines.content(index));
    const type = header.each.slice(0, -2);
    next = readGoroutine(lines, first, { role: 'raised', type, message: message.join('\n'), textLine: at }, exceptions);
  }
  for (;;) {
    const blank = exceptions.length > 0 && lines.content(next) === '' ? 1 : 0;
    if (!isGoroutineAt(lines, next + blank)) break;
    const type = lines.content(next + blank).slice(0, -1);
    next = readGoroutine(lines, next + blank, { role: 'stack', type, message: '', textLine: next + blank }, exceptions);
  }
  return exceptions.length > 0 ? { language: 'go', start: at, end: next, newestFirst: true, exceptions } : null;
}

/** `goroutine 1 [running]:`, also behind the text of an entry. */
function isGoroutineAt(lines: Lines, at: number): boolean {
  const content = lines.content(at);
  const column = content.lastIndexOf('goroutine ');
  return column >= 0 && GOROUTINE.test(content.slice(column));
}

function goroutineAfter(lines: Lines, at: number): number | null {
  for (let index = at; index < Math.min(lines.length, at + MAX_MESSAGE); index++) if (isGoroutineAt(lines, index)) return index;
  return null;
}

function readGoroutine(
  lines: Lines,
  at: number,
  head: { role: Role; type: string; message: string; textLine: number },
  exceptions: TracedException[],
): number {
  const frames: Frame[] = [];
  let index = at + 1;
  for (; index + 1 < lines.length; index += 2) {
    // `[originating from goroutine 1]:`, and what was left out of a deep stack.
    if (/^\.{3}.*(?:elided|additional).*\.{3}$/.test(lines.content(index))) index++;
    const frame = readFrame(lines, index);
    if (!frame) break;
    frames.push(frame);
  }
  exceptions.push({ ...head, frames });
  return index;
}

/** Two lines: `main.divide(0x1, …)` or `created by main.main in goroutine 1`, then a TAB and `/src/demo.go:12 +0x1d`. */
function readFrame(lines: Lines, startLine: number): Frame | null {
  const line = lines.at(startLine + 1);
  const start = contentStart(line);
  let end = trimmedEnd(line);
  const offset = line.lastIndexOf(' +0x', end);
  // The arguments of newer runtimes stand behind the offset: ` +0x1d fp=0x… sp=0x… pc=0x…`.
  if (offset > start) end = offset;
  const place = placeBefore(line, start, end);
  if (!place || place.column !== undefined || start === 0 || !/\.(?:go|s|c)$/.test(place.path)) return null;
  const called = lines.content(startLine);
  const creation = 'created by ';
  let name = called;
  if (called.startsWith(creation)) {
    const by = called.indexOf(' in goroutine ');
    name = called.slice(creation.length, by < 0 ? undefined : by);
  } else if (called.endsWith(')')) name = called.slice(0, argumentsOf(called));
  const library = isUnder(place.path, LIBRARIES) || STANDARD.test(place.path) || name === 'panic' || name.startsWith('runtime.');
  return { startLine, textLine: startLine + 1, endLine: startLine + 2, start, end, place, function: name, library };
}

/** Column of the parenthesis that opens the arguments: `main.(*T).f(0x1)` has one before. */
function argumentsOf(called: string): number {
  let depth = 0;
  for (let index = called.length - 1; index >= 0; index--) {
    const character = called.charAt(index);
    if (character === ')') depth++;
    else if (character === '(' && --depth === 0) return index;
  }
  return called.length;
}
