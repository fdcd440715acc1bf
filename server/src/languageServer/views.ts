/** The views that pages look through. */
import type {
  Filter,
  FindParams,
  FindResult,
  Histogram,
  HistogramParams,
  OpenViewParams,
  OpenViewResult,
  Page,
  PageParams,
  RecordId,
  Source,
  ViewId,
  ViewState,
} from '../protocol.ts';
import { find } from '../timeline/find.ts';
import { countRows } from '../timeline/histogram.ts';
import { readPage, readTexts } from '../timeline/page.ts';
import type { View } from '../timeline/view.ts';
import type { Timelines } from './timelines.ts';

interface Entry {
  view: View;
  source: Source;
  /** Numbers of the newest requests: each makes the one before worthless. */
  find: number;
  histogram: number;
}

export class Views {
  private readonly views = new Map<ViewId, Entry>();
  private next = 1;

  constructor(
    private readonly timelines: Timelines,
    private readonly onChanged: (state: ViewState) => void,
  ) {}

  open({ source, filter }: OpenViewParams): OpenViewResult {
    const id = this.next++;
    const view = this.timelines.acquire(source).openView(filter, () => this.onChanged(this.state(id)));
    this.views.set(id, { view, source, find: 0, histogram: 0 });
    return { view: id, state: this.state(id) };
  }

  setFilter(id: ViewId, filter: Filter): ViewState {
    this.get(id).view.setFilter(filter);
    return this.state(id);
  }

  close(id: ViewId): null {
    const entry = this.views.get(id);
    if (entry !== undefined) {
      this.views.delete(id);
      entry.view.timeline.closeView(entry.view);
      this.timelines.release(entry.source);
    }
    return null;
  }

  closeAll(): void {
    for (const id of [...this.views.keys()]) this.close(id);
  }

  page(params: PageParams): Promise<Page> {
    return readPage(this.get(params.view).view, params);
  }

  /** A view searches for one thing at a time: the newest. */
  find(params: FindParams, cancelled: () => boolean): Promise<FindResult> {
    const entry = this.get(params.view);
    const turn = ++entry.find;
    return find(entry.view, params, () => cancelled() || entry.find !== turn || !this.views.has(params.view));
  }

  /** Null when a newer one has come meanwhile. */
  async histogram(params: HistogramParams, cancelled: () => boolean): Promise<Histogram | null> {
    const entry = this.get(params.view);
    const turn = ++entry.histogram;
    return (await countRows(entry.view, params, () => cancelled() || entry.histogram !== turn || !this.views.has(params.view))) ?? null;
  }

  texts(id: ViewId, ids: RecordId[], raw: boolean): Promise<string[]> {
    return readTexts(this.get(id).view.timeline, ids, raw);
  }

  private get(id: ViewId): Entry {
    const entry = this.views.get(id);
    if (entry === undefined) throw new Error('This view is closed.');
    return entry;
  }

  private state(id: ViewId): ViewState {
    return { view: id, ...this.get(id).view.state() };
  }
}
