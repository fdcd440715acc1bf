import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { SearchState, ViewState } from '../../server/src/protocol.ts';
import { spanText } from './duration.ts';
import type { Session } from './session.ts';
import type { TimelineList } from './timelineList.ts';

/** What the line at the foot says: how many of how many, errors, tracebacks, the selection, and how far the index is. */
export function statusLine(session: Session, list: TimelineList): TemplateResult | typeof nothing {
  const { state } = session;
  if (!state?.exists) return nothing;
  const { total, unfiltered, errors, exceptions, hits } = state;
  const passed = hits ?? total;
  const { size: selected, span } = list.selection;
  return html`<footer class="status">
    <span class="count">${passed === unfiltered ? plural(passed, 'entry', 'entries') : `${number(passed)} of ${plural(unfiltered, 'entry', 'entries')}`}</span>
    ${hits === undefined ? nothing : hitButtons(state, list)}
    <span class=${classMap({ errors: errors > 0 })}>${plural(errors, 'error', 'errors')}</span>
    <span class=${classMap({ errors: exceptions > 0 })}>${plural(exceptions, 'exception', 'exceptions')}</span>
    ${selected > 1 ? html`<span>${number(selected)} selected${span === null ? '' : ` over ${spanText(span)}`}</span>` : nothing}
    <span class="filler"></span>
    ${session.filtering ? html`<span>Filtering…</span>` : activity(session)}
  </footer>`;
}

/** From hit to hit, past the entries that are shown around them. */
function hitButtons({ withoutContext }: ViewState, list: TimelineList): TemplateResult {
  if (withoutContext === true) return html`<span>too many to show entries around them</span>`;
  return html`<span class="hits"><button type="button" class="action codicon codicon-arrow-up" aria-label="Previous Hit" title="Previous Hit (Shift+F3)"
      @click=${() => list.jumps.toHit('previous')}></button><button type="button" class="action codicon codicon-arrow-down" aria-label="Next Hit" title="Next Hit (F3)"
      @click=${() => list.jumps.toHit('next')}></button></span>`;
}

/** How much of the source has been read, in percent; null when it all has. */
export function percent(session: Session): number | null {
  const progress = session.state?.progress;
  if (!progress || progress.done) return null;
  return progress.totalBytes > 0 ? Math.min(99, Math.floor((progress.readBytes * 100) / progress.totalBytes)) : 0;
}

/** A screen reader hears of new entries at most this often, in ms. */
const QUIET = 5000;

/** Says now and then how many entries and errors came. */
export class Announcer {
  readonly element = document.createElement('div');
  #told: { view: number; total: number; errors: number } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    this.element.className = 'for-screen-readers';
    this.element.setAttribute('role', 'log');
    this.element.setAttribute('aria-live', 'polite');
    this.element.setAttribute('aria-label', 'New entries');
    session.reset.on(() => {
      this.#told = null;
    });
    session.changed.on(() => {
      const { state } = session;
      if (!state?.final || !state.progress.done) return;
      if (this.#told?.view !== state.view) this.#told = { view: state.view, total: state.total, errors: state.errors };
      if (state.total > this.#told.total) this.#timer ??= setTimeout(() => this.#tell(session), QUIET);
    });
  }

  #tell({ state }: Session): void {
    this.#timer = undefined;
    if (!state || !this.#told) return;
    const came = state.total - this.#told.total;
    const errors = state.errors - this.#told.errors;
    this.#told = { view: state.view, total: state.total, errors: state.errors };
    if (came <= 0) return;
    const line = document.createElement('p');
    line.textContent = `${plural(came, 'new entry', 'new entries')}${errors > 0 ? `, ${plural(errors, 'error', 'errors')}` : ''}`;
    this.element.replaceChildren(line);
  }
}

export function plural(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

function activity(session: Session): TemplateResult | typeof nothing {
  const done = percent(session);
  if (done !== null) return html`<span class="activity">Indexing ${done} %</span>`;
  if (session.state?.search)
    return html`<span class="activity" role="status">${searchText(session.state.search)}</span>${searchButton(session)}`;
  return session.state?.final === false ? html`<span class="activity">Counting…</span>` : nothing;
}

/** How far the filter's search for text is. */
export function searchText({ searched, total, stopped }: SearchState): string {
  const part = `${searchPercent({ searched, total })} % of ${plural(total, 'entry', 'entries')}`;
  return stopped ? `Partial: search stopped at ${part}` : `Searching, ${part}`;
}

export const searchPercent = ({ searched, total }: Pick<SearchState, 'searched' | 'total'>): number =>
  total > 0 ? Math.min(99, Math.floor((searched * 100) / total)) : 0;

/** Stops the search, or goes on with it. */
function searchButton(session: Session): TemplateResult {
  const isStopped = session.state?.search?.stopped === true;
  return html`<button type="button" class="link search" title=${isStopped ? 'Search the rest' : 'Keep what was found, and search no further'}
    @click=${() => session.search(isStopped)}>${isStopped ? 'Resume' : 'Stop'}</button>`;
}

function number(count: number): string {
  return count.toLocaleString();
}
