import { html, LitElement, type TemplateResult } from 'lit';
import type { Filter, TextFilter } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';
import { completions } from './queryCompletion.ts';
import type { Session } from './session.ts';
import { type Suggestion, Suggestions } from './suggestions.ts';
import { queryError, type SearchChange, searchInput } from './textInput.ts';

/** Time from the last key to the filter, in ms. */
const PAUSE = 200;
/** Time from the last key to what could follow, in ms: who types fast is not held up. */
const SUGGEST = 60;

/** The text, regex or query that is filtered by: one types it, with what could follow, or takes one of before. */
export class FilterBox extends LitElement {
  static override properties = { session: { attribute: false }, value: { state: true } };

  declare session: Session;
  declare value: string;
  #matchCase = false;
  #isRegex = false;
  #isQuery = false;
  #shown: Filter = {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Resolves when the filter that was sent last is known to be right, or not. */
  #sent: Promise<void> = Promise.resolve();
  #suggesting: ReturnType<typeof setTimeout> | undefined;
  readonly #suggestions = new Suggestions('filter-suggestions', t('Suggestions'), () => this.requestUpdate());
  /** Which of the past ones the arrow keys have come to; -1: what was typed. */
  #recalled = -1;
  #typed: TextFilter = {};
  #listening: (() => void) | undefined;

  constructor() {
    super();
    this.value = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = this.session.changed.on(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening?.();
    clearTimeout(this.#suggesting);
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(): void {
    const { filter } = this.session;
    if (filter === this.#shown) return;
    const before = textOf(this.#shown);
    this.#shown = filter;
    const text = textOf(filter);
    // Something else of it is another: what is being typed stays.
    if (text === before) return;
    this.#stop();
    if (text === '' && this.value === '') return;
    this.#take(filter);
  }

  protected override render(): TemplateResult {
    return html`${searchInput({
      id: 'filter-text',
      label: t('Filter text'),
      placeholder: this.#isQuery ? 'level>=warning module:web*' : t('Filter by text'),
      value: this.value,
      matchCase: this.#matchCase,
      isRegex: this.#isRegex,
      isQuery: this.#isQuery,
      error: filterError(this.session),
      suggestions: this.#suggestions,
      change: (part) => this.#change(part),
      onKey: (event) => this.#onKey(event),
      onPress: () => this.#showPast(),
      onLeave: () => {
        this.#suggestions.close();
        void this.#remember();
      },
    })}${this.#suggestions.list()}`;
  }

  protected override updated(): void {
    this.querySelector('.suggestions .active')?.scrollIntoView({ block: 'nearest' });
  }

  get #input(): HTMLInputElement | null {
    return this.querySelector('input');
  }

  /** What is in the box, as a filter. */
  get #text(): TextFilter {
    if (this.value === '') return {};
    if (this.#isQuery) return { query: this.value };
    return { [this.#isRegex ? 'regex' : 'text']: this.value, ...(this.#matchCase ? {} : { ignoreCase: true }) };
  }

  /** Puts a filter's text into the box. */
  #take(filter: TextFilter): void {
    this.value = textOf(filter);
    if (this.value === '') return;
    this.#isQuery = filter.query !== undefined;
    if (this.#isQuery) return;
    this.#isRegex = filter.regex !== undefined;
    this.#matchCase = filter.ignoreCase !== true;
  }

  #change(part: SearchChange): void {
    this.#matchCase = part.matchCase ?? this.#matchCase;
    this.#isRegex = part.isRegex ?? this.#isRegex;
    this.#isQuery = part.isQuery ?? (this.#isQuery && part.isRegex !== true);
    this.value = part.value ?? this.value;
    this.#recalled = -1;
    this.#sendIn(part.value === undefined ? 0 : PAUSE);
    this.#suggestions.close();
    clearTimeout(this.#suggesting);
    if (part.value !== undefined) this.#suggesting = setTimeout(() => this.#suggest(), SUGGEST);
    this.requestUpdate();
  }

  #sendIn(delay: number): void {
    this.#stop();
    this.#timer = setTimeout(() => void this.#send(), delay);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #send(): Promise<void> {
    this.#stop();
    this.#sent = this.session.setFilter({ ...withoutText(this.session.filter), ...this.#text });
    // Our own filter: what is being typed meanwhile must not be set back to it.
    this.#shown = this.session.filter;
    await this.#sent;
  }

  /** What could follow in a query. */
  #suggest(active = -1): void {
    const input = this.#input;
    if (!input || !this.#isQuery || document.activeElement !== input || input.selectionStart !== input.selectionEnd) return;
    const { users = [], modules = [] } = this.session.state ?? {};
    const found = completions(this.value, input.selectionStart ?? this.value.length, { users, modules });
    this.#suggestions.show(
      found.map(
        ({ value, caret, label, help }): Suggestion => ({ label, help, icon: 'symbol-keyword', take: () => this.#complete(value, caret) }),
      ),
      active,
    );
  }

  #complete(value: string, caret: number): void {
    this.#change({ value });
    void this.updateComplete.then(() => {
      this.#input?.setSelectionRange(caret, caret);
      // A field's name is followed by what it can be.
      this.#suggest();
    });
  }

  /** The filters of before, where nothing is typed. */
  #showPast(active = -1): void {
    if (this.value !== '') return;
    const items = this.session.past.map((filter): Suggestion => {
      const kind = filter.query !== undefined ? t('Query') : filter.regex !== undefined ? t('Regular expression') : t('Text');
      return { label: textOf(filter), help: kind, icon: 'history', take: () => this.#recall(filter) };
    });
    this.#suggestions.show(items, active);
  }

  #recall(filter: TextFilter): void {
    this.#suggestions.close();
    this.#take(filter);
    this.#sendIn(0);
    this.requestUpdate();
    void this.updateComplete.then(() => this.#input?.setSelectionRange(this.value.length, this.value.length));
  }

  /** To an older one or a newer one, as in a terminal; the newest of all is what was typed. */
  #step(by: 1 | -1): void {
    const { past } = this.session;
    if (this.#recalled < 0) this.#typed = this.#text;
    // What is in the box is mostly the newest of them.
    const first = by > 0 && this.#recalled < 0 && past[0] && textOf(past[0]) === this.value ? 1 : 0;
    const to = Math.max(-1, Math.min(past.length - 1, this.#recalled + by + first));
    if (to === this.#recalled) return;
    this.#recalled = to;
    this.#recall(past[to] ?? this.#typed);
  }

  #onKey(event: KeyboardEvent): void {
    const { key } = event;
    const control = event.ctrlKey || event.metaKey;
    if (event.isComposing || event.altKey) return;
    clearTimeout(this.#suggesting);
    if (this.#suggestions.onKey(event)) {
      // Handled.
    } else if (key === ' ' && control) this.#suggest(0);
    else if (key === 'ArrowDown' && this.value === '') this.#showPast(0);
    else if (key === 'ArrowUp' || key === 'ArrowDown') this.#step(key === 'ArrowUp' ? 1 : -1);
    else if (key === 'Enter') {
      this.#suggestions.close();
      void this.#remember();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What was used, once one leaves it; nothing that is wrong. */
  async #remember(): Promise<void> {
    const text = this.#text;
    const { session } = this;
    await (this.#timer === undefined ? this.#sent : this.#send());
    if (textOf(text).trim() === '') return;
    if (!session.filtering && session.state?.filterError === undefined) session.remember(text);
  }
}

const textOf = (filter: TextFilter): string => filter.query ?? filter.regex ?? filter.text ?? '';

export function withoutText({ text: _text, regex: _regex, ignoreCase: _ignoreCase, query: _query, ...rest }: Filter): Filter {
  return rest;
}

/** The state's, as long as it is about the filter that is in force. */
function filterError({ state, filter, filtering }: Session): string | TemplateResult | undefined {
  if (state?.filterErrorAt === undefined || filter.query === undefined || filtering) return state?.filterError;
  return queryError(filter.query, state.filterError ?? '', state.filterErrorAt);
}

customElements.define('safelog-filter-box', FilterBox);
