import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { PageCommand } from '../../server/src/protocol.ts';
import { chips } from './chips.ts';
import { Details } from './details.ts';
import './filterBar.ts';
import { FindWidget } from './findWidget.ts';
import { GoToWidget } from './goToWidget.ts';
import './histogram.ts';
import { Host } from './host.ts';
import { plural, t } from './l10n.ts';
import { NoteWidget } from './noteWidget.ts';
import { emptyState, noticeBar, problemsBar, progressLine } from './notices.ts';
import { Session } from './session.ts';
import { Announcer, statusLine } from './statusLine.ts';
import { styles } from './styles.ts';
import { TimelineList } from './timelineList.ts';

/** Time from a change to keeping the page's state, in ms. */
const KEEP = 300;

/** The page. It has no shadow root: VS Code looks for `data-vscode-context` in the document, and codicons are styled there. */
class Timeline extends LitElement {
  readonly #session = new Session(new Host());
  readonly #list = new TimelineList(this.#session);
  readonly #find = new FindWidget();
  readonly #goTo = new GoToWidget();
  readonly #note = new NoteWidget();
  readonly #details = new Details();
  readonly #announcer = new Announcer(this.#session);
  #keeping: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.#find.list = this.#list;
    this.#goTo.list = this.#list;
    this.#note.list = this.#list;
    this.#list.marks.changed.on(() => this.#update());
    this.#details.session = this.#session;
    this.#details.list = this.#list;
    this.#list.detailsWanted.on(() => this.#details.focus());
    this.#session.command.on((command) => this.#run(command));
    this.#session.changed.on(() => this.#update());
    this.#list.changed.on(() => this.#update());
    this.#list.drawn.on(() => this.#keepSoon());
    document.addEventListener('keydown', (event) => this.#onKey(event));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#session.host.ready();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const session = this.#session;
    const list = this.#list;
    const empty = emptyState(session);
    list.classList.toggle('without-rows', empty !== nothing);
    return html`
      ${progressLine(session)}
      ${
        // Until it is known what is shown, and how it was filtered, what one would type would be overwritten.
        session.source
          ? html`<safelog-filter-bar role="region" aria-label=${t('Filter and view')} .session=${session} .list=${list}></safelog-filter-bar>`
          : nothing
      }
      ${chips(session)} ${noticeBar(session)} ${problemsBar(session)}
      ${
        session.settings.histogram && session.state && session.state.unfiltered > 0
          ? html`<safelog-histogram role="region" aria-label=${t('Histogram')} .session=${session} .list=${list}></safelog-histogram>`
          : nothing
      }
      <main class="body">
        <h1 class="for-screen-readers">${session.title}</h1>
        ${list} ${empty}
        <div class="widgets">${this.#find} ${this.#goTo} ${this.#note}</div>
        ${
          list.waiting > 0
            ? html`<button type="button" class="waiting" title=${t('Follow (End)')} @click=${() => list.toEnd()}>
                ${plural(list.waiting, t('{0} new entry'), t('{0} new entries'))} <span aria-hidden="true">↓</span></button>`
            : nothing
        }
      </main>
      ${session.layout.details && session.source && empty === nothing ? this.#details : nothing} ${statusLine(session, list)} ${this.#announcer.element}`;
  }

  #update(): void {
    this.requestUpdate();
    this.#keepSoon();
  }

  /** Not put off by each change: entries may stream in without a pause. */
  #keepSoon(): void {
    this.#keeping ??= setTimeout(() => this.#keep(), KEEP);
  }

  #keep(): void {
    this.#keeping = undefined;
    const { source, filter, title, host } = this.#session;
    const { anchor, following, selection, unfolded } = this.#list;
    if (!source) return;
    host.keep({
      source,
      filter,
      title,
      anchor: anchor ? { id: anchor.id } : { at: 'end' },
      pixelOffset: anchor ? -anchor.top : 0,
      following,
      selection: selection.ids(),
      unfolded,
    });
  }

  #run(command: PageCommand): void {
    const list = this.#list;
    if (command === 'find') void this.#showFind();
    else if (command === 'goToTime') void this.#showGoTo();
    else if (command === 'toggleFollow') {
      if (list.following) list.follow(false);
      else void list.toEnd();
    } else if (command === 'copy') void list.rows.copy();
    else if (command === 'copyMarkdown') void list.rows.copy('markdown');
    else if (command === 'copyJson') void list.rows.copy('json');
    else if (command === 'export') list.rows.export();
    else if (command === 'openRecord') list.rows.open();
    else if (command === 'showDetails') list.showDetails(true);
    else if (command === 'toggleUnfold') list.toggle(list.selection.ids());
    else if (command === 'toggleMark') void list.marks.toggle(list.selection.ids());
    else if (command === 'editNote') void this.#showNote();
    else if (command === 'nextMark') void list.jumps.toMark('next');
    else if (command === 'previousMark') void list.jumps.toMark('previous');
    else if (command === 'onlyUser') list.rows.only('users');
    else if (command === 'onlyModule') list.rows.only('modules');
    else if (command === 'setLayout') list.rows.setLayout();
  }

  #showFind(): Promise<void> {
    this.#goTo.hide();
    return this.#find.show();
  }

  #showNote(): Promise<void> {
    this.#find.hide();
    this.#goTo.hide();
    return this.#note.show();
  }

  #showGoTo(): Promise<void> {
    this.#find.hide();
    return this.#goTo.show();
  }

  /** Of what is searched for; else of the filter's hits, where others stand around them. */
  #next(direction: 'next' | 'previous'): void {
    if (this.#find.open || this.#session.state?.hits === undefined) void this.#find.find(direction);
    else void this.#list.jumps.toHit(direction);
  }

  #onKey(event: KeyboardEvent): void {
    const control = event.ctrlKey || event.metaKey;
    // Caps Lock makes it a capital.
    const key = event.key.toLowerCase();
    if (control && !event.shiftKey && !event.altKey && key === 'f') void this.#showFind();
    else if (control && !event.shiftKey && !event.altKey && key === 'g') void this.#showGoTo();
    else if (event.key === 'F3') this.#next(event.shiftKey ? 'previous' : 'next');
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

document.adoptedStyleSheets = [...document.adoptedStyleSheets, styles];
customElements.define('safelog-timeline', Timeline);
