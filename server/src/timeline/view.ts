/** A view: a filter over the timeline, and the rows that pass it, kept live. */
import type { Generation } from '../index/generation.ts';
import type { Library } from '../index/library.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { NO_LEVEL, recordFlags } from '../index/recordStore.ts';
import type { Filter, Problem, ViewState } from '../protocol.ts';
import { ERROR } from '../record/level.ts';
import type { CompiledFilter } from './filter.ts';
import { compileFilter } from './filter.ts';
import type { Compare } from './order.ts';
import { SortedRecords } from './order.ts';
import { NOTHING } from './predicate.ts';
import { QueryError } from './query/syntax.ts';
import type { TimeContext } from './query/time.ts';
import { searchGeneration } from './search.ts';

/** Changes are told no more often (ms): one frame. */
const QUIET = 16;
const BATCH = 4096;

/** For a filter that cannot be used. */
const REFUSED: CompiledFilter = { ...NOTHING, all: false };

/** What a view is over: the timeline, as far as a view has to know it. */
export interface ViewedTimeline {
  readonly library: Library;
  readonly rows: SortedRecords;
  readonly compare: Compare;
  readonly ready: boolean;
  readonly problems: Problem[];
  closeView(view: View): void;
}

export class View {
  private asked: Filter = {};
  private filter: CompiledFilter = REFUSED;
  private filterError: Pick<ViewState, 'filterError' | 'filterErrorAt'> = {};
  /** What the times of a query are relative to: set with the filter, and with the first records. */
  private times: TimeContext = { now: 0 };
  /** Undefined while everything passes: the timeline's own rows are meant. */
  private own: SortedRecords | undefined;
  /** Told of rows that were written since the view was opened; not of those that only became visible again. */
  onNews: (records: ArrayLike<RecordNumber>) => void = () => undefined;
  /** Grows with every change. */
  private changes = 0;
  private isWorkedOut = false;
  private errors = 0;
  private exceptions = 0;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private lastTold = 0;
  /** Each new filter, and each new start, makes the reading under way worthless. */
  private generation = 0;
  private reading: Promise<void> = Promise.resolve();

  constructor(
    readonly timeline: ViewedTimeline,
    filter: Filter,
    private readonly onChanged: () => void,
  ) {
    this.setFilter(filter);
  }

  get rows(): SortedRecords {
    return this.own ?? this.timeline.rows;
  }

  get version(): number {
    return this.changes;
  }

  /** The rows are all that pass: index and filter are worked out. */
  get final(): boolean {
    return this.isWorkedOut && this.timeline.ready;
  }

  /** Resolves when everything that is indexed by now has been held against the filter. */
  async settled(): Promise<void> {
    for (let reading: Promise<void> | undefined; reading !== this.reading; ) {
      reading = this.reading;
      await reading;
    }
  }

  setFilter(filter: Filter): void {
    this.asked = filter;
    this.times = { now: Date.now() * 1000 };
    this.compile();
    this.rebuild();
  }

  private compile(): void {
    const { rows, library } = this.timeline;
    if (rows.length > 0) this.times = { ...this.times, newest: library.store.key(rows.at(rows.length - 1)) };
    this.filterError = {};
    try {
      this.filter = compileFilter(this.asked, this.times);
    } catch (error) {
      this.filter = REFUSED;
      this.filterError = { filterError: error instanceof Error ? error.message : String(error) };
      if (error instanceof QueryError) this.filterError.filterErrorAt = { start: error.start, length: error.length };
    }
  }

  state(): Omit<ViewState, 'view'> {
    const { timeline } = this;
    const { library } = timeline;
    const { users, modules } = library.names;
    return {
      version: this.version,
      total: this.rows.length,
      unfiltered: timeline.rows.length,
      errors: this.errors,
      exceptions: this.exceptions,
      final: this.final,
      progress: library.progress,
      users,
      modules,
      problems: timeline.problems.slice(0, 200),
      exists: library.exists,
      root: library.root,
      ...this.filterError,
    };
  }

  /** Tells, soon, that something has changed. */
  changed(): void {
    this.changes++;
    if (this.timer !== undefined || this.closed) return;
    // Each telling names all modules: with thousands of them, fewer.
    const quiet = QUIET + this.timeline.library.names.modules.length / 50;
    const wait = Math.max(0, this.lastTold + quiet - performance.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.lastTold = performance.now();
      this.onChanged();
    }, wait);
  }

  /** Holds all rows of the timeline against the filter. */
  rebuild(): void {
    if (this.times.newest === undefined) this.compile();
    const generation = ++this.generation;
    this.errors = 0;
    this.exceptions = 0;
    this.isWorkedOut = true;
    const { rows, library } = this.timeline;
    if (this.filter.all) {
      this.own = undefined;
      this.count(rows.all(), 1);
      this.changed();
      return;
    }
    const passed: RecordNumber[] = [];
    const open: RecordNumber[] = [];
    for (const record of rows.all()) {
      const verdict = this.filter.byIndex(library.generationOf(record), record);
      if (verdict === 'read') open.push(record);
      else if (verdict) passed.push(record);
    }
    this.own = new SortedRecords(library.store, this.timeline.compare, Uint32Array.from(passed));
    this.count(passed, 1);
    if (open.length > 0) {
      this.isWorkedOut = false;
      this.reading = this.readAll(open, generation);
    }
    this.changed();
  }

  /** @param areNews they were written just now */
  insert(records: Uint32Array, areNews: boolean): void {
    if (this.own === undefined) {
      this.count(records, 1);
      if (areNews) this.onNews(records);
      this.changed();
      return;
    }
    const { library } = this.timeline;
    const open: RecordNumber[] = [];
    const passed: RecordNumber[] = [];
    for (const record of records) {
      const verdict = this.filter.byIndex(library.generationOf(record), record);
      if (verdict === 'read') open.push(record);
      else if (verdict) passed.push(record);
    }
    this.put(passed, areNews);
    if (open.length > 0) {
      const { generation } = this;
      const before = this.reading;
      this.reading = Promise.all([before, this.readFew(open, generation, areNews)]).then(() => undefined);
    }
    this.changed();
  }

  /** Tells of rows that were written just now and came in with a rebuild. */
  async tellNews(records: readonly RecordNumber[]): Promise<void> {
    if (records.length === 0) return;
    const { filter } = this;
    const { generationOf } = this.timeline.library;
    const verdicts = records.map((record) => filter.all || filter.byIndex(generationOf(record), record));
    this.onNews(records.filter((_, index) => verdicts[index] === true));
    const open = records.filter((_, index) => verdicts[index] === 'read');
    for (const [of, group] of this.byGeneration(open)) this.onNews(await searchGeneration(of, group, filter));
  }

  remove(records: readonly RecordNumber[]): void {
    // Without a filter the rows are the timeline's: they are gone already.
    const gone = this.own === undefined ? records : this.own.remove(records);
    this.count(gone, -1);
    this.changed();
  }

  resort(record: RecordNumber): void {
    if (this.own?.has(record) === true) this.own.resort(record);
  }

  withdraw(isGone: (record: RecordNumber) => boolean): void {
    this.own?.filter((record) => !isGone(record));
    this.errors = 0;
    this.exceptions = 0;
    this.count(this.rows.all(), 1);
    this.changed();
  }

  close(): void {
    this.closed = true;
    this.generation++;
    clearTimeout(this.timer);
  }

  private count(records: ArrayLike<RecordNumber>, sign: 1 | -1): void {
    const { store } = this.timeline.library;
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as number;
      const isException = (store.flags(record) & recordFlags.exception) !== 0;
      const level = store.level(record);
      if (isException) this.exceptions += sign;
      if (isException || (level >= ERROR && level !== NO_LEVEL)) this.errors += sign;
    }
  }

  /** Puts records among the rows, unless they have gone meanwhile. */
  private put(records: readonly RecordNumber[], areNews: boolean): void {
    const { own, timeline } = this;
    if (own === undefined || records.length === 0) return;
    const sorted = Uint32Array.from(records).sort(timeline.compare);
    own.insert(sorted);
    this.count(sorted, 1);
    if (areNews) this.onNews(sorted);
    this.changed();
  }

  /** Generation by generation, the newest first. */
  private async readAll(open: readonly RecordNumber[], generation: number): Promise<void> {
    const { store } = this.timeline.library;
    const groups = this.byGeneration(open);
    const newest = (records: readonly RecordNumber[]): number => store.key(records.at(-1) as number);
    groups.sort(([, a], [, b]) => newest(b) - newest(a));
    for (const [of, records] of groups) {
      for (let from = 0; from < records.length; from += BATCH) {
        await this.search(of, records.slice(from, from + BATCH), generation, false);
        if (generation !== this.generation) return;
        // Lets requests for pages in between.
        await new Promise(setImmediate);
      }
    }
    this.isWorkedOut = true;
    this.changed();
  }

  private async readFew(open: readonly RecordNumber[], generation: number, areNews: boolean): Promise<void> {
    await Promise.all(this.byGeneration(open).map(([of, records]) => this.search(of, records, generation, areNews)));
  }

  /** Each generation's records in the file's order. */
  private byGeneration(open: readonly RecordNumber[]): [Generation, RecordNumber[]][] {
    const { library } = this.timeline;
    const groups = new Map<Generation, RecordNumber[]>();
    for (const record of open) {
      const of = library.generationOf(record);
      const group = groups.get(of);
      if (group === undefined) groups.set(of, [record]);
      else group.push(record);
    }
    for (const group of groups.values()) group.sort((a, b) => library.store.offset(a) - library.store.offset(b));
    return [...groups];
  }

  private async search(of: Generation, records: readonly RecordNumber[], generation: number, areNews: boolean): Promise<void> {
    const passed = await searchGeneration(of, records, this.filter);
    if (generation !== this.generation) return;
    // One may have gone, or been found to be a double, while it was read.
    this.put(
      passed.filter((record) => this.timeline.rows.has(record)),
      areNews,
    );
  }
}
