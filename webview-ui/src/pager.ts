import type { Anchor, Page, PageParams } from '../../server/src/protocol.ts';
import { Cancelled } from './host.ts';
import type { Known, RowCache } from './rows.ts';
import type { Chosen } from './selection.ts';
import type { Session } from './session.ts';
import { Signal } from './signal.ts';

/** What the list shows at the moment. */
export interface Window {
  /** Ranks, `to` exclusive. */
  from: number;
  to: number;
  following: boolean;
}

/** Rows in one page, at the most. */
const MAX_PAGE = 400;
/** Screens kept ready on either side: a remote server answers late. */
const AHEAD = 2;
/** While one reads an older part, its rows are asked for again at most this often, in ms, though the view changes with every new entry. */
const PATIENCE = 200;
const RETRY = 1000;
/** While the scrollbar is dragged, only what one sees is asked for; what is near it, once it has rested so long, in ms. */
const REST = 100;
/** An answer that takes longer, in ms, is not waited for where it is about rows that have flown past. */
const SLOW = 150;
/** New entries of which each screenful is another one are drawn this often, in ms: nobody reads them. */
const FLOOD = 60;

interface Ask {
  params: PageParams;
  asked?: Known;
  /** Fulfils a seek. */
  found?(page: Page | null): void;
}

/** Decides which page to ask for next: one at a time, what is on the screen first, then what is near it. */
export class Pager {
  /** Rows came, and the known ones moved by that many ranks. */
  readonly moved = new Signal<number>();
  #window: Window = { from: 0, to: 0, following: true };
  #seek: Ask | null = null;
  #inFlight: { ask: Ask; abort: AbortController; since: number } | null = null;
  #looked = 0;
  /** When the window left all that it had shown before. */
  #leapt = 0;
  #followed = 0;
  #last = '';
  #failed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly session: Session,
    readonly cache: RowCache,
  ) {
    document.addEventListener('visibilitychange', () => this.#pump());
    session.changed.on(() => this.#pump());
    session.progressed.on(() => this.#pump());
  }

  /** What is shown now; fetches what is missing there. */
  show(window: Window): void {
    const before = this.#window;
    if (window.from > before.to || window.to < before.from) this.#leapt = performance.now();
    this.#window = window;
    const flight = this.#inFlight;
    const rank = flight && !flight.ask.found && 'rank' in flight.ask.params.anchor ? flight.ask.params.anchor.rank : undefined;
    if (flight && rank !== undefined && this.#isFar(rank) && performance.now() - flight.since > SLOW) flight.abort.abort();
    this.#pump();
  }

  /**
   * Asks for a place, before everything else.
   * @returns the rank of the anchor; null where another seek came between, or nothing is there
   */
  seek(anchor: Anchor, before: number, after: number): Promise<number | null> {
    const { view } = this.session;
    if (view === null) return Promise.resolve(null);
    this.#seek?.found?.(null);
    this.#inFlight?.abort.abort();
    return new Promise((resolve) => {
      const rank = 'id' in anchor ? this.cache.rankOf(anchor.id) : undefined;
      this.#seek = {
        params: { view, anchor, before, after },
        ...('id' in anchor && rank !== undefined ? { asked: { id: anchor.id, rank } } : {}),
        found: (page) => resolve(page && page.total > 0 ? Math.min(page.first + page.anchor, page.total - 1) : null),
      };
      this.#pump();
    });
  }

  /** The records at these ranks, at most `limit`, fetched where they are not here. */
  async records(from: number, to: number, limit: number): Promise<Chosen[]> {
    const found: Chosen[] = [];
    const end = Math.min(to, from + limit, this.cache.total);
    for (let rank = from; rank < end; ) {
      const row = this.cache.get(rank);
      if (row) {
        found.push({ id: row.id, rank, time: row.time });
        rank++;
        continue;
      }
      const { view } = this.session;
      if (view === null) break;
      const params = { view, anchor: { rank }, before: 0, after: Math.min(MAX_PAGE, end - rank) };
      const page = await this.session.host.request('safelog/view/page', params);
      if (this.cache.accept(page) === null || !this.cache.get(rank)) break;
    }
    return found;
  }

  #pump(): void {
    if (this.#inFlight || document.visibilityState === 'hidden') return;
    const ask = this.#seek ?? this.#next();
    this.#seek = null;
    if (ask) void this.#send(ask);
  }

  async #send(ask: Ask): Promise<void> {
    const abort = new AbortController();
    this.#inFlight = { ask, abort, since: performance.now() };
    let page: Page | null = null;
    try {
      page = await this.session.host.request('safelog/view/page', ask.params, abort.signal);
      if (page.view !== this.session.view) page = null;
    } catch (error) {
      if (!(error instanceof Cancelled)) {
        this.#failed = true;
        this.session.fail(error, () => this.session.reset.fire());
        if (!ask.found) this.#retry(RETRY);
      }
    } finally {
      this.#inFlight = null;
    }
    if (page && this.#failed) {
      this.#failed = false;
      this.session.dismiss();
    }
    const moved = page && this.cache.accept(page, ask.asked);
    ask.found?.(moved === null ? null : page);
    if (moved !== null) this.moved.fire(moved);
    this.#pump();
  }

  #retry(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#last = '';
      this.#pump();
    }, delay);
  }

  #later(delay: number): null {
    this.#retry(delay);
    return null;
  }

  #next(): Ask | null {
    const { view, state } = this.session;
    const { cache } = this;
    const { from, to, following } = this.#window;
    if (view === null || !state || cache.version === -1) return null;
    const screen = Math.max(20, to - from);
    const outdated = cache.version < state.version;
    if (following && outdated) {
      const wait = state.total - cache.total > screen ? this.#followed + FLOOD - performance.now() : 0;
      if (wait > 0) return this.#later(wait);
      this.#followed = performance.now();
      return this.#once({ params: { view, anchor: { at: 'end' }, before: screen + 10, after: 0 } });
    }
    const missing = this.#missing(view, from, to);
    if (missing) return this.#once(missing);
    if (outdated) {
      const wait = this.#looked + PATIENCE - performance.now();
      if (wait > 0) this.#later(wait);
      else {
        this.#looked = performance.now();
        return this.#once(this.#again(view, from, to));
      }
    }
    const moving = this.#leapt + REST - performance.now();
    if (moving > 0) return this.#later(moving);
    return this.#near(view, to, 1, screen) ?? this.#near(view, from, -1, screen);
  }

  /** What is missing in the next screen on one side is fetched with the one after it: a few large pages rather than many small ones. */
  #near(view: number, edge: number, side: 1 | -1, screen: number): Ask | null {
    const range = (screens: number): [number, number] =>
      side > 0 ? [edge, edge + screens * screen] : [Math.max(0, edge - screens * screen), edge];
    const missing = this.#missing(view, ...range(1)) && this.#missing(view, ...range(AHEAD));
    return missing && this.#once(missing);
  }

  /** The same question is not put twice about the same version: the answer would be the same. */
  #once(ask: Ask): Ask | null {
    const key = JSON.stringify([ask.params, this.cache.version, this.session.state?.version]);
    if (key === this.#last) return null;
    this.#last = key;
    return ask;
  }

  #missing(view: number, from: number, to: number): Ask | null {
    const end = Math.min(to, this.cache.total);
    let first = from;
    while (first < end && this.cache.get(first)) first++;
    if (first >= end) return null;
    let last = Math.min(end, first + MAX_PAGE);
    while (last > first + 1 && this.cache.get(last - 1)) last--;
    const previous = this.cache.get(first - 1);
    if (previous) return by({ id: previous.id, rank: first - 1 }, view, 0, last - first + 1);
    const next = this.cache.get(last);
    if (next) return by({ id: next.id, rank: last }, view, last - first, 1);
    return { params: { view, anchor: { rank: first }, before: 0, after: last - first } };
  }

  /** Asks for what is shown once more, by the record at its top. */
  #again(view: number, from: number, to: number): Ask {
    for (let rank = from; rank < to; rank++) {
      const row = this.cache.get(rank);
      if (row) return by({ id: row.id, rank }, view, rank - from + 5, to - rank + 5);
    }
    return { params: { view, anchor: { rank: from }, before: 0, after: Math.max(20, to - from) } };
  }

  #isFar(rank: number): boolean {
    const { from, to } = this.#window;
    return rank > to + MAX_PAGE || rank < from - MAX_PAGE;
  }
}

function by(asked: Known, view: number, before: number, after: number): Ask {
  return { params: { view, anchor: { id: asked.id }, before, after }, asked };
}
