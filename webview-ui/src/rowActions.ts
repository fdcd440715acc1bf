import type { Row } from '../../server/src/protocol.ts';
import { number, t } from './l10n.ts';
import type { Pager } from './pager.ts';
import type { Known, RowCache } from './rows.ts';
import { type Chosen, MAX_SELECTED, type Selection } from './selection.ts';
import type { Session } from './session.ts';

/** Opens a row's log at its line, once that is known. */
export function openRecord(session: Session, { file, line }: Row): void {
  if (line > 0) session.ask('host/openRecord', { file, line });
  else session.say(t('The line is not known yet: {0} is still being read', file));
}

/** Characters of text copied at once. */
const MAX_COPIED = 32 * 1024 * 1024;
/** Records whose text is asked for at once. */
const COPY_STEP = 500;

/** The list, as far as its rows are selected and used. */
export interface RowList {
  readonly session: Session;
  readonly cache: RowCache;
  readonly pager: Pager;
  readonly selection: Selection;
  visible(): { from: number; to: number };
  reveal(rank: number): void;
  invalidate(): void;
}

/** Selects rows, also such as are not here yet, and does things with those that are selected. */
export class RowActions {
  #copying = false;

  constructor(readonly list: RowList) {}

  /** Moves the focus, and the selection with it: to that row alone, or (`extend`) to all from the pivot on. */
  async moveTo(target: number, extend: boolean): Promise<void> {
    const { cache, selection } = this.list;
    if (cache.total === 0) return;
    const rank = Math.min(Math.max(0, target), cache.total - 1);
    this.list.reveal(rank);
    const [record] = await this.#records(rank, rank + 1);
    if (!record) return;
    if (extend) await this.selectTo(record);
    else selection.only(record);
    this.list.invalidate();
  }

  /** Selects from the pivot to here. */
  async selectTo(cursor: Known): Promise<void> {
    const { selection } = this.list;
    const pivot = selection.pivot ?? cursor;
    const from = Math.min(pivot.rank, cursor.rank);
    const to = Math.max(pivot.rank, cursor.rank) + 1;
    const records = await this.#records(pivot.rank < cursor.rank ? from : Math.max(from, to - MAX_SELECTED), to);
    selection.range(records, cursor);
    selection.pivot ??= cursor;
    if (to - from > MAX_SELECTED) this.#sayBound();
    this.list.invalidate();
  }

  /** Selects all rows, or as many as can be from the first visible one on. */
  async selectAll(): Promise<void> {
    const { cache, selection } = this.list;
    const { total } = cache;
    const from = total > MAX_SELECTED ? Math.min(this.list.visible().from, total - MAX_SELECTED) : 0;
    const records = await this.#records(from, total);
    const cursor = selection.cursor ?? records[0];
    if (cursor) selection.range(records, cursor);
    if (total > MAX_SELECTED) this.#sayBound();
    this.list.invalidate();
  }

  /** Copies the selected entries: as they stand in their files, so in a block of Markdown, or as one JSON object a line. */
  async copy(as: 'text' | 'markdown' | 'json' = 'text'): Promise<void> {
    const { session, selection } = this.list;
    const { view, host } = session;
    if (this.#copying || view === null || selection.size === 0) return;
    this.#copying = true;
    try {
      const texts: string[] = [];
      let length = 0;
      const ids = selection.ids();
      for (let at = 0; at < ids.length && length < MAX_COPIED; at += COPY_STEP) {
        for (const text of await host.request('safelog/records/text', {
          view,
          ids: ids.slice(at, at + COPY_STEP),
          form: as === 'json' ? 'json' : 'raw',
        })) {
          if (length >= MAX_COPIED) break;
          texts.push(text.endsWith('\n') ? text : `${text}\n`);
          length += text.length;
        }
      }
      await host.request('host/copy', { text: as === 'markdown' ? fenced(texts.join('')) : texts.join('') });
      if (texts.length < ids.length) {
        session.say(t('Copied the first {0} of {1} entries: all of them are too large', number(texts.length), number(ids.length)));
      }
    } catch (error) {
      session.fail(error);
    } finally {
      this.#copying = false;
    }
  }

  /** Writes all that the list shows to a file. */
  export(): void {
    const { session } = this.list;
    if (session.view === null) return;
    if (session.state?.filterError === undefined) session.ask('host/export', { view: session.view });
    else session.fail(new Error(t('The filter cannot be used: mend it, or clear it, before you export')));
  }

  /** Opens the log of the row that has the focus. */
  open(): void {
    const row = this.#cursorRow();
    if (row) openRecord(this.list.session, row);
  }

  /** Lets the person choose how the log of the row that has the focus reads. */
  setLayout(): void {
    const row = this.#cursorRow();
    if (row) this.list.session.ask('host/setLayout', { file: row.file });
  }

  /** Narrows the filter to the user or the module of the row that has the focus. */
  only(what: 'users' | 'modules'): void {
    const { session } = this.list;
    const row = this.#cursorRow();
    if (row) void session.setFilter({ ...session.filter, [what]: [what === 'users' ? row.user : row.module] });
  }

  #cursorRow(): Row | undefined {
    const { cache, selection, session } = this.list;
    const row = selection.cursor ? cache.get(cache.rankOf(selection.cursor.id) ?? -1) : undefined;
    // A log may be truncated, or be read otherwise, while its menu is open.
    if (!row && selection.cursor) session.say(t('This entry is not shown any more.'));
    return row;
  }

  #sayBound(): void {
    this.list.session.say(t('{0} entries are selected, the most that can be. Filter to select fewer.', number(MAX_SELECTED)));
  }

  async #records(from: number, to: number): Promise<Chosen[]> {
    try {
      return await this.list.pager.records(from, to, MAX_SELECTED);
    } catch (error) {
      this.list.session.fail(error);
      return [];
    }
  }
}

/** A block of Markdown: its fence is longer than any in the text (CommonMark 4.5). */
export function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}log\n${text}${fence}\n`;
}
