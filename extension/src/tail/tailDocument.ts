/** One growing document: what came from the server, what stands in the editor, and whether the editor sticks to its end. */

import { Position, Range, type TextDocument, type TextEditor, type Uri, WorkspaceEdit, window, workspace } from 'vscode';
import type { TailAppended } from '../../../server/src/protocol.ts';
import { showNul } from '../logFileSystem.ts';
import { limits, nextStep, Pending } from './window.ts';

/** One edit at most in this time: at 10 a second an 8 MB document takes 10 000 lines a second without being felt. */
const batchMs = 100;
/** VS Code reports where an editor is scrolled to some time after the head was trimmed; what it says meanwhile is of no use. */
const settleMs = 400;

export interface TailStatus {
  following: boolean;
  /** Lines that wait outside of the document. */
  waiting: number;
  restarted: { how: NonNullable<TailAppended['restarted']>; at: Date } | undefined;
}

export class TailDocument {
  readonly uri: Uri;
  /** The server's number of this tail. */
  tail: number;
  readonly #changed: () => void;
  readonly #fail: (error: Error) => void;
  #document: TextDocument | undefined;
  #pending = new Pending();
  #replace = false;
  #length: number;
  #appended = 0;
  #following = true;
  #restarted: TailStatus['restarted'];
  #firstVisible = 0;
  #settledAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;

  constructor(uri: Uri, opened: { tail: number; text: string }, changed: () => void, fail: (error: Error) => void) {
    this.uri = uri;
    this.tail = opened.tail;
    this.#length = opened.text.length;
    this.#changed = changed;
    this.#fail = fail;
  }

  get status(): TailStatus {
    return { following: this.#following, waiting: this.#pending.lines, restarted: this.#restarted };
  }

  get attached(): boolean {
    return this.#document !== undefined;
  }

  /** So much went through this document that a new one should take over. */
  get isWorn(): boolean {
    return this.#appended > limits.turnover && this.#following;
  }

  attach(document: TextDocument): void {
    this.#document = document;
    this.#reveal();
    this.#schedule();
  }

  append({ text, restarted }: TailAppended): void {
    if (restarted !== undefined) this.#restarted = { how: restarted, at: new Date() };
    this.#pending.push(showNul(text));
    this.#schedule();
    if (restarted !== undefined || !this.#following) this.#changed();
  }

  /** Another tail of the same log goes on (the server was restarted): its text stands in the place of all that was there. */
  reopened(opened: { tail: number; text: string }): void {
    this.tail = opened.tail;
    this.#pending = new Pending();
    this.#pending.push(showNul(opened.text));
    this.#replace = true;
    this.#schedule();
  }

  setFollowing(following: boolean): void {
    if (this.#following === following) return;
    this.#following = following;
    if (following) {
      this.#reveal();
      this.#schedule();
    }
    this.#changed();
  }

  /** The editor shows other lines: at the end it follows; scrolled up it lets go. */
  scrolled(editor: TextEditor): void {
    const first = editor.visibleRanges[0]?.start.line ?? 0;
    const last = editor.visibleRanges.at(-1)?.end.line ?? 0;
    const wentUp = first < this.#firstVisible && Date.now() > this.#settledAt;
    this.#firstVisible = first;
    if (last >= editor.document.lineCount - 2) this.setFollowing(true);
    else if (wentUp) this.setFollowing(false);
  }

  /** The document may have become visible. */
  shown(): void {
    this.#schedule();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#document = undefined;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#document === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#flush();
    }, batchMs);
  }

  async #flush(): Promise<void> {
    const document = this.#document;
    if (this.#busy || document === undefined || (this.#pending.length === 0 && !this.#replace)) return;
    // Nobody sees it: the text waits here, bounded, and costs no edit.
    if (this.#editors().length === 0) return;
    const step = this.#replace
      ? ({ kind: 'slide', drop: this.#length } as const)
      : nextStep(this.#length, this.#pending.length, this.#following);
    if (step.kind === 'hold') {
      this.#changed();
      return;
    }
    this.#busy = true;
    try {
      const { text, gap } = this.#pending.take();
      const drop = gap || this.#replace ? this.#length : step.kind === 'slide' ? step.drop : 0;
      this.#replace = false;
      await this.#edit(document, text, drop);
      if (this.#following) this.#reveal();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#busy = false;
      this.#changed();
      if (this.#pending.length > 0) this.#schedule();
    }
  }

  async #edit(document: TextDocument, text: string, drop: number): Promise<void> {
    const end = document.lineAt(document.lineCount - 1).range.end;
    const edit = new WorkspaceEdit();
    if (drop >= this.#length) {
      edit.replace(this.uri, new Range(new Position(0, 0), end), text);
      this.#length = text.length;
    } else {
      if (drop > 0) {
        const head = new Position(Math.min(document.positionAt(drop).line + 1, document.lineCount - 1), 0);
        this.#length -= document.offsetAt(head);
        edit.delete(this.uri, new Range(new Position(0, 0), head));
      }
      edit.insert(this.uri, end, text);
      this.#length += text.length;
    }
    if (drop > 0) this.#settledAt = Date.now() + settleMs;
    this.#appended += text.length;
    if (!(await workspace.applyEdit(edit)) && this.#document !== undefined) {
      throw new Error(`VS Code did not take an edit of ${this.uri.path}`);
    }
  }

  #editors(): TextEditor[] {
    return window.visibleTextEditors.filter(({ document }) => document === this.#document);
  }

  #reveal(): void {
    for (const editor of this.#editors()) {
      const line = editor.document.lineCount - 1;
      editor.revealRange(new Range(line, 0, line, 0));
    }
  }
}
