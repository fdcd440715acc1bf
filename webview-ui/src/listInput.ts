import type { RecordId } from '../../server/src/protocol.ts';
import type { Jumps } from './jumps.ts';
import { toggleRun } from './libraryRuns.ts';
import { frameOf } from './messageText.ts';
import type { PageMarks } from './pageMarks.ts';
import { openRecord, type RowActions } from './rowActions.ts';
import type { BoundRow } from './rowView.ts';
import type { Selection } from './selection.ts';
import type { Session } from './session.ts';
import type { Geometry } from './viewport.ts';

/** What the keys and the mouse do with a list; timelineList.ts says more of each. */
export interface ListActions {
  readonly grid: HTMLElement;
  readonly session: Session;
  readonly selection: Selection;
  readonly rows: RowActions;
  readonly marks: PageMarks;
  readonly jumps: Jumps;
  readonly rowHeight: number;
  readonly geometry: Geometry;
  visible(): { from: number; to: number };
  viewOf(target: EventTarget | null): BoundRow | undefined;
  rankOf(id: RecordId): number | undefined;
  scrollPixels(pixels: number): void;
  follow(on: boolean): void;
  toEnd(): Promise<void>;
  /** Opens the details; where they are open, the focus goes there. */
  toDetails(): void;
  toggle(ids: readonly RecordId[], open?: boolean): void;
  invalidate(): void;
}

/** Rows of an ordinary turn of the wheel, where the browser counts in lines. */
const WHEEL_LINES = 3;
/** With Alt, as in VS Code's editor. */
const FAST = 5;

/** The keys of a list of VS Code. What is handled here goes no further: the workbench would take Ctrl+G and the like for itself. */
export function handleKeys(list: ListActions): void {
  list.grid.addEventListener('keydown', (event) => {
    if (onKey(list, event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  // VS Code turns Ctrl+C into the command "copy" of the page; a page allows it by refusing `beforecopy`.
  for (const name of ['beforecopy', 'copy']) {
    document.addEventListener(name, (event) => {
      if (!list.grid.contains(document.activeElement) || hasTextSelection()) return;
      event.preventDefault();
      if (name === 'copy') void list.rows.copy();
    });
  }
}

function onKey(list: ListActions, event: KeyboardEvent): boolean {
  const { selection } = list;
  const onLink = event.target instanceof Element && event.target.classList.contains('frame');
  const onRun = event.target instanceof Element && event.target.classList.contains('libraries');
  const control = event.ctrlKey || event.metaKey;
  const { from, to } = list.visible();
  const page = Math.max(1, to - from - 2);
  const here = selection.cursor?.rank;
  const step = (by: number, start: number): true => {
    void list.rows.moveTo(here === undefined ? start : here + by, event.shiftKey);
    return true;
  };
  if (event.altKey || (event.target !== list.grid && !onLink && !(onRun && event.key === 'Escape'))) return false;
  switch (event.key) {
    case 'ArrowDown':
      if (control) list.scrollPixels(list.rowHeight);
      return control || step(1, from);
    case 'ArrowUp':
      if (control) list.scrollPixels(-list.rowHeight);
      return control || step(-1, to - 1);
    case 'PageDown':
      return step(page, to - 1);
    case 'PageUp':
      return step(-page, from);
    case 'Home':
      void list.rows.moveTo(0, event.shiftKey);
      return true;
    case 'End':
      if (event.shiftKey) void list.rows.moveTo(list.geometry.total - 1, true);
      else void list.toEnd();
      return true;
    case 'ArrowRight':
    case 'ArrowLeft':
      if (selection.cursor) list.toggle(selection.ids(), event.key === 'ArrowRight');
      return true;
    case 'Enter':
      if (onLink) openFrame(list, event.target);
      else if (control) list.rows.open();
      else list.toDetails();
      return true;
    case 'm':
    case 'M':
      if (control) return false;
      void list.marks.toggle(selection.ids());
      return true;
    case 'n':
    case 'N':
      if (control) return false;
      list.session.command.fire('editNote');
      return true;
    case 'F2':
      if (control) void list.marks.toggle(selection.ids());
      else void list.jumps.toMark(event.shiftKey ? 'previous' : 'next');
      return true;
    case ' ':
      if (selection.cursor) list.toggle(selection.ids());
      return true;
    case 'Escape':
      if (onLink || onRun) list.grid.focus();
      else if (hasTextSelection()) document.getSelection()?.removeAllRanges();
      else {
        selection.clear();
        list.invalidate();
      }
      return true;
    case 'a':
      if (!control) return false;
      void list.rows.selectAll();
      return true;
    case 'c':
      if (!control || hasTextSelection()) return false;
      void list.rows.copy();
      return true;
    default:
      return false;
  }
}

/** The wheel, clicks on rows, their chevrons and their links. */
export function handlePointer(list: ListActions, viewport: HTMLElement): void {
  viewport.addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const unit =
        event.deltaMode === WheelEvent.DOM_DELTA_LINE
          ? WHEEL_LINES * list.rowHeight
          : event.deltaMode === WheelEvent.DOM_DELTA_PAGE
            ? list.geometry.height
            : 1;
      list.scrollPixels(event.deltaY * unit * (event.altKey ? FAST : 1));
    },
    { passive: false },
  );
  // The browser itself scrolls when a link gets the focus or a text is selected beyond the edge: that becomes a move of ours.
  viewport.addEventListener('scroll', () => {
    const by = viewport.scrollTop;
    viewport.scrollTop = 0;
    if (by !== 0) list.scrollPixels(by);
  });
  viewport.addEventListener('pointerover', (event) => list.viewOf(event.target)?.describe());
  dragByTouch(list, viewport);
  viewport.addEventListener('click', (event) => onClick(list, event));
  viewport.addEventListener('auxclick', (event) => event.preventDefault());
  viewport.addEventListener('dblclick', (event) => {
    const view = list.viewOf(event.target);
    if (!view || closest(event.target, 'button, a') || (view.unfolded && closest(event.target, '.message'))) return;
    list.rows.open();
  });
  viewport.addEventListener('contextmenu', (event) => {
    const view = list.viewOf(event.target);
    const rank = view && list.rankOf(view.row.id);
    if (!view || rank === undefined) return;
    const record = { id: view.row.id, rank, time: view.row.time };
    if (list.selection.has(record.id)) list.selection.cursor = record;
    else list.selection.only(record);
    if (rank !== list.geometry.total - 1) list.follow(false);
    list.invalidate();
  });
}

function onClick(list: ListActions, event: MouseEvent): void {
  const view = list.viewOf(event.target);
  const rank = view && list.rankOf(view.row.id);
  if (!view || rank === undefined) return;
  if (closest(event.target, '.frame')) {
    openFrame(list, closest(event.target, '.frame'));
    return;
  }
  const run = closest(event.target, '.libraries');
  if (run) {
    toggleRun(run);
    // It is as tall as it is now.
    list.toggle([view.row.id], true);
    return;
  }
  if (closest(event.target, '.chevron') instanceof HTMLButtonElement) {
    list.toggle([view.row.id]);
    list.grid.focus();
    return;
  }
  if (closest(event.target, '.cut')) {
    openRecord(list.session, view.row);
    list.grid.focus();
    return;
  }
  // The end of marking text with the mouse is not a click on the row.
  if (hasTextSelection() && !event.shiftKey) return;
  if (event.shiftKey) document.getSelection()?.removeAllRanges();
  const record = { id: view.row.id, rank, time: view.row.time };
  if (event.shiftKey) void list.rows.selectTo(record);
  else if (event.ctrlKey || event.metaKey) list.selection.toggle(record);
  else list.selection.only(record);
  if (rank !== list.geometry.total - 1) list.follow(false);
  list.grid.focus();
  list.invalidate();
}

function dragByTouch(list: ListActions, viewport: HTMLElement): void {
  let last = 0;
  viewport.addEventListener('touchstart', (event) => {
    last = event.touches[0]?.clientY ?? 0;
  });
  viewport.addEventListener(
    'touchmove',
    (event) => {
      const now = event.touches[0]?.clientY ?? last;
      event.preventDefault();
      list.scrollPixels(last - now);
      last = now;
    },
    { passive: false },
  );
}

function openFrame(list: ListActions, target: EventTarget | null): void {
  const link = target instanceof Element ? frameOf(target) : undefined;
  if (link) list.session.ask('host/openPlace', link.place);
}

function closest(target: EventTarget | null, selector: string): Element | null {
  return target instanceof Element ? target.closest(selector) : null;
}

function hasTextSelection(): boolean {
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed;
}
