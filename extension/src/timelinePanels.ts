/** The panels "Log Timeline": one for each source and title, restored after a reload. */

import { type Disposable, Uri, ViewColumn, type WebviewPanel, type WebviewPanelSerializer, window } from 'vscode';
import type { Filter, PageCommand } from '../../server/src/protocol.ts';
import { panels } from './ids.ts';
import { parsePageState, type Subject } from './messages.ts';
import { type PageEnvironment, TimelinePage, webviewOptions } from './timelinePage.ts';

/** Every page that is open, whoever holds it: the one that commands and key bindings are meant for is the active one. */
export class Pages {
  readonly #pages = new Set<TimelinePage>();
  #active: TimelinePage | undefined;

  /** Adds the page for as long as the panel lives. */
  attach(panel: WebviewPanel, subject: Subject, environment: PageEnvironment): TimelinePage {
    const page = new TimelinePage(panel.webview, subject, environment);
    this.#pages.add(page);
    if (panel.active) this.#active = page;
    panel.onDidChangeViewState(() => {
      if (panel.active) this.#active = page;
      if (!panel.visible) page.suspend();
    });
    panel.onDidDispose(() => {
      this.#pages.delete(page);
      if (this.#active === page) this.#active = undefined;
      page.dispose();
    });
    return page;
  }

  command(command: PageCommand): void {
    this.#active?.post({ kind: 'command', command });
  }

  settingsChanged(): void {
    for (const page of this.#pages) page.settingsChanged();
  }
}

export class TimelinePanels implements Disposable, WebviewPanelSerializer {
  readonly #environment: PageEnvironment;
  readonly #pages: Pages;
  readonly #open = new Map<string, { panel: WebviewPanel; page: TimelinePage }>();
  readonly #registration: Disposable;

  constructor(pages: Pages, environment: PageEnvironment) {
    this.#pages = pages;
    this.#environment = environment;
    this.#registration = window.registerWebviewPanelSerializer(panels.timeline, this);
  }

  /** Shows the subject's panel, a new one where there is none. A filter narrows one that is there already. */
  show(subject: Subject, filter?: Filter): void {
    const known = this.#open.get(keyOf(subject));
    if (known !== undefined) {
      known.panel.reveal();
      if (filter !== undefined) known.page.post({ kind: 'filter', filter });
      return;
    }
    const panel = window.createWebviewPanel(
      panels.timeline,
      subject.title,
      ViewColumn.Active,
      webviewOptions(this.#environment.extensionUri),
    );
    this.#adopt(panel, filter === undefined ? subject : { ...subject, filter });
  }

  async deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const subject = parsePageState(state);
    if (subject === undefined || this.#open.has(keyOf(subject))) panel.dispose();
    else this.#adopt(panel, subject);
  }

  dispose(): void {
    this.#registration.dispose();
    for (const { panel } of this.#open.values()) panel.dispose();
  }

  #adopt(panel: WebviewPanel, subject: Subject): void {
    panel.title = subject.title;
    const icon = (name: string): Uri => Uri.joinPath(this.#environment.extensionUri, 'media', name);
    panel.iconPath = { light: icon('timeline-light.svg'), dark: icon('timeline-dark.svg') };
    const key = keyOf(subject);
    this.#open.set(key, { panel, page: this.#pages.attach(panel, subject, this.#environment) });
    panel.onDidDispose(() => this.#open.delete(key));
  }
}

function keyOf({ source, title }: Subject): string {
  return JSON.stringify([source.kind, source.kind === 'tree' ? source.root : source.path, title]);
}
