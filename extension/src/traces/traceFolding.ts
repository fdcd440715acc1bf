import { type CancellationToken, FoldingRange, type FoldingRangeProvider, type TextDocument } from 'vscode';
import { libraryRuns } from '../../../server/src/traceback/trace.ts';
import type { DocumentTraces } from './documentTraces.ts';

/** VS Code itself takes no more. */
const maxRanges = 5000;

/** Folds traces to their first line, each of their exceptions, and the frames of libraries. */
export class TraceFolding implements FoldingRangeProvider {
  readonly #traces: DocumentTraces;

  constructor(traces: DocumentTraces) {
    this.#traces = traces;
  }

  /** Undefined where there is no trace: then the editor folds by indentation. */
  async provideFoldingRanges(document: TextDocument, _context: unknown, token: CancellationToken): Promise<FoldingRange[] | undefined> {
    const traces = await this.#traces.of(document, token);
    if (!traces || traces.length === 0) return undefined;
    const ranges: FoldingRange[] = [];
    const add = (from: number, to: number): void => {
      if (to - 1 > from) ranges.push(new FoldingRange(from, to - 1));
    };
    for (const trace of traces) {
      add(trace.start, trace.end);
      if (trace.exceptions.length > 1) {
        for (const { frames } of trace.exceptions) {
          const [first, last] = [frames[0], frames.at(-1)];
          if (first && last) add(first.startLine, last.endLine);
        }
      }
      for (const { from, to } of libraryRuns(trace)) add(from, to);
    }
    return ranges.slice(-maxRanges);
  }
}
