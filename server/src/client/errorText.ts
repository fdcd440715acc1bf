/** Errors and stacks as texts of entries. Their lines are those of V8; what separates them is Safelog's. */

import { inspect } from 'node:util';

/** An error whose causes go round in a circle, or are very many, ends somewhere. */
const MAX_DEPTH = 16;

/** An error with its stack, those of its causes, and of all errors of an AggregateError; any other value as it is shown. */
export function errorText(error: unknown): string {
  return lines(error, MAX_DEPTH, new Set()).join('\n');
}

/** The same without stacks: `TypeError: it failed`, and the causes behind it. */
export function errorOnlyText(error: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  let at: unknown = error;
  for (; at instanceof Error && !seen.has(at) && parts.length < MAX_DEPTH; at = at.cause) {
    seen.add(at);
    parts.push(title(at));
    if (at.cause === undefined) return parts.join('\nCaused by: ');
  }
  if (!seen.has(at)) parts.push(title(at));
  return parts.join('\nCaused by: ');
}

/** The stack of the caller of `entry`, one frame a line. */
// biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
export function callStack(entry: Function): string {
  const { stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = Math.max(typeof stackTraceLimit === 'number' ? stackTraceLimit : 0, 100);
    Error.captureStackTrace(holder, entry);
    return String(holder.stack).split('\n').slice(1).join('\n');
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function lines(error: unknown, depth: number, seen: Set<unknown>): string[] {
  if (!(error instanceof Error)) return [title(error)];
  if (seen.has(error) || depth === 0) return [`${title(error)} [see above]`];
  seen.add(error);
  const found = stackOf(error).split('\n');
  if (error instanceof AggregateError) {
    for (const [i, each] of [...error.errors].entries())
      found.push(`Error ${i + 1} of ${error.errors.length}: ${indent(lines(each, depth - 1, seen))}`);
  }
  if (error.cause !== undefined && error.cause !== null) found.push(`Caused by: ${lines(error.cause, depth - 1, seen).join('\n')}`);
  return found;
}

const indent = (text: readonly string[]): string => text.join('\n    ');

/** The stack, with the title that the error has now: V8 writes that of the error's first moment. */
function stackOf(error: Error): string {
  let stack: unknown;
  try {
    stack = error.stack;
  } catch {
    // Somebody else's prepareStackTrace.
  }
  if (typeof stack !== 'string' || stack === '') return title(error);
  const head = title(error);
  if (stack.startsWith(head)) return stack;
  const frames = stack.search(/^\s+at /m);
  return frames < 0 ? `${head}\n${stack}` : stack.includes(error.message) ? stack : `${head}\n${stack.slice(frames)}`;
}

function title(error: unknown): string {
  try {
    if (error instanceof Error) return String(error);
    return typeof error === 'string' ? error : inspect(error);
  } catch {
    return 'an error that cannot be shown';
  }
}
