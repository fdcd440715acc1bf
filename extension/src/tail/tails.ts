/** "Tail in Editor": documents of the scheme `safelog-tail`, read-only, that grow by edits (a change event would reload the whole text). */

import {
  commands,
  type Disposable,
  type FileStat,
  FileType,
  TabInputText,
  type TextDocument,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';
import { contextKeys, schemes } from '../ids.ts';
import { encodeText, ReadOnlyFileSystem } from '../logFileSystem.ts';
import type { Server } from '../server.ts';
import { TailDocument } from './tailDocument.ts';
import { TailStatusBar } from './tailStatusBar.ts';
import { limits } from './window.ts';

/** A text that was read but not opened as a document in this time is not followed any longer. */
const unopenedMs = 30_000;

export class Tails extends ReadOnlyFileSystem implements Disposable {
  readonly #server: Server;
  readonly #report: (error: unknown) => void;
  readonly #tails = new Map<string, TailDocument>();
  readonly #status = new TailStatusBar();
  readonly #disposables: Disposable[];
  #turning = false;

  constructor(server: Server, report: (error: unknown) => void) {
    super();
    this.#server = server;
    this.#report = report;
    this.#disposables = [
      workspace.registerFileSystemProvider(schemes.tail, this, { isReadonly: true, isCaseSensitive: true }),
      server.onNotification('safelog/tail/appended', (appended) => this.#byNumber(appended.tail)?.append(appended)),
      server.onDidRestart(() => void this.#reopenAll()),
      workspace.onDidOpenTextDocument((document) => this.#opened(document)),
      workspace.onDidCloseTextDocument((document) => this.#closed(document)),
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.#of(textEditor.document)?.scrolled(textEditor)),
      window.onDidChangeVisibleTextEditors((editors) => {
        for (const { document } of editors) this.#of(document)?.shown();
      }),
      window.onDidChangeActiveTextEditor(() => this.#showStatus()),
      this.#status,
    ];
    this.#showStatus();
  }

  /** Opens the log's tail, or shows the one that is open. */
  async open(path: string): Promise<void> {
    const open = [...this.#tails.values()].find(({ uri, attached }) => attached && uri.fsPath === path);
    await this.#show(open?.uri ?? tailUri(path, 1), ViewColumn.Active, false);
  }

  /** Of the active editor's tail. */
  toggleFollow(): void {
    const tail = this.#active();
    tail?.setFollowing(!tail.status.following);
  }

  // Constant: a new size or time would make VS Code reload the text.
  override async stat(): Promise<FileStat> {
    return { type: FileType.File, ctime: 0, mtime: 0, size: 0 };
  }

  override async readFile(uri: Uri): Promise<Uint8Array> {
    const opened = await this.#server.request('safelog/tail/open', { path: uri.fsPath, bytes: limits.first });
    const key = uri.toString();
    const earlier = this.#tails.get(key);
    const tail = new TailDocument(uri, opened, () => this.#changed(tail), this.#report);
    this.#tails.set(key, tail);
    if (earlier !== undefined) this.#end(earlier);
    const document = workspace.textDocuments.find((candidate) => candidate.uri.toString() === key);
    if (document !== undefined) tail.attach(document);
    else setTimeout(() => this.#endUnopened(key, tail), unopenedMs).unref();
    return encodeText(opened.text);
  }

  dispose(): void {
    for (const tail of this.#tails.values()) this.#end(tail);
    this.#tails.clear();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #show(uri: Uri, viewColumn: ViewColumn, preserveFocus: boolean): Promise<void> {
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { viewColumn, preserveFocus, preview: false });
    this.#of(document)?.attach(document);
  }

  #opened(document: TextDocument): void {
    this.#of(document)?.attach(document);
  }

  /** VS Code also closes and opens a document whose language changes: only one that stays closed has ended. */
  #closed({ uri }: TextDocument): void {
    const key = uri.toString();
    if (!this.#tails.has(key)) return;
    setTimeout(() => {
      const tail = this.#tails.get(key);
      if (tail === undefined || workspace.textDocuments.some((document) => document.uri.toString() === key)) return;
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
        tail.reopened(await this.#server.request('safelog/tail/open', { path: tail.uri.fsPath, bytes: limits.first }));
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #changed(tail: TailDocument): void {
    if (tail === this.#active()) this.#status.show(tail.status);
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
    await this.#show(tailUri(tail.uri.fsPath, Number(tail.uri.query || '1') + 1), editor.viewColumn, !hadFocus);
    const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
    await window.tabGroups.close(
      tabs.filter(({ input }) => input instanceof TabInputText && input.uri.toString() === old),
      true,
    );
  }

  #showStatus(): void {
    const tail = this.#active();
    this.#status.show(tail?.status);
    void commands.executeCommand('setContext', contextKeys.tailActive, tail !== undefined);
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

/** The number tells the documents of one log apart, one after the other. */
function tailUri(path: string, number: number): Uri {
  return Uri.file(path).with({ scheme: schemes.tail, query: String(number) });
}
