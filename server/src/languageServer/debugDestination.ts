/** Where debug sessions log to: ROOT/USER/CONFIGURATION.log and the master line, through the writer. */
import { join } from 'node:path';
import type { DebugLogParams, Problem } from '../protocol.ts';
import { cleanModule } from '../record/treeName.ts';
import { logEntry } from '../writer/logEntry.ts';
import { userName } from '../writer/root.ts';
import { TreeWriter } from '../writer/treeWriter.ts';

const TRACEBACK = /^Traceback \(most recent call last\):/;

export class DebugDestination {
  private writer: TreeWriter | undefined;

  constructor(
    private readonly root: () => string,
    private readonly onProblem: (problem: Problem) => void,
  ) {}

  /** @returns the log's path. @throws where it cannot be written */
  log({ module, level, lines }: DebugLogParams): { file: string } {
    const root = this.root();
    if (this.writer?.root !== root) {
      this.writer?.close();
      this.writer = new TreeWriter({ root, onProblem: this.onProblem });
    }
    const user = userName();
    const clean = cleanModule(module);
    for (const text of entries(lines)) {
      if (!logEntry(this.writer, { user, module: clean, level, text })) throw new Error(`cannot write to ${join(root, user)}`);
    }
    return { file: join(root, user, `${clean}.log`) };
  }

  close(): void {
    this.writer?.close();
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
