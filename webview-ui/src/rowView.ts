import type { AnsiSetting, FrameLink, Row } from '../../server/src/protocol.ts';
import { rowFlags } from '../../server/src/protocol.ts';
import { levelClass, levelWord } from './levels.ts';
import type { ColoredMatcher, Matcher } from './patterns.ts';
import { type Stretch, segments } from './segments.ts';
import { type SafeText, type Style, safeText } from './text.ts';
import type { Clock } from './time.ts';

/** How rows are drawn now. A new object whenever any of it is another. */
export interface Look {
  clock: Clock;
  ansi: AnsiSetting;
  wrap: boolean;
  highlights: readonly ColoredMatcher[];
  find: Matcher | null;
  /** Characters that fit into the text column. */
  columns: number;
}

/** A row on the screen. */
export interface RowView {
  readonly element: HTMLElement;
  readonly row: Row;
  readonly unfolded: boolean;
  readonly look: Look;
}

const frames = new WeakMap<Element, FrameLink>();

/** What a drawn link opens. */
export function frameOf(element: Element): FrameLink | undefined {
  return frames.get(element);
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
  body.append(...drawText(raw, unfolded ? row.links : row.links.filter(({ textLine }) => textLine === 0), look));
  yield body;
  if (unfolded) {
    if (row.cut > 0) yield cutNote(row);
    return;
  }
  const outcome = tracebackOutcome(row);
  if (outcome) yield span('outcome', safeText(outcome, 'strip').text);
  if (row.lines > 1) {
    const more = span('more', `+${row.lines - 1}`);
    more.title = `${row.lines} lines`;
    yield more;
  }
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

/**
 * A text of the log in its pieces: ANSI styles, highlights, what was searched for, and links, over each other.
 * @param tabbable whether the Tab key goes to the links
 */
export function* drawText(
  raw: string,
  links: readonly FrameLink[],
  look: Pick<Look, 'ansi' | 'highlights' | 'find'>,
  tabbable = false,
): Generator<Node> {
  const safe = safeText(raw, look.ansi);
  const linkStretches = placeLinks(safe, links, raw);
  const hits = look.find ? inLines(safe.text, look.find) : [];
  const layers = [linkStretches, hits, safe.styles, ...look.highlights.map(({ matches }) => inLines(safe.text, matches))];
  if (layers.every((layer) => layer.length === 0)) {
    yield document.createTextNode(safe.text);
    return;
  }
  let anchor: HTMLElement | null = null;
  let anchored = -1;
  for (const { start, end, on } of segments(safe.text.length, layers)) {
    const [link = -1, hit = -1, style = -1, ...colors] = on;
    const color = look.highlights[colors.findIndex((index) => index >= 0)]?.color;
    const piece = styled(safe.text.slice(start, end), safe.styles[style]?.style, color, hit >= 0);
    if (link < 0) {
      anchored = -1;
      yield piece;
    } else if (anchor && link === anchored) anchor.append(piece);
    else {
      anchor = frame(linkStretches[link]?.link);
      if (tabbable) anchor.tabIndex = 0;
      anchor.append(piece);
      anchored = link;
      yield anchor;
    }
  }
}

function styled(text: string, style: Style | undefined, color: string | undefined, hit: boolean): Node {
  if (!style && !color && !hit) return document.createTextNode(text);
  const element = document.createElement(hit ? 'mark' : 'span');
  element.textContent = text;
  if (style) {
    element.className = style.decorations.join(' ');
    if (style.color) element.style.color = style.color;
    if (style.background && !hit) element.style.backgroundColor = style.background;
  }
  if (color) {
    element.classList.add('highlight');
    element.style.color = color;
  }
  return element;
}

function frame(link: FrameLink | undefined): HTMLElement {
  const element = document.createElement('a');
  element.className = 'frame';
  element.setAttribute('role', 'link');
  element.tabIndex = -1;
  if (link) {
    frames.set(element, link);
    element.title = safeText(`Open ${link.place.path}:${link.place.line}`, 'raw').text;
  }
  return element;
}

function placeLinks(safe: SafeText, links: readonly FrameLink[], raw: string): (Stretch & { link: FrameLink })[] {
  if (links.length === 0) return [];
  const starts = [0];
  for (let at = raw.indexOf('\n'); at >= 0; at = raw.indexOf('\n', at + 1)) starts.push(at + 1);
  const placed = links.flatMap((link) => {
    const line = starts[link.textLine];
    if (line === undefined) return [];
    const stretch = { start: safe.column(line + link.start), end: safe.column(line + link.end), link };
    return stretch.end > stretch.start ? [stretch] : [];
  });
  placed.sort((a, b) => a.start - b.start);
  return placed.filter((stretch, index) => index === 0 || stretch.start >= (placed[index - 1]?.end ?? 0));
}

function inLines(text: string, matches: Matcher): Stretch[] {
  const found: Stretch[] = [];
  for (let from = 0; from <= text.length; ) {
    const lineEnd = text.indexOf('\n', from);
    const to = lineEnd < 0 ? text.length : lineEnd;
    for (const [start, end] of matches(text.slice(from, to))) found.push({ start: from + start, end: from + end });
    from = to + 1;
  }
  return found;
}

function span(className: string, content: string): HTMLElement {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = content;
  return element;
}
