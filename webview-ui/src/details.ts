import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { decodeRows, type RecordDetails, type RecordField, type RecordId, type Row } from '../../server/src/protocol.ts';
import { deltaText } from './duration.ts';
import { number, plural, t } from './l10n.ts';
import { levelClass, levelWord } from './levels.ts';
import { drawText, frameOf } from './messageText.ts';
import { openRecord } from './rowActions.ts';
import { rowNotes } from './rowView.ts';
import { sash } from './sash.ts';
import type { Session } from './session.ts';
import { safeText } from './text.ts';
import type { TimelineList } from './timelineList.ts';

/** Rows of the same log before and after the entry. */
const AROUND = 5;
/** px that the pane and what is above it keep. */
const LEAST = 90;
const KEPT_ABOVE = 120;

interface Shown {
  id: RecordId;
  row: Row;
  details: RecordDetails;
  before: Row[];
  after: Row[];
}

/** The pane with the whole entry that has the focus: its text, its fields, and what its log says around it. */
export class Details extends LitElement {
  static override properties = { session: { attribute: false }, list: { attribute: false }, shown: { state: true }, gone: { state: true } };

  declare session: Session;
  declare list: TimelineList;
  declare shown: Shown | null;
  declare gone: boolean;
  /** A neighbour that the list does not show: looked at until another row has the focus. */
  #pinned: { id: RecordId; turn: number } | null = null;
  #asked: string | null = null;
  #abort = new AbortController();
  #listening: (() => void)[] = [];

  constructor() {
    super();
    this.shown = null;
    this.gone = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = [
      this.list.drawn.on(() => this.#follow()),
      this.session.changed.on(() => this.requestUpdate()),
      this.list.marks.changed.on(() => this.requestUpdate()),
      this.session.restyled.on(() => this.requestUpdate()),
    ];
    this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#listening) stop();
    this.#abort.abort();
    this.#asked = null;
  }

  override focus(): void {
    this.querySelector<HTMLElement>('.entry-text')?.focus();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const { layout } = this.session;
    const page = window.innerHeight;
    const most = Math.max(LEAST, page - KEPT_ABOVE);
    const height = Math.min(most, Math.max(LEAST, layout.detailsHeight ?? page * 0.38));
    this.style.height = `${height}px`;
    return html`
      ${sash({
        label: t('Height of the details'),
        ...{ value: height, least: LEAST, most, grows: 'up' },
        resize: (detailsHeight) => this.session.arrange({ detailsHeight }),
        reset: () => this.session.arrange({ detailsHeight: null }),
      })}
      <section class="details" aria-label=${t('Details')} @keydown=${this.#onKey}>${this.shown ? this.#entry(this.shown) : this.#nothing()}</section>`;
  }

  #nothing(): TemplateResult {
    const hint = this.gone ? t('This entry is not there any more') : t('Select an entry to see all of it here');
    return html`<header class="details-head"><span class="hint">${hint}</span><span class="filler"></span>${this.#close()}</header>`;
  }

  #entry(shown: Shown): TemplateResult {
    const { row } = shown;
    const { clock } = this.session;
    return html`
      <header class="details-head">
        <h2><span class=${levelClass(row.level)}>${levelWord(row.level) || t('Entry')}</span> <span>${clock.full(row.time, row.offset)}</span></h2>
        <span class="filler"></span>
        ${this.#action('bookmark', t('Mark or Unmark (M)'), () => this.list.marks.toggle([row.id]))}
        ${this.#action('go-to-file', t('Open at this Place in the File (Ctrl+Enter)'), () => openRecord(this.session, row))}
        ${this.#close()}
      </header>
      <div class="details-body">
        <div class="entry-text" tabindex="0" role="region" aria-label=${t('Text of the entry')} @click=${this.#onClick}>${this.#text(shown)}</div>
        <div class="details-side" tabindex="0" role="region" aria-label=${t('Fields and neighbours')}>
          <dl class="fields">${this.#fields(shown)}</dl>
          ${this.#around(shown)}
        </div>
      </div>`;
  }

  #text({ row, details }: Shown): unknown {
    return html`<pre>${[...drawText(details.text, row.links, this.list.look, { tabbable: true })]}</pre>${
      details.cut > 0
        ? html`<button type="button" class="cut link" @click=${() => openRecord(this.session, row)}>${plural(details.cut, t('{0} more character: open the log'), t('{0} more characters: open the log'))}</button>`
        : nothing
    }`;
  }

  *#fields({ row, details }: Shown): Generator<TemplateResult> {
    const { clock } = this.session;
    yield field(t('Time'), clock.full(row.time, row.offset));
    yield field(t('Level'), levelWord(row.level) || t('none'));
    yield field(t('User'), row.user);
    yield field(t('Module'), row.module);
    const line = row.line > 0 ? `:${row.line}` : '';
    yield field(
      t('File'),
      html`<button type="button" class="link" title=${t('Open at this Place in the File')} @click=${() => openRecord(this.session, row)}>${safe(`${row.file}${line}`)}</button>`,
    );
    if (row.lines > 1) yield field(t('Lines'), number(row.lines));
    const mark = this.list.marks.get(row.id);
    if (mark) yield field(t('Note'), mark.note || t('marked'));
    for (const note of rowNotes(row)) yield field(t('Remark'), note);
    for (const one of details.fields) yield field(one.name, this.#value(one));
  }

  #value({ value, place }: RecordField): TemplateResult | string {
    if (!place) return safe(value);
    return html`<button type="button" class="link" title=${t('Open {0}', safe(value))} @click=${() => this.session.ask('host/openPlace', place)}>${safe(value)}</button>`;
  }

  #around({ row, before, after }: Shown): TemplateResult | typeof nothing {
    if (before.length + after.length === 0) return nothing;
    const { microseconds } = this.session.settings;
    const one = (other: Row): TemplateResult => html`<li>
      <button type="button" class="neighbour" title=${this.session.clock.full(other.time, other.offset)} @click=${() => this.#goTo(other)}>
        <span class="delta">${deltaText(other.time - row.time, microseconds)}</span>
        <span class=${levelClass(other.level)}>${levelWord(other.level)}</span>
        <span class="line">${safe(firstLine(other.text))}</span>
      </button></li>`;
    return html`<h3>${t('Around it in {0}', safe(row.module))}</h3>
      <ul class="neighbours" aria-label=${t('Before and after it in the same log')}>
        ${repeat(before, ({ id }) => id, one)}
        <li class="here" aria-current="true"><span class="delta">${deltaText(0, microseconds)}</span> <span class=${levelClass(row.level)}>${levelWord(row.level)}</span> <span class="line">${safe(firstLine(row.text))}</span></li>
        ${repeat(after, ({ id }) => id, one)}
      </ul>`;
  }

  #action(icon: string, title: string, run: () => unknown): TemplateResult {
    return html`<button type="button" class="action codicon codicon-${icon}" aria-label=${title} title=${title} @click=${run}></button>`;
  }

  #close(): TemplateResult {
    return this.#action('close', t('Close Details (Escape)'), () => this.list.showDetails(false));
  }

  /** To a neighbour: in the list where it is shown there, else here alone. */
  async #goTo({ id }: Row): Promise<void> {
    await this.list.goTo({ id }, true);
    const cursor = this.list.selection.cursor?.id;
    this.#pinned = cursor === id ? null : { id, turn: this.list.selection.turn };
    this.#follow();
  }

  #follow(): void {
    const cursor = this.list.selection.cursor?.id;
    if (this.#pinned && this.#pinned.turn !== this.list.selection.turn) this.#pinned = null;
    const wanted = this.#pinned?.id ?? cursor ?? null;
    // The newest entry may still grow: it is another row then.
    const row = wanted === null ? undefined : this.list.cache.get(this.list.rankOf(wanted) ?? -1);
    const key = wanted === null ? null : `${wanted} ${row?.text.length ?? ''} ${row?.line ?? ''}`;
    if (key === this.#asked) return;
    this.#asked = key;
    this.#abort.abort();
    if (wanted === null) this.shown = null;
    else void this.#load(wanted);
  }

  async #load(id: RecordId): Promise<void> {
    const { view, host } = this.session;
    const abort = new AbortController();
    this.#abort = abort;
    if (view === null) return;
    try {
      const details = await host.request('safelog/record/details', { view, id, around: AROUND }, abort.signal);
      this.gone = details === null;
      const rows = details ? decodeRows(details.rows) : [];
      const row = rows[details?.at ?? 0];
      this.shown = details && row ? { id, row, details, before: rows.slice(0, details.at), after: rows.slice(details.at + 1) } : null;
    } catch (error) {
      if (abort === this.#abort) this.session.fail(error);
    }
  }

  #onClick(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('.frame') : null;
    const place = link ? frameOf(link)?.place : undefined;
    if (place) this.session.ask('host/openPlace', place);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.list.showDetails(false);
    else if (event.key === 'Enter' && event.target instanceof Element && event.target.classList.contains('frame')) {
      const place = frameOf(event.target)?.place;
      if (place) this.session.ask('host/openPlace', place);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function field(name: string, value: TemplateResult | string): TemplateResult {
  return html`<div><dt>${safe(name)}</dt><dd>${typeof value === 'string' ? safe(value) : value}</dd></div>`;
}

function safe(text: string): string {
  return safeText(text, 'raw').text;
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return (end < 0 ? text : text.slice(0, end)).slice(0, 400);
}

customElements.define('safelog-details', Details);
