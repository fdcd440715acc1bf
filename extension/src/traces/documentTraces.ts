/** The stack traces of text documents, found once for each version, in slices: nothing of the extension host waits for a large log. */

import { type CancellationToken, type TextDocument, workspace } from 'vscode';
import { findTraces } from '../../../server/src/traceback/find.ts';
import { type Frame, shifted, type Trace } from '../../../server/src/traceback/trace.ts';

/** Lines that are looked at before others have their turn. */
const slice = 20_000;
/** A trace that ends this near to the end of what was looked at may go on, and one that begins there may have its name above. */
const overlap = 100;

interface Known {
  version: number;
  traces: Trace[];
  isWhole: boolean;
  /** From this line on the document is another than that in which they were found. */
  validTo: number;
}

export class DocumentTraces {
  readonly #known = new WeakMap<TextDocument, Known>();
  readonly #running = new WeakMap<TextDocument, Promise<void>>();
  /** Logs mostly grow at their end: what stands before is found already. */
  readonly #changes = workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    const known = this.#known.get(document);
    if (known) for (const { range } of contentChanges) known.validTo = Math.min(known.validTo, range.start.line);
  });

  dispose(): void {
    this.#changes.dispose();
  }

  /** In their order; undefined where nobody waits any longer. */
  async of(document: TextDocument, token: CancellationToken): Promise<readonly Trace[] | undefined> {
    while (!token.isCancellationRequested && !document.isClosed) {
      const known = this.#known.get(document);
      if (known?.isWhole && known.version === document.version) return known.traces;
      let running = this.#running.get(document);
      if (!running) {
        running = this.#find(document).finally(() => this.#running.delete(document));
        this.#running.set(document, running);
      }
      await running;
    }
    return undefined;
  }

  /** The frame that stands in a line, its source line counted in. */
  async frameAt(document: TextDocument, line: number, token: CancellationToken): Promise<Frame | undefined> {
    const traces = (await this.of(document, token)) ?? [];
    const trace = traces.find(({ start, end }) => line >= start && line < end);
    const frames = trace?.exceptions.flatMap((exception) => (exception.site ? [...exception.frames, exception.site] : exception.frames));
    return frames?.find((frame) => frame.place !== null && line >= frame.startLine && line < frame.endLine);
  }

  async #find(document: TextDocument): Promise<void> {
    const before = this.#known.get(document);
    const limit = before?.isWhole ? Math.max(0, before.validTo - overlap) : 0;
    const traces = before?.traces.filter(({ end }) => end < limit) ?? [];
    // One that may have gone on is looked at from its beginning.
    const open = before?.traces[traces.length]?.start ?? limit;
    const known: Known = { version: document.version, traces, isWhole: false, validTo: Number.POSITIVE_INFINITY };
    this.#known.set(document, known);
    const lines = document.getText().split('\n');
    for (let from = Math.min(limit, open); from < lines.length; ) {
      const to = Math.min(lines.length, from + slice);
      const isLast = to === lines.length;
      const found = findTraces(lines.slice(from, to).join('\n')).map((trace) => shifted(trace, from));
      const whole = isLast ? found : found.filter(({ end }) => end < to - overlap);
      traces.push(...whole);
      if (isLast) break;
      // A trace that is longer than a slice is cut.
      const next = found[whole.length]?.start ?? to - overlap;
      from = next > from ? Math.min(next, to - overlap) : to;
      await new Promise((resolve) => setImmediate(resolve));
    }
    known.isWhole = true;
  }
}
