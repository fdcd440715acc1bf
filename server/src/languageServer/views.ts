/** The views that pages look through. */
import type { CancellationToken } from 'vscode-languageserver/node';
import type {
  Counts,
  ExportParams,
  ExportResult,
  Filter,
  FindParams,
  FindResult,
  Histogram,
  HistogramParams,
  HitParams,
  LikeParams,
  OpenViewParams,
  OpenViewResult,
  Page,
  PageParams,
  RecordDetails,
  RecordId,
  ServerNotifications,
  ShownMark,
  Source,
  TextForm,
  ViewId,
  ViewState,
} from '../protocol.ts';
import { encodeRows } from '../protocol.ts';
import { ContextView } from '../timeline/contextView.ts';
import { countNames } from '../timeline/counts.ts';
import { readDetails } from '../timeline/details.ts';
import { exportRecords } from '../timeline/exportRecords.ts';
import { find } from '../timeline/find.ts';
import { countRows } from '../timeline/histogram.ts';
import { listMarks } from '../timeline/listMarks.ts';
import type { Paged } from '../timeline/page.ts';
import { readPage, readRows, readTexts } from '../timeline/page.ts';
import { bestOf, roughQuery, wordsOf } from '../timeline/ranked.ts';
import type { View } from '../timeline/view.ts';
import type { Timelines } from './timelines.ts';

/** Rows that are ranked are given at most. */
const MOST_LIKE = 100;

interface Entry {
  view: View;
  /** Shown in its place while rows around its hits are wanted. */
  around: ContextView | undefined;
  source: Source;
  /** Without the rows around its hits. */
  filter: Filter;
  /** Numbers of the newest requests: each makes the one before worthless. */
  find: number;
  histogram: number;
  counts: number;
}

export class Views {
  private readonly views = new Map<ViewId, Entry>();
  private next = 1;

  constructor(
    private readonly timelines: Timelines,
    private readonly onChanged: (state: ViewState) => void,
    private readonly onExported: (progress: ServerNotifications['safelog/export/progress']) => void,
  ) {}

  open({ source, filter }: OpenViewParams): OpenViewResult {
    const id = this.next++;
    const view = this.timelines.acquire(source).openView(filter, () => this.changed(id));
    this.views.set(id, {
      view,
      around: this.contextOf(id, view, filter),
      source,
      filter: withoutContext(filter),
      find: 0,
      histogram: 0,
      counts: 0,
    });
    return { view: id, state: this.state(id) };
  }

  setFilter(id: ViewId, filter: Filter): ViewState {
    const entry = this.get(id);
    if (!entry.view.setFilter(filter)) return this.state(id);
    entry.around?.close();
    entry.filter = withoutContext(filter);
    entry.around = this.contextOf(id, entry.view, filter);
    return this.state(id);
  }

  /** Stops the search of a view's filter, or goes on with it. */
  search(id: ViewId, run: boolean): ViewState {
    const { view } = this.get(id);
    if (run) view.resumeSearch();
    else view.stopSearch();
    return this.state(id);
  }

  close(id: ViewId): null {
    const entry = this.views.get(id);
    if (entry !== undefined) {
      this.views.delete(id);
      entry.around?.close();
      entry.view.timeline.closeView(entry.view);
      this.timelines.release(entry.source);
    }
    return null;
  }

  closeAll(): void {
    for (const id of [...this.views.keys()]) this.close(id);
  }

  page(params: PageParams): Promise<Page> {
    return readPage(shown(this.get(params.view)), params);
  }

  /** A view searches for one thing at a time: the newest. */
  find(params: FindParams, cancelled: () => boolean): Promise<FindResult> {
    const entry = this.get(params.view);
    const turn = ++entry.find;
    return find(shown(entry), params, () => cancelled() || entry.find !== turn || !this.views.has(params.view));
  }

  /** What looks most like the words, among what the view's filter leaves: by a view of its own, which ends with it. */
  async like({ view: id, text, count }: LikeParams, token: CancellationToken): Promise<string | null> {
    const { view, filter, source } = this.get(id);
    const words = wordsOf(text);
    if (words.length === 0) return encodeRows([]);
    const { timeline } = view;
    const rough = this.timelines.acquire(source).openView({ query: roughQuery(words), within: filter }, () => undefined);
    const stop = token.onCancellationRequested(() => rough.stopSearch());
    try {
      await rough.settled();
      if (token.isCancellationRequested) return null;
      return encodeRows(await readRows(timeline, await bestOf(rough, words, Math.min(MOST_LIKE, count))));
    } finally {
      stop.dispose();
      timeline.closeView(rough);
      this.timelines.release(source);
    }
  }

  hit({ view: id, from, direction }: HitParams): FindResult {
    const entry = this.get(id);
    // Without context all rows are hits; what finds them is the same.
    return (entry.around ?? new ContextView(entry.view, 0, () => undefined)).nextHit(from, direction);
  }

  /** Null when a newer one has come meanwhile. */
  async histogram(params: HistogramParams, cancelled: () => boolean): Promise<Histogram | null> {
    const entry = this.get(params.view);
    const turn = ++entry.histogram;
    return (await countRows(entry.view, params, () => cancelled() || entry.histogram !== turn || !this.views.has(params.view))) ?? null;
  }

  /** Null when a newer one has come meanwhile. */
  async counts(id: ViewId, cancelled: () => boolean): Promise<Counts | null> {
    const entry = this.get(id);
    const turn = ++entry.counts;
    return (await countNames(entry.view, id, () => cancelled() || entry.counts !== turn || !this.views.has(id))) ?? null;
  }

  texts(id: ViewId, ids: RecordId[], form: TextForm): Promise<string[]> {
    return readTexts(this.get(id).view.timeline, ids, form);
  }

  details(id: ViewId, record: RecordId, around: number): Promise<RecordDetails | null> {
    return readDetails(this.get(id).view.timeline, record, around);
  }

  marks(id: ViewId): Promise<ShownMark[]> {
    return listMarks(shown(this.get(id)));
  }

  mark(id: ViewId, ids: RecordId[], note: string | null): null {
    this.timelines.peek(this.get(id).source).mark(ids, note);
    return null;
  }

  export(params: ExportParams, cancelled: () => boolean): Promise<ExportResult | null> {
    const { view } = this.get(params.view);
    return exportRecords(view, params, (done, total) => {
      this.onExported({ export: params.export, done, total });
      return !cancelled() && this.views.has(params.view);
    });
  }

  private get(id: ViewId): Entry {
    const entry = this.views.get(id);
    if (entry === undefined) throw new Error('This view is closed.');
    return entry;
  }

  private state(id: ViewId): ViewState {
    const { view, around } = this.get(id);
    const state = { view: id, ...view.state() };
    if (around === undefined) return state;
    const { version, final, rows, tooMany } = around;
    return { ...state, version, final, total: rows.length, hits: state.total, withoutContext: tooMany };
  }

  private contextOf(id: ViewId, view: View, filter: Filter): ContextView | undefined {
    const { context = 0 } = filter;
    if (context <= 0 || Object.keys(withoutContext(filter)).length === 0) return undefined;
    return new ContextView(view, context, () => this.onChanged(this.state(id)));
  }

  private changed(id: ViewId): void {
    const { around } = this.get(id);
    if (around === undefined) this.onChanged(this.state(id));
    else around.changed();
  }
}

const withoutContext = ({ context: _, ...filter }: Filter): Filter => filter;

/** What pages are of. */
const shown = ({ view, around }: Entry): Paged => around ?? view;
