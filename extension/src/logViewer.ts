/** Logs by double-click: a read-only custom editor with the timeline of one file, for archives and for logs too large for a text editor. */

import {
  type CustomDocument,
  type CustomReadonlyEditorProvider,
  commands,
  Disposable,
  type TabChangeEvent,
  TabInputText,
  type Uri,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import { customEditors } from './ids.ts';
import { titleOf } from './pickers.ts';
import type { PageEnvironment } from './timelinePage.ts';
import type { Pages } from './timelinePanels.ts';

/** Above this VS Code gives extensions no TextDocument, and its editor no colours. */
const largeBytes = 50 * 1024 * 1024;

export class LogViewer implements CustomReadonlyEditorProvider, Disposable {
  readonly #pages: Pages;
  readonly #environment: PageEnvironment;
  readonly #registrations: Disposable[];
  /** Logs that were taken over once: a person who then goes back to the text editor keeps it. */
  readonly #taken = new Set<string>();

  constructor(pages: Pages, environment: PageEnvironment) {
    this.#pages = pages;
    this.#environment = environment;
    this.#registrations = [
      ...Object.values(customEditors).map((viewType) => window.registerCustomEditorProvider(viewType, this)),
      window.tabGroups.onDidChangeTabs((event) => void this.#takeLarge(event)),
    ];
  }

  openCustomDocument(uri: Uri): CustomDocument {
    return { uri, dispose: () => {} };
  }

  resolveCustomEditor({ uri }: CustomDocument, panel: WebviewPanel): void {
    this.#pages.attach(panel, { source: { kind: 'file', path: uri.fsPath }, filter: {}, title: titleOf(uri.fsPath) }, this.#environment);
  }

  dispose(): void {
    Disposable.from(...this.#registrations).dispose();
  }

  /** A text editor that opens on a large log gives way to the viewer. */
  async #takeLarge({ opened }: TabChangeEvent): Promise<void> {
    for (const tab of opened) {
      if (!(tab.input instanceof TabInputText) || tab.isDirty) continue;
      const { uri } = tab.input;
      if (uri.scheme !== 'file' || !/\.log(\.|$)/i.test(uri.path) || this.#taken.has(uri.path)) continue;
      try {
        if ((await workspace.fs.stat(uri)).size <= largeBytes) continue;
        this.#taken.add(uri.path);
        await commands.executeCommand('vscode.openWith', uri, customEditors.plain, {
          viewColumn: tab.group.viewColumn,
          preview: tab.isPreview,
        });
        const left = window.tabGroups.all
          .flatMap(({ tabs }) => tabs)
          .filter(({ input }) => input instanceof TabInputText && input.uri.path === uri.path);
        await window.tabGroups.close(left, true);
      } catch (error) {
        this.#environment.report(error);
      }
    }
  }
}
