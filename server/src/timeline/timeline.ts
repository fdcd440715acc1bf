/** The merged, ordered, live timeline of one source: keeps the order of all records, pairs the two halves of entries, and feeds its views. */
import { basename } from 'node:path';
import { parseName } from '../generation/name.ts';
import type { Generation } from '../index/generation.ts';
import type { LibraryChange } from '../index/library.ts';
import { Library } from '../index/library.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import { NONE } from '../index/recordStore.ts';
import type { Filter, Problem, Source } from '../protocol.ts';
import type { LayoutRule } from '../record/layoutRules.ts';
import type { Watch } from '../tree/watch.ts';
import { watchSource } from '../tree/watch.ts';
import type { Compare } from './order.ts';
import { mergeRuns, recordOrder, SortedRecords, sortTies } from './order.ts';
import { ModulePairing, PAIRING_WINDOW } from './pairing.ts';
import { View } from './view.ts';

/** Records that a page under way may still be about to show keep their numbers that long (ms). */
const RELEASE_AFTER = 10_000;

export class Timeline {
  readonly library: Library;
  readonly rows: SortedRecords;
  readonly compare: Compare;
  /** Called after anything that `safelog/tree` would tell has changed. */
  onTreeChanged: () => void = () => undefined;
  /** Ends with the first `load`. */
  loading: Promise<void> = Promise.resolve();
  private readonly views = new Set<View>();
  private pairings = new Map<string, ModulePairing>();
  private users = new Set<string>();
  private watch: Watch | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private refreshing: Promise<void> | undefined;
  private touched = new Set<string>();
  private closed = false;
  private loaded = false;

  /** @param layouts given by a person, for files by name */
  constructor(
    readonly source: Source,
    layouts: readonly LayoutRule[] = [],
  ) {
    this.library = new Library(source, layouts);
    this.compare = recordOrder(this.library.store, (slot) => this.library.bySlot(slot));
    this.rows = new SortedRecords(this.library.store, this.compare);
    this.library.resync = () => {
      this.refreshing ??= this.sync().finally(() => {
        this.refreshing = undefined;
      });
      return this.refreshing;
    };
    this.library.onProgress = () => this.announce();
  }

  /** True once everything that was there at the start is in the order. */
  get ready(): boolean {
    return this.loaded;
  }

  get problems(): Problem[] {
    return this.library.problems;
  }

  /**
   * Reads what is there. Resolves when all of it is in the order.
   * @param newestFirst shows the logs that are being written before their rotations are read
   */
  load({ newestFirst = false } = {}): Promise<void> {
    this.loading = this.enqueue(async () => {
      if (newestFirst) {
        // Nothing can be gone yet.
        await this.library.sync(({ name }) => name.live);
        this.rebuild();
        this.announce();
      }
      const { removed } = await this.library.sync();
      this.rebuild();
      this.releaseLater(removed);
      this.loaded = true;
      this.announce();
    });
    return this.loading;
  }

  /** Goes on with what is written from now on, until `close`. */
  follow(): void {
    this.watch ??= watchSource(
      this.source,
      (path) => this.touch(path),
      async () => {
        await this.sync();
        return this.library.exists;
      },
    );
  }

  /** Looks at everything once more. */
  sync(): Promise<void> {
    return this.enqueue(async () => this.applyWithLate(await this.library.sync()));
  }

  openView(filter: Filter, onChanged: () => void): View {
    const view = new View(this, filter, onChanged);
    this.views.add(view);
    return view;
  }

  closeView(view: View): void {
    view.close();
    this.views.delete(view);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.library.close();
    for (const view of this.views) view.close();
    await this.watch?.close();
    await this.queue;
  }

  /** A file was written to. Many of these, close together, are looked at together. */
  private touch(path: string): void {
    if (parseName(basename(path)) === undefined) return;
    const first = this.touched.size === 0;
    this.touched.add(path);
    if (!first) return;
    void this.enqueue(async () => {
      const paths = [...this.touched];
      this.touched.clear();
      // Modules first: the line in master.log is written last, and finds its other half.
      const isMaster = (path: string): boolean => /[\\/]master\.log$/.test(path);
      const modules = await this.library.touch(paths.filter((path) => !isMaster(path)));
      const masters = await this.library.touch(paths.filter(isMaster));
      if (modules === undefined || masters === undefined) {
        await this.applyWithLate(await this.library.sync());
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
    this.apply({ ...change, changed: [...changed] });
    if (late === undefined) this.apply(await this.library.sync());
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

  private enqueue<T>(job: () => Promise<T>): Promise<T | undefined> {
    const run = this.queue.then(() => (this.closed ? undefined : job()));
    this.queue = run.catch(() => undefined);
    return run;
  }

  private pairing(user: string, module: string): ModulePairing {
    const key = `${user}\0${module}`;
    let pairing = this.pairings.get(key);
    if (pairing === undefined) {
      pairing = new ModulePairing(this.library.store);
      this.pairings.set(key, pairing);
    }
    return pairing;
  }

  private apply(change: LibraryChange): void {
    if (change.added.length + change.changed.length + change.removed.length === 0) {
      if (change.renamed) this.announce();
      return;
    }
    if (change.removed.length > 0) this.withdrawGenerations(change.removed);
    // Old records among the new (an older generation has come to light) have to find their halves among those that are paired already.
    if (change.added.some((generation) => this.isOld(generation))) this.rebuild();
    else this.enter([...change.added, ...change.changed]);
    this.releaseLater(change.removed);
    this.announce();
  }

  private announce(): void {
    for (const view of this.views) view.changed();
    this.onTreeChanged();
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

  /** Puts everything in order from scratch. */
  private rebuild(): void {
    const { library } = this;
    const { store } = library;
    const { generations } = library;
    this.pairings = new Map();
    this.users = new Set(generations.filter(({ master }) => master).map(({ file }) => file.user));
    const runs: Uint32Array[] = [];
    const news: RecordNumber[] = [];
    for (const generation of generations) {
      const { column, runStarts } = generation;
      const all = column.range(0, column.length);
      if (this.users.has(generation.file.user)) for (const record of all) store.setPartner(record, NONE);
      let start = 0;
      for (const end of [...runStarts, all.length]) {
        runs.push(all.subarray(start, end));
        start = end;
      }
      if (this.loaded) for (const record of all.subarray(Math.min(generation.entered, all.length))) news.push(record);
      this.remember(generation);
    }
    let rows = mergeRuns(store, runs);
    if (this.users.size > 0) {
      sortTies(store, rows, (a, b) => this.feedOrder(a, b));
      for (const record of rows) this.pair(record);
      rows = rows.filter((record) => this.isVisible(record));
    }
    sortTies(store, rows, this.compare);
    this.rows.replace(rows);
    for (const view of this.views) {
      view.rebuild();
      void view.tellNews(news.filter((record) => this.isVisible(record)));
    }
  }

  /** Takes in what generations have more than before. */
  private enter(generations: readonly Generation[]): void {
    const { store } = this.library;
    const fresh: RecordNumber[] = [];
    const gone: RecordNumber[] = [];
    for (const generation of generations) {
      const { column, lastEntered: last } = generation;
      let from = generation.entered;
      if (generation.master) this.users.add(generation.file.user);
      if (last !== undefined && from > 0) {
        const same =
          from <= column.length &&
          store.key(last.record) === last.key &&
          store.hash(last.record) === last.hash &&
          store.flags(last.record) === last.flags;
        if (!same) {
          // The last record has grown, or was only the beginning of one.
          const module = generation.master ? store.namedModule(last.record) : generation.file.module;
          const partner = this.pairing(generation.file.user, module).forget(last.record, generation.master);
          gone.push(last.record);
          if (partner !== NONE && !generation.master) fresh.push(partner);
          from = Math.min(from - 1, column.length);
        }
      }
      for (const record of column.range(from, column.length)) fresh.push(record);
      this.remember(generation);
    }
    fresh.sort((a, b) => store.key(a) - store.key(b) || this.feedOrder(a, b));
    if (gone.length > 0) this.remove(gone);
    const isFresh = new Set(fresh);
    for (const record of fresh) {
      const other = this.pair(record);
      if (other === NONE) continue;
      // A master line that stood alone so far is taken for the module's; a module's line learns its place among equal times.
      if (this.library.generationOf(other).master) this.remove([other]);
      else if (!isFresh.has(other)) this.resort(other);
    }
    const visible = Uint32Array.from(fresh.filter((record) => this.isVisible(record))).sort(this.compare);
    this.rows.insert(visible);
    for (const view of this.views) view.insert(visible, true);
  }

  /** Of equal keys: modules' lines before those of master.log, as pairing wants them; then as they stand in the files. */
  private feedOrder(a: RecordNumber, b: RecordNumber): number {
    const { store } = this.library;
    const [of, other] = [this.library.generationOf(a), this.library.generationOf(b)];
    return Number(of.master) - Number(other.master) || of.position - other.position || store.index(a) - store.index(b);
  }

  private remember(generation: Generation): void {
    const { column, store } = generation;
    generation.entered = column.length;
    generation.lastEntered = undefined;
    if (column.length === 0) return;
    const record = column.at(column.length - 1);
    generation.lastEntered = { record, key: store.key(record), hash: store.hash(record), flags: store.flags(record) };
  }

  /** @returns its other half, if that has just been found */
  private pair(record: RecordNumber): RecordNumber {
    const { store } = this.library;
    if (store.partner(record) !== NONE) return NONE;
    const generation = this.library.generationOf(record);
    const { user, module } = generation.file;
    if (!generation.master) return this.loaded || this.users.has(user) ? this.pairing(user, module).addModule(record) : NONE;
    const named = store.namedModule(record);
    return named !== '' && this.pairing(user, named).addMaster(record) ? store.partner(record) : NONE;
  }

  private isVisible(record: RecordNumber): boolean {
    return this.library.store.partner(record) === NONE || !this.library.generationOf(record).master;
  }

  private remove(records: readonly RecordNumber[]): void {
    this.rows.remove(records);
    for (const view of this.views) view.remove(records);
  }

  private resort(record: RecordNumber): void {
    this.rows.resort(record);
    for (const view of this.views) view.resort(record);
  }

  private withdrawGenerations(removed: readonly Generation[]): void {
    const { library } = this;
    const { store } = library;
    const isGone = (record: RecordNumber): boolean => removed.includes(library.generationOf(record));
    const alone: RecordNumber[] = [];
    const unplaced: RecordNumber[] = [];
    for (const pairing of this.pairings.values()) pairing.purge(isGone);
    for (const generation of removed) {
      for (const record of generation.column.range(0, generation.column.length)) {
        const partner = store.partner(record);
        if (partner === NONE || isGone(partner)) continue;
        const { user, module } = library.generationOf(partner).file;
        this.pairing(user, generation.master ? module : generation.file.module).leaveAlone(partner, !generation.master);
        (generation.master ? unplaced : alone).push(partner);
      }
    }
    this.rows.filter((record) => !isGone(record));
    for (const view of this.views) view.withdraw(isGone);
    for (const record of unplaced) this.resort(record);
    const visible = Uint32Array.from(alone).sort(this.compare);
    this.rows.insert(visible);
    for (const view of this.views) view.insert(visible, false);
  }

  private releaseLater(generations: readonly Generation[]): void {
    // A command that reads once may take as long as it likes.
    if (generations.length === 0 || this.watch === undefined) return;
    setTimeout(() => {
      for (const generation of generations) this.library.release(generation);
    }, RELEASE_AFTER).unref();
  }
}
