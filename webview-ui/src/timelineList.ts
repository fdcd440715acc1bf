import type { Anchor, RecordId, Row } from '../../server/src/protocol.ts';
import { columnHeader } from './columnHeader.ts';
import { Jumps } from './jumps.ts';
import { t } from './l10n.ts';
import { handleKeys, handlePointer, type ListActions } from './listInput.ts';
import type { Look } from './look.ts';
import { Menu } from './menu.ts';
import { paced } from './paced.ts';
import { PageMarks } from './pageMarks.ts';
import { Pager } from './pager.ts';
import type { Matcher } from './patterns.ts';
import { RowActions } from './rowActions.ts';
import { RowHeights } from './rowHeights.ts';
import { type Drawn, RowLayer } from './rowLayer.ts';
import { RowCache } from './rows.ts';
import { type BoundRow, canUnfold, type RowState } from './rowView.ts';
import { Scrollbar } from './scrollbar.ts';
import { Selection } from './selection.ts';
import type { Session } from './session.ts';
import { Signal } from './signal.ts';
import { timeColumnText } from './timeColumn.ts';
import { atEnd, centre, endPlace, type Geometry, moveBy, type Place, reveal, settle, visible } from './viewport.ts';

/** Rows drawn beyond either edge, so that their heights are known before they are scrolled to. */
const OVERSCAN = 6;
const MAX_UNFOLDED = 2000;
/** How often it is told anew how long ago rows were, in ms. */
const TICK = 1000;
/** ms: a count that changes with every frame is not read. */
const PAUSE = 100;

/** The list of rows. It draws those that are visible and nothing else; see viewport.ts for why it scrolls by itself. */
export class TimelineList extends HTMLElement implements ListActions {
  /** It was drawn: the place may be another, and so may each row. */
  readonly drawn = new Signal();
  /** What the page shows around the list is another: the selection, following, what waits. */
  readonly changed = new Signal();
  readonly #tell = paced(() => this.changed.fire(), PAUSE);
  /** The focus is to go to the details. */
  readonly detailsWanted = new Signal();
  readonly selection = new Selection();
  readonly cache = new RowCache();
  readonly pager: Pager;
  /** What is done with rows that are selected. */
  readonly rows: RowActions;
  readonly marks: PageMarks;
  readonly jumps = new Jumps(this);
  readonly grid = document.createElement('div');
  readonly menu = new Menu();
  readonly #header: ReturnType<typeof columnHeader>;
  readonly #viewport = document.createElement('div');
  readonly #layer = new RowLayer();
  readonly #ruler = document.createElement('div');
  readonly #scrollbar = new Scrollbar((place) => this.scrollToPlace(place));
  readonly #heights = new RowHeights(
    (row) => !this.#look.wrap && !this.#unfolded.has(row.id),
    ({ id }) => this.#unfolded.has(id),
  );
  readonly #unfolded = new Set<RecordId>();
  #place: Place = { rank: 0, offset: 0 };
  #anchor: { id: RecordId; top: number } | null = null;
  #following = true;
  #seen = -1;
  /** The filter or the index is not worked out yet. */
  #settling = false;
  /** The place that a new filter should keep, until all rows that pass are known. */
  #sought: { id: RecordId; top: number } | null = null;
  #look: Look;
  #find: Matcher | null = null;
  #current: RecordId | null = null;
  #size = { width: 0, height: 0 };
  #frame = 0;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #wheel = 0;
  /** What was told last of what the page shows around the list. */
  #told = '';

  constructor(readonly session: Session) {
    super();
    this.pager = new Pager(session, this.cache);
    this.rows = new RowActions(this);
    this.marks = new PageMarks(session);
    this.marks.changed.on(() => this.invalidate());
    this.#header = columnHeader(session, this.menu);
    this.#look = this.#newLook(80);
    this.#build();
    session.reset.on(() => void this.#reset());
    session.restyled.on(() => this.#restyle());
    session.changed.on(() => this.#header.update());
    this.pager.moved.on((by) => {
      this.#place = { ...this.#place, rank: Math.max(0, this.#place.rank + by) };
      this.#layer.renumber(by);
      this.#seen += by;
      this.selection.move(by, (id) => this.cache.rankOf(id));
      this.invalidate();
    });
    session.progressed.on(() => this.#settle());
    session.changed.on(() => this.#settle());
    const sizes = new ResizeObserver(() => this.#measureList());
    sizes.observe(this.#viewport);
    sizes.observe(this.#header.text);
  }

  get following(): boolean {
    return this.#following;
  }

  /** Entries below all that were seen. */
  get waiting(): number {
    return this.#following || this.#settling ? 0 : Math.max(0, this.cache.total - 1 - this.#seen);
  }

  get anchor(): { id: RecordId; top: number } | null {
    return this.#anchor;
  }

  get unfolded(): RecordId[] {
    return [...this.#unfolded].slice(-MAX_UNFOLDED);
  }

  /** The first row that is visible. */
  get top(): Row | undefined {
    return this.cache.get(this.#place.rank);
  }

  /** The first and the last row that one sees. */
  get ends(): { first: Row | undefined; last: Row | undefined } {
    const { from, to } = this.visible();
    return { first: this.cache.get(from), last: this.cache.get(to - 1) };
  }

  get look(): Look {
    return this.#look;
  }

  /** Opens the pane with the whole entry, or closes it; the focus comes back to the list. */
  showDetails(open: boolean): void {
    this.session.arrange({ details: open });
    if (!open) this.grid.focus();
    else if (!this.selection.cursor) void this.rows.moveTo(this.#following ? this.cache.total - 1 : this.#place.rank, false);
  }

  toDetails(): void {
    if (this.session.layout.details) this.detailsWanted.fire();
    else this.showDetails(true);
  }

  get rowHeight(): number {
    return this.#heights.ordinary;
  }

  get geometry(): Geometry {
    return {
      total: this.cache.total,
      height: this.#size.height,
      rowHeight: this.#heights.ordinary,
      heightOf: (rank) => this.#heights.of(this.cache.get(rank)),
    };
  }

  visible(): { from: number; to: number } {
    return visible(this.#place, this.geometry);
  }

  viewOf(target: EventTarget | null): BoundRow | undefined {
    return this.#layer.viewOf(target);
  }

  /** Scrolls as little as shows the row. */
  reveal(rank: number): void {
    this.follow(rank === this.cache.total - 1 && this.#following);
    if (!this.#following) this.#place = reveal(this.#place, rank, this.geometry);
    this.invalidate();
  }

  rankOf(id: RecordId): number | undefined {
    return this.cache.rankOf(id);
  }

  get here(): { anchor: Anchor; rank: number } {
    const { cursor } = this.selection;
    const id = cursor && this.#layer.views.has(cursor.id) ? cursor.id : this.top?.id;
    return { anchor: id === undefined ? { at: 'start' } : { id }, rank: this.#place.rank };
  }

  toEnd(): Promise<void> {
    return this.goTo({ at: 'end' }, true);
  }

  /** Scrolls by pixels in the next frame. */
  scrollPixels(pixels: number): void {
    this.#wheel += pixels;
    this.invalidate();
  }

  /** Scrolls to a place; follows when that is the end, and lets go when it is above it. */
  scrollToPlace(place: Place): void {
    this.#sought = null;
    const g = this.geometry;
    this.#place = settle(place, g);
    this.#following = atEnd(this.#place, g);
    this.invalidate();
  }

  follow(on: boolean): void {
    if (this.#following === on) return;
    this.#following = on;
    if (!on) this.#seen = this.cache.total - 1;
    this.invalidate();
  }

  /** Shows a place and, where it is a record, puts the focus there. */
  async goTo(anchor: Anchor, select: boolean): Promise<void> {
    this.#sought = null;
    const screen = this.#screen();
    this.follow('at' in anchor && anchor.at === 'end');
    const rank = await this.pager.seek(anchor, screen * 2, 'at' in anchor && anchor.at === 'end' ? 0 : screen * 2);
    if (rank === null) return;
    if (!this.#following) this.#place = centre(this.#place, rank, this.geometry);
    const row = this.cache.get(rank);
    if (select && row) this.selection.only({ id: row.id, rank, time: row.time });
    this.invalidate();
  }

  /** Unfolds or folds rows: all of them as the first one needs. */
  toggle(ids: readonly RecordId[], open = !ids.every((id) => this.#unfolded.has(id))): void {
    for (const id of ids) {
      if (open) this.#unfolded.add(id);
      else this.#unfolded.delete(id);
      this.#heights.forget(id);
    }
    if (ids.some((id) => this.cache.rankOf(id) !== this.cache.total - 1)) this.follow(false);
    this.invalidate();
  }

  /** Unfolds, or folds again, all entries on the screen that have more lines. */
  toggleShown(): void {
    this.toggle(
      this.#shownRows()
        .filter((row) => row.lines > 1)
        .map(({ id }) => id),
    );
  }

  /** Marks what is searched for in the rows, and the row where it was found. */
  mark(find: Matcher | null, current: RecordId | null): void {
    this.#current = current;
    if (find !== this.#find) {
      this.#find = find;
      this.#restyle();
    }
    const row = current === null ? undefined : this.cache.get(this.cache.rankOf(current) ?? -1);
    const lineEnd = row?.text.indexOf('\n') ?? -1;
    if (row && find && lineEnd >= 0 && find(row.text.slice(0, lineEnd)).length === 0) this.toggle([row.id], true);
    this.invalidate();
  }

  /** Draws in the next frame. */
  invalidate(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #build(): void {
    this.grid.className = 'grid';
    this.grid.tabIndex = 0;
    this.grid.setAttribute('role', 'grid');
    this.grid.setAttribute('aria-label', t('Log entries'));
    this.grid.setAttribute('aria-multiselectable', 'true');
    this.grid.setAttribute('aria-colcount', '6');
    this.#viewport.className = 'viewport';
    this.#viewport.setAttribute('role', 'rowgroup');
    this.#ruler.className = 'ruler row';
    this.#ruler.setAttribute('aria-hidden', 'true');
    this.#ruler.append('0'.repeat(100));
    this.#viewport.append(this.#layer.element, this.#ruler);
    // The header comes last for the Tab key: from the list it goes to the links of the row that has the focus.
    this.grid.append(this.#viewport, this.#header.element);
    this.append(this.grid, this.#scrollbar.element, this.menu);
    handleKeys(this);
    handlePointer(this, this.#viewport);
  }

  async #reset(): Promise<void> {
    const { restored, state } = this.session;
    this.session.restored = null;
    this.cache.expect(state?.version ?? 0);
    if (restored) {
      this.#following = restored.following;
      this.#anchor = 'id' in restored.anchor ? { id: restored.anchor.id, top: -restored.pixelOffset } : null;
      this.selection.restore(restored.selection);
      for (const id of restored.unfolded.slice(0, MAX_UNFOLDED)) this.#unfolded.add(id);
    }
    const kept = this.#cursorOnScreen() ?? this.#anchor;
    const anchor: Anchor = this.#following || !kept ? { at: 'end' } : { id: kept.id };
    const screen = this.#screen();
    const rank = await this.pager.seek(anchor, screen * 2, this.#following ? 0 : screen * 2);
    if (rank !== null && kept && !this.#following) this.#place = moveBy({ rank, offset: 0 }, -kept.top, this.geometry);
    this.#seen = this.cache.total - 1;
    this.#sought = this.#following || state?.final !== false ? null : kept;
    this.invalidate();
  }

  #cursorOnScreen(): { id: RecordId; top: number } | null {
    const { cursor } = this.selection;
    const view = cursor && this.#layer.views.get(cursor.id);
    if (!cursor || !view) return null;
    const top = view.element.getBoundingClientRect().top - this.#viewport.getBoundingClientRect().top;
    return top > -this.#heights.ordinary && top < this.#size.height ? { id: cursor.id, top } : null;
  }

  #newLook(columns: number): Look {
    const { clock, settings, highlights } = this.session;
    return { clock, ansi: settings.ansi, wrap: settings.wrap, highlights, find: this.#find, columns };
  }

  #restyle(): void {
    clearInterval(this.#ticking);
    if (this.session.layout.time === 'relative') this.#ticking = setInterval(() => this.invalidate(), TICK);
    this.classList.toggle('micros', this.session.settings.microseconds);
    this.#heights.clear();
    this.#look = this.#newLook(this.#look.columns);
    this.invalidate();
  }

  /** While the server still works a filter out, or the index, rows that come are no news, and the place that was kept may still come. */
  #settle(): void {
    const { state } = this.session;
    if (!state) return;
    if (!state.final) {
      this.#settling = true;
      return;
    }
    if (!this.#settling) return;
    this.#settling = false;
    this.#seen = state.total - 1;
    const sought = this.#sought;
    this.#sought = null;
    if (sought) void this.#seekKept(sought);
  }

  async #seekKept(kept: { id: RecordId; top: number }): Promise<void> {
    const screen = this.#screen();
    const rank = await this.pager.seek({ id: kept.id }, screen * 2, screen * 2);
    if (rank !== null && !this.#following) this.#place = moveBy({ rank, offset: 0 }, -kept.top, this.geometry);
    this.invalidate();
  }

  /** After a change of size or font. */
  #measureList(): void {
    const { width, height } = this.#viewport.getBoundingClientRect();
    const ruler = this.#ruler.getBoundingClientRect();
    this.#heights.ordinary = ruler.height || 22;
    const text = this.#header.text.getBoundingClientRect().width;
    const columns = Math.max(10, Math.floor(text / (ruler.width / 100 || 8)) - 3);
    if (width !== this.#size.width) this.#heights.clear();
    const cursor = this.#cursorOnScreen();
    this.#size = { width, height };
    // Where the pane with its details opens below, it stays in sight.
    const rank = cursor && this.cache.rankOf(cursor.id);
    if (!this.#following && typeof rank === 'number') this.#place = reveal(this.#place, rank, this.geometry);
    if (columns !== this.#look.columns) this.#look = this.#newLook(columns);
    this.invalidate();
  }

  get #drawn(): Drawn {
    return { row: (rank) => this.cache.use(rank), isUnfolded: ({ id }) => this.#unfolded.has(id), look: this.#look };
  }

  #screen(): number {
    return Math.max(20, Math.ceil(this.#size.height / this.#heights.ordinary));
  }

  #draw(): void {
    if (this.#size.height === 0) return;
    const scrolled = this.#wheel;
    this.#wheel = 0;
    if (scrolled !== 0) this.scrollToPlace(moveBy(this.#place, scrolled, this.geometry));
    let from = 0;
    const hadFocus = this.#layer.element.contains(document.activeElement);
    for (let pass = 0; pass < 4; pass++) {
      const g = this.geometry;
      this.#place = this.#following ? endPlace(g) : settle(this.#place, g);
      const shown = visible(this.#place, g);
      from = Math.max(0, shown.from - OVERSCAN);
      this.#layer.lay(from, Math.min(g.total, shown.to + OVERSCAN), this.#drawn, (row) => this.#heights.forget(row.id));
      if (!this.#measureRows()) break;
    }
    if (hadFocus && !this.#layer.element.contains(document.activeElement)) this.grid.focus();
    this.#finish(from);
  }

  /** What changes of a row without the row being another. */
  #stateOf(row: Row, rank: number): RowState {
    const { cursor } = this.selection;
    const previous = this.cache.get(rank - 1);
    const { clock } = this.#look;
    const newDay = previous !== undefined && clock.day(previous.time, previous.offset) !== clock.day(row.time, row.offset);
    return {
      rank,
      selected: this.selection.has(row.id),
      cursor: cursor?.id === row.id,
      current: this.#current === row.id,
      mark: this.marks.get(row.id),
      time: timeColumnText(row, {
        ...{ column: this.session.layout.time, clock, previous, now: Date.now() * 1000 },
        selected: cursor ? this.cache.get(this.cache.rankOf(cursor.id) ?? -1) : undefined,
      }),
      day: newDay ? clock.date(row.time, row.offset) : '',
    };
  }

  /** @returns whether a height is another than was thought */
  #measureRows(): boolean {
    let news = false;
    for (const { row, element } of this.#layer.views.values()) {
      if (!row || !this.#heights.isOpen(row)) continue;
      const rank = this.cache.rankOf(row.id);
      const thought = rank === undefined ? 0 : this.#heights.of(row);
      const height = element.getBoundingClientRect().height;
      this.#heights.set(row, height);
      if (height === thought) continue;
      news = true;
      // Scrolled into it from below: its lower edge stays where it was.
      if (rank === this.#place.rank && this.#place.offset > 0) {
        this.#place = { rank, offset: Math.max(0, this.#place.offset + height - thought) };
      }
    }
    return news;
  }

  #finish(from: number): void {
    const g = this.geometry;
    const shown = visible(this.#place, g);
    for (const view of this.#layer.views.values()) {
      const rank = view.row ? this.cache.rankOf(view.row.id) : undefined;
      if (view.row && rank !== undefined) view.show(this.#stateOf(view.row, rank));
    }
    this.#layer.move(from, this.#place, g);
    this.#scrollbar.update(this.#place, g, this.marks.ranks);
    this.#seen = Math.max(this.#seen, shown.to - 1);
    const top = this.cache.get(this.#place.rank);
    if (top) this.#anchor = { id: top.id, top: -this.#place.offset };
    this.#header.showDate(top ? this.#look.clock.date(top.time, top.offset) : '');
    this.grid.setAttribute('aria-rowcount', String(g.total + 1));
    const cursor = this.selection.cursor && this.#layer.views.get(this.selection.cursor.id);
    if (cursor) this.grid.setAttribute('aria-activedescendant', cursor.element.id);
    else this.grid.removeAttribute('aria-activedescendant');
    this.pager.show({ ...shown, following: this.#following });
    this.drawn.fire();
    const told = `${this.#following} ${this.waiting} ${this.selection.turn} ${g.total}`;
    if (told !== this.#told) this.#tell();
    this.#told = told;
  }

  #shownRows(): Row[] {
    const { from, to } = this.visible();
    const rows: Row[] = [];
    for (let rank = from; rank < to; rank++) {
      const row = this.cache.get(rank);
      if (row && canUnfold(row, this.#look)) rows.push(row);
    }
    return rows;
  }
}

customElements.define('safelog-list', TimelineList);
