/** Joins the fragments of a debug session's output to lines. Pure. */

import type { DebugLogParams } from '../../../server/src/protocol.ts';

export type OutputLevel = DebugLogParams['level'];

export interface OutputRun {
  level: OutputLevel;
  lines: string[];
}

/** A line that never ends is cut into pieces of this size, so that memory stays bounded. */
const maxLine = 1024 * 1024;

/**
 * The level for a category of DAP's OutputEvent; undefined for `telemetry`, which is not for people. An absent category means `console`:
 * https://microsoft.github.io/debug-adapter-protocol/specification#Events_Output
 */
export function levelOf(category: unknown): OutputLevel | undefined {
  switch (category) {
    case 'telemetry':
      return undefined;
    case 'stdout':
      return 'INFO';
    case 'stderr':
      return 'ERROR';
    case 'important':
      return 'WARNING';
    default:
      return 'DEBUG';
  }
}

export class OutputLines {
  readonly #rests = new Map<OutputLevel, string>();
  #runs: OutputRun[] = [];

  /** Takes one `output` of a category; its last line waits for its end. */
  push(category: unknown, output: string): void {
    const level = levelOf(category);
    if (level === undefined) return;
    const lines = ((this.#rests.get(level) ?? '') + output).split(/\r?\n/);
    let rest = lines.pop() ?? '';
    for (; rest.length > maxLine; rest = rest.slice(maxLine)) lines.push(rest.slice(0, maxLine));
    this.#rests.set(level, rest);
    this.#add(level, lines);
  }

  /** The whole lines since the last take, in the order in which they ended; one run for neighbours of one level. */
  take(): OutputRun[] {
    const runs = this.#runs;
    this.#runs = [];
    return runs;
  }

  /** Ends the lines that are still open: nothing more comes. */
  end(): void {
    for (const [level, rest] of this.#rests) if (rest !== '') this.#add(level, [rest]);
    this.#rests.clear();
  }

  #add(level: OutputLevel, lines: string[]): void {
    if (lines.length === 0) return;
    const last = this.#runs.at(-1);
    if (last?.level === level) last.lines.push(...lines);
    else this.#runs.push({ level, lines });
  }
}
