/** What all languages' traces have in common. */

import type { LibraryRun, Place } from '../protocol.ts';

export type Language = 'python' | 'node' | 'browser' | 'java' | 'dotnet' | 'go' | 'rust' | 'ruby' | 'php';

/**
 * What an exception is to the trace. `raised`: the one that got away. `cause`: named as the cause of another. `context`: being handled
 * when another was raised. `member`: of a group (AggregateError, ExceptionGroup). `suppressed`: raised while another was on its way (Java).
 * `stack`: no exception, a stack that was dumped (Python's `Call stack:`, another goroutine).
 */
export type Role = 'raised' | 'cause' | 'context' | 'member' | 'suppressed' | 'stack';

export interface Frame {
  /** Its lines in the text, 0-based: [startLine, endLine). Source lines and carets are among them. */
  startLine: number;
  endLine: number;
  /** The one that names the place. */
  textLine: number;
  /** UTF-16 columns in its line of what names the place; without a place, of the whole frame. */
  start: number;
  end: number;
  /** Null for code without a file: built-in, evaluated, native. */
  place: Place | null;
  /** As the trace writes it; empty where it names none. */
  function: string;
  /** Code of the language, its runtime or a package; else the person's own. */
  library: boolean;
}

export interface TracedException {
  role: Role;
  /** `ValueError`, `java.lang.IllegalStateException`, `panic`; empty where the trace does not say. */
  type: string;
  /** Lines joined by LF; empty where there is none. */
  message: string;
  /** Index of the line that names it; where there is none, of its first frame. */
  textLine: number;
  /** As they stand in the text. */
  frames: Frame[];
  /** The place that a header names beside the frames, which mostly name it too: Node's uncaught errors, Rust's panics. */
  site?: Frame;
}

/** A trace as it stands in a text. */
export interface Trace {
  language: Language;
  /** Its lines in the text: [start, end). */
  start: number;
  end: number;
  /** Whether frames begin with the newest call, as they do but for Python. */
  newestFirst: boolean;
  /** As they stand in the text; never empty. */
  exceptions: TracedException[];
}

/** The exception that got away, or what stands for it. */
export function raisedException(trace: Trace): TracedException | undefined {
  const { exceptions } = trace;
  return exceptions.find(({ role }) => role === 'raised') ?? exceptions[0];
}

/** The frame that one wants to see first: the newest of one's own code, else the newest that has a place. */
export function raisingFrame(trace: Trace): Frame | undefined {
  const raised = raisedException(trace);
  if (!raised) return undefined;
  // The members of a group say more of what went wrong than the group, if that was raised by a library.
  const placed = raised.frames.filter(({ place }) => place !== null);
  if (!trace.newestFirst) placed.reverse();
  return placed.find(({ library }) => !library) ?? raised.site ?? placed[0];
}

/** All frames that have a place, by line. */
export function placedFrames(traces: readonly Trace[]): (Frame & { place: Place })[] {
  const found = traces.flatMap(({ exceptions }) => exceptions.flatMap(({ site, frames }) => (site ? [site, ...frames] : frames)));
  return found.filter(hasPlace).sort((a, b) => a.textLine - b.textLine);
}

/** The same trace some lines further down. */
export function shifted(trace: Trace, by: number): Trace {
  if (by === 0) return trace;
  const frame = (each: Frame): Frame => ({
    ...each,
    startLine: each.startLine + by,
    endLine: each.endLine + by,
    textLine: each.textLine + by,
  });
  return {
    ...trace,
    start: trace.start + by,
    end: trace.end + by,
    exceptions: trace.exceptions.map(({ site, ...each }) => ({
      ...each,
      textLine: each.textLine + by,
      frames: each.frames.map(frame),
      ...(site && { site: frame(site) }),
    })),
  };
}

/** Frames of libraries that follow each other, but for the one that raised. One alone is as short as what it would be folded to. */
export function libraryRuns(trace: Trace): LibraryRun[] {
  const raising = raisingFrame(trace);
  const runs: LibraryRun[] = [];
  let run: LibraryRun | undefined;
  for (const frame of trace.exceptions.flatMap(({ frames }) => frames)) {
    if (!frame.library || frame === raising) run = undefined;
    else if (run?.to === frame.startLine) {
      run.to = frame.endLine;
      run.frames++;
    } else {
      run = { from: frame.startLine, to: frame.endLine, frames: 1 };
      runs.push(run);
    }
  }
  return runs.filter(({ frames }) => frames > 1);
}

/** `demo.py:12 in divide`; of qualified names the last two parts. */
export function frameLabel(frame: Frame & { place: Place }): string {
  const file = frame.place.path.replace(/[?#].*$/, '').replace(/^.*[\\/]/, '');
  // Arguments and generics may have any names in them.
  const name = /^[\w$.:]+$/.test(frame.function) ? frame.function.split(/\.|::/).slice(-2).join('.') : frame.function;
  return name === '' ? `${file}:${frame.place.line}` : `${file}:${frame.place.line} in ${name}`;
}

export const hasPlace = (frame: Frame): frame is Frame & { place: Place } => frame.place !== null;
