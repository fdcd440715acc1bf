import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Anchor, FindResult, RecordId } from '../../server/src/protocol.ts';
import { BestMatches } from './bestMatches.ts';
import { FindCount } from './findCount.ts';
import { number, t } from './l10n.ts';
import { type Matcher, matcher } from './patterns.ts';
import { type SearchChange, searchInput } from './textInput.ts';
import type { TimelineList } from './timelineList.ts';

const PAUSE = 150;

/** Finds entries without hiding the others. VS Code's own find would see only the rows that happen to be drawn. */
export class FindWidget extends LitElement {
  static override properties = {
    list: { attribute: false },
    open: { state: true },
    value: { state: true },
    message: { state: true },
    error: { state: true },
    searching: { state: true },
  };

  declare list: TimelineList;
  declare open: boolean;
  declare value: string;
  declare message: string;
  declare error: string | undefined;
  declare searching: boolean;
  #matchCase = false;
  #isRegex = false;
  #isLike = false;
  #best: BestMatches | undefined;
  #hit: RecordId | null = null;
  /** Where the search began: what is typed further is looked for from there. */
  #origin: Anchor | null = null;
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #count: FindCount | undefined;
  /** What is being counted, as text. */
  #counted = '';

  constructor() {
    super();
    this.open = false;
    this.value = '';
    this.message = '';
    this.error = undefined;
    this.searching = false;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Opens it and puts the focus there; with what is selected in the text, as VS Code does. */
  async show(): Promise<void> {
    const selected = document.getSelection()?.toString() ?? '';
    this.open = true;
    this.#origin = this.#start();
    if (selected !== '' && !selected.includes('\n') && selected.length < 200) {
      this.value = selected;
      this.#isRegex = false;
    }
    await this.updateComplete;
    const input = this.querySelector('input');
    input?.focus();
    input?.select();
    this.#mark();
  }

  hide(): void {
    if (!this.open) return;
    this.open = false;
    this.#abort.abort();
    this.#endCount();
    this.#hit = null;
    this.list.mark(null, null);
    this.list.grid.focus();
  }

  async find(direction: 'next' | 'previous'): Promise<void> {
    if (!this.open) return this.show();
    if (this.#isLike) return this.#ranked.step(direction);
    await this.#search(this.#hit === null ? this.#start() : { id: this.#hit }, direction, this.#hit === null);
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.open) return nothing;
    return html`<div class="widget find" role="search" aria-label=${t('Find')} @keydown=${this.#onKey}>
      ${searchInput({
        id: 'find',
        label: t('Find'),
        placeholder: t('Find'),
        value: this.value,
        matchCase: this.#matchCase,
        isRegex: this.#isRegex,
        isLike: this.#isLike,
        error: this.error,
        ...(this.#isLike ? { suggestions: this.#ranked } : {}),
        change: (part) => this.#change(part),
      })}
      <span class="found" role="status">${this.searching ? t('Searching…') : this.#told}</span>
      ${
        this.searching
          ? html`<button type="button" class="action codicon codicon-stop-circle" aria-label=${t('Stop Searching')} title=${t('Stop Searching')}
              @click=${() => this.#abort.abort()}></button>`
          : nothing
      }
      <button type="button" class="action codicon codicon-arrow-up" aria-label=${t('Previous Match')} title=${t('Previous Match (Shift+Enter)')}
        @click=${() => this.find('previous')}></button>
      <button type="button" class="action codicon codicon-arrow-down" aria-label=${t('Next Match')} title=${t('Next Match (Enter)')}
        @click=${() => this.find('next')}></button>
      <button type="button" class="action codicon codicon-close" aria-label=${t('Close')} title=${t('Close (Escape)')} @click=${() => this.hide()}></button>
      ${this.#isLike ? this.#ranked.list() : nothing}
    </div>`;
  }

  get #ranked(): BestMatches {
    this.#best ??= new BestMatches(this.list.session, (row) => {
      this.#hit = row.id;
      this.list.follow(false);
      this.requestUpdate();
      void this.list.goTo({ id: row.id }, true).then(() => this.#mark());
    });
    return this.#best;
  }

  /** The row with the focus when one sees it, else the first visible one. */
  #start(): Anchor {
    const { cursor } = this.list.selection;
    const { from, to } = this.list.visible();
    if (cursor && cursor.rank >= from && cursor.rank < to) return { id: cursor.id };
    const top = this.list.top;
    return top ? { id: top.id } : { at: 'start' };
  }

  #change(part: SearchChange): void {
    this.value = part.value ?? this.value;
    this.#matchCase = part.matchCase ?? this.#matchCase;
    this.#isRegex = part.isRegex ?? this.#isRegex;
    this.#isLike = part.isLike ?? this.#isLike;
    this.#best?.clear();
    this.#hit = null;
    this.#abort.abort();
    this.#endCount();
    clearTimeout(this.#timer);
    this.#mark();
    if (this.error === undefined && this.value !== '') {
      this.#timer = setTimeout(() => void this.#search(this.#origin ?? this.#start(), 'next', true), part.value === undefined ? 0 : PAUSE);
    } else this.message = '';
    this.requestUpdate();
  }

  async #search(from: Anchor, direction: 'next' | 'previous', inclusive: boolean): Promise<void> {
    const { session } = this.list;
    if (session.view === null || this.value === '' || this.error !== undefined) return;
    clearTimeout(this.#timer);
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const patience = setTimeout(() => {
      this.searching = true;
    }, 200);
    try {
      if (this.#isLike) return await this.#rank(abort.signal);
      const result = await session.host.request(
        'safelog/view/find',
        { view: session.view, text: this.value, isRegex: this.#isRegex, matchCase: this.#matchCase, from, inclusive, direction },
        abort.signal,
      );
      await this.#showResult(result);
    } catch (error) {
      if (abort === this.#abort && !abort.signal.aborted) {
        this.message = '';
        this.error = error instanceof Error ? error.message : String(error);
      }
    } finally {
      clearTimeout(patience);
      if (abort === this.#abort) this.searching = false;
    }
  }

  async #rank(signal: AbortSignal): Promise<void> {
    await this.#ranked.search(this.value, signal);
    this.message = '';
    this.#ranked.step('next');
    this.requestUpdate();
  }

  async #showResult({ id, rank, wrapped, error }: FindResult): Promise<void> {
    this.error = error;
    if (error !== undefined || id === null) {
      this.message = error === undefined ? t('No results') : '';
      this.#hit = null;
      this.#endCount();
      this.#mark();
      return;
    }
    this.#hit = id;
    this.#origin = { id };
    this.message = wrapped ? t('Wrapped round') : t('Entry {0}', number(rank + 1));
    this.list.follow(false);
    this.#countFrom(id);
    await this.list.goTo({ id }, true);
    this.#mark();
  }

  get #told(): string {
    if (this.#isLike) return this.value === '' ? '' : this.#ranked.message;
    return this.#shownCount ?? this.message;
  }

  get #shownCount(): string | null {
    const text = this.#hit === null ? null : (this.#count?.text ?? null);
    return text !== null && this.message === t('Wrapped round') ? t('{0}, wrapped', text) : text;
  }

  /** The first hit is shown at once; how many there are is counted behind it. */
  #countFrom(id: RecordId): void {
    if (!this.#count) {
      this.#count = new FindCount(this.list.session);
      this.#count.changed.on(() => this.requestUpdate());
    }
    const ignoreCase = !this.#matchCase;
    const filter = { [this.#isRegex ? 'regex' : 'text']: this.value, ...(ignoreCase ? { ignoreCase } : {}) };
    const wanted = JSON.stringify([filter, this.list.session.inForce]);
    this.#count.current = id;
    if (wanted === this.#counted) return;
    this.#counted = wanted;
    void this.#count.start(filter);
  }

  #endCount(): void {
    this.#counted = '';
    this.#count?.stop();
  }

  #mark(): void {
    let find: Matcher | null = null;
    this.error = undefined;
    try {
      // What looks like the words may hold none of them.
      find = this.value === '' || this.#isLike ? null : matcher(this.value, this.#isRegex, this.#matchCase);
    } catch (error) {
      // One that is only too dangerous to draw is still looked for by the server, which can give up.
      if (error instanceof SyntaxError) this.error = error.message;
    }
    this.list.mark(this.open ? find : null, this.#hit);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.hide();
    else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) void this.find(event.shiftKey ? 'previous' : 'next');
    else if (this.#isLike && (event.key === 'ArrowDown' || event.key === 'ArrowUp'))
      this.#ranked.step(event.key === 'ArrowDown' ? 'next' : 'previous');
    else if (event.altKey && event.code === 'KeyC') this.#change({ matchCase: !this.#matchCase });
    else if (event.altKey && event.code === 'KeyR') this.#change({ isRegex: !this.#isRegex });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define('safelog-find', FindWidget);
