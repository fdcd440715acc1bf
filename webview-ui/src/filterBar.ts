import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import { type Filter, levelClasses } from '../../server/src/protocol.ts';
import { type Facet, FacetCounts } from './facetCounts.ts';
import { withoutText } from './filterBox.ts';
import { LEVEL_CLASSES, LEVELS } from './levels.ts';
import { markMenu } from './markMenu.ts';
import type { Choice } from './pickList.ts';
import './pickList.ts';
import { t } from './l10n.ts';
import type { Session } from './session.ts';
import type { TimelineList } from './timelineList.ts';

/** Entries around each hit, where the settings do not say how many. */
const CONTEXT = 3;

/** What is filtered, and how the list looks. */
export class FilterBar extends LitElement {
  static override properties = { session: { attribute: false }, list: { attribute: false } };

  declare session: Session;
  declare list: TimelineList;
  #counts: FacetCounts | undefined;
  #listening: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#counts ??= new FacetCounts(this.session);
    const update = (): void => this.requestUpdate();
    this.#listening = [this.session.changed.on(update), this.list.changed.on(update), this.#counts.changed.on(update)];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#listening) stop();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const { session, list } = this;
    const { filter, settings } = session;
    const around = settings.context || CONTEXT;
    return html`
      <div class="filters" role="search" aria-label=${t('Filter')}>
        <safelog-filter-box .session=${session}></safelog-filter-box>
        <safelog-pick-list .label=${t('Level')} .shown=${levelShown(filter)} .chosen=${levelsChosen(filter)} .multiple=${true}
          .choices=${this.#levelChoices()} @look=${(event: CustomEvent<boolean>) => this.#look('levels', event)}
          @choose=${(event: CustomEvent<string[]>) => this.#chooseLevels(event.detail)}></safelog-pick-list>
        ${this.#names(t('Users'), 'users', false)} ${this.#names(t('Modules'), 'modules', true)}
        ${this.#namedQueries()}
        <button type="button" class="action text exceptions" aria-label=${t('Exceptions')} aria-pressed=${String(filter.exceptions === true)}
          title=${t('Only entries with a traceback, at any level')} @click=${() => this.#set('exceptions', !filter.exceptions)}>
          <span class="codicon codicon-flame" aria-hidden="true"></span><span class="name">${t('Exceptions')}</span>
        </button>
      </div>
      <div class="actions" role="toolbar" aria-label=${t('View')}>
        ${action('search', t('Find (Ctrl+F)'), undefined, () => session.command.fire('find'))}
        ${action('watch', t('Go to Time (Ctrl+G)'), undefined, () => session.command.fire('goToTime'))}
        ${action('graph', t('Show Entries over Time'), settings.histogram, () => session.set('timeline.histogram', !settings.histogram))}
        <button type="button" class="action text" aria-label=${t('±{0}: Show Entries around Each Hit', around)} aria-pressed=${String(settings.context > 0)}
          title=${t('While a filter is on, show {0} entries of the same log around each one that passes', around)}
          @click=${() => session.set('timeline.context', settings.context > 0 ? 0 : CONTEXT)}>±${around}</button>
        <button type="button" class="action codicon codicon-bookmark" aria-label=${t('Marks')} title=${t('Marks')} aria-haspopup="menu"
          @click=${(event: MouseEvent) => list.menu.openAt(event.currentTarget as HTMLElement, t('Marks'), markMenu(list))}></button>
        ${action('export', t('Export What Is Shown…'), undefined, () => list.rows.export())}
        ${action('unfold', t('Unfold All Shown'), undefined, () => list.toggleShown())}
        ${action('word-wrap', t('Wrap Long Lines'), settings.wrap, () => session.set('wrap', !settings.wrap))}
        <button type="button" class="action text" title=${t('Show Microseconds')} aria-pressed=${String(settings.microseconds)}
          @click=${() => session.set('microseconds', !settings.microseconds)}>µs</button>
        ${action('layout-panel', t('Show Details (Enter)'), session.layout.details, () => list.showDetails(!session.layout.details))}
        ${action('arrow-circle-down', t('Follow New Entries'), list.following, () => this.#toggleFollow())}
      </div>`;
  }

  /** Users or modules to tick. */
  #names(label: string, facet: 'users' | 'modules', wildcards: boolean): TemplateResult {
    const { filter, state } = this.session;
    const choices = (state?.[facet] ?? []).map((name) => ({ value: name, label: name, count: this.#counts?.of(facet, name) }));
    return html`<safelog-pick-list .label=${label} .shown=${namesShown(label, filter[facet])} .chosen=${filter[facet] ?? []} .multiple=${true} .searchable=${true}
      .wildcards=${wildcards} .choices=${choices} @look=${(event: CustomEvent<boolean>) => this.#look(facet, event)}
      @choose=${(event: CustomEvent<string[]>) => this.#set(facet, event.detail)}></safelog-pick-list>`;
  }

  #look(facet: Facet, { detail: isOpen }: CustomEvent<boolean>): void {
    if (isOpen) this.#counts?.watch(facet);
    else if (this.#counts?.facet === facet) this.#counts.watch(null);
  }

  #levelChoices(): Choice[] {
    return [
      ...LEVEL_CLASSES.map(({ name, label }) => ({ value: name, label, count: this.#counts?.of('levels', name) })),
      ...LEVELS.map(({ level, label }) => ({ value: String(level), label: t('{0} and above', label) })),
    ];
  }

  /** Some levels, or one and all above it: what was chosen last counts. */
  #chooseLevels(chosen: readonly string[]): void {
    const { level, levels: _, ...rest } = this.session.filter;
    const threshold = chosen.map(Number).find((number) => !Number.isNaN(number) && number !== level);
    const ticked = levelClasses.filter((name) => chosen.includes(name));
    void this.session.setFilter(threshold === undefined ? { ...rest, levels: ticked } : { ...rest, level: threshold });
  }

  /** The queries of the settings, where there are any. */
  #namedQueries(): TemplateResult | typeof nothing {
    const { filter, settings } = this.session;
    if (settings.queries.length === 0) return nothing;
    const chosen = settings.queries.find(({ query }) => query === filter.query)?.name;
    return html`<safelog-pick-list .label=${t('Queries')} .shown=${chosen ?? t('Queries')} .chosen=${chosen === undefined ? [] : [chosen]}
      .choices=${[{ value: '', label: t('No query') }, ...settings.queries.map(({ name, query }) => ({ value: name, label: name, title: query }))]}
      @choose=${(event: CustomEvent<string[]>) => this.#useQuery(event.detail[0])}></safelog-pick-list>`;
  }

  #useQuery(name: string | undefined): void {
    const query = this.session.settings.queries.find((one) => one.name === name)?.query;
    const rest = withoutText(this.session.filter);
    void this.session.setFilter(query === undefined ? rest : { ...rest, query });
  }

  #toggleFollow(): void {
    if (this.list.following) this.list.follow(false);
    else void this.list.goTo({ at: 'end' }, false);
  }

  #set<N extends keyof Filter>(name: N, value: Filter[N] | undefined): void {
    const { [name]: _, ...rest } = this.session.filter;
    void this.session.setFilter(value === undefined ? rest : { ...rest, [name]: value });
  }
}

function action(icon: string, title: string, pressed: boolean | undefined, run: () => void): TemplateResult {
  const classes = classMap({ action: true, codicon: true, [`codicon-${icon}`]: true });
  return pressed === undefined
    ? html`<button type="button" class=${classes} aria-label=${title} title=${title} @click=${run}></button>`
    : html`<button type="button" class=${classes} aria-label=${title} title=${title} aria-pressed=${String(pressed)} @click=${run}></button>`;
}

function levelShown({ level, levels = [] }: Filter): string {
  if (level === undefined) return levels.length === 0 ? t('Level') : t('Level: {0}', levels.length);
  return t('Level: {0}+', LEVELS.find((known) => known.level === level)?.label ?? level);
}

const levelsChosen = ({ level, levels }: Filter): readonly string[] => (level === undefined ? (levels ?? []) : [String(level)]);

function namesShown(label: string, chosen: readonly string[] = []): string {
  if (chosen.length === 0) return label;
  return chosen.length === 1 ? (chosen[0] ?? '') : `${label}: ${chosen.length}`;
}

customElements.define('safelog-filter-bar', FilterBar);
