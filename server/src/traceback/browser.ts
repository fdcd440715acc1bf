/** Firefox (SpiderMonkey) and Safari (JavaScriptCore): `f@URL:L:C`. What Chromium writes is V8's. */

import { headerAbove } from './header.ts';
import { contentStart, isUnder, type Lines, placeBefore, trimmedEnd } from './lines.ts';
import { codeSchemes } from './node.ts';
import type { Frame, Trace, TracedException } from './trace.ts';

const LIBRARIES = ['/node_modules/', 'resource://', 'chrome://', 'moz-extension://', 'safari-web-extension://'];

/** Reads the trace whose first frame stands in a line. */
export function readBrowser(lines: Lines, at: number): Trace | null {
  const first = readFrame(lines.at(at), at);
  // Safari's `[native code]` begins no trace.
  if (!first?.place) return null;
  const header = headerAbove(lines, at, (content) => readFrame(content, 0) !== null);
  const exception: TracedException = {
    role: header ? 'raised' : 'stack',
    type: header?.type ?? '',
    message: header?.message ?? '',
    textLine: header?.textLine ?? at,
    frames: [],
  };
  let index = at;
  for (let frame: Frame | null = first; frame; frame = readFrame(lines.at(index), index)) {
    exception.frames.push(frame);
    index++;
  }
  return { language: 'browser', start: exception.textLine, end: index, newestFirst: true, exceptions: [exception] };
}

/**
 * `f@http://host/app.js:12:5`, `async*f@…`, `@…` of anonymous code, `global code@…`; evaluated: `f@http://host/app.js line 3 > eval:1:2`,
 * which leads to the call of eval.
 */
function readFrame(line: string, textLine: number): Frame | null {
  const at = contentStart(line);
  const end = trimmedEnd(line);
  const frame = { textLine, startLine: textLine, endLine: textLine + 1 };
  if (line.endsWith('@[native code]', end)) {
    return { ...frame, start: at, end, place: null, function: line.slice(at, end - '@[native code]'.length), library: true };
  }
  const scheme = line.indexOf('://', at);
  // `@` stands before the URL; the URL of a package has more of them.
  const sign = line.lastIndexOf('@', scheme);
  if (scheme < 0 || sign < at) return null;
  const name = line.slice(at, sign);
  const start = sign + 1;
  // A name of code: an entry with an address of e-mail in it is none.
  if (/\s/.test(name) && !/^(?:global|module|eval|async) code$/.test(name)) return null;
  const library = isUnder(line.slice(start, end), LIBRARIES);
  const evaluated = line.indexOf(' line ', start);
  if (evaluated > 0) {
    const number = Number.parseInt(line.slice(evaluated + 6, evaluated + 16), 10);
    if (!/ > (?:eval|Function)/.test(line.slice(evaluated, end)) || !(number >= 1)) return null;
    const place = { path: line.slice(start, evaluated), line: number };
    return { ...frame, start, end: evaluated, place, function: name, library };
  }
  const place = placeBefore(line, start, end);
  if (!place) return null;
  const isCode = codeSchemes.has(line.slice(start, scheme).toLowerCase());
  if (!isCode && !library) return null;
  return { ...frame, start, end, place: isCode ? place : null, function: name, library };
}
