/** A stop of a debugger as text, with frames in the form that their language writes them in: so they are links wherever logs are shown. Pure. */

import { findFrames } from '../../../server/src/traceback/frames.ts';
import type { AdapterFrame, AdapterPlace, ExceptionInfo } from './adapterMessages.ts';

/** Frames that are written of a stack. */
export const maxFrames = 50;

const traceback = 'Traceback (most recent call last):';

const frameStart = /^\s+at /;

/**
 * `Stopped at an uncaught exception: TYPE: message`, and the stack: the adapter's own text where that has frames, else made of its frames, as
 * Python writes them for Python, and as V8 does for all others.
 */
export function exceptionText(info: ExceptionInfo, frames: readonly AdapterFrame[], debuggerType: string): string {
  const { type, message, breakMode } = info;
  const [first = '', ...more] = (message === '' || message === type ? type : withType(type, message)).split('\n');
  const kind =
    breakMode === 'unhandled'
      ? 'an uncaught exception'
      : breakMode === 'userUnhandled'
        ? 'an exception not caught by own code'
        : 'an exception';
  const isPython = /python|debugpy/i.test(debuggerType);
  const stack = isPython ? pythonStack(info, frames) : [...more, ...otherStack(info, frames)];
  return [`Stopped at ${kind}${first === '' ? '' : `: ${first}`}`, ...stack].join('\n');
}

/** A place alone: Python's form, for V8's makes of each entry that has it an exception. */
export function placeLine(name: string, { file, line }: AdapterPlace): string {
  return `  File "${file}", line ${line}${name === '' ? '' : `, in ${name}`}`;
}

/** V8's form: `    at NAME (FILE:LINE:COLUMN)`. */
function frameLine({ name, place }: AdapterFrame): string {
  if (place === undefined) return `    at ${name || '<unknown>'}`;
  const at = `${place.file}:${place.line}${place.column === undefined ? '' : `:${place.column}`}`;
  return name === '' ? `    at ${at}` : `    at ${name} (${at})`;
}

/** Some adapters say the type in the message, too. */
function withType(type: string, message: string): string {
  return type === '' || message.startsWith(type) ? message : `${type}: ${message}`;
}

function otherStack({ stackTrace }: ExceptionInfo, frames: readonly AdapterFrame[]): string[] {
  if (findFrames(stackTrace).length === 0) return frames.slice(0, maxFrames).map(frameLine);
  const lines = stackTrace.trimEnd().split('\n');
  // What is before the frames is the message again.
  const first = lines.findIndex((line) => frameStart.test(line));
  return lines.slice(Math.max(0, first)).map((line) => line.replace(frameStart, '    at '));
}

/** Python begins with the outermost frame, and ends with the exception. */
function pythonStack({ type, message, stackTrace }: ExceptionInfo, frames: readonly AdapterFrame[]): string[] {
  if (findFrames(stackTrace).length > 0) return withHeads(stackTrace.trimEnd().split('\n'));
  const lines = frames
    .slice(0, maxFrames)
    .reverse()
    .map(({ name, place }) => placeLine(name, place ?? { file: '<unknown>', line: 0 }));
  return [traceback, ...lines, ...withType(type, message || type).split('\n')];
}

/** debugpy leaves out the line above each stack, by which traces are known. */
function withHeads(lines: readonly string[]): string[] {
  return lines.flatMap((line, index) => {
    const isFirst = /^ {2}File "/.test(line) && (index === 0 || lines[index - 1] === '');
    return isFirst ? [traceback, line] : [line];
  });
}
