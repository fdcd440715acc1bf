import type { RecordId, Row } from '../../server/src/protocol.ts';
import type { Look } from './look.ts';
import { type BoundRow, RowView } from './rowView.ts';
import type { Geometry, Place } from './viewport.ts';

/** Pixels of the layer (listStyles.ts says the same). Its size never changes, so that the browser need not paint what only moves. */
const HEIGHT = 16_384;
/** Rows that scroll out of the screen within one frame stand so near that their places are counted on. */
const NEAR = 200;
/** Elements that are kept for later. */
const SPARE = 200;
/** ms until one sees that a row is on its way, and until the document's order is put right. */
const LATE = 250;
const REST = 500;

const isBound = (view: RowView): view is BoundRow => view.row !== null;

/** How the rows are to be drawn. */
export interface Drawn {
  row(rank: number): Row | undefined;
  isUnfolded(row: Row): boolean;
  look: Look;
}

/**
 * The elements of the rows on the screen. Each stands at its place in a layer that moves as a whole: a row that only scrolls is neither laid
 * out nor painted again.
 */
export class RowLayer {
  readonly element = document.createElement('div');
  /** Those that show a row. */
  #views = new Map<RecordId, RowView>();
  /** All on the screen, the first row first. */
  #shown: RowView[] = [];
  readonly #spare: RowView[] = [];
  readonly #byElement = new WeakMap<Element, RowView>();
  /** The first row that was drawn, and where in the layer. */
  #first: Place | null = null;
  #shift = Number.NaN;
  #named = 0;
  #late: ReturnType<typeof setTimeout> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.element.className = 'canvas';
    this.element.setAttribute('role', 'presentation');
  }

  get views(): ReadonlyMap<RecordId, RowView> {
    return this.#views;
  }

  viewOf(target: EventTarget | null): BoundRow | undefined {
    const element = target instanceof Element ? target.closest('.row') : null;
    const view = element ? this.#byElement.get(element) : undefined;
    return view && isBound(view) ? view : undefined;
  }

  /**
   * Has the rows [from, to) on the screen, and no others.
   * @param onChanged told of each row on the screen that is drawn otherwise
   */
  lay(from: number, to: number, { row: rowAt, isUnfolded, look }: Drawn, onChanged: (row: Row) => void): void {
    const before = this.#views;
    const wanted = Array.from({ length: Math.max(0, to - from) }, (_, index) => rowAt(from + index));
    const views = new Map<RecordId, RowView>();
    for (const row of wanted) {
      const view = row && before.get(row.id);
      if (row && view) views.set(row.id, view);
    }
    const kept = new Set(views.values());
    const free = this.#shown.filter((view) => !kept.has(view));
    this.#shown = wanted.map((row, index) => {
      const view = (row && views.get(row.id)) ?? free.shift() ?? this.#attach();
      if (!row) view.blank(from + index);
      else {
        const unfolded = isUnfolded(row);
        if (view.row !== row || view.unfolded !== unfolded || view.look !== look) {
          if (view.row?.id === row.id) onChanged(row);
          // Who hears the rows is told of another one by another name.
          else view.element.id = `row-${this.#named++}`;
          view.bind(row, unfolded, look);
        }
        views.set(row.id, view);
      }
      return view;
    });
    for (const view of free) this.#detach(view);
    this.#views = views;
    this.#tellLate(wanted.includes(undefined));
  }

  /** Puts the rows to their places, and the layer to where `place` is at the top of the viewport. */
  move(from: number, place: Place, { heightOf }: Geometry): void {
    let top = this.#topOf(from, heightOf);
    let height = 0;
    for (let index = 0; index < this.#shown.length; index++) height += heightOf(from + index);
    // Also where it is not a number: nothing near was drawn before.
    if (!(top >= 0 && top + height <= HEIGHT)) top = Math.max(0, Math.round((HEIGHT - height) / 2));
    this.#first = { rank: from, offset: top };
    let shift = place.offset;
    this.#shown.forEach((view, index) => {
      const rank = from + index;
      view.moveTo(top);
      if (rank === place.rank) shift += top;
      top += heightOf(rank);
    });
    shift = Math.round(shift);
    if (shift !== this.#shift) this.element.style.transform = `translateY(${-shift}px)`;
    this.#shift = shift;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#order(), REST);
  }

  /** All ranks are others by so many. */
  renumber(by: number): void {
    if (this.#first) this.#first = { ...this.#first, rank: this.#first.rank + by };
  }

  /** Where the row at a rank stands, counted from where another one stood in the last frame. */
  #topOf(rank: number, heightOf: (rank: number) => number): number {
    const known = this.#first;
    if (!known || Math.abs(rank - known.rank) > NEAR) return Number.NaN;
    let top = known.offset;
    for (let at = known.rank; at < rank; at++) top += heightOf(at);
    for (let at = known.rank - 1; at >= rank; at--) top -= heightOf(at);
    return top;
  }

  #attach(): RowView {
    const view = this.#spare.pop() ?? new RowView();
    this.#byElement.set(view.element, view);
    this.element.append(view.element);
    return view;
  }

  #detach(view: RowView): void {
    view.element.remove();
    if (this.#spare.length < SPARE) this.#spare.push(view);
  }

  /** What comes within a moment is not announced: it would flicker. */
  #tellLate(waits: boolean): void {
    if (!waits) {
      clearTimeout(this.#late);
      this.#late = undefined;
      this.element.classList.remove('late');
    } else this.#late ??= setTimeout(() => this.element.classList.add('late'), LATE);
  }

  /** Once it rests, rows come one after the other in the document too: for the Tab key, and for those who have it read to them. */
  #order(): void {
    let next = this.element.firstElementChild;
    for (const { element } of this.#shown) {
      if (element === next) next = next.nextElementSibling;
      else if (!element.contains(document.activeElement)) this.element.insertBefore(element, next);
    }
  }
}
