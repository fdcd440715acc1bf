/** .NET and Mono: System.Exception's ToString, in any language, and what their runtimes print of an unhandled one. */

import { headerAbove, namedAtStart, namedWithin } from './header.ts';
import { contentStart, isBlank, isDigit, isDrive, isLine, type Lines, MAX_MESSAGE, trimmedEnd } from './lines.ts';
import type { Frame, Trace, TracedException } from './trace.ts';

const LIBRARIES = ['System.', 'Microsoft.', 'Mono.', 'MS.', '(wrapper ', 'NUnit.', 'Xunit.', 'Newtonsoft.', 'Castle.'];
const INNER = '---> ';

/** Reads the trace whose first frame stands in a line. */
export function readDotnet(lines: Lines, at: number): Trace | null {
  if (!readDotnetFrame(lines.at(at), at)) return null;
  const { exceptions, start } = readHeaders(lines, at);
  // The innermost exception's frames come first; a line ends them, and those of the next outer one follow.
  let current = exceptions.length - 1;
  let index = at;
  for (; index < lines.length; index++) {
    const frame = readDotnetFrame(lines.at(index), index);
    if (frame) exceptions[current]?.frames.push(frame);
    else {
      const content = lines.content(index);
      // `--- End of inner exception stack trace ---` in any of the runtime's languages; `--- End of stack trace from previous location ---`.
      if (!content.startsWith('--- ') || !content.endsWith(' ---')) break;
      if (!/previous location|vorhergehend|précédent/.test(content) && current > 0) current--;
    }
  }
  return { language: 'dotnet', start, end: index, newestFirst: true, exceptions };
}

/** `TYPE: MESSAGE`, then ` ---> TYPE: MESSAGE` of the inner ones, in the same line or below. */
function readHeaders(lines: Lines, firstFrame: number): { exceptions: TracedException[]; start: number } {
  let inner = firstFrame;
  for (let index = firstFrame - 1; index >= Math.max(lines.floor, firstFrame - MAX_MESSAGE); index--) {
    if (lines.content(index).startsWith(INNER)) inner = index;
  }
  const outer = headerAbove(lines, inner, (content) => readDotnetFrame(content, 0) !== null);
  if (!outer) return { exceptions: [exceptionOf(firstFrame, '', '')], start: firstFrame };
  const exceptions: TracedException[] = [];
  const take = (text: string, textLine: number, isFirst: boolean): void => {
    for (const [position, part] of ` ${text}`.split(` ${INNER}`).entries()) {
      const named = position > 0 ? namedAtStart(part) : isFirst ? namedWithin(part) : null;
      const last = exceptions.at(-1);
      if (named) exceptions.push(exceptionOf(textLine, named.type, named.message));
      else if (last && part.trim() !== '') last.message += `\n${part.trim()}`;
    }
  };
  for (let index = outer.textLine; index < firstFrame; index++) take(lines.at(index).trimEnd(), index, index === outer.textLine);
  if (exceptions.length === 0) exceptions.push(exceptionOf(outer.textLine, outer.type, outer.message));
  const [first] = exceptions;
  if (first) first.role = 'raised';
  return { exceptions, start: outer.textLine };
}

const exceptionOf = (textLine: number, type: string, message: string): TracedException => ({
  role: 'cause',
  type,
  message,
  textLine,
  frames: [],
});

/** `at NAMESPACE.Class.Method(Int32 a) in FILE:line 12`; Mono: `at Class.Method (System.Int32 a) [0x00000] in FILE:12 `. */
export function readDotnetFrame(line: string, textLine: number): Frame | null {
  const at = contentStart(line);
  if (at === 0 || !line.startsWith('at ', at)) return null;
  const end = trimmedEnd(line);
  const open = line.indexOf('(', at + (line.startsWith('(wrapper ', at + 3) ? 12 : 3));
  const close = line.indexOf(')', open);
  if (open < 0 || close < 0) return null;
  const name = line.slice(at + 3, open).trimEnd();
  const frame = { textLine, startLine: textLine, endLine: textLine + 1, function: name };
  const named = LIBRARIES.some((each) => name.startsWith(each));
  const marker = line.indexOf(' in ', close);
  if (marker < 0) {
    // Without a file Java and V8 write something into the parentheses that no list of parameters is.
    const isMono = line.startsWith(' [0x', close + 1);
    if (
      !isMono &&
      (close + 1 !== end || !/^(?:[\p{L}_][\p{L}\p{N}_.`<>[\],&*]* [\p{L}_@][\p{L}\p{N}_]*(?:, |$))*$/u.test(line.slice(open + 1, close)))
    ) {
      return null;
    }
    return isMono || name.includes('.') ? { ...frame, start: at, end, place: null, library: true } : null;
  }
  const start = marker + 4;
  let digits = end;
  while (isDigit(line.charCodeAt(digits - 1))) digits--;
  let path = digits;
  // The word for `line` is that of the runtime's language.
  while (path > start && /^\p{L}$/u.test(line.charAt(path - 1 - (isBlank(line.charCodeAt(path - 1)) ? 1 : 0)))) path--;
  if (line.charAt(path - 1) !== ':') return null;
  path--;
  const number = Number(line.slice(digits, end));
  const file = line.slice(start, path);
  // Mono names a module's hash where it has no file: `in <0f1e…>:0`.
  const isFile =
    isLine(number) && !file.startsWith('<') && (file.includes('/') || file.includes('\\') || isDrive(file) || file.includes('.'));
  if (!isFile) return line.startsWith(' [0x', close + 1) ? { ...frame, start: at, end, place: null, library: true } : null;
  return { ...frame, start, end, place: { path: file, line: number }, library: named || file.startsWith('/_/') };
}
