/** PHP: uncaught errors and Throwable's string, with what came before (`Next`), and getTraceAsString alone. */

import { namedAtStart, namedWithin } from './header.ts';
import { contentStart, isDigit, isUnder, type Lines, MAX_MESSAGE, numberBefore, placeBefore, trimmedEnd } from './lines.ts';
import type { Frame, Trace, TracedException } from './trace.ts';

const LIBRARIES = ['/vendor/', '/usr/share/php', 'phar://'];
const STACK = 'Stack trace:';

/** Reads the trace that begins at a line: `#0 FILE(12): f()`, the names above it included, or `PHP … in FILE on line 12`. */
export function readPhp(lines: Lines, at: number): Trace | null {
  if (!readFrame(lines.at(at), at)) return null;
  const exceptions: TracedException[] = [];
  let next = at;
  let start = at;
  for (;;) {
    const exception = exceptionAbove(lines, next);
    if (exceptions.length === 0) start = exception.textLine;
    exceptions.push(exception);
    next = readFrames(lines, next, exception);
    const following = nextFrames(lines, next);
    if (following === null) break;
    lines.floor = next;
    next = following;
  }
  // What PHP prints first is what was thrown first: each is the previous one of the next.
  for (const exception of exceptions.slice(0, -1)) exception.role = 'cause';
  // `  thrown in FILE on line 12`
  if (lines.content(next).startsWith('thrown in ')) next++;
  return { language: 'php', start, end: next, newestFirst: true, exceptions };
}

/** `TYPE: MESSAGE in FILE:12` and `Stack trace:` above the first frame. */
function exceptionAbove(lines: Lines, firstFrame: number): TracedException {
  const exception: TracedException = { role: 'raised', type: '', message: '', textLine: firstFrame, frames: [] };
  if (firstFrame <= lines.floor || !lines.content(firstFrame - 1).endsWith(STACK)) return exception;
  exception.textLine = firstFrame - 1;
  for (let index = firstFrame - 2; index >= Math.max(lines.floor, firstFrame - MAX_MESSAGE); index--) {
    const named = nameOf(lines.content(index));
    if (!named) continue;
    const parts = [named.message];
    for (let more = index + 1; more < firstFrame - 1; more++) parts.push(lines.at(more).trimEnd());
    const message = parts.join('\n');
    const site = readSite(lines.at(firstFrame - 2), firstFrame - 2);
    if (site) exception.frames.push({ ...site.frame, endLine: firstFrame });
    return {
      ...exception,
      type: named.type,
      message: site ? message.slice(0, Math.max(0, message.length - site.length)) : message,
      textLine: index,
    };
  }
  return exception;
}

/** `Uncaught TYPE: …`, `Next TYPE: …`; a name alone where nothing else stands before it. */
function nameOf(content: string): { type: string; message: string } | null {
  for (const word of ['Uncaught ', 'Next ']) {
    const at = content.indexOf(word);
    if (at >= 0) return namedAtStart(content.slice(at + word.length)) ?? namedWithoutMessage(content.slice(at + word.length));
  }
  return namedWithin(content) ?? namedWithoutMessage(content);
}

/** Without a message: `Exception in FILE:12`. */
function namedWithoutMessage(text: string): { type: string; message: string } | null {
  const end = text.indexOf(' in ');
  const type = end < 0 ? '' : text.slice(0, end);
  return /^[\p{L}_\\][\p{L}\p{N}_\\]*$/u.test(type) ? { type, message: text.slice(end) } : null;
}

/** ` in FILE:12` at the end of a line, and how long it is. */
function readSite(line: string, textLine: number): { frame: Frame; length: number } | null {
  const marker = line.lastIndexOf(' in ');
  const end = trimmedEnd(line);
  const start = marker + 4;
  const place = marker < 0 ? null : placeBefore(line, start, end);
  if (!place || place.column !== undefined) return null;
  const library = isUnder(place.path, LIBRARIES);
  return {
    frame: { textLine, startLine: textLine, endLine: textLine + 1, start, end, place, function: '', library },
    length: end - marker,
  };
}

/**
 * A frame names a call: where it was made, and what was called. The place of the exception is within what the first frame called, and so
 * on: each name goes to the place before.
 */
function readFrames(lines: Lines, at: number, exception: TracedException): number {
  const { frames } = exception;
  let before = frames.at(-1);
  let index = at;
  for (; index < lines.length; index++) {
    const frame = readFrame(lines.at(index), index);
    if (!frame || (index > at && lines.content(index).startsWith('#0 '))) break;
    if (before) before.function = frame.function;
    frame.function = '';
    if (lines.content(index).endsWith(' {main}')) {
      if (before) before.function = '{main}';
      index++;
      break;
    }
    frames.push(frame);
    before = frame;
  }
  return index;
}

/** `#0 FILE(12): Shop->sell(Array)`, `#1 [internal function]: {closure}(1)`, `#2 {main}`. */
function readFrame(line: string, textLine: number): Frame | null {
  const at = contentStart(line);
  if (line.charAt(at) !== '#') return null;
  let digits = at + 1;
  while (isDigit(line.charCodeAt(digits))) digits++;
  if (digits === at + 1 || line.charAt(digits) !== ' ') return null;
  const start = digits + 1;
  const whole = trimmedEnd(line);
  const frame = { textLine, startLine: textLine, endLine: textLine + 1 };
  const internal = '[internal function]: ';
  if (line.startsWith(internal, start) || line.startsWith('{main}', start)) {
    return { ...frame, start: at, end: whole, place: null, function: calledIn(line.slice(start + internal.length, whole)), library: true };
  }
  for (let close = line.indexOf('): ', start); close >= 0; close = line.indexOf('): ', close + 1)) {
    const number = numberBefore(line, close);
    if (!number || line.charAt(number.start - 1) !== '(' || number.start - 1 <= start) continue;
    const path = line.slice(start, number.start - 1);
    const place = { path, line: number.number };
    return { ...frame, start, end: close + 1, place, function: calledIn(line.slice(close + 3, whole)), library: isUnder(path, LIBRARIES) };
  }
  return null;
}

const calledIn = (call: string): string => (call.includes('(') ? call.slice(0, call.indexOf('(')) : call);

/** The first frame of the next exception: `Next TYPE: …`, a blank line before it. */
function nextFrames(lines: Lines, at: number): number | null {
  const next = at + (lines.content(at) === '' ? 1 : 0);
  if (!lines.content(next).startsWith('Next ')) return null;
  for (let index = next + 1; index < Math.min(lines.length, next + MAX_MESSAGE); index++) {
    if (readFrame(lines.at(index), index)) return lines.content(index - 1).endsWith(STACK) ? index : null;
  }
  return null;
}
