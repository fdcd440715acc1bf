import type {
  Filter,
  HostRequests,
  PageCommand,
  PageLayout,
  PageSettings,
  PageState,
  Source,
  TextFilter,
  ToPage,
  ViewId,
  ViewState,
} from '../../server/src/protocol.ts';
import type { Span } from './histogramScale.ts';
import { Cancelled, type Host } from './host.ts';
import { t } from './l10n.ts';
import { paced } from './paced.ts';
import { sameSource } from './pageState.ts';
import { type ColoredMatcher, highlightMatchers } from './patterns.ts';
import { Signal } from './signal.ts';
import { Clock } from './time.ts';

type Served = Extract<ToPage, { kind: 'service' }>;
type Start = Extract<ToPage, { kind: 'start' }>;

/** Time from a change of the layout to keeping it, in ms: a border that is dragged changes it with every pixel. */
const KEEP_LAYOUT = 300;
/** ms: numbers that change more often are not read. */
const PAUSE = 100;

/** Something to say to the person, and what could be done about it. */
export interface Notice {
  message: string;
  failed: boolean;
  action?: { label: string; run(): void };
}

/** One view on the server, from its opening on: what it shows, how it is filtered, how it goes. The page's parts draw from here. */
export class Session {
  /** Anything below is another. */
  readonly changed = new Signal();
  /** The view has another state: many times a second while entries stream in. `changed` follows now and then. */
  readonly progressed = new Signal();
  readonly #tell = paced(() => this.changed.fire(), PAUSE);
  /** There is a new view, or other rows pass its filter: the list must ask for its rows anew. */
  readonly reset = new Signal();
  /** Rows look different: settings or a search. */
  readonly restyled = new Signal();
  readonly command = new Signal<PageCommand>();

  source: Source | null = null;
  title = '';
  /** Of the root of the settings; null until it is known. */
  served: Served | null = null;
  filter: Filter = {};
  /** What the rows that are shown pass: `filter`, or the last one before it that can be used. */
  inForce: Filter = {};
  settings: PageSettings = {
    timeZone: 'local',
    localZone: 'UTC',
    ansi: 'draw',
    microseconds: false,
    wrap: false,
    highlights: [],
    histogram: true,
    context: 0,
    queries: [],
  };
  /** What was filtered by before, the newest first. */
  past: readonly TextFilter[] = [];
  layout: PageLayout = { details: false, detailsHeight: null, time: 'absolute', hidden: [], widths: {} };
  clock = new Clock('local', 'UTC', false);
  highlights: ColoredMatcher[] = [];
  /** Highlights of the settings that cannot be used. */
  refused: string[] = [];
  view: ViewId | null = null;
  state: ViewState | null = null;
  notice: Notice | null = null;
  /** A filter is on its way. */
  filtering = false;
  /** What was kept of an earlier page over the same source; the list takes it once. */
  restored: PageState | null = null;
  #abort = new AbortController();
  #keeping: ReturnType<typeof setTimeout> | undefined;
  /** The stretches of time that were shown before the one that is, the widest first; an empty one is all of it. */
  #wider: Partial<Span>[] = [];

  constructor(readonly host: Host) {
    host.received.on((message) => {
      if (message.kind === 'start') this.#start(message);
      else if (message.kind === 'settings') this.#settle(message.settings);
      else if (message.kind === 'notification') this.#update(message.params);
      else if (message.kind === 'past') this.#know(message.past);
      else if (message.kind === 'service') this.#learn(message);
      else if (message.kind === 'filter') void this.setFilter(message.filter);
      else if (message.command === 'clearFilter') void this.setFilter({});
      else if (message.command === 'toggleWrap') this.set('wrap', !this.settings.wrap);
      else this.command.fire(message.command);
    });
  }

  /** Shows other rows, keeping the place where that is possible. */
  async setFilter(filter: Filter): Promise<void> {
    this.filter = tidy(filter, this.settings);
    if (this.span === null) this.#wider = [];
    this.changed.fire();
    if (this.view === null) return this.#open();
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.filtering = true;
    try {
      this.state = await this.host.request('safelog/view/filter', { view: this.view, filter: this.#asked }, abort.signal);
      this.filtering = false;
      this.notice = null;
      const isUsed = this.state.filterError === undefined;
      if (isUsed) this.inForce = this.filter;
      this.changed.fire();
      if (isUsed) this.reset.fire();
    } catch (error) {
      if (abort !== this.#abort) return;
      this.filtering = false;
      this.fail(error, () => void this.setFilter(this.filter));
    }
  }

  /** The stretch of time that the filter leaves; null for all of it. */
  get span(): Partial<Span> | null {
    const { since, until } = this.filter;
    if (since === undefined && until === undefined) return null;
    return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
  }

  /** Narrows the filter to a part of what it shows now. */
  async narrow({ since, until }: Span): Promise<void> {
    const before = this.span ?? {};
    const wider = [...this.#wider, before];
    await this.setFilter({
      ...this.filter,
      since: Math.max(since, before.since ?? since),
      until: Math.min(until, before.until ?? until),
    });
    this.#wider = wider;
  }

  /** Goes back to the stretch of time from which it was narrowed: all of it where that is not known. */
  async widen(): Promise<void> {
    if (this.span === null) return;
    const wider = this.#wider.slice(0, -1);
    const { since: _since, until: _until, ...rest } = this.filter;
    await this.setFilter({ ...rest, ...this.#wider.at(-1) });
    this.#wider = wider;
  }

  /** Stops the filter's search for text, or goes on with it. */
  async search(run: boolean): Promise<void> {
    if (this.view === null) return;
    try {
      this.#update(await this.host.request('safelog/view/search', { view: this.view, run }, this.#abort.signal));
    } catch (error) {
      this.fail(error);
    }
  }

  /** Keeps a setting that was toggled here. */
  set(name: 'microseconds' | 'wrap' | 'timeline.histogram', value: boolean): void;
  set(name: 'timeline.context', value: number): void;
  set(name: 'timeZone', value: PageSettings['timeZone']): void;
  set(name: HostRequests['host/setting'][0]['name'], value: HostRequests['host/setting'][0]['value']): void {
    this.#settle({ ...this.settings, [name.replace('timeline.', '')]: value });
    this.host.request('host/setting', { name, value }).catch((error: unknown) => this.fail(error));
  }

  /** Remembers what was filtered by. */
  remember(filter: TextFilter): void {
    const key = JSON.stringify(filter);
    if (this.past[0] && JSON.stringify(this.past[0]) === key) return;
    this.past = [filter, ...this.past.filter((one) => JSON.stringify(one) !== key)];
    this.host.request('host/remember', filter).catch((error: unknown) => this.fail(error));
  }

  #know(past: readonly TextFilter[]): void {
    this.past = past;
    this.changed.fire();
  }

  #learn(served: Served): void {
    this.served = served;
    this.changed.fire();
  }

  /** Arranges the page otherwise, and keeps that soon. */
  arrange(change: Partial<PageLayout>): void {
    this.layout = { ...this.layout, ...change };
    if (change.time !== undefined) this.restyled.fire();
    this.changed.fire();
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => {
      this.host.request('host/layout', this.layout).catch((error: unknown) => this.fail(error));
    }, KEEP_LAYOUT);
  }

  /** Tells something worth knowing. */
  say(message: string): void {
    this.notice = { message, failed: false };
    this.changed.fire();
  }

  /** Tells what went wrong; nothing where the answer is only not wanted any more. */
  fail(error: unknown, again?: () => void): void {
    if (error instanceof Cancelled) return;
    const message = error instanceof Error ? error.message : String(error);
    this.notice = { message, failed: true, ...(again ? { action: { label: t('Try Again'), run: again } } : {}) };
    this.changed.fire();
  }

  dismiss(): void {
    this.notice = null;
    this.changed.fire();
  }

  /** Lets the extension do something, and tells when it cannot. */
  ask<M extends 'host/openPlace' | 'host/openRecord' | 'host/export' | 'host/setLayout' | 'host/copy' | 'host/command'>(
    method: M,
    params: Parameters<typeof this.host.request<M>>[1],
  ): void {
    this.host.request(method, params).catch((error: unknown) => this.fail(error));
  }

  /** The filter with what the settings add to it. */
  get #asked(): Filter {
    const { context } = this.settings;
    return context > 0 && Object.keys(this.filter).length > 0 ? { ...this.filter, context } : this.filter;
  }

  #start(message: Start): void {
    const again = this.source !== null && sameSource(this.source, message.source);
    const kept = again ? null : this.host.state;
    this.restored = kept && sameSource(kept.source, message.source) ? kept : null;
    if (!again) this.layout = message.layout;
    this.source = message.source;
    this.title = message.title;
    this.past = message.past;
    this.#settle(message.settings);
    this.filter = tidy(again ? this.filter : (this.restored?.filter ?? message.filter), this.settings);
    void this.#open();
  }

  async #open(): Promise<void> {
    if (!this.source) return;
    this.host.forget();
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.view = null;
    this.changed.fire();
    try {
      const { view, state } = await this.host.request('safelog/view/open', { source: this.source, filter: this.#asked }, abort.signal);
      this.view = view;
      this.state = state;
      this.inForce = this.filter;
      this.notice = null;
      this.changed.fire();
      this.reset.fire();
    } catch (error) {
      if (abort === this.#abort) this.fail(error, () => void this.#open());
    }
  }

  #update(state: ViewState): void {
    if (state.view !== this.view || this.filtering || state.version < (this.state?.version ?? 0)) return;
    this.state = state;
    this.progressed.fire();
    this.#tell();
  }

  #settle(settings: PageSettings): void {
    const { timeZone: zoneBefore, context: contextBefore } = this.settings;
    this.settings = settings;
    this.clock = new Clock(settings.timeZone, settings.localZone, settings.microseconds);
    this.refused = [];
    this.highlights = highlightMatchers(
      settings.highlights,
      (color) => CSS.supports('color', color),
      (pattern, reason) => this.refused.push(`safelog.highlights, ${pattern}: ${reason}`),
    );
    this.restyled.fire();
    this.changed.fire();
    // Times in a query are of the zone that is shown.
    const otherTimes = this.filter.query !== undefined && zoneBefore !== settings.timeZone;
    const otherRows = Object.keys(this.filter).length > 0 && contextBefore !== settings.context;
    if (this.view !== null && (otherTimes || otherRows)) void this.setFilter(this.filter);
  }
}

/** Without parts that let everything through. */
function tidy(filter: Filter, { timeZone }: PageSettings): Filter {
  const { levels, users, modules, text, regex, exceptions, marked, ignoreCase, query, queryUtc: _, ...rest } = filter;
  return {
    ...rest,
    ...(levels?.length ? { levels } : {}),
    ...(users?.length ? { users } : {}),
    ...(modules?.length ? { modules } : {}),
    ...(text ? { text } : {}),
    ...(regex ? { regex } : {}),
    ...(exceptions ? { exceptions } : {}),
    ...(marked ? { marked } : {}),
    ...(ignoreCase && (text || regex) ? { ignoreCase } : {}),
    ...(query?.trim() ? { query } : {}),
    ...(query?.trim() && timeZone === 'utc' ? { queryUtc: true } : {}),
  };
}
