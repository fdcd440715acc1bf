import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import { decodeRows, type Row } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';
import { levelClass, levelWord } from './levels.ts';
import type { Session } from './session.ts';
import { safeText } from './text.ts';

/** So many are listed. */
const MOST = 20;

/** The entries that look most like some words, which may be misspelt: the best first, to go from one to the next. */
export class BestMatches {
  readonly id = 'best-matches';
  rows: readonly Row[] = [];
  #at = -1;

  constructor(
    readonly session: Session,
    /** Goes to an entry of the list. */
    readonly goTo: (row: Row) => void,
  ) {}

  /** The one that one is at. */
  get current(): Row | undefined {
    return this.rows[this.#at];
  }

  get message(): string {
    if (this.rows.length === 0) return t('No results');
    const { length } = this.rows;
    return this.#at < 0 ? t('{0} best', length) : t('{0} of {1} best', this.#at + 1, length);
  }

  get isOpen(): boolean {
    return this.rows.length > 0;
  }

  /** Of the element of the one that one is at. */
  get activeId(): string | undefined {
    return this.#at < 0 ? undefined : `${this.id}-${this.#at}`;
  }

  clear(): void {
    this.rows = [];
    this.#at = -1;
  }

  /** @throws what the server says; Cancelled when the signal aborts */
  async search(text: string, signal: AbortSignal): Promise<void> {
    const { view, host } = this.session;
    if (view === null) return;
    const blob = await host.request('safelog/view/like', { view, text, count: MOST }, signal);
    this.rows = blob === null ? [] : decodeRows(blob);
    this.#at = -1;
  }

  /** To the next worse one, or the next better one; wraps round. */
  step(direction: 'next' | 'previous'): void {
    const { length } = this.rows;
    if (length === 0) return;
    this.#go(direction === 'next' ? (this.#at + 1) % length : (Math.max(this.#at, 0) - 1 + length) % length);
  }

  #go(index: number): void {
    this.#at = index;
    const row = this.rows[index];
    if (row) this.goTo(row);
  }

  list(): TemplateResult | typeof nothing {
    if (this.rows.length === 0) return nothing;
    const { clock } = this.session;
    return html`<div class="best" role="listbox" id=${this.id} aria-label=${t('Best matches')}>
      ${this.rows.map(
        (row, index) => html`<div role="option" id=${`${this.id}-${index}`} aria-selected=${String(index === this.#at)}
          class=${classMap({ option: true, active: index === this.#at })} @click=${() => this.#go(index)}>
          <span class="when" title=${clock.full(row.time, row.offset)}>${clock.time(row.time, row.offset)}</span>
          <span class=${levelClass(row.level)}>${levelWord(row.level)}</span>
          <span class="name">${safeText(row.text.split('\n', 1)[0] ?? '', 'strip').text}</span></div>`,
      )}
    </div>`;
  }
}
