/** Tails: documents of the scheme `safelog-tail`, read-only, that grow by edits (a change event would reload the whole text). */

import {
  commands,
  type Disposable,
  type FileStat,
  FileType,
  l10n,
  languages,
  TabInputText,
  type TextDocument,
  type Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';
import type { OpenTailResult } from '../../../server/src/protocol.ts';
import { contextKeys, schemes } from '../ids.ts';
import { encodeText, ReadOnlyFileSystem } from '../logFileSystem.ts';
import type { Server } from '../server.ts';
import { tailWindow } from '../settings.ts';
import { OlderLens } from './olderLens.ts';
import { filterOf, keyOf, nextUri, sourceOf, subjectOf, type TailSubject, tailUri } from './subject.ts';
import { TailDocument, type TailHooks } from './tailDocument.ts';
import { askForFilter } from './tailFilter.ts';
import type { TailMemory } from './tailMemory.ts';
import { TailStatusBar } from './tailStatusBar.ts';
import { limitsOf, step } from './window.ts';

/** A text that was read but not opened as a document in this time is not followed any longer. */
const unopenedMs = 30_000;
/** The rate falls, too, when nothing comes. */
const statusMs = 1000;

export class Tails extends ReadOnlyFileSystem implements Disposable {
  readonly #server: Server;
  readonly #memory: TailMemory;
  readonly #report: (error: unknown) => void;
  /** By the URIs of documents, like those whose text is only being read. */
  readonly #tails = new Map<string, TailDocument>();
  readonly #starting = new Map<string, Promise<TailDocument>>();
  readonly #status = new TailStatusBar();
  readonly #lens = new OlderLens((document) => this.#of(document)?.status.older);
  readonly #disposables: Disposable[];
  readonly #shown = new Map<string, boolean>();
  readonly #olderShown = new WeakMap<TailDocument, string>();
  #turning = false;
  #statusTimer: NodeJS.Timeout | undefined;

  constructor(server: Server, memory: TailMemory, report: (error: unknown) => void) {
    super();
    this.#server = server;
    this.#memory = memory;
    this.#report = report;
    this.#disposables = [
      workspace.registerFileSystemProvider(schemes.tail, this, { isReadonly: true, isCaseSensitive: true }),
      languages.registerCodeLensProvider({ scheme: schemes.tail }, this.#lens),
      server.onNotification('safelog/tail/appended', (appended) => this.#byNumber(appended.tail)?.append(appended)),
      server.onDidRestart(() => void this.#reopenAll()),
      workspace.onDidOpenTextDocument((document) => void this.#opened(document).catch(report)),
      workspace.onDidCloseTextDocument((document) => this.#closed(document)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => this.#of(document)?.edited(contentChanges)),
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.#of(textEditor.document)?.scrolled(textEditor)),
      window.onDidChangeVisibleTextEditors((editors) => {
        for (const { document } of editors) this.#of(document)?.shown();
      }),
      window.onDidChangeActiveTextEditor(() => this.#showStatus()),
      this.#status,
    ];
    for (const document of workspace.textDocuments) void this.#opened(document).catch(report);
    this.#showStatus();
  }

  /** Opens the tail, or shows the one that is open. */
  async open(subject: TailSubject): Promise<void> {
    const key = keyOf(subject);
    const open = [...this.#tails.values()].find(({ uri, attached }) => attached && keyOf(subjectOf(uri)) === key);
    const name = subject.kind === 'log' ? undefined : l10n.t('{0} (merged)', subject.user ?? l10n.t('All users'));
    await this.#show(open?.uri ?? tailUri(subject, 1, name), ViewColumn.Active, false);
  }

  /** Of the active editor's tail, like all that follow. */
  toggleFollow(): void {
    const tail = this.#active();
    tail?.setFollowing(!tail.status.following);
  }

  setPaused(paused: boolean): void {
    this.#active()?.setPaused(paused);
  }

  async clear(): Promise<void> {
    await this.#active()?.clear();
  }

  async loadOlder(): Promise<void> {
    await this.#active()?.loadOlder();
  }

  async filter(): Promise<void> {
    const tail = this.#active();
    if (tail === undefined) return;
    const subject = subjectOf(tail.uri);
    await askForFilter(tail.status.query, async (query) => {
      await this.#reopen(tail, query);
      await this.#memory.keepQuery(keyOf(subject), query);
    });
  }

  showLastError(): void {
    const editor = window.activeTextEditor;
    const tail = this.#active();
    if (editor === undefined || tail?.showLastError(editor)) return;
    void window.setStatusBarMessage(l10n.t('There is no error in what the tail holds.'), 5000);
  }

  /** The encoding of a log is another. */
  async encodingChanged(path: string): Promise<void> {
    for (const tail of this.#tails.values()) {
      const subject = subjectOf(tail.uri);
      if (subject.kind === 'log' && subject.path === path) await this.#reopen(tail, tail.status.query);
    }
  }

  // Constant: a new size or time would make VS Code reload the text.
  override async stat(): Promise<FileStat> {
    return { type: FileType.File, ctime: 0, mtime: 0, size: 0 };
  }

  override async readFile(uri: Uri): Promise<Uint8Array> {
    // VS Code may read a document more than once: it gets what stands there, and the tail goes on.
    const known = this.#tails.get(uri.toString());
    const tail = known?.isClosed === false ? known : await this.#start(uri);
    return encodeText(tail.text);
  }

  dispose(): void {
    clearTimeout(this.#statusTimer);
    for (const tail of this.#tails.values()) this.#end(tail);
    this.#tails.clear();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #hooksOf(tail: () => TailDocument): TailHooks {
    return {
      limits: () => limitsOf(tailWindow()),
      changed: () => this.#changed(tail()),
      fail: this.#report,
      older: (at) => this.#server.request('safelog/tail/older', { tail: tail().tail, at, bytes: step }),
    };
  }

  /** With the filter that it had; without, where that cannot be used any more. */
  async #restore(uri: Uri): Promise<{ opened: OpenTailResult; query: string }> {
    const query = this.#memory.query(keyOf(subjectOf(uri)));
    try {
      return { opened: await this.#follow(uri, query), query };
    } catch (error) {
      if (query === '') throw error;
      this.#report(error);
      return { opened: await this.#follow(uri, ''), query: '' };
    }
  }

  #follow(uri: Uri, query: string): Promise<OpenTailResult> {
    const subject = subjectOf(uri);
    const encoding = subject.kind === 'log' ? this.#memory.encoding(subject.path) : undefined;
    return this.#server.request('safelog/tail/open', {
      source: sourceOf(subject),
      filter: filterOf(subject, query),
      bytes: step,
      ...(encoding !== undefined && { encoding }),
    });
  }

  async #reopen(tail: TailDocument, query: string): Promise<void> {
    const old = tail.tail;
    tail.reopened(await this.#follow(tail.uri, query), query);
    await this.#server.request('safelog/tail/close', { tail: old });
  }

  async #show(uri: Uri, viewColumn: ViewColumn, preserveFocus: boolean): Promise<void> {
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { viewColumn, preserveFocus, preview: false });
    this.#of(document)?.attach(document);
  }

  async #opened(document: TextDocument): Promise<void> {
    if (document.uri.scheme !== schemes.tail) return;
    const known = this.#of(document);
    // The extension host was started anew, and the document stayed open.
    const tail = known ?? (await this.#start(document.uri));
    tail.attach(document);
    if (known === undefined) await this.#reopen(tail, tail.status.query);
  }

  #start(uri: Uri): Promise<TailDocument> {
    const key = uri.toString();
    const starting = this.#starting.get(key) ?? this.#begin(uri, key).finally(() => this.#starting.delete(key));
    this.#starting.set(key, starting);
    return starting;
  }

  async #begin(uri: Uri, key: string): Promise<TailDocument> {
    const { opened, query } = await this.#restore(uri);
    const tail: TailDocument = new TailDocument(
      uri,
      opened,
      query,
      this.#hooksOf(() => tail),
    );
    const earlier = this.#tails.get(key);
    this.#tails.set(key, tail);
    if (earlier !== undefined) this.#end(earlier);
    setTimeout(() => this.#endUnopened(key, tail), unopenedMs).unref();
    return tail;
  }

  /** VS Code also closes and opens a document whose language changes: only one that stays closed has ended. */
  #closed({ uri }: TextDocument): void {
    const key = uri.toString();
    const tail = this.#tails.get(key);
    if (tail === undefined) return;
    setTimeout(() => {
      if (this.#tails.get(key) !== tail || workspace.textDocuments.some((document) => document.uri.toString() === key)) return;
      this.#tails.delete(key);
      this.#end(tail);
    }, 0);
  }

  #endUnopened(key: string, tail: TailDocument): void {
    if (tail.attached || this.#tails.get(key) !== tail) return;
    this.#tails.delete(key);
    this.#end(tail);
  }

  #end(tail: TailDocument): void {
    tail.dispose();
    this.#server.request('safelog/tail/close', { tail: tail.tail }).catch(this.#report);
  }

  async #reopenAll(): Promise<void> {
    for (const tail of this.#tails.values()) {
      try {
        tail.reopened(await this.#follow(tail.uri, tail.status.query), tail.status.query);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #changed(tail: TailDocument): void {
    if (tail === this.#active()) this.#showStatus();
    const { older } = tail.status;
    if (this.#olderShown.get(tail) !== older) {
      this.#olderShown.set(tail, older);
      this.#lens.changed();
    }
    if (tail.isWorn && !this.#turning) {
      this.#turning = true;
      this.#turnOver(tail)
        .catch(this.#report)
        .finally(() => {
          this.#turning = false;
        });
    }
  }

  /** A new document goes on in the place of one that has used up much of the window's memory. */
  async #turnOver(tail: TailDocument): Promise<void> {
    const editor = window.visibleTextEditors.find(({ document }) => this.#of(document) === tail);
    if (editor?.viewColumn === undefined) return;
    const hadFocus = window.activeTextEditor === editor;
    const old = tail.uri.toString();
    await this.#show(nextUri(tail.uri), editor.viewColumn, !hadFocus);
    const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
    await window.tabGroups.close(
      tabs.filter(({ input }) => input instanceof TabInputText && input.uri.toString() === old),
      true,
    );
  }

  #showStatus(): void {
    clearTimeout(this.#statusTimer);
    const status = this.#active()?.status;
    this.#status.show(status);
    this.#setContext(contextKeys.tailActive, status !== undefined);
    this.#setContext(contextKeys.tailPaused, status?.paused === true);
    if (status !== undefined && status.linesPerSecond > 0) this.#statusTimer = setTimeout(() => this.#showStatus(), statusMs);
  }

  /** Often the same: VS Code is told of what is another. */
  #setContext(key: string, value: boolean): void {
    if (this.#shown.get(key) === value) return;
    this.#shown.set(key, value);
    void commands.executeCommand('setContext', key, value);
  }

  #active(): TailDocument | undefined {
    const document = window.activeTextEditor?.document;
    return document === undefined ? undefined : this.#of(document);
  }

  #of({ uri }: TextDocument): TailDocument | undefined {
    return uri.scheme === schemes.tail ? this.#tails.get(uri.toString()) : undefined;
  }

  #byNumber(tail: number): TailDocument | undefined {
    for (const candidate of this.#tails.values()) if (candidate.tail === tail) return candidate;
    return undefined;
  }
}
