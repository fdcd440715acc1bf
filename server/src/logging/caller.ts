/** Where in the program a logging call stands. */

import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { originalSource } from '../client/callerFile.ts';
import { callSites, type EntryPoint } from '../record/callSites.ts';

export interface Caller {
  path: string;
  line: number;
  functionName: string;
}

/**
 * The frame that called `entry`, or, with a `stackLevel` above 1, one further out; where there are not so many, the outermost. Its place
 * is the one in the source where the program runs with source maps (--enable-source-maps). Undefined where there is none. Must be called
 * while `entry` runs.
 */
export function findCaller(entry: EntryPoint, stackLevel = 1): Caller | undefined {
  const frames = callSites(entry, Math.max(stackLevel, 1));
  const frame = frames[Math.min(stackLevel, frames.length) - 1];
  if (!frame) return undefined;
  const name = frame.getFileName() ?? '(unknown file)';
  const path = name.startsWith('file:') ? fileURLToPath(name) : name;
  const place = { path, line: frame.getLineNumber() ?? 0, functionName: frame.getFunctionName() ?? '<module>' };
  return { ...place, ...inSource(path, place.line, frame.getColumnNumber() ?? 1) };
}

/** Node has read the source maps of a program that runs with them. Line and column from 1. */
function inSource(path: string, line: number, column: number): Pick<Caller, 'path' | 'line'> | undefined {
  const entry = findSourceMap(path)?.findEntry(line - 1, column - 1);
  if (!entry || !('originalLine' in entry)) return undefined;
  return { path: originalSource(path, line, column), line: entry.originalLine + 1 };
}

/** The stack from the caller of `entry` on, as Node writes it. */
export function stackText(entry: EntryPoint): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, entry);
  return `Stack:\n${(holder.stack ?? '').split('\n').slice(1).join('\n')}`;
}
