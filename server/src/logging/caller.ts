/** Where in the program a logging call stands. */

import { fileURLToPath } from 'node:url';

export interface Caller {
  path: string;
  line: number;
  functionName: string;
}

/** A function of this library that the program has called: frames up to it are not the program's. */
// biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
export type EntryPoint = Function;

/**
 * The frame that called `entry`, or, with a `stackLevel` above 1, one further out. Undefined where there is none. Must be called while
 * `entry` runs.
 */
export function findCaller(entry: EntryPoint, stackLevel = 1): Caller | undefined {
  const frames = captureFrames(entry, stackLevel);
  const frame = frames[Math.min(stackLevel, frames.length) - 1];
  if (!frame) return undefined;
  const path = frame.getFileName() ?? '(unknown file)';
  return {
    path: path.startsWith('file:') ? fileURLToPath(path) : path,
    line: frame.getLineNumber() ?? 0,
    functionName: frame.getFunctionName() ?? '<module>',
  };
}

/** The stack from the caller of `entry` on, as Node writes it. */
export function stackText(entry: EntryPoint): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, entry);
  return `Stack:\n${(holder.stack ?? '').split('\n').slice(1).join('\n')}`;
}

function captureFrames(entry: EntryPoint, count: number): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = Math.max(count, 1);
    Error.prepareStackTrace = (_, frames) => frames;
    Error.captureStackTrace(holder, entry);
    return Array.isArray(holder.stack) ? holder.stack : [];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}
