/** The frames of the program that calls this library (V8's structured stack, https://v8.dev/docs/stack-trace-api). */

/** A function of this library that the program has called: frames up to it are not the program's. */
// biome-ignore lint/complexity/noBannedTypes: V8 takes any function.
export type EntryPoint = Function;

/** At most `limit` frames outside of `entry`, which has to be running, the caller first. */
export function callSites(entry: EntryPoint, limit: number): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = (_, frames) => frames;
    Error.captureStackTrace(holder, entry);
    return Array.isArray(holder.stack) ? holder.stack : [];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}
