/**
 * V8, which Node and Chromium have (https://v8.dev/docs/stack-trace-api): errors with their properties, causes and members as Node's
 * inspect prints them, and what Node prints above an uncaught one.
 */

import type { Place } from '../protocol.ts';
import { headerAbove, messageUntil, namedAtStart } from './header.ts';
import { contentStart, isBlank, isDrive, isUnder, type Lines, MAX_MESSAGE, placeBefore, trimmedEnd } from './lines.ts';
import type { Frame, Role, Trace, TracedException } from './trace.ts';

const EVAL = 'eval at ';
const LIBRARIES = ['/node_modules/', 'node_modules/', '/.vscode-server/', '/<node_internals>/'];
/** Properties of an error may stand between its frames and its cause. */
const MAX_PROPERTIES = 60;

/** Reads the trace whose first frame, or the place above its error, stands in a line. */
export function readNode(lines: Lines, at: number): Trace | null {
  const site = readSite(lines, at);
  let first = at;
  if (site) {
    const found = frameAfterSite(lines, site.endLine);
    if (found === null) return alone(site);
    first = found;
  } else if (!readNodeFrame(lines.at(at), at)) return null;
  const header = headerAbove(lines, first, (content) => readNodeFrame(content, 0) !== null);
  const textLine = header && (!site || header.textLine >= site.endLine) ? header.textLine : first;
  const named = textLine < first && header ? header : { type: '', message: '' };
  const raised: TracedException = { role: 'raised', type: named.type, message: named.message, textLine, frames: [] };
  if (site) raised.site = site;
  const group = site ? null : readGroup(lines, textLine);
  if (group) raised.role = 'member';
  const exceptions = group ? [group, raised] : [raised];
  const end = readFrames(lines, first, raised);
  const start = site ? at : (group?.textLine ?? textLine);
  return { language: 'node', start, end: readNested(lines, end, exceptions, raised.role), newestFirst: true, exceptions };
}

function alone(site: Frame): Trace {
  const exception: TracedException = { role: 'raised', type: '', message: '', textLine: site.textLine, frames: [], site };
  return { language: 'node', start: site.textLine, end: site.endLine, newestFirst: true, exceptions: [exception] };
}

/** Takes the frames from a line on; gives the line after them. */
function readFrames(lines: Lines, at: number, exception: TracedException): number {
  let index = at;
  for (; index < lines.length; index++) {
    const frame = readNodeFrame(lines.at(index), index);
    if (frame) exception.frames.push(frame);
    // `... 4 lines matching cause stack trace ...`
    else if (exception.frames.length === 0 || !lines.content(index).startsWith('... ')) break;
  }
  return index;
}

/** An error without frames of its own that has members: `[AggregateError: MESSAGE] {` and `[errors]: [` above the first of them. */
function readGroup(lines: Lines, firstMember: number): TracedException | null {
  const textLine = firstMember - 2;
  if (textLine < lines.floor || !isErrors(lines.content(firstMember - 1))) return null;
  const line = lines.content(textLine);
  const open = line.indexOf('[');
  const named = open >= 0 && line.endsWith('] {') ? namedAtStart(line.slice(open + 1, -3)) : null;
  return named && { role: 'raised', ...named, textLine, frames: [] };
}

const isErrors = (content: string): boolean => content === '[errors]: [' || content === 'errors: [';

/** Causes and members, and the properties between them. */
function readNested(lines: Lines, at: number, exceptions: TracedException[], first: Role): number {
  let end = at;
  let role: Role | undefined = first === 'member' ? first : undefined;
  for (let index = at; index < Math.min(lines.length, end + MAX_PROPERTIES); index++) {
    const opened = lines.content(end - 1).endsWith('{') || role !== undefined;
    const content = lines.content(index);
    const introduced = introduction(content);
    if (introduced) role = introduced.role;
    else if (!opened) break;
    if (isErrors(content)) role = 'member';
    if (readNodeFrame(lines.at(index), index) || /^(?:\}|\])*[},\]]?$/.test(content)) {
      if (content === '' || !opened) break;
      if (content.startsWith('}') || content.startsWith(']')) end = index + 1;
      continue;
    }
    const named = introduced || role === 'member' ? namedAtStart(introduced ? content.slice(introduced.length) : content) : null;
    const until = named && messageUntil(lines, index, named.message, (line) => readNodeFrame(lines.at(line), line) !== null);
    if (!named || !until) continue;
    const exception: TracedException = { role: role ?? 'cause', type: named.type, message: until.message, textLine: index, frames: [] };
    exceptions.push(exception);
    end = readFrames(lines, until.frame, exception);
    index = end - 1;
  }
  return end;
}

function introduction(content: string): { role: Role; length: number } | null {
  for (const start of ['[cause]: ', 'cause: ', 'caused by: ', 'Caused by: ', 'Caused By: ']) {
    if (content.startsWith(start)) return { role: 'cause', length: start.length };
  }
  return null;
}

/**
 * `    at f (FILE:L:C)`, `    at FILE:L:C`, with `async`, `new`, `[as name]`; of evaluated code, the place of the outermost eval call. FILE
 * is a path or a URL. Frames of `node:internal`, `<anonymous>` and `native` have no place.
 */
export function readNodeFrame(line: string, textLine: number): Frame | null {
  const at = contentStart(line);
  if (!line.startsWith('at ', at)) return null;
  let start = at + 3;
  let end = trimmedEnd(line);
  // The last frame of an error with properties goes on with them.
  if (line.endsWith(' {', end)) end -= 2;
  else if (line.endsWith(',', end)) end--;
  if (line.startsWith('async ', start)) start += 6;
  let name = '';
  if (line.charAt(end - 1) === ')') {
    const open = openingOf(line, start);
    if (open < 0) return null;
    name = line.slice(start, open);
    start = open + 2;
    end--;
    while (line.startsWith(EVAL, start)) {
      // `eval at f (PLACE), <anonymous>:1:2`, and PLACE may be of that kind again, without what follows it.
      const inner = line.indexOf(' (', start);
      const close = line.charAt(end - 1) === ')' ? end - 1 : line.lastIndexOf('), ', end - 1);
      if (inner < 0 || close <= inner) return null;
      start = inner + 2;
      end = close;
    }
  }
  const place = placeBefore(line, start, end);
  const frame = { textLine, startLine: textLine, endLine: textLine + 1, function: name };
  if (place && isFile(place.path)) return { ...frame, start, end, place, library: isUnder(place.path, LIBRARIES) };
  if (!isBuiltIn(line.slice(start, end), name)) return null;
  return { ...frame, start: at, end: trimmedEnd(line), place: null, library: true };
}

/** Where ` (` opens the place: the last one, unless the path itself has one in it. */
function openingOf(line: string, start: number): number {
  for (let open = line.indexOf(' (', start); open >= 0; open = line.indexOf(' (', open + 1)) {
    if (/^(?:[/\\<.]|[A-Za-z]:[\\/]|[a-z-]{3,20}:|eval at |index |native)/.test(line.slice(open + 2, open + 26))) return open;
  }
  return line.indexOf(' (', start);
}

function isBuiltIn(inner: string, name: string): boolean {
  if (inner.startsWith('node:') || inner.startsWith('internal/')) return true;
  if (name === '') return inner === '<anonymous>';
  return inner === 'native' || inner.startsWith('<anonymous>') || inner.startsWith('index ') || inner.startsWith('wasm://');
}

/** A path or a URL: not a word of prose, such as `at noon:12`, or V8's `native`. */
function isFile(file: string): boolean {
  const scheme = /^([a-z][a-z+.-]{1,20}):/i.exec(file)?.[1]?.toLowerCase();
  if (scheme !== undefined) return codeSchemes.has(scheme) && file.length > scheme.length + 3;
  if (isDrive(file) || file.startsWith('\\\\')) return true;
  if (file === '' || file.startsWith('<') || file.includes(':')) return file.startsWith('/') && file.length > 1;
  return /[/\\]|\.\w{1,5}$/.test(file);
}

/** Schemes under which code is named that a workspace may have the source of. Nothing is ever fetched. */
export const codeSchemes: ReadonlySet<string> = new Set(['file', 'http', 'https', 'webpack', 'webpack-internal', 'app', 'capacitor', 'ng']);

/** What Node prints above an uncaught error or a syntax error: `FILE:L` alone, then the source line and its carets. */
function readSite(lines: Lines, at: number): Frame | null {
  const line = lines.at(at);
  if (!line.startsWith('/') && !line.startsWith('file:///') && !isDrive(line)) return null;
  const carets = [at + 1, at + 2].find((index) => isCarets(lines.at(index)));
  if (carets === undefined) return null;
  const end = trimmedEnd(line);
  const place: Place | null = placeBefore(line, 0, end);
  if (!place || !isFile(place.path)) return null;
  return { textLine: at, startLine: at, endLine: carets + 1, start: 0, end, place, function: '', library: isUnder(place.path, LIBRARIES) };
}

function frameAfterSite(lines: Lines, at: number): number | null {
  for (let index = at; index < Math.min(lines.length, at + MAX_MESSAGE); index++) {
    if (readNodeFrame(lines.at(index), index)) return index;
  }
  return null;
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
