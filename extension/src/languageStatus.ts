/** In a log's language status: its layout and its encoding, each with the command that changes it. */

import { basename } from 'node:path';
import { type Disposable, type DocumentSelector, l10n, languages, type TextDocument, window } from 'vscode';
import { nameOfEncoding } from './encodings.ts';
import { commands, language, schemes } from './ids.ts';
import { nameOfLayout } from './layoutPicker.ts';
import type { Server } from './server.ts';
import { subjectOf } from './tail/subject.ts';
import type { TailMemory } from './tail/tailMemory.ts';

const logs: DocumentSelector = [{ scheme: schemes.tail }, { scheme: schemes.log }, { language, scheme: 'file' }];

export class LanguageStatus implements Disposable {
  readonly #server: Server;
  readonly #memory: TailMemory;
  readonly #layout = languages.createLanguageStatusItem('safelog.layout', logs);
  readonly #encoding = languages.createLanguageStatusItem('safelog.encoding', [{ scheme: schemes.tail }, { scheme: schemes.log }]);
  readonly #subscription: Disposable;
  #turn = 0;

  constructor(server: Server, memory: TailMemory) {
    this.#server = server;
    this.#memory = memory;
    this.#layout.name = l10n.t('Layout');
    this.#layout.detail = l10n.t('Layout');
    this.#encoding.name = l10n.t('Encoding');
    this.#encoding.detail = l10n.t('Encoding');
    this.#subscription = window.onDidChangeActiveTextEditor(() => this.update());
    this.update();
  }

  /** The active editor, its log's layout or its encoding are others. */
  update(): void {
    const document = window.activeTextEditor?.document;
    if (document === undefined || languages.match(logs, document) === 0) return;
    void this.#show(document, ++this.#turn);
  }

  dispose(): void {
    this.#layout.dispose();
    this.#encoding.dispose();
    this.#subscription.dispose();
  }

  async #show(document: TextDocument, turn: number): Promise<void> {
    const { uri } = document;
    const path = uri.fsPath;
    const isMerged = uri.scheme === schemes.tail && subjectOf(uri).kind === 'merged';
    this.#encoding.text = nameOfEncoding((isMerged ? undefined : this.#memory.encoding(path)) ?? 'utf-8');
    if (isMerged) {
      this.#encoding.command = undefined;
      this.#layout.text = l10n.t('Safelog, each log as its own layout says');
      this.#layout.command = undefined;
      return;
    }
    this.#encoding.command = { command: commands.setEncoding, title: l10n.t('Change'), arguments: [path] };
    this.#layout.command = { command: commands.setLayout, title: l10n.t('Change'), arguments: [uri.with({ scheme: 'file', query: '' })] };
    this.#layout.busy = true;
    const text = await this.#layoutOf(path);
    if (turn !== this.#turn) return;
    this.#layout.busy = false;
    this.#layout.text = text;
  }

  async #layoutOf(path: string): Promise<string> {
    try {
      const { given, previews } = await this.#server.request('safelog/layout/preview', { path, layouts: [null] });
      const layout = given ?? previews[0]?.found ?? '';
      return (nameOfLayout(layout) ?? layout).replaceAll('$(', '$\u200b(');
    } catch {
      return l10n.t('{0} is not there', basename(path));
    }
  }
}
