import type { RaisedAt, Row } from '../../server/src/protocol.ts';
import { rowFlags } from '../../server/src/protocol.ts';
import { number, plural, t } from './l10n.ts';
import { levelClass, levelWord } from './levels.ts';
import type { Look } from './look.ts';
import { drawText, frameLink } from './messageText.ts';
import { safeText } from './text.ts';

/** What changes of a row without the row being another. */
export interface RowState {
  rank: number;
  selected: boolean;
  /** It has the focus. */
  cursor: boolean;
  /** What was searched for was found here. */
  current: boolean;
  mark: { note: string } | undefined;
  /** What its first column says. */
  time: string;
  /** The day that begins with it; empty where the row above is of the same one. */
  day: string;
}

/** One that shows a row. */
export type BoundRow = RowView & { row: Row };

/** Characters of a folded line that are drawn, where it is not wrapped. */
const MAX_FOLDED = 1000;

const FLAGS = [
  { flag: rowFlags.exception, icon: 'flame', help: t('Holds a traceback') },
  { flag: rowFlags.clockStep, icon: 'history', help: t('Its clock stepped back: it stands where it was written') },
  { flag: rowFlags.noTime, icon: 'question', help: t('Has no time of its own: it stands where it was written') },
  { flag: rowFlags.masterOnly, icon: 'layers', help: t('Stands only in master.log') },
];

const contextMenu = JSON.stringify({ webviewSection: 'row', preventDefaultContextMenuItems: true });

/** Whether there is more of the entry than a folded row shows. */
export function canUnfold(row: Row, look: Look): boolean {
  if (row.lines > 1 || row.cut > 0) return true;
  // Control sequences that draw colours have no width.
  const isLong = (text: string): boolean => text.length > look.columns;
  return !look.wrap && isLong(row.text) && (row.text.length > MAX_FOLDED || isLong(safeText(row.text, look.ansi).text));
}

/** What is peculiar about a row, as sentences. */
export function rowNotes(row: Row): string[] {
  return FLAGS.filter(({ flag }) => (row.flags & flag) !== 0).map(({ help }) => help);
}

/**
 * The elements of one row on the screen. While rows fly past they are used for one entry after the other, and only what differs is written:
 * making elements anew costs several times that. Text of the log gets into the page as text nodes only.
 */
export class RowView {
  readonly element = document.createElement('div');
  /** Null while the row that stands here is on its way. */
  row: Row | null = null;
  unfolded = false;
  look: Look | null = null;
  /** Pixels from the layer's top. */
  #top = Number.NaN;
  #state: RowState | null = null;
  #className = '';
  #described = false;
  readonly #flags = cell('flags');
  readonly #time = cell('time');
  readonly #level = cell('level');
  readonly #user = cell('user');
  readonly #module = cell('module');
  readonly #text = cell('text');
  readonly #message = span('message');
  #mark: HTMLElement | null = null;
  #flagged = 0;

  constructor() {
    this.element.setAttribute('role', 'row');
    this.element.dataset.vscodeContext = contextMenu;
    this.#text.append(span('chevron'), this.#message);
    this.element.append(this.#flags, this.#time, this.#level, this.#user, this.#module, this.#text);
  }

  /** Shows an entry. */
  bind(row: Row, unfolded: boolean, look: Look): void {
    if (this.row === null) this.element.removeAttribute('aria-busy');
    this.row = row;
    this.unfolded = unfolded;
    this.look = look;
    this.#state = null;
    this.element.dataset.id = row.id;
    // Before it is measured.
    this.#classes(`row${unfolded ? ' unfolded' : ''}${look.wrap ? ' wrapped' : ''}`);
    this.#drawFlags(row.flags);
    this.#level.className = levelClass(row.level);
    write(this.#level, levelWord(row.level));
    write(this.#user, safeText(row.user, 'raw').text);
    write(this.#module, safeText(row.module, 'raw').text);
    this.#drawMessage(row, look);
    if (this.#described) for (const part of [this.#time, this.#user, this.#module]) part.removeAttribute('title');
    this.#described = false;
  }

  /** Shows that a row is on its way. What it showed before stays in it, unseen. */
  blank(rank: number): void {
    this.#state = null;
    this.#classes('row placeholder');
    if (this.row === null && this.element.hasAttribute('aria-busy')) return;
    this.row = null;
    this.element.setAttribute('aria-busy', 'true');
    this.element.removeAttribute('data-id');
    this.element.removeAttribute('aria-selected');
    this.element.setAttribute('aria-rowindex', String(rank + 2));
  }

  /** Shows what the row is just now. */
  show(state: RowState): void {
    const { row, look, unfolded } = this;
    if (!row || !look) return;
    const before = this.#state;
    this.#state = state;
    const { selected, cursor, current, day } = state;
    const is: [boolean, string][] = [
      [unfolded, ' unfolded'],
      [look.wrap, ' wrapped'],
      [(row.flags & rowFlags.context) !== 0, ' context'],
      [selected, ' selected'],
      [cursor, ' cursor'],
      [current, ' current'],
      [day !== '', ' new-day'],
    ];
    this.#classes(is.reduce((classes, [on, name]) => (on ? classes + name : classes), 'row'));
    if (before?.rank !== state.rank) this.element.setAttribute('aria-rowindex', String(state.rank + 2));
    if (before?.selected !== selected) this.element.setAttribute('aria-selected', String(selected));
    if (day !== '') this.element.dataset.day = day;
    write(this.#time, state.time);
    this.#showMark(state.mark);
    if (before?.cursor !== cursor && this.#text.querySelector('.frame, .libraries')) {
      for (const link of this.#text.querySelectorAll<HTMLElement>('.frame, .libraries')) link.tabIndex = cursor ? 0 : -1;
    }
  }

  /** Puts it to its place in the layer. */
  moveTo(top: number): void {
    if (top === this.#top) return;
    this.#top = top;
    this.element.style.top = `${top}px`;
  }

  /** Says more where the pointer is: hardly any row is ever pointed at, so that it is not written for all. */
  describe(): void {
    const { row, look } = this;
    if (!row || !look || this.#described) return;
    this.#described = true;
    this.#time.title = safeText(`${look.clock.full(row.time, row.offset)}\n${row.file}${row.line > 0 ? `:${row.line}` : ''}`, 'raw').text;
    this.#user.title = safeText(row.user, 'raw').text;
    this.#module.title = safeText(row.module, 'raw').text;
  }

  #classes(names: string): void {
    if (names === this.#className) return;
    this.#className = names;
    this.element.className = names;
  }

  #drawFlags(flags: number): void {
    const shown = flags & ~rowFlags.context;
    if (shown === this.#flagged) return;
    this.#flagged = shown;
    const set = FLAGS.filter(({ flag }) => (shown & flag) !== 0);
    this.#flags.title = set.map(({ help }) => help).join('\n');
    const [first] = set;
    this.#mark = null;
    if (!first) {
      this.#flags.replaceChildren();
      return;
    }
    const icon = span(`codicon codicon-${first.icon}`);
    icon.setAttribute('role', 'img');
    icon.setAttribute('aria-label', set.map(({ help }) => help).join('. '));
    this.#flags.replaceChildren(icon);
  }

  /** Puts a mark into the margin, or takes it away. */
  #showMark(mark: { note: string } | undefined): void {
    if (!mark) {
      this.#mark?.remove();
      this.#mark = null;
      return;
    }
    const note = safeText(mark.note, 'raw').text;
    if (this.#mark?.title === note) return;
    const icon = this.#mark ?? span('');
    this.#mark = icon;
    icon.className = `mark codicon codicon-${note ? 'note' : 'bookmark'}`;
    icon.setAttribute('role', 'img');
    icon.setAttribute('aria-label', note ? t('Marked: {0}', note) : t('Marked'));
    icon.title = note;
    this.#flags.prepend(icon);
  }

  #drawMessage(row: Row, look: Look): void {
    const { unfolded } = this;
    this.#drawChevron(row, look);
    const lineEnd = row.text.indexOf('\n');
    const end = unfolded || lineEnd < 0 ? row.text.length : lineEnd;
    const raw = row.text.slice(0, unfolded || look.wrap ? end : Math.min(end, MAX_FOLDED));
    const links = unfolded ? row.links : row.links.filter(({ textLine }) => textLine === 0);
    const nodes = [...drawText(raw, links, look, unfolded ? { runsOf: row } : {})];
    const [only] = nodes;
    if (nodes.length === 1 && only instanceof Text) write(this.#message, only.data);
    else this.#message.replaceChildren(...nodes);
    while (this.#text.lastChild !== this.#message) this.#text.lastChild?.remove();
    this.#text.append(...(unfolded ? (row.cut > 0 ? [cutNote(row)] : []) : beside(row)));
  }

  #drawChevron(row: Row, look: Look): void {
    const old = this.#text.firstElementChild;
    if (!canUnfold(row, look)) {
      if (old instanceof HTMLButtonElement) old.replaceWith(span('chevron'));
      return;
    }
    const button = old instanceof HTMLButtonElement ? old : document.createElement('button');
    button.type = 'button';
    button.tabIndex = -1;
    button.className = `chevron codicon codicon-chevron-${this.unfolded ? 'down' : 'right'}`;
    button.setAttribute('aria-expanded', String(this.unfolded));
    button.setAttribute('aria-label', this.unfolded ? t('Fold') : row.lines > 1 ? t('Unfold {0} lines', number(row.lines)) : t('Unfold'));
    if (button !== old) old?.replaceWith(button);
  }
}

/** What a folded row tells of the lines that one does not see. */
function* beside(row: Row): Generator<HTMLElement> {
  const outcome = tracebackOutcome(row);
  if (outcome) yield span('outcome', safeText(outcome, 'strip').text);
  if (row.raised) yield raisedAt(row.raised);
  if (row.lines > 1) {
    const more = span('more', `+${row.lines - 1}`);
    more.title = t('{0} lines', number(row.lines));
    yield more;
  }
}

function raisedAt({ label, place }: RaisedAt): HTMLElement {
  const link = frameLink({ place });
  link.classList.add('raised');
  link.textContent = safeText(label, 'raw').text;
  return link;
}

/** A traceback of Python says what happened in its last line: that is worth reading while it is folded. */
function tracebackOutcome(row: Row): string {
  if (row.cut > 0 || (row.flags & rowFlags.exception) === 0 || !/^[^\n]*Traceback \(most recent call last\):\n/.test(row.text)) return '';
  const trimmed = row.text.trimEnd();
  return trimmed.slice(trimmed.lastIndexOf('\n') + 1).slice(0, MAX_FOLDED);
}

function cutNote(row: Row): HTMLElement {
  const note = document.createElement('button');
  note.type = 'button';
  note.tabIndex = -1;
  note.className = 'cut link';
  note.textContent = plural(row.cut, t('{0} more character: open the log'), t('{0} more characters: open the log'));
  return note;
}

function cell(part: string): HTMLElement {
  const element = span('');
  element.setAttribute('part', part);
  element.setAttribute('role', 'gridcell');
  return element;
}

function span(className: string, content = ''): HTMLElement {
  const element = document.createElement('span');
  if (className) element.className = className;
  if (content) element.textContent = content;
  return element;
}

/** The text of an element that has nothing else in it; a text node that is there is kept. */
function write(element: HTMLElement, text: string): void {
  const { firstChild } = element;
  if (firstChild instanceof Text && firstChild === element.lastChild) {
    if (firstChild.data !== text) firstChild.data = text;
  } else element.textContent = text;
}
