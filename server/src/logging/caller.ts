/** Where in the program a logging call stands. */

import { fileURLToPath } from 'node:url';
import { callSites, type EntryPoint } from '../record/callSites.ts';

export interface Caller {
  path: string;
  line: number;
  functionName: string;
}

/**
 * The frame that called `entry`, or, with a `stackLevel` above 1, one further out. Undefined where there is none. Must be called while
 * `entry` runs.
 */
export function findCaller(entry: EntryPoint, stackLevel = 1): Caller | undefined {
  const frames = callSites(entry, Math.max(stackLevel, 1));
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
