/** The merged, ordered, live timeline of one source: keeps the order of all records, pairs the two halves of entries, and feeds its views. */
import { basename } from 'node:path';
import { parseName } from '../generation/name.ts';
import type { Generation } from '../index/generation.ts';
import type { TakenOrder } from '../index/keptOrder.ts';
import type { LibraryChange, LibraryOptions } from '../index/library.ts';
import { Library } from '../index/library.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { NONE } from '../index/recordStore.ts';
import { returnMemory } from '../index/returnMemory.ts';
import type { Filter, Micros, Problem, RecordId, Source } from '../protocol.ts';
import type { Layouts } from '../record/layoutRules.ts';
import type { LogFile } from '../tree/scan.ts';
import { scan } from '../tree/scan.ts';
import type { Watch } from '../tree/watch.ts';
import { watchSource } from '../tree/watch.ts';
import { MarkedRecords } from './markedRecords.ts';
import type { Missing } from './newestFirst.ts';
import { END_BYTES, NewestFirst, newestOf } from './newestFirst.ts';
import type { Compare } from './order.ts';
import { chainsOf, orderRows, recordOrder, SortedRecords } from './order.ts';
import { PAIRING_WINDOW, Pairing } from './pairing.ts';
import { inSlices } from './slices.ts';
import { View } from './view.ts';

/** Records that a page under way may still be about to show keep their numbers that long (ms). */
const RELEASE_AFTER = 10_000;
/** More new records than this are put in order together with all others. */
const MANY = 16_384;
/** Rows of a page or two. */
const ENOUGH = 200;

export interface TimelineOptions extends LibraryOptions {
  /** The folder where marks of records are kept; without it they are forgotten. */
  marks?: string | undefined;
}

export class Timeline {
  readonly library: Library;
  readonly rows: SortedRecords;
  readonly compare: Compare;
  readonly marked: MarkedRecords;
  /** Called after anything that `safelog/tree` would tell has changed. */
  onTreeChanged: () => void = () => undefined;
  /** Ends with the first `load`. */
  loading: Promise<void> = Promise.resolve();
  private readonly views = new Set<View>();
  private readonly pairing: Pairing;
  private watch: Watch | undefined;
  private watchProblem: Problem | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private refreshing: Promise<void> | undefined;
  private touched = new Set<string>();
  private closed = false;
  private loaded = false;
  private isLoading = false;
  /** While the newest is read first. */
  private plan: NewestFirst | undefined;
  /** From this time on all rows are known. */
  private completeFrom = Number.POSITIVE_INFINITY;
  private readonly waiting: (() => void)[] = [];
  /** Identities of generations that were looked for in what is not indexed yet. */
  private readonly sought = new Set<string>();
  /** Resolves when it is known which file holds the one that was asked for last. */
  private seeking: Promise<void> = Promise.resolve();

  /** @param layouts what is known of them before the files are read */
  constructor(
    readonly source: Source,
    layouts?: Layouts,
    options: TimelineOptions = {},
  ) {
    this.marked = new MarkedRecords(source, options.marks);
    this.library = new Library(source, layouts, options);
    this.compare = recordOrder(this.library.store, (slot) => this.library.bySlot(slot));
    this.rows = new SortedRecords(this.library.store, this.compare);
    this.pairing = new Pairing(this.library);
    this.library.resync = () => {
      // A look that has begun may have passed the file by: only one that has not is shared.
      this.refreshing ??= this.inTurn(async () => {
        this.refreshing = undefined;
        await this.applyWithLate(await this.look());
      });
      return this.refreshing;
    };
    this.library.onProgress = () => this.announce();
    this.library.unshown = () => [...this.views].flatMap((view) => [...view.unshown()]);
  }

  /** True once everything that was there at the start is in the order. */
  get ready(): boolean {
    return this.loaded;
  }

  /** Whether all rows from a time on are known. */
  isCompleteFrom(time: Micros): boolean {
    return this.loaded || this.completeFrom <= time;
  }

  /** Files that are there, and wait to be indexed. */
  get unread(): LogFile[] {
    return this.plan?.files.filter((file) => !this.library.knows(file)) ?? [];
  }

  get problems(): Problem[] {
    const { problems } = this.library;
    return this.watchProblem === undefined ? problems : [...problems, this.watchProblem];
  }

  /**
   * Reads what is there. Resolves when all of it is in the order.
   * @param newestFirst shows the newest rows before the rest is read: rows are then those of times from which all is known
   */
  load({ newestFirst = false } = {}): Promise<void> {
    this.isLoading = true;
    this.loading = this.loadAll(newestFirst).finally(() => {
      this.isLoading = false;
      this.stepDone();
    });
    return this.loading;
  }

  private async loadAll(newestFirst: boolean): Promise<void> {
    const isKept = this.library.openOrder();
    if (newestFirst && !isKept) {
      await this.inTurn(async () => {
        const { files, formats } = await scan(this.source);
        this.library.setPublished(formats);
        this.plan = new NewestFirst(files);
        await this.library.showEnds(this.plan.ends, END_BYTES);
        await this.rebuild();
        this.stepDone();
      });
      // What is written meanwhile has its turn in between.
      for (;;) {
        await this.seeking;
        if (this.plan?.next() !== true || this.closed) break;
        await this.inTurn(() => this.loadStep());
      }
    }
    this.plan = undefined;
    await this.inTurn(async () => {
      await (isKept ? this.loadKept(newestFirst) : this.loadStep());
      this.loaded = true;
      this.stepDone();
      // In the background: nobody waits for it.
      void this.save().then(() => {
        // Who looks once is about to end.
        if (this.watch !== undefined && !this.closed) returnMemory();
      });
    });
  }

  /** All at once: most of it is known from the last time. */
  private async loadKept(newestFirst: boolean): Promise<void> {
    const { removed } = await this.look();
    const order = this.library.takeOrder();
    if (order !== undefined && newestFirst) this.showNewest(order);
    const rows = await order?.read();
    if (order === undefined || rows === undefined) await this.rebuild();
    else await this.resume(rows, order.grown);
    this.releaseLater(removed);
  }

  /** While the others are read. */
  private showNewest({ count, newest }: TakenOrder): void {
    const [first] = newest;
    if (newest.length === count || first === undefined) return;
    this.rows.replace(newest);
    this.completeFrom = this.library.store.key(first) + 1;
    for (const view of this.views) view.rebuild();
    this.stepDone();
  }

  private async loadStep(): Promise<void> {
    const { added, changed, removed } = await this.look();
    const isNew = added.length + changed.length + removed.length > 0;
    if (isNew || !this.isCompleteFrom(Number.NEGATIVE_INFINITY)) await this.rebuild();
    this.releaseLater(removed);
    this.stepDone();
  }

  private stepDone(): void {
    this.announce();
    for (const wake of this.waiting.splice(0)) wake();
  }

  /**
   * Resolves as soon as nothing is missing, or all is there.
   * @param missing what is to be read before all else; nothing of it may be said where that does not matter
   */
  async whenKnown(missing: () => Missing | undefined): Promise<void> {
    for (let wanted = missing(); this.isLoading && !this.loaded && wanted !== undefined; wanted = missing()) {
      const woken = new Promise<void>((resolve) => {
        this.waiting.push(resolve);
      });
      this.hurry(wanted);
      await woken;
    }
  }

  private hurry({ from, identity }: Missing): void {
    const { plan } = this;
    if (plan === undefined) return;
    if (from !== undefined) plan.hurry(from);
    if (identity === undefined || this.sought.has(identity)) return;
    this.sought.add(identity);
    // Nothing is read meanwhile that may not be wanted.
    plan.pause();
    this.seeking = this.library.findFile(identity, [...plan.rest]).then((file) => {
      if (file !== undefined) plan.hurryFile(file);
    });
  }

  /** All files, or those whose turn has come. */
  private look(): Promise<LibraryChange> {
    return this.library.sync(this.plan?.wanted);
  }

  /** Goes on with what is written from now on, until `close`. */
  follow(): void {
    this.watch ??= watchSource(this.source, {
      onPath: (path) => this.touch(path),
      onStructure: async () => {
        const changed = await this.sync();
        return { exists: this.library.exists, changed };
      },
      onRefused: (problem) => {
        this.watchProblem = problem;
        this.announce();
      },
    });
  }

  /** Looks at everything once more. @returns whether anything was new */
  async sync(): Promise<boolean> {
    const change = await this.inTurn(async () => {
      const found = await this.look();
      await this.applyWithLate(found);
      return found;
    });
    return change !== undefined && (change.renamed || change.added.length + change.changed.length + change.removed.length > 0);
  }

  /** Reads those files anew that are read otherwise from now on. */
  async setLayouts(layouts: Layouts): Promise<void> {
    this.library.setLayouts(layouts);
    await this.sync();
  }

  openView(filter: Filter, onChanged: () => void): View {
    if (this.marked.look()) for (const view of this.views) view.marksChanged();
    const view = new View(this, filter, onChanged);
    this.views.add(view);
    return view;
  }

  /** Marks records, or (null) takes the marks away. @throws where that cannot be kept */
  mark(ids: readonly RecordId[], note: string | null): void {
    this.marked.set(ids, note);
    for (const view of this.views) view.marksChanged();
  }

  closeView(view: View): void {
    view.close();
    this.views.delete(view);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const view of this.views) view.close();
    await this.watch?.close();
    await this.queue;
    if (this.loaded) await this.save();
    await this.library.close();
  }

  private save(): Promise<void> {
    const rows = this.rows.share();
    return this.library.save(rows).finally(() => this.rows.unshare(rows));
  }

  /** A file was written to. Many of these, close together, are looked at together. */
  private touch(path: string): void {
    if (parseName(basename(path)) === undefined) return;
    const first = this.touched.size === 0;
    this.touched.add(path);
    if (!first) return;
    void this.inTurn(async () => {
      const paths = [...this.touched];
      this.touched.clear();
      // Modules first: the line in master.log is written last, and finds its other half.
      const isMaster = (path: string): boolean => /[\\/]master\.log$/.test(path);
      const modules = await this.library.touch(paths.filter((path) => !isMaster(path)));
      // What a look tells, it tells once: none is taken whose answer would not be used.
      const masters = modules && (await this.library.touch(paths.filter(isMaster)));
      if (modules === undefined || masters === undefined) {
        await this.applyWithLate(await this.look());
        return;
      }
      await this.applyWithLate({
        added: [],
        changed: [...new Set([...modules.changed, ...masters.changed])],
        removed: [],
        renamed: modules.renamed || masters.renamed,
      });
    });
  }

  /** Takes a change in, and with it what was written meanwhile to the logs that new lines of master.log name. */
  private async applyWithLate(change: LibraryChange): Promise<void> {
    const late = await this.library.touch(this.lateModules(change));
    const changed = new Set([...change.changed, ...(late?.changed ?? [])]);
    for (const generation of change.added) changed.delete(generation);
    await this.apply({ ...change, changed: [...changed] });
    if (late === undefined) await this.apply(await this.look());
  }

  /** Logs that new lines of master.log name: they may have been written to since they were read. */
  private lateModules({ changed, added }: LibraryChange): Set<string> {
    const paths = new Set<string>();
    const { store } = this.library;
    for (const master of [...changed, ...added]) {
      if (!master.master) continue;
      const named = new Set<string>();
      for (const record of master.column.range(master.entered, master.column.length)) named.add(store.namedModule(record));
      for (const { file } of this.library.generations) {
        if (file.name.live && file.user === master.file.user && named.has(file.module)) paths.add(file.path);
      }
    }
    return paths;
  }

  /** Does something while no file is looked at, after what has its turn before. Undefined once it is closed. */
  inTurn<T>(job: () => Promise<T>): Promise<T | undefined> {
    const run = this.queue.then(() => (this.closed ? undefined : job()));
    this.queue = run.catch(() => undefined);
    return run;
  }

  private async apply(change: LibraryChange): Promise<void> {
    const { added, changed, removed, renamed } = change;
    if (added.length + changed.length + removed.length === 0) {
      if (renamed) this.announce();
      return;
    }
    const gone = new Set(removed);
    const alone = this.pairing.withdraw(gone);
    const grown = [...added, ...changed];
    const fresh = grown.reduce((sum, { column, entered }) => sum + column.length - entered, 0);
    // Old records among the new (an older generation has come to light) may be the halves of any others.
    if (removed.some(({ damaged }) => damaged)) await this.rebuild();
    else if (fresh + alone.length > MANY || added.some((generation) => this.isOld(generation))) {
      await this.rebuild(new Set([...grown, ...removed].map(({ file }) => file.user)));
    } else {
      if (gone.size > 0) this.withdraw(gone);
      this.enter(grown, alone);
    }
    this.forget(removed);
    this.releaseLater(removed);
    this.announce();
  }

  private announce(): void {
    const { store } = this.library;
    store.othersBytes = this.rows.bytes;
    for (const { rows } of this.views) if (rows !== this.rows) store.othersBytes += rows.bytes;
    for (const view of this.views) view.changed();
    this.onTreeChanged();
  }

  /** Goes on from the order of an earlier process. */
  private async resume(rows: Uint32Array, grown: readonly Generation[]): Promise<void> {
    this.rows.replace(rows);
    this.completeFrom = Number.NEGATIVE_INFINITY;
    for (const view of this.views) view.rebuild();
    const isNew = ({ entered, lastEntered }: Generation): boolean => entered === 0 && lastEntered === undefined;
    await this.apply({ added: grown.filter(isNew), changed: grown.filter((generation) => !isNew(generation)), removed: [], renamed: true });
  }

  private isOld(generation: Generation): boolean {
    const { store, generations } = this.library;
    if (generation.column.length === 0) return false;
    const first = store.key(generation.column.at(0));
    return generations.some(
      (other) =>
        other !== generation &&
        other.file.user === generation.file.user &&
        other.lastEntered !== undefined &&
        other.lastEntered.key - first > PAIRING_WINDOW,
    );
  }

  /**
   * Puts everything in order from scratch.
   * @param users whose entries may have other halves now; all where absent
   */
  private async rebuild(users?: ReadonlySet<string>): Promise<void> {
    const { library } = this;
    const { generations } = library;
    const news: RecordNumber[] = [];
    /** The last ones that were known of each file: they may have grown. */
    const again: RecordNumber[] = [];
    await inSlices(this.pairing.all(users));
    const rows = await inSlices(orderRows(chainsOf(generations), this.compare));
    for (const generation of generations) {
      const { column, entered, told } = generation;
      const from = Math.min(Math.max(entered, told), column.length);
      if (this.loaded) for (const record of column.range(from, column.length)) news.push(record);
      if (entered > 0 && entered <= column.length) again.push(column.at(entered - 1));
      this.remember(generation);
    }
    this.rows.replace(this.complete(rows));
    for (const view of this.views) {
      view.rebuild(again);
      void view.tellNews(news.filter((record) => this.isVisible(record)));
    }
  }

  /** Without the rows of times from which not all files are read. Where there are hardly any others, all. */
  private complete(rows: Uint32Array): Uint32Array {
    const { library, plan } = this;
    const { store } = library;
    let from = Number.NEGATIVE_INFINITY;
    if (plan !== undefined) {
      const ends = library.generations.filter((generation) => library.isEnd(generation));
      for (const { column } of ends) from = Math.max(from, store.key(column.at(0)));
      for (const file of plan.rest) if (file.size > 0 && !library.knows(file)) from = Math.max(from, newestOf(file));
    }
    this.completeFrom = from;
    const sorted = new SortedRecords(store, this.compare, rows);
    const first = sorted.search((record) => store.key(record) < from);
    return rows.length - first < ENOUGH ? rows : rows.subarray(first);
  }

  /**
   * Takes in what generations have more than before.
   * @param alone records whose other halves are gone
   */
  private enter(generations: readonly Generation[], alone: readonly RecordNumber[]): void {
    const { store } = this.library;
    const fresh: RecordNumber[] = [];
    const gone: RecordNumber[] = [];
    const freed = [...alone];
    const grown = new Set(generations.filter(({ entered }) => entered > 0));
    for (const generation of generations) {
      const { column, lastEntered: last } = generation;
      let from = generation.entered;
      if (last !== undefined && from > 0) {
        const same =
          from <= column.length &&
          store.key(last.record) === last.key &&
          store.hash(last.record) === last.hash &&
          store.flags(last.record) === last.flags;
        if (!same) {
          // The last record has grown, or was only the beginning of one.
          const partner = this.pairing.forget(last.record);
          gone.push(last.record);
          if (partner !== NONE) freed.push(partner);
          from = Math.min(from - 1, column.length);
        }
      }
      for (const record of column.range(from, column.length)) fresh.push(record);
      this.remember(generation);
    }
    if (gone.length > 0) this.remove(gone);
    const coming = new Set(fresh);
    // Hidden so far.
    for (const record of freed) if (this.library.generationOf(record).master) coming.add(record);
    const unplaced = new Set(freed.filter((record) => !coming.has(record)));
    for (const [module, master] of this.pairing.add([...fresh, ...freed], grown)) {
      // A master line that stood alone so far is taken for the module's; a module's line learns its place among equal times.
      if (!coming.has(master)) this.remove([master]);
      if (!coming.has(module)) unplaced.add(module);
    }
    for (const record of unplaced) this.resort(record);
    const isNews = (record: RecordNumber): boolean => store.index(record) >= this.library.generationOf(record).told;
    this.insert([...[...coming].slice(fresh.length), ...fresh.filter((record) => !isNews(record))], false);
    this.insert(fresh.filter(isNews), true);
  }

  private remember(generation: Generation): void {
    const { column, store } = generation;
    generation.entered = column.length;
    generation.lastEntered = undefined;
    if (column.length === 0) return;
    const record = column.at(column.length - 1);
    generation.lastEntered = { record, key: store.key(record), hash: store.hash(record), flags: store.flags(record) };
  }

  /** None of their records is a row any more; they may be again. */
  private forget(generations: readonly Generation[]): void {
    if (generations.length === 0) return;
    const countShown = this.library.countShown();
    for (const generation of generations) {
      generation.told = countShown(generation);
      generation.entered = 0;
      generation.lastEntered = undefined;
    }
    const gone = new Set(generations);
    for (const view of this.views) view.onForgotten((record) => gone.has(this.library.generationOf(record)));
  }

  private isVisible(record: RecordNumber): boolean {
    return this.library.store.partner(record) === NONE || !this.library.generationOf(record).master;
  }

  /** @param areNews they were written just now */
  private insert(records: readonly RecordNumber[], areNews: boolean): void {
    const visible = Uint32Array.from(records.filter((record) => this.isVisible(record))).sort(this.compare);
    this.rows.insert(visible);
    for (const view of this.views) view.insert(visible, areNews);
  }

  private remove(records: readonly RecordNumber[]): void {
    this.rows.remove(records);
    for (const view of this.views) view.remove(records);
  }

  private resort(record: RecordNumber): void {
    this.rows.resort(record);
    for (const view of this.views) view.resort(record);
  }

  private withdraw(gone: ReadonlySet<Generation>): void {
    const { library } = this;
    const isGone = (record: RecordNumber): boolean => gone.has(library.generationOf(record));
    this.rows.filter((record) => !isGone(record));
    for (const view of this.views) view.withdraw(isGone);
  }

  private releaseLater(generations: readonly Generation[]): void {
    // A command that reads once may take as long as it likes.
    if (generations.length === 0 || this.watch === undefined) return;
    setTimeout(() => {
      for (const generation of generations) this.library.release(generation);
    }, RELEASE_AFTER).unref();
  }
}
