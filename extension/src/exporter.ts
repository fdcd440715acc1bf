/** Exports what a view shows to a file: asks where to, shows how far it is, and what came of it. */

import { l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import type { ExportResult, RecordFormat, ViewId } from '../../server/src/protocol.ts';
import type { Server } from './server.ts';

export class Exporter {
  readonly #server: Server;
  #exports = 0;
  #lastFolder: Uri | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  async run(view: ViewId): Promise<void> {
    const folder = this.#lastFolder ?? workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri;
    const target = await window.showSaveDialog({
      title: l10n.t('Export What the Timeline Shows'),
      saveLabel: l10n.t('Export'),
      filters: { [l10n.t('Text, as in the logs')]: ['log', 'txt'], [l10n.t('JSON Lines')]: ['jsonl'] },
      ...(folder === undefined ? {} : { defaultUri: Uri.joinPath(folder, 'timeline.log') }),
    });
    if (target === undefined) return;
    if (target.scheme !== 'file' && target.scheme !== 'vscode-remote')
      throw new Error(l10n.t('Logs can be exported only to a file of the machine that they are on.'));
    this.#lastFolder = Uri.joinPath(target, '..');
    const result = await this.#write(view, target.fsPath);
    // Nobody waits for what the person says to the message.
    if (result !== null) void this.#tell(result, target);
  }

  #write(view: ViewId, path: string): Thenable<ExportResult | null> {
    const id = ++this.#exports;
    const format: RecordFormat = /\.jsonl$/i.test(path) ? 'jsonl' : 'text';
    const title = l10n.t('Exporting to {0}', path);
    return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
      let percent = 0;
      const listening = this.#server.onNotification('safelog/export/progress', ({ export: of, done, total }) => {
        if (of !== id || total === 0) return;
        const now = (done * 100) / total;
        progress.report({ increment: now - percent, message: l10n.t('{0} of {1} entries', done.toLocaleString(), total.toLocaleString()) });
        percent = now;
      });
      try {
        return await this.#server.request('safelog/view/export', { view, export: id, path, format }, token);
      } catch (error) {
        if (token.isCancellationRequested) return null;
        throw error;
      } finally {
        listening.dispose();
      }
    });
  }

  async #tell({ entries, incomplete }: ExportResult, target: Uri): Promise<void> {
    const open = l10n.t('Open');
    const said = l10n.t('Exported {0} entries to {1}.', entries.toLocaleString(), target.fsPath);
    const answer =
      incomplete.length === 0
        ? await window.showInformationMessage(said, open)
        : await window.showWarningMessage(l10n.t('{0} Entries are missing of {1}, changed meanwhile.', said, incomplete.join(', ')), open);
    if (answer === open) await window.showTextDocument(target, { preview: true });
  }
}
