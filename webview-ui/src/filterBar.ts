import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { Filter } from '../../server/src/protocol.ts';
import { LEVELS } from './levels.ts';
import { markMenu } from './markMenu.ts';
import './pickList.ts';
import type { Session } from './session.ts';
import { queryError, type SearchChange, searchInput } from './textInput.ts';
import type { TimelineList } from './timelineList.ts';

/** Time from the last key to the filter, in ms. */
const PAUSE = 200;

/** Entries around each hit, where the settings do not say how many. */
const CONTEXT = 3;

/** What is filtered, and how the list looks. */
export class FilterBar extends LitElement {
  static override properties = { session: { attribute: false }, list: { attribute: false }, value: { state: true } };

  declare session: Session;
  declare list: TimelineList;
  declare value: string;
  #matchCase = false;
  #isRegex = false;
  #isQuery = false;
  #shown: Filter = {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listening: (() => void)[] = [];

  constructor() {
    super();
    this.value = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = [this.session.changed.on(() => this.requestUpdate()), this.list.changed.on(() => this.requestUpdate())];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#listening) stop();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(): void {
    const { filter } = this.session;
    if (filter === this.#shown) return;
    this.#shown = filter;
    clearTimeout(this.#timer);
    const text = filter.query ?? filter.regex ?? filter.text ?? '';
    if (text === '' && this.value === '') return;
    this.value = text;
    if (text === '') return;
    this.#isQuery = filter.query !== undefined;
    if (this.#isQuery) return;
    this.#isRegex = filter.regex !== undefined;
    this.#matchCase = filter.ignoreCase !== true;
  }

  protected override render(): TemplateResult {
    const { session, list } = this;
    const { filter, state, settings } = session;
    return html`
      <div class="filters" role="search" aria-label="Filter">
        ${searchInput({
          label: 'Filter text',
          placeholder: this.#isQuery ? 'level>=warning module:web*' : 'Filter by text',
          value: this.value,
          matchCase: this.#matchCase,
          isRegex: this.#isRegex,
          isQuery: this.#isQuery,
          error: filterError(session),
          change: (part) => this.#change(part),
        })}
        <safelog-pick-list .label=${'Level'} .shown=${levelShown(filter)} .chosen=${filter.level === undefined ? [] : [String(filter.level)]}
          .choices=${[{ value: '', label: 'All levels' }, ...LEVELS.map(({ level, label }) => ({ value: String(level), label: `${label} and above` }))]}
          @choose=${(event: CustomEvent<string[]>) => this.#set('level', event.detail[0] === undefined ? undefined : Number(event.detail[0]))}
        ></safelog-pick-list>
        <safelog-pick-list .label=${'Users'} .shown=${namesShown('Users', filter.users)} .chosen=${filter.users ?? []} .multiple=${true}
          .choices=${choices(state?.users)} @choose=${(event: CustomEvent<string[]>) => this.#set('users', event.detail)}></safelog-pick-list>
        <safelog-pick-list .label=${'Modules'} .shown=${namesShown('Modules', filter.modules)} .chosen=${filter.modules ?? []} .multiple=${true}
          .wildcards=${true} .choices=${choices(state?.modules)}
          @choose=${(event: CustomEvent<string[]>) => this.#set('modules', event.detail)}></safelog-pick-list>
        ${this.#namedQueries()}
        <button type="button" class="action text exceptions" aria-label="Exceptions" aria-pressed=${String(filter.exceptions === true)}
          title="Only entries with a traceback, at any level" @click=${() => this.#set('exceptions', !filter.exceptions)}>
          <span class="codicon codicon-flame" aria-hidden="true"></span><span class="name">Exceptions</span>
        </button>
      </div>
      <div class="actions" role="toolbar" aria-label="View">
        ${action('search', 'Find (Ctrl+F)', undefined, () => session.command.fire('find'))}
        ${action('watch', 'Go to Time (Ctrl+G)', undefined, () => session.command.fire('goToTime'))}
        ${action('graph', 'Show Entries over Time', settings.histogram, () => session.set('timeline.histogram', !settings.histogram))}
        <button type="button" class="action text" aria-label="Show Entries around Each Hit" aria-pressed=${String(settings.context > 0)}
          title="While a filter is on, show ${settings.context || CONTEXT} entries of the same log around each one that passes"
          @click=${() => session.set('timeline.context', settings.context > 0 ? 0 : CONTEXT)}>±${settings.context || CONTEXT}</button>
        <button type="button" class="action codicon codicon-bookmark" aria-label="Marks" title="Marks" aria-haspopup="menu"
          @click=${(event: MouseEvent) => list.menu.openAt(event.currentTarget as HTMLElement, 'Marks', markMenu(list))}></button>
        ${action('export', 'Export What Is Shown…', undefined, () => list.rows.export())}
        ${action('unfold', 'Unfold All Shown', undefined, () => list.toggleShown())}
        ${action('word-wrap', 'Wrap Long Lines', settings.wrap, () => session.set('wrap', !settings.wrap))}
        <button type="button" class="action text" title="Show Microseconds" aria-pressed=${String(settings.microseconds)}
          @click=${() => session.set('microseconds', !settings.microseconds)}>µs</button>
        ${action('layout-panel', 'Show Details (Enter)', session.layout.details, () => list.showDetails(!session.layout.details))}
        ${action('arrow-circle-down', 'Follow New Entries', list.following, () => this.#toggleFollow())}
      </div>`;
  }

  /** The queries of the settings, where there are any. */
  #namedQueries(): TemplateResult | typeof nothing {
    const { filter, settings } = this.session;
    if (settings.queries.length === 0) return nothing;
    const chosen = settings.queries.find(({ query }) => query === filter.query)?.name;
    return html`<safelog-pick-list .label=${'Queries'} .shown=${chosen ?? 'Queries'} .chosen=${chosen === undefined ? [] : [chosen]}
      .choices=${[{ value: '', label: 'No query' }, ...settings.queries.map(({ name, query }) => ({ value: name, label: name, title: query }))]}
      @choose=${(event: CustomEvent<string[]>) => this.#useQuery(event.detail[0])}></safelog-pick-list>`;
  }

  #useQuery(name: string | undefined): void {
    const query = this.session.settings.queries.find((one) => one.name === name)?.query;
    const { text: _text, regex: _regex, ignoreCase: _ignoreCase, query: _query, ...rest } = this.session.filter;
    void this.session.setFilter(query === undefined ? rest : { ...rest, query });
  }

  #toggleFollow(): void {
    if (this.list.following) this.list.follow(false);
    else void this.list.goTo({ at: 'end' }, false);
  }

  #set<N extends keyof Filter>(name: N, value: Filter[N] | undefined): void {
    const { [name]: _, ...rest } = this.#withText();
    void this.session.setFilter(value === undefined ? rest : { ...rest, [name]: value });
  }

  #change(part: SearchChange): void {
    this.#matchCase = part.matchCase ?? this.#matchCase;
    this.#isRegex = part.isRegex ?? this.#isRegex;
    this.#isQuery = part.isQuery ?? (this.#isQuery && part.isRegex !== true);
    this.value = part.value ?? this.value;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), part.value === undefined ? 0 : PAUSE);
    this.requestUpdate();
  }

  #send(): void {
    void this.session.setFilter(this.#withText());
    // Our own filter: what is being typed meanwhile must not be set back to it.
    this.#shown = this.session.filter;
  }

  #withText(): Filter {
    const { text: _text, regex: _regex, ignoreCase: _ignoreCase, query: _query, ...rest } = this.session.filter;
    if (this.value === '') return rest;
    if (this.#isQuery) return { ...rest, query: this.value };
    return { ...rest, [this.#isRegex ? 'regex' : 'text']: this.value, ...(this.#matchCase ? {} : { ignoreCase: true }) };
  }
}

/** The state's, as long as it is about the filter that is in force. */
function filterError({ state, filter, filtering }: Session): string | TemplateResult | undefined {
  if (state?.filterErrorAt === undefined || filter.query === undefined || filtering) return state?.filterError;
  return queryError(filter.query, state.filterError ?? '', state.filterErrorAt);
}

function action(icon: string, title: string, pressed: boolean | undefined, run: () => void): TemplateResult {
  const classes = classMap({ action: true, codicon: true, [`codicon-${icon}`]: true });
  return pressed === undefined
    ? html`<button type="button" class=${classes} aria-label=${title} title=${title} @click=${run}></button>`
    : html`<button type="button" class=${classes} aria-label=${title} title=${title} aria-pressed=${String(pressed)} @click=${run}></button>`;
}

function levelShown({ level }: Filter): string {
  if (level === undefined) return 'Level';
  return `Level: ${LEVELS.find((known) => known.level === level)?.label ?? level}+`;
}

function namesShown(label: string, chosen: readonly string[] = []): string {
  if (chosen.length === 0) return label;
  return chosen.length === 1 ? (chosen[0] ?? '') : `${label}: ${chosen.length}`;
}

function choices(names: readonly string[] = []): { value: string; label: string }[] {
  return names.map((name) => ({ value: name, label: name }));
}

customElements.define('safelog-filter-bar', FilterBar);
