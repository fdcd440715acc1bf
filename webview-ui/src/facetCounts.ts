import type { Counts, Filter, ViewId } from '../../server/src/protocol.ts';
import { Cancelled } from './host.ts';
import type { Session } from './session.ts';
import { Signal } from './signal.ts';

/** What one ticks values of, and the parts of the filter that say so. */
export type Facet = 'levels' | 'users' | 'modules';

const PARTS: Record<Facet, readonly (keyof Filter)[]> = { levels: ['level', 'levels'], users: ['users'], modules: ['modules'] };

/** They are counted anew at most this often, in ms, and a tenth of the time at most. */
const QUIET = 1000;
const SHARE = 10;

/**
 * How many entries each value of a facet would show: those that pass all the rest of the filter. Where the filter says something of the facet
 * itself, that takes a view of its own without it. All of it only while one looks.
 */
export class FacetCounts {
  readonly changed = new Signal();
  facet: Facet | null = null;
  #counts: Counts | null = null;
  #view: ViewId | null = null;
  #own = false;
  #newest = 0;
  #asking = false;
  #next = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(readonly session: Session) {
    session.progressed.on(() => this.#ask());
    session.reset.on(() => void this.#begin());
    session.host.received.on((message) => {
      if (message.kind !== 'notification' || !this.#own || message.params.view !== this.#view) return;
      this.#newest = message.params.version;
      this.#ask();
    });
  }

  /** Of a value of the facet that is looked at; undefined while it is not known. */
  of(facet: Facet, value: string): number | undefined {
    if (this.facet !== facet || !this.#counts) return undefined;
    if (facet === 'levels') return Object.entries(this.#counts.levels).find(([name]) => name === value)?.[1];
    return this.#counts[facet].find(([name]) => name === value)?.[1] ?? 0;
  }

  /** Begins to count, or (null) ends it. */
  watch(facet: Facet | null): void {
    if (facet === this.facet) return;
    this.facet = facet;
    this.#counts = null;
    void this.#begin();
  }

  async #begin(): Promise<void> {
    const turn = ++this.#turn;
    this.#end();
    const { facet, session } = this;
    const { source, view, inForce: filter, host } = session;
    if (facet === null || view === null || !source) return;
    this.#next = 0;
    const rest: Filter = Object.fromEntries(Object.entries(filter).filter(([name]) => !PARTS[facet].some((part) => part === name)));
    if (Object.keys(rest).length === Object.keys(filter).length) this.#view = view;
    else {
      try {
        const opened = await host.request('safelog/view/open', { source, filter: rest });
        if (turn !== this.#turn) return this.#close(opened.view);
        this.#view = opened.view;
        this.#own = true;
        this.#newest = opened.state.version;
      } catch {
        // The server went: the page says so, and opens its view anew.
        return;
      }
    }
    this.#ask();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#own && this.#view !== null) this.#close(this.#view);
    this.#view = null;
    this.#own = false;
  }

  #close(view: ViewId): void {
    this.session.host.request('safelog/view/close', { view }).catch(() => {
      // It ended with the server.
    });
  }

  #ask(): void {
    const view = this.#view;
    if (view === null || this.#asking || this.#timer !== undefined) return;
    const newest = this.#own ? this.#newest : (this.session.state?.version ?? 0);
    if (this.#counts?.view === view && this.#counts.version >= newest) return;
    const wait = this.#next - performance.now();
    if (wait <= 0) void this.#count(view);
    else
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#ask();
      }, wait);
  }

  async #count(view: ViewId): Promise<void> {
    this.#asking = true;
    const begun = performance.now();
    try {
      const counts = await this.session.host.request('safelog/view/counts', { view });
      if (counts && view === this.#view) {
        this.#counts = counts;
        this.changed.fire();
      }
    } catch (error) {
      if (!(error instanceof Cancelled) && view === this.#view) this.session.fail(error);
    } finally {
      this.#asking = false;
      this.#next = performance.now() + Math.max(QUIET, (performance.now() - begun) * SHARE);
    }
    this.#ask();
  }
}
