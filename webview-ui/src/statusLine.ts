import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { SearchState, ViewState } from '../../server/src/protocol.ts';
import { spanText } from './duration.ts';
import { number, plural, t } from './l10n.ts';
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
    <span class="count">${
      passed === unfiltered
        ? plural(passed, t('{0} entry'), t('{0} entries'))
        : plural(unfiltered, t('{1} of {0} entry'), t('{1} of {0} entries'), number(passed))
    }</span>
    ${hits === undefined ? nothing : hitButtons(state, list)}
    <span class=${classMap({ errors: errors > 0 })}>${plural(errors, t('{0} error'), t('{0} errors'))}</span>
    <span class=${classMap({ errors: exceptions > 0 })}>${plural(exceptions, t('{0} exception'), t('{0} exceptions'))}</span>
    ${selected > 1 ? html`<span>${span === null ? t('{0} selected', number(selected)) : t('{0} selected over {1}', number(selected), spanText(span))}</span>` : nothing}
    <span class="filler"></span>
    ${session.filtering ? html`<span>${t('Filtering…')}</span>` : activity(session)}
  </footer>`;
}

/** From hit to hit, past the entries that are shown around them. */
function hitButtons({ withoutContext }: ViewState, list: TimelineList): TemplateResult {
  if (withoutContext === true) return html`<span>${t('too many to show entries around them')}</span>`;
  return html`<span class="hits"><button type="button" class="action codicon codicon-arrow-up" aria-label=${t('Previous Hit')} title=${t('Previous Hit (Shift+F3)')}
      @click=${() => list.jumps.toHit('previous')}></button><button type="button" class="action codicon codicon-arrow-down" aria-label=${t('Next Hit')} title=${t('Next Hit (F3)')}
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
    this.element.setAttribute('aria-label', t('New entries'));
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
    line.textContent = `${plural(came, t('{0} new entry'), t('{0} new entries'))}${errors > 0 ? `, ${plural(errors, t('{0} error'), t('{0} errors'))}` : ''}`;
    this.element.replaceChildren(line);
  }
}

function activity(session: Session): TemplateResult | typeof nothing {
  const done = percent(session);
  if (done !== null) return html`<span class="activity">${t('Indexing {0} %', done)}</span>`;
  if (session.state?.filterError !== undefined) return html`<span class="activity">${t('The filter before is shown')}</span>`;
  if (session.state?.search)
    return html`<span class="activity" role="status">${searchText(session.state.search)}</span>${searchButton(session)}`;
  return session.state?.final === false ? html`<span class="activity">${t('Counting…')}</span>` : nothing;
}

/** How far the filter's search for text is. */
export function searchText({ searched, total, stopped }: SearchState): string {
  const percent = searchPercent({ searched, total });
  return stopped
    ? t('Partial: search stopped at {0} % of {1} entries', percent, number(total))
    : t('Searching, {0} % of {1} entries', percent, number(total));
}

export const searchPercent = ({ searched, total }: Pick<SearchState, 'searched' | 'total'>): number =>
  total > 0 ? Math.min(99, Math.floor((searched * 100) / total)) : 0;

/** Stops the search, or goes on with it. */
function searchButton(session: Session): TemplateResult {
  const isStopped = session.state?.search?.stopped === true;
  return html`<button type="button" class="link search" title=${isStopped ? t('Search the rest') : t('Keep what was found, and search no further')}
    @click=${() => session.search(isStopped)}>${isStopped ? t('Resume') : t('Stop')}</button>`;
}
