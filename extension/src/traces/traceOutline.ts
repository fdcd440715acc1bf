import { type CancellationToken, DocumentSymbol, type DocumentSymbolProvider, l10n, Range, SymbolKind, type TextDocument } from 'vscode';
import {
  frameLabel,
  hasPlace,
  raisedException,
  raisingFrame,
  type Trace,
  type TracedException,
} from '../../../server/src/traceback/trace.ts';
import type { DocumentTraces } from './documentTraces.ts';

/** The newest ones where there are more. */
const maxTraces = 2000;
const maxName = 200;

/** The errors of a log: one for each trace, with the exceptions that it is made of. */
export class TraceOutline implements DocumentSymbolProvider {
  readonly #traces: DocumentTraces;

  constructor(traces: DocumentTraces) {
    this.#traces = traces;
  }

  async provideDocumentSymbols(document: TextDocument, token: CancellationToken): Promise<DocumentSymbol[] | undefined> {
    const traces = await this.#traces.of(document, token);
    return traces?.slice(-maxTraces).map(symbolOf);
  }
}

function symbolOf(trace: Trace): DocumentSymbol {
  const raised = raisedException(trace);
  const raising = raisingFrame(trace);
  const range = new Range(trace.start, 0, Math.max(trace.start, trace.end - 1), 0);
  const line = Math.min(Math.max(raised?.textLine ?? trace.start, trace.start), Math.max(trace.start, trace.end - 1));
  const detail = raising && hasPlace(raising) ? frameLabel(raising) : '';
  const symbol = new DocumentSymbol(nameOf(raised), detail, SymbolKind.Event, range, new Range(line, 0, line, 0));
  if (trace.exceptions.length > 1) {
    symbol.children = trace.exceptions.map((exception) => {
      const last = exception.frames.at(-1)?.endLine ?? exception.textLine + 1;
      const first = Math.min(exception.textLine, exception.frames[0]?.startLine ?? exception.textLine);
      const own = new Range(first, 0, Math.max(exception.textLine, last - 1), 0);
      return new DocumentSymbol(
        nameOf(exception),
        roleOf(exception),
        SymbolKind.Event,
        own,
        new Range(exception.textLine, 0, exception.textLine, 0),
      );
    });
  }
  return symbol;
}

/** VS Code takes no symbol without a name. */
function nameOf(exception: TracedException | undefined): string {
  if (!exception || exception.type === '') return l10n.t('Stack trace');
  const [message = ''] = exception.message.split('\n', 1);
  return (message === '' ? exception.type : `${exception.type}: ${message}`).slice(0, maxName);
}

function roleOf({ role }: TracedException): string {
  switch (role) {
    case 'raised':
      return l10n.t('raised');
    case 'cause':
      return l10n.t('cause');
    case 'context':
      return l10n.t('was being handled');
    case 'member':
      return l10n.t('in the group');
    case 'suppressed':
      return l10n.t('suppressed');
    case 'stack':
      return l10n.t('stack');
  }
}
