/** Where debug sessions log to: ROOT/USER/CONFIGURATION.log and the master line, through the thread that writes. */
import { join } from 'node:path';
import type { DebugLogParams, Problem } from '../protocol.ts';
import { cleanModule } from '../record/treeName.ts';
import { nowMicros } from '../writer/clock.ts';
import { userName } from '../writer/root.ts';
import { WriterThread } from './writerThread.ts';

const TRACEBACK = /^Traceback \(most recent call last\):/;

export class DebugDestination {
  private writer: WriterThread | undefined;
  private closing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly root: () => string,
    private readonly onProblem: (problem: Problem) => void,
  ) {}

  /**
   * Resolves with the log's path when the lines are written, or wait in memory because they cannot be now, which onProblem is told.
   * Rejects where nothing can be written at all. Lines are written in the order of the calls.
   */
  async log({ module, level, lines }: DebugLogParams): Promise<{ file: string }> {
    const root = this.root();
    if (this.writer?.root !== root || !this.writer.isUsable) {
      this.retire();
      this.writer = new WriterThread(root, this.onProblem);
    }
    const user = userName();
    const clean = cleanModule(module);
    await this.writer.write({ user, module: clean, level, entries: entries(lines).map((text) => ({ text, time: nowMicros() })) });
    return { file: join(root, user, `${clean}.log`) };
  }

  /** Writes what waits, as far as that is possible now. */
  async close(): Promise<void> {
    this.retire();
    await this.closing;
  }

  private retire(): void {
    this.closing = Promise.all([this.closing, this.writer?.close()]);
    this.writer = undefined;
  }
}

/** Lines to entries: an indented line goes on with what was before, and a traceback of Python's ends with one that is not. */
export function entries(lines: readonly string[]): string[] {
  const texts: string[] = [];
  let inTraceback = false;
  for (const line of lines) {
    const last = texts.length - 1;
    const indented = /^[ \t]+\S/.test(line);
    if (last >= 0 && (indented || inTraceback)) {
      texts[last] += `\n${line}`;
      if (!indented) inTraceback = false;
    } else if (line !== '') {
      texts.push(line);
      inTraceback = TRACEBACK.test(line);
    }
  }
  return texts;
}
