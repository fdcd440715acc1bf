/** A stack trace from the clipboard, as a read-only document in which its frames are links. */

import { type Disposable, env, l10n, Range, type TextDocumentContentProvider, Uri, ViewColumn, window, workspace } from 'vscode';
import { findTraces } from '../../../server/src/traceback/find.ts';
import { raisedException, raisingFrame } from '../../../server/src/traceback/trace.ts';
import { schemes } from '../ids.ts';

/** Characters: more is no trace that somebody has copied. */
const maxText = 4 << 20;

export class ClipboardTraces implements TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();
  #opened = 0;

  register(): Disposable {
    const closing = workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === schemes.trace) this.#texts.delete(uri.toString());
    });
    const providing = workspace.registerTextDocumentContentProvider(schemes.trace, this);
    return {
      dispose: () => {
        closing.dispose();
        providing.dispose();
      },
    };
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.toString()) ?? l10n.t('This trace was in the clipboard, and is no longer known. Copy it and open it again.');
  }

  /** Shows the clipboard's text with the cursor at the raising frame; says so where there is no trace in it. */
  async open(): Promise<void> {
    const text = (await env.clipboard.readText()).slice(0, maxText).replace(/\r\n?/g, '\n');
    const [trace] = findTraces(text);
    if (!trace) {
      void window.showInformationMessage(
        l10n.t('There is no stack trace in the clipboard. Copy one, from a mail or a terminal, and try again.'),
      );
      return;
    }
    const name = raisedException(trace)?.type.replace(/[^\w.]/g, '') || l10n.t('Stack Trace');
    const uri = Uri.from({ scheme: schemes.trace, path: `/${++this.#opened}/${name}` });
    this.#texts.set(uri.toString(), text);
    const frame = raisingFrame(trace);
    const selection = frame && new Range(frame.textLine, frame.start, frame.textLine, frame.start);
    await window.showTextDocument(uri, { viewColumn: ViewColumn.Active, preview: false, ...(selection && { selection }) });
  }
}
