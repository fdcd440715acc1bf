import type { RaisedAt, Row } from '../../server/src/protocol.ts';
import { rowFlags } from '../../server/src/protocol.ts';
import { levelClass, levelWord } from './levels.ts';
import type { Look } from './look.ts';
import { drawText, frameLink } from './messageText.ts';
import { safeText } from './text.ts';

/** A row on the screen. */
export interface RowView {
  readonly element: HTMLElement;
  readonly row: Row;
  readonly unfolded: boolean;
  readonly look: Look;
}

/** Characters of a folded line that are drawn, where it is not wrapped. */
const MAX_FOLDED = 1000;

const FLAGS = [
  { flag: rowFlags.exception, icon: 'flame', help: 'Holds a traceback' },
  { flag: rowFlags.clockStep, icon: 'history', help: 'Its clock stepped back: it stands where it was written' },
  { flag: rowFlags.noTime, icon: 'question', help: 'Has no time of its own: it stands where it was written' },
  { flag: rowFlags.masterOnly, icon: 'layers', help: 'Stands only in master.log' },
];

const contextMenu = JSON.stringify({ webviewSection: 'row', preventDefaultContextMenuItems: true });

/** Whether there is more of the entry than a folded row shows. */
export function canUnfold(row: Row, look: Look): boolean {
  return row.lines > 1 || row.cut > 0 || (!look.wrap && row.text.length > look.columns);
}

/** Draws one row. Text of the log gets into the page as text nodes only. */
export function drawRow(row: Row, unfolded: boolean, look: Look): RowView {
  const { clock } = look;
  const element = document.createElement('div');
  element.className = unfolded ? 'row unfolded' : 'row';
  element.classList.toggle('wrapped', look.wrap);
  element.classList.toggle('context', (row.flags & rowFlags.context) !== 0);
  element.setAttribute('role', 'row');
  element.dataset.id = row.id;
  element.dataset.vscodeContext = contextMenu;
  element.append(
    flags(row),
    cell('time', clock.time(row.time, row.offset), `${clock.full(row.time, row.offset)}\n${row.file}${row.line > 0 ? `:${row.line}` : ''}`),
    cell('level', levelWord(row.level), '', levelClass(row.level)),
    cell('user', row.user, row.user),
    cell('module', row.module, row.module),
  );
  const text = cell('text', '', '');
  text.append(...message(row, unfolded, look));
  element.append(text);
  return { element, row, unfolded, look };
}

/** Puts a mark into the margin of a row, or takes it away. */
export function showMark(element: HTMLElement, mark: { note: string } | undefined): void {
  const part = element.querySelector("[part='flags']");
  const known = part?.querySelector<HTMLElement>('.mark');
  if (!part || !mark) {
    known?.remove();
    return;
  }
  const icon = known ?? document.createElement('span');
  const note = safeText(mark.note, 'raw').text;
  if (known && known.title === note) return;
  icon.className = `mark codicon codicon-${note ? 'note' : 'bookmark'}`;
  icon.setAttribute('role', 'img');
  icon.setAttribute('aria-label', note ? `Marked: ${note}` : 'Marked');
  icon.title = note;
  part.prepend(icon);
}

/** A row that is on its way. */
export function drawPlaceholder(): HTMLElement {
  const element = document.createElement('div');
  element.className = 'row placeholder';
  element.setAttribute('role', 'row');
  element.setAttribute('aria-busy', 'true');
  const bar = document.createElement('span');
  bar.setAttribute('role', 'gridcell');
  element.append(bar);
  return element;
}

function cell(part: string, content: string, title: string, className = ''): HTMLElement {
  const element = document.createElement('span');
  element.setAttribute('part', part);
  element.setAttribute('role', 'gridcell');
  if (className) element.className = className;
  if (title) element.title = title;
  element.textContent = safeText(content, 'raw').text;
  return element;
}

/** What is peculiar about a row, as sentences. */
export function rowNotes(row: Row): string[] {
  return FLAGS.filter(({ flag }) => (row.flags & flag) !== 0).map(({ help }) => help);
}

function flags(row: Row): HTMLElement {
  const set = FLAGS.filter(({ flag }) => (row.flags & flag) !== 0);
  const element = cell('flags', '', set.map(({ help }) => help).join('\n'));
  const first = set[0];
  if (first) {
    const icon = document.createElement('span');
    icon.className = `codicon codicon-${first.icon}`;
    icon.setAttribute('role', 'img');
    icon.setAttribute('aria-label', set.map(({ help }) => help).join('. '));
    element.append(icon);
  }
  return element;
}

function* message(row: Row, unfolded: boolean, look: Look): Generator<Node> {
  const foldable = canUnfold(row, look);
  yield foldable ? chevron(row, unfolded) : span('chevron', '');
  const lineEnd = row.text.indexOf('\n');
  const end = unfolded || lineEnd < 0 ? row.text.length : lineEnd;
  const raw = row.text.slice(0, unfolded || look.wrap ? end : Math.min(end, MAX_FOLDED));
  const body = span('message', '');
  const links = unfolded ? row.links : row.links.filter(({ textLine }) => textLine === 0);
  body.append(...drawText(raw, links, look, unfolded ? { runsOf: row } : {}));
  yield body;
  if (unfolded) {
    if (row.cut > 0) yield cutNote(row);
    return;
  }
  const outcome = tracebackOutcome(row);
  if (outcome) yield span('outcome', safeText(outcome, 'strip').text);
  if (row.raised) yield raisedAt(row.raised);
  if (row.lines > 1) {
    const more = span('more', `+${row.lines - 1}`);
    more.title = `${row.lines} lines`;
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

function chevron(row: Row, unfolded: boolean): HTMLElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.tabIndex = -1;
  button.className = `chevron codicon codicon-chevron-${unfolded ? 'down' : 'right'}`;
  button.setAttribute('aria-expanded', String(unfolded));
  button.setAttribute('aria-label', unfolded ? 'Fold' : row.lines > 1 ? `Unfold ${row.lines} lines` : 'Unfold');
  return button;
}

function cutNote(row: Row): HTMLElement {
  const note = document.createElement('button');
  note.type = 'button';
  note.tabIndex = -1;
  note.className = 'cut link';
  note.textContent = `${row.cut.toLocaleString()} more characters: open the log`;
  return note;
}

function span(className: string, content: string): HTMLElement {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = content;
  return element;
}
