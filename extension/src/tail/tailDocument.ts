/** One growing document: what came from the server, what stands in the editor, and whether the editor sticks to its end. */

import {
  l10n,
  Position,
  Range,
  Selection,
  type TextDocument,
  type TextDocumentContentChangeEvent,
  type TextEditor,
  TextEditorRevealType,
  type Uri,
  WorkspaceEdit,
  window,
  workspace,
} from 'vscode';
import type { OpenTailResult, TailAppended, TailPart, TailPlace } from '../../../server/src/protocol.ts';
import { showNul } from '../logFileSystem.ts';
import { Rate } from './rate.ts';
import { countLines, Extents, type Limits, lineOfLf, most, nextStep, Pending, turnover } from './window.ts';

/** One edit at most in this time: at 10 a second an 8 MB document takes 10 000 lines a second without being felt. */
const batchMs = 100;
/** VS Code reports where an editor is scrolled to some time after older text was put above; what it says meanwhile is of no use. */
const settleMs = 400;

export interface TailStatus {
  following: boolean;
  /** Nothing is shown that comes, until one goes on. */
  paused: boolean;
  /** Lines that wait outside of the document. */
  waiting: number;
  restarted: { how: NonNullable<TailAppended['restarted']>; at: Date } | undefined;
  linesPerSecond: number;
  /** Since the tail was opened, or cleared. */
  errors: number;
  /** In the query language; empty for none. */
  query: string;
  /** Whether there may be text before the document's. */
  older: 'more' | 'loading' | 'none';
}

export interface TailHooks {
  limits(): Limits;
  changed(): void;
  fail(error: Error): void;
  older(at: TailPlace | null): Promise<TailPart | null>;
}

export class TailDocument {
  readonly uri: Uri;
  /** The server's number of this tail. */
  tail: number;
  readonly #hooks: TailHooks;
  readonly #extents = new Extents();
  readonly #rate = new Rate();
  #document: TextDocument | undefined;
  /** Until the document is there. */
  #opened: string;
  #pending: Pending;
  /** The next batch stands in the place of all that is there. */
  #replace = false;
  #query: string;
  #appended = 0;
  #following = true;
  #paused = false;
  #restarted: TailStatus['restarted'];
  #older: TailStatus['older'] = 'more';
  #errors = 0;
  /** The document's line on which the newest error begins. */
  #lastError: number | undefined;
  #firstVisible = 0;
  #settledAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Edits of one document wait for each other. */
  #edits: Promise<unknown> = Promise.resolve();

  constructor(uri: Uri, opened: OpenTailResult, query: string, hooks: TailHooks) {
    this.uri = uri;
    this.tail = opened.tail;
    this.#query = query;
    this.#hooks = hooks;
    this.#pending = this.#newPending();
    this.#opened = showNul(opened.text);
    this.#place([{ ...opened, text: this.#opened }], 0);
    this.#noOlderWhereUnknown();
  }

  get status(): TailStatus {
    return {
      following: this.#following && !this.#paused,
      paused: this.#paused,
      waiting: this.#pending.lines,
      restarted: this.#restarted,
      linesPerSecond: this.#rate.perSecond(Date.now()),
      errors: this.#errors,
      query: this.#query,
      older: this.#older,
    };
  }

  get attached(): boolean {
    return this.#document !== undefined;
  }

  get isClosed(): boolean {
    return this.#document?.isClosed === true;
  }

  /** What stands in the document. */
  get text(): string {
    return this.#document?.getText() ?? this.#opened;
  }

  /** So much went through this document that a new one should take over. */
  get isWorn(): boolean {
    return this.#appended > turnover && this.#following && !this.#paused;
  }

  attach(document: TextDocument): void {
    this.#document = document;
    this.#opened = '';
    this.#reveal();
    this.#schedule();
  }

  append(appended: TailAppended): void {
    const { restarted, errors } = appended;
    const text = showNul(appended.text);
    if (restarted !== undefined) this.#restarted = { how: restarted, at: new Date() };
    this.#rate.add(countLines(text), Date.now());
    this.#errors += errors;
    this.#pending.push({ ...appended, text });
    this.#schedule();
    this.#hooks.changed();
  }

  /** Another tail goes on (the server was restarted, or the filter is another): its text stands in the place of all that was there. */
  reopened(opened: OpenTailResult, query: string): void {
    this.tail = opened.tail;
    this.#query = query;
    this.#pending = this.#newPending();
    this.#pending.push({ ...opened, text: showNul(opened.text) });
    this.#replace = true;
    this.#older = 'more';
    this.#errors = 0;
    this.#paused = false;
    this.#following = true;
    this.#schedule();
    this.#hooks.changed();
  }

  setFollowing(following: boolean): void {
    if (following) this.#paused = false;
    if (this.#following !== following) this.#following = following;
    if (following) {
      this.#reveal();
      this.#schedule();
    }
    this.#hooks.changed();
  }

  /** Paused, the document stays as it is; what comes waits. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.setFollowing(true);
    this.#hooks.changed();
  }

  /** Empties the document; what comes is shown as before. */
  async clear(): Promise<void> {
    await this.#exclusively(async (document) => {
      this.#pending.take();
      await this.#edit(document, [], this.#extents.length);
      this.#errors = 0;
    });
    this.#hooks.changed();
  }

  /** Puts what stands before the document's text above it, and shows where it joins on. */
  async loadOlder(): Promise<void> {
    if (this.#older !== 'more') return;
    if (this.#extents.length > most) {
      throw new Error(l10n.t('The tail holds as much as an editor can take. The timeline shows the whole log.'));
    }
    // Following would trim what is being loaded.
    this.#following = false;
    this.#older = 'loading';
    this.#hooks.changed();
    try {
      await this.#exclusively(async (document) => {
        const part = await this.#hooks.older(this.#extents.first?.at ?? this.#pending.first?.at ?? null);
        this.#older = part === null ? 'none' : 'more';
        if (part === null) return;
        const read = showNul(part.text);
        // A generation may end without a line end.
        const text = read.endsWith('\n') ? read : `${read}\n`;
        const edit = new WorkspaceEdit();
        edit.insert(this.uri, new Position(0, 0), text);
        await this.#apply(edit, text.length);
        this.#extents.prepend({ ...part, text });
        const lines = countLines(text);
        if (this.#lastError !== undefined) this.#lastError += lines;
        else if (part.lastError >= 0) this.#lastError = lineOfLf(text, part.lastError);
        this.#settledAt = Date.now() + settleMs;
        for (const editor of this.#editors()) {
          const joint = Math.min(lines, document.lineCount - 1);
          editor.revealRange(new Range(joint, 0, joint, 0), TextEditorRevealType.AtTop);
        }
      });
    } finally {
      if (this.#older === 'loading') this.#older = 'more';
      this.#hooks.changed();
    }
  }

  /** Puts the cursor on the newest error. @returns whether the document has one */
  showLastError(editor: TextEditor): boolean {
    const line = this.#lastError;
    if (line === undefined || line >= editor.document.lineCount) return false;
    this.setFollowing(false);
    editor.selection = new Selection(line, 0, line, 0);
    editor.revealRange(new Range(line, 0, line, 0), TextEditorRevealType.InCenterIfOutsideViewport);
    return true;
  }

  /** The editor shows other lines: at the end it follows; scrolled up it lets go. */
  scrolled(editor: TextEditor): void {
    const first = editor.visibleRanges[0]?.start.line ?? 0;
    const last = editor.visibleRanges.at(-1)?.end.line ?? 0;
    const wentUp = first < this.#firstVisible && Date.now() > this.#settledAt;
    const wentDown = first > this.#firstVisible && Date.now() > this.#settledAt;
    this.#firstVisible = first;
    if (this.#paused) return;
    if (last >= editor.document.lineCount - 2) {
      // A short document shows its end whatever one does: only going there counts.
      if (!this.#following && wentDown) this.setFollowing(true);
    } else if (wentUp && this.#following) this.setFollowing(false);
  }

  /** The head went: what is visible has other numbers now, and nobody has scrolled. VS Code tells of this in order with `scrolled`. */
  edited(changes: readonly TextDocumentContentChangeEvent[]): void {
    for (const { range, text } of changes) {
      if (range.start.line > 0 || range.isEmpty) continue;
      this.#firstVisible = text === '' ? Math.max(0, this.#firstVisible - range.end.line) : 0;
    }
  }

  /** The document may have become visible. */
  shown(): void {
    this.#schedule();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#document = undefined;
  }

  #newPending(): Pending {
    return new Pending(2 * this.#hooks.limits().trimmedTo);
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#document === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#exclusively((document) => this.#flush(document)).catch((error: unknown) =>
        this.#hooks.fail(error instanceof Error ? error : new Error(String(error))),
      );
    }, batchMs);
  }

  #exclusively(job: (document: TextDocument) => Promise<void>): Promise<void> {
    const run = this.#edits.then(() => (this.#document === undefined ? undefined : job(this.#document)));
    this.#edits = run.catch(() => undefined);
    return run;
  }

  async #flush(document: TextDocument): Promise<void> {
    if (this.#paused || (this.#pending.length === 0 && !this.#replace)) return;
    // Nobody sees it: the text waits here, bounded, and costs no edit.
    if (this.#editors().length === 0) return;
    const { length } = this.#extents;
    const step = this.#replace
      ? ({ kind: 'slide', drop: length } as const)
      : nextStep(length, this.#pending.length, this.#following, this.#hooks.limits());
    if (step.kind === 'hold') {
      this.#hooks.changed();
      return;
    }
    try {
      const { parts, gap } = this.#pending.take(this.#following ? this.#hooks.limits().trimmedTo : undefined);
      const drop = gap || this.#replace ? length : step.kind === 'slide' ? step.drop : 0;
      this.#replace = false;
      await this.#edit(document, parts, drop);
      if (this.#following) this.#reveal();
    } finally {
      this.#hooks.changed();
      if (this.#pending.length > 0) this.#schedule();
    }
  }

  /** Lets go of the document's head, and puts parts at its end. */
  async #edit(document: TextDocument, parts: readonly TailPart[], drop: number): Promise<void> {
    const end = document.lineAt(document.lineCount - 1).range.end;
    const text = parts.map((part) => part.text).join('');
    const edit = new WorkspaceEdit();
    const gone = drop === 0 ? 0 : this.#extents.trim(drop);
    if (gone === undefined || this.#extents.length === 0) {
      this.#extents.clear();
      this.#lastError = undefined;
      edit.replace(this.uri, new Range(new Position(0, 0), end), text);
      this.#place(parts, 0);
    } else {
      if (gone > 0) edit.delete(this.uri, new Range(0, 0, gone, 0));
      edit.insert(this.uri, end, text);
      if (this.#lastError !== undefined) this.#lastError = this.#lastError < gone ? undefined : this.#lastError - gone;
      this.#place(parts, end.line - gone);
    }
    if (drop > 0) this.#older = 'more';
    this.#noOlderWhereUnknown();
    await this.#apply(edit, text.length);
  }

  /** Notes parts that stand in the document from a line on. */
  #place(parts: readonly TailPart[], line: number): void {
    let at = line;
    for (const part of parts) {
      this.#extents.append(part);
      if (part.lastError >= 0) this.#lastError = at + lineOfLf(part.text, part.lastError);
      at += countLines(part.text);
    }
  }

  #noOlderWhereUnknown(): void {
    const { first } = this.#extents;
    if (first !== undefined && first.at === null) this.#older = 'none';
  }

  async #apply(edit: WorkspaceEdit, added: number): Promise<void> {
    this.#appended += added;
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
