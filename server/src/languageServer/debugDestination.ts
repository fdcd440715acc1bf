/** Where debug sessions log to: ROOT/USER/CONFIGURATION.log and the master line, through the thread that writes. */
import type { DebugLogParams, DebugLogPlace, Problem, ServerSettings } from '../protocol.ts';
import { cleanModule } from '../record/treeName.ts';
import { userName } from '../writer/root.ts';
import { Mask } from './mask.ts';
import { WriterThread } from './writerThread.ts';

export class DebugDestination {
  private mask: readonly string[] = [];
  private writer: WriterThread | undefined;
  private closing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly root: () => string,
    private readonly onProblem: (problem: Problem) => void,
  ) {}

  /** Patterns of secrets; gives what is wrong with those that cannot be used. */
  configure({ debug }: Pick<ServerSettings, 'debug'>): string[] {
    this.mask = debug.mask;
    return new Mask(debug.mask).problems;
  }

  /**
   * Resolves with the log's place when the entries are written, or wait in memory because they cannot be now, which onProblem is told.
   * Rejects where nothing can be written at all. Entries are written in the order of the calls.
   */
  async log({ module: name, entries }: DebugLogParams): Promise<DebugLogPlace> {
    const root = this.root();
    const user = userName();
    const module = cleanModule(name);
    if (entries.length === 0) return { root, user, module };
    if (this.writer?.root !== root || !this.writer.isUsable) {
      this.retire();
      this.writer = new WriterThread(root, this.onProblem);
    }
    await this.writer.write({ user, module, entries, mask: this.mask });
    return { root, user, module };
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
