/** A view: a filter over the timeline, and the rows that pass it, kept live. */
import { recordFlags } from '../index/chunk.ts';
import type { Generation } from '../index/generation.ts';
import type { Library } from '../index/library.ts';
import { NO_LEVEL } from '../index/nameTable.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import type { Filter, Micros, Problem, ViewState } from '../protocol.ts';
import { ERROR } from '../record/level.ts';
import { countAlarms } from './alarms.ts';
import { FilterInForce } from './filterInForce.ts';
import { Found } from './found.ts';
import type { MarkedRecords } from './markedRecords.ts';
import { Marks } from './marks.ts';
import type { Missing } from './newestFirst.ts';
import type { Compare } from './order.ts';
import { SortedRecords } from './order.ts';
import { READ, verdictOn, YES } from './predicate.ts';
import { searchGeneration } from './search.ts';
import { searchInThread } from './searchJob.ts';
import { SearchProgress } from './searchProgress.ts';
import { eachInSlices, inSlices } from './slices.ts';

/** Changes are told no more often (ms): one frame. */
const QUIET = 16;
const BATCH = 4096;
/** Putting a row among the others costs as much as going through so many. */
const FEW = 2048;

/** A generation of which so many rows have to be read. */
interface Open {
  generation: Generation;
  count: number;
  last: RecordNumber;
}

/** Bytes of a file that are searched as fast as a thread is told of them. */
const SMALL = 64 * 1024;
/** A thread reads a file from its beginning to its end: worth it where at least this part of that is wanted. */
const DENSE = 1 / 16;

/** What a view is over: the timeline, as far as a view has to know it. */
export interface ViewedTimeline {
  readonly library: Library;
  readonly rows: SortedRecords;
  readonly compare: Compare;
  readonly marked: MarkedRecords;
  readonly ready: boolean;
  /** Whether all rows from a time on are known. */
  isCompleteFrom(time: Micros): boolean;
  /** Resolves as soon as nothing is missing, or all is there. */
  whenKnown(missing: () => Missing | undefined): Promise<void>;
  readonly problems: Problem[];
  /** Does something while no file is looked at. Undefined once it is closed. */
  inTurn<T>(job: () => Promise<T>): Promise<T | undefined>;
  /** Looks at everything once more. */
  sync(): Promise<boolean>;
  closeView(view: View): void;
}

export class View {
  private readonly filter = new FilterInForce();
  /** Undefined while everything passes: the timeline's own rows are meant. */
  private own: SortedRecords | undefined;
  private marks: Marks | undefined;
  /** Told of rows that were written since the view was opened; not of those that only became visible again. */
  onNews: (records: ArrayLike<RecordNumber>) => void = () => undefined;
  /** Those of which was told, and which wait to be shown; set by who is told. */
  unshown: () => Iterable<RecordNumber> = () => [];
  /** Told of records that may mean others soon; what was not shown of them is news where it turns up again. */
  onForgotten: (isGone: (record: RecordNumber) => boolean) => void = () => undefined;
  /** Grows with every change. */
  private changes = 0;
  private isWorkedOut = false;
  private errors = 0;
  private exceptions = 0;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private lastTold = 0;
  /** Each new filter makes the reading under way worthless. */
  private turn = 0;
  private readsAll = false;
  /** Of what is being read, or was until a person stopped it. */
  private search: SearchProgress | undefined;
  private isStopped = false;
  /** Grows where the timeline's rows, or this one's, are others than before. */
  private moves = 0;
  /** Ends what other threads search with this filter. */
  private searching = new AbortController();
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

  /** Whether a record passes, as far as is known. */
  passes(record: RecordNumber): boolean {
    return this.marks?.passes(record) ?? true;
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

  /**
   * Shows the rows that pass another filter; where it cannot be used, those of the filter before.
   * @returns whether it is used; else `state()` tells why not
   */
  setFilter(filter: Filter): boolean {
    const isUsed = this.filter.take(filter);
    if (isUsed || this.filter.asked === undefined) {
      this.compile();
      this.rebuild();
    } else this.changed();
    return isUsed;
  }

  /** Other records are marked than before. */
  marksChanged(): void {
    if (this.filter.compiled.marks) {
      this.compile();
      this.rebuild();
    } else this.changed();
  }

  private compile(): void {
    this.turn++;
    this.searching.abort();
    this.searching = new AbortController();
    this.readsAll = false;
    this.search = undefined;
    this.isStopped = false;
    const { timeline } = this;
    const { rows, library } = timeline;
    const newest = rows.length > 0 ? { newest: library.store.key(rows.at(rows.length - 1)) } : {};
    this.filter.renew({ ...newest, marked: timeline.marked.places });
    const { compiled } = this.filter;
    this.marks = compiled.all ? undefined : new Marks(compiled);
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
      ...(this.search && { search: { ...this.search.state, stopped: this.isStopped } }),
      progress: library.progress,
      users,
      modules,
      problems: timeline.problems.slice(0, 200),
      exists: library.exists,
      marks: { count: timeline.marked.notes.size, version: timeline.marked.version },
      root: library.root,
      ...this.filter.error,
    };
  }

  /** What was found stays, and what comes is looked at; the rest is left until `resumeSearch`. */
  stopSearch(): void {
    if (!this.readsAll) return;
    this.turn++;
    this.searching.abort();
    this.searching = new AbortController();
    this.readsAll = false;
    this.isStopped = true;
    // What was found and not shown yet.
    if (this.marks !== undefined) this.own?.replace(this.marks.select(this.within(this.timeline.rows)));
    this.moves++;
    this.recount();
    this.changed();
  }

  resumeSearch(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    this.readWhatIsOpen();
    this.changed();
  }

  /** Tells, soon, that something has changed. */
  changed(): void {
    this.changes++;
    this.tell();
  }

  private tell(): void {
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

  /**
   * Takes the timeline's rows anew: they are in another order, or more.
   * @param again records that may be others than when they were looked at
   */
  rebuild(again: readonly RecordNumber[] = []): void {
    this.moves++;
    if (this.filter.times.newest === undefined) this.compile();
    const { rows, library, compare } = this.timeline;
    if (this.marks === undefined) {
      this.own = undefined;
      this.isWorkedOut = true;
    } else {
      this.marks.judgeAgain(again, library.generationOf);
      this.marks.judge(library.generations);
      this.own ??= new SortedRecords(library.store, compare);
      this.own.replace(this.marks.select(this.within(rows)));
      if (!this.readsAll && !this.isStopped) this.readWhatIsOpen();
    }
    this.recount();
    this.changed();
  }

  /** The rows that may pass for their time. */
  private within(rows: SortedRecords): Uint32Array {
    const { from, to } = this.filter.compiled;
    const { store } = this.timeline.library;
    const before = (time: Micros): number => rows.search((record) => store.key(record) < time);
    // Without a bound nothing is looked at.
    const first = from === undefined ? 0 : before(from);
    return rows.all().subarray(first, to === undefined ? rows.length : Math.max(first, before(to)));
  }

  /** @param areNews they were written just now */
  insert(records: Uint32Array, areNews: boolean): void {
    this.moves++;
    const { marks } = this;
    if (marks === undefined) {
      this.count(records, 1);
      if (areNews) this.onNews(records);
      this.changed();
      return;
    }
    marks.judgeAgain(records, this.timeline.library.generationOf);
    this.put(
      records.filter((record) => marks.passes(record)),
      areNews,
    );
    const open = records.filter((record) => marks.isOpen(record));
    if (open.length > 0) this.reading = Promise.all([this.reading, this.readFew(open, areNews)]).then(() => undefined);
    this.changed();
  }

  /** Tells of rows that were written just now and came in with a rebuild. */
  async tellNews(records: readonly RecordNumber[]): Promise<void> {
    if (records.length === 0) return;
    const { compiled: filter } = this.filter;
    const { generationOf } = this.timeline.library;
    const verdicts = records.map((record) => (filter.all ? YES : verdictOn(filter, generationOf(record), record)));
    this.onNews(records.filter((_, index) => verdicts[index] === YES));
    const open = records.filter((_, index) => verdicts[index] === READ);
    for (const [of, group] of this.byGeneration(open)) this.onNews(await searchGeneration(of, group, filter));
  }

  remove(records: readonly RecordNumber[]): void {
    this.moves++;
    // Without a filter the rows are the timeline's: they are gone already.
    const gone = this.own === undefined ? records : this.own.remove(records);
    this.count(gone, -1);
    this.changed();
  }

  resort(record: RecordNumber): void {
    this.moves++;
    if (this.own?.has(record) === true) this.own.resort(record);
  }

  withdraw(isGone: (record: RecordNumber) => boolean): void {
    this.moves++;
    this.own?.filter((record) => !isGone(record));
    this.recount();
    this.changed();
  }

  close(): void {
    this.closed = true;
    this.turn++;
    this.searching.abort();
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

  private recount(): void {
    if (!this.timeline.isCompleteFrom(Number.NEGATIVE_INFINITY)) {
      // What is not shown yet does not count.
      this.errors = 0;
      this.exceptions = 0;
      this.count(this.rows.all(), 1);
      return;
    }
    ({ errors: this.errors, exceptions: this.exceptions } = countAlarms(this.timeline.library.generations, this.marks));
  }

  private put(records: ArrayLike<RecordNumber>, areNews: boolean): void {
    const { own, timeline } = this;
    if (own === undefined || records.length === 0) return;
    const sorted = Uint32Array.from(records).sort(timeline.compare);
    this.moves++;
    own.insert(sorted);
    this.count(sorted, 1);
    if (areNews) this.onNews(sorted);
    this.changed();
  }

  /** Reads what the index does not tell, if there is any. */
  private readWhatIsOpen(): void {
    const { marks } = this;
    if (marks === undefined) return;
    const { store, generations } = this.timeline.library;
    const open = generations
      .flatMap((generation): Open | [] => {
        const rows = marks.openIn(generation);
        return rows === undefined ? [] : { generation, ...rows };
      })
      .sort((a, b) => store.key(b.last) - store.key(a.last));
    this.readsAll = open.length > 0;
    this.isWorkedOut = !this.readsAll;
    this.search = this.readsAll ? new SearchProgress(open, () => this.tell(), this.search) : undefined;
    if (this.readsAll) this.reading = this.readAll(open, marks, this.turn);
  }

  /** Generation by generation, the newest first. */
  private async readAll(open: readonly Open[], marks: Marks, turn: number): Promise<void> {
    const { library } = this.timeline;
    const found = new Found((records) => this.show(records, marks, turn));
    await this.searchInThreads(open, marks, turn, (passed) => {
      this.count(passed, 1);
      found.add(passed);
    });
    if (turn !== this.turn) return;
    for (const { generation } of open) {
      const records = marks.openOf(generation);
      for (let from = 0; from < records.length && library.generations.includes(generation); from += BATCH) {
        const batch = records.subarray(from, from + BATCH);
        const passed = new Set(await searchGeneration(generation, batch, this.filter.compiled));
        if (turn !== this.turn) return;
        // Another read may have been faster.
        const read = batch.filter((record) => marks.isOpen(record));
        for (const record of read) marks.settle(record, passed.has(record));
        this.search?.add(generation, read.length);
        const fresh = read.filter((record) => passed.has(record));
        this.count(fresh, 1);
        found.add(fresh);
        // Lets requests for pages in between.
        await new Promise(setImmediate);
        if (turn !== this.turn) return;
      }
    }
    await found.end();
    if (turn !== this.turn) return;
    // More that has come is little.
    this.search = undefined;
    this.recount();
    // More may have come meanwhile.
    this.readWhatIsOpen();
    this.changed();
  }

  /** Puts records that were found to pass among the others. */
  private async show(found: Uint32Array, marks: Marks, turn: number): Promise<void> {
    const { rows, compare } = this.timeline;
    const { own } = this;
    if (turn !== this.turn || own === undefined) return;
    // Few are put in their places; for many, all rows are gone through.
    if (found.length * FEW < rows.length) {
      own.insert(found.filter((record) => rows.has(record) && !own.has(record)).sort(compare));
    } else {
      const before = this.moves;
      const selected = await inSlices(marks.selecting(this.within(rows)));
      if (turn !== this.turn) return;
      own.replace(before === this.moves ? selected : marks.select(this.within(rows)));
    }
    this.changed();
  }

  /** Has other threads look at what is much; what they do not tell is still open afterwards. */
  private async searchInThreads(open: readonly Open[], marks: Marks, turn: number, onFound: (passed: Uint32Array) => void): Promise<void> {
    const { asked, times } = this.filter;
    const { library } = this.timeline;
    const { threads } = library;
    if (threads === undefined || asked === undefined) return;
    const { signal } = this.searching;
    const isMuch = open.reduce((sum, { generation }) => sum + generation.end, 0) > threads.little;
    const isForThread = ({ generation: { column, end }, count }: Open): boolean =>
      (end > SMALL || threads.little < 0) && count > column.length * DENSE;
    const searches: Promise<void>[] = [];
    const search = async ({ generation, count }: Open): Promise<void> => {
      let next = 0;
      const onPassed = (passed: Uint32Array, through: number): void => {
        if (turn !== this.turn || !library.generations.includes(generation)) return;
        onFound(marks.settleAll(generation, next, through, passed));
        // As many of these as of all its records had to be read.
        this.search?.add(generation, Math.round(((through - next) * count) / generation.column.length));
        next = through;
      };
      await searchInThread(threads, generation, { filter: asked, times, signal, onPassed }).catch(() => {
        if (turn === this.turn) this.giveUp();
      });
    };
    if (!isMuch) return;
    await eachInSlices(open.filter(isForThread), (each) => void searches.push(search(each)));
    await Promise.all(searches);
  }

  /** The filter takes too long: nothing may be held against it any more. */
  private giveUp(): void {
    const { library, compare } = this.timeline;
    this.turn++;
    this.searching.abort();
    this.searching = new AbortController();
    this.filter.refuse('its regex takes too long on what is there: it was given up');
    this.marks = new Marks(this.filter.compiled);
    this.own = new SortedRecords(library.store, compare);
    this.search = undefined;
    this.isWorkedOut = true;
    this.recount();
    this.changed();
  }

  private async readFew(open: ArrayLike<RecordNumber>, areNews: boolean): Promise<void> {
    await Promise.all(this.byGeneration(open).map(([of, records]) => this.searchNew(of, records, areNews)));
  }

  /** Each generation's records in the file's order. */
  private byGeneration(open: ArrayLike<RecordNumber>): [Generation, RecordNumber[]][] {
    const { library } = this.timeline;
    const groups = new Map<Generation, RecordNumber[]>();
    for (const record of Array.from(open)) {
      const of = library.generationOf(record);
      const group = groups.get(of);
      if (group === undefined) groups.set(of, [record]);
      else group.push(record);
    }
    for (const group of groups.values()) group.sort((a, b) => library.store.offset(a) - library.store.offset(b));
    return [...groups];
  }

  private async searchNew(of: Generation, records: readonly RecordNumber[], areNews: boolean): Promise<void> {
    const { marks } = this;
    const passed = new Set(await searchGeneration(of, records, this.filter.compiled));
    if (marks !== this.marks || marks === undefined || this.closed) return;
    // One may have gone, or been found to be a double, while it was read; or another read was faster.
    const open = records.filter((record) => marks.isOpen(record) && this.timeline.rows.has(record));
    for (const record of open) marks.settle(record, passed.has(record));
    this.put(
      open.filter((record) => passed.has(record)),
      areNews,
    );
  }
}
