/**
 * All generations of a source and their indexes, kept up to date: finds what came, went, grew, was renamed, compressed or copied away.
 * A rotation is no news: content that is known keeps its index and its records, whatever its file is called now.
 */
import { relative, sep } from 'node:path';
import { MASTER_LOG } from '../generation/name.ts';
import type { Problem, Progress, Source } from '../protocol.ts';
import { givenLayout, type Layouts, NO_LAYOUTS, sameFormats } from '../record/layoutRules.ts';
import type { LogFile } from '../tree/scan.ts';
import { rescan, rootOf, scan, statFile } from '../tree/scan.ts';
import { Catalog, keyOf } from './catalog.ts';
import { readEnd } from './fileEnd.ts';
import { Generation } from './generation.ts';
import type { IndexCache } from './indexCache.ts';
import { inParallel } from './inParallel.ts';
import { KeptCheckpoints } from './keptCheckpoints.ts';
import type { TakenOrder } from './keptOrder.ts';
import type { LibraryChange, Reader } from './look.ts';
import { Look, newChange } from './look.ts';
import { NewFiles } from './newFiles.ts';
import type { RecordNumber } from './recordStore.ts';
import { RecordStore } from './recordStore.ts';
import { Shelf } from './shelf.ts';
import type { Threads } from './threads.ts';

export type { LibraryChange } from './look.ts';

/** How often one look goes back to folders in which files are being renamed under it. */
const LOOKS = 20;

export interface LibraryOptions {
  /** Where indexes are kept for the next time; nowhere where absent. */
  cache?: IndexCache | undefined;
  /** Looks at all of what was kept before it is believed: for those who look once, and cannot take anything back. */
  verify?: boolean | undefined;
  /** Bytes of columns in memory, above which those that are on disk, too, are dropped; unbounded where absent. */
  memory?: number | undefined;
  /** Read what is much; all is read in this thread where absent. */
  threads?: Threads | undefined;
}

export class Library {
  readonly store: RecordStore;
  readonly root: string;
  exists = true;
  progress: Progress = { readBytes: 0, totalBytes: 0, done: false };
  /** Looks at everything once more, on behalf of a read that did not find its file; set by the timeline, whose turn it has to wait for. */
  resync: () => Promise<void> = async () => undefined;
  /** Records that one who follows has still to be shown; set by the timeline. */
  unshown: () => Iterable<RecordNumber> = () => [];
  /** Called now and then while much is being read. */
  onProgress: () => void = () => undefined;
  private readonly shelf: Shelf | undefined;
  private readonly checkpoints: KeptCheckpoints | undefined;
  private readonly catalog: Catalog;
  private readonly newFiles: NewFiles;
  /** Have more records than has been told. */
  private readonly dirty = new Set<Generation>();
  private scanProblems: Problem[] = [];
  private hasSpool = false;
  private saving: Promise<void> = Promise.resolve();
  private readonly closing = new AbortController();
  readonly threads: Threads | undefined;
  private saidProgress = 0;

  /** @param layouts what is known of them; where others are set, the next `sync` reads those files anew that they concern */
  constructor(
    readonly source: Source,
    public layouts: Layouts = NO_LAYOUTS,
    { cache, verify, memory, threads }: LibraryOptions = {},
  ) {
    this.root = rootOf(source);
    this.threads = threads;
    this.store = new RecordStore(memory);
    this.catalog = new Catalog(this.store);
    this.store.onDamaged = (slot) => {
      const generation = this.bySlot(slot);
      this.shelf?.discard(generation);
      generation.forget();
    };
    this.checkpoints = cache && new KeptCheckpoints(cache);
    this.shelf = cache && new Shelf(cache, this.store, source, this.root, verify);
    this.newFiles = new NewFiles({
      catalog: this.catalog,
      shelf: this.shelf,
      threads,
      signal: this.closing.signal,
      begin: (file) => this.begin(file),
      isRead: (generation) => this.isRead(generation),
      onRead: (bytes) => this.haveRead(bytes),
    });
  }

  /** Takes over how files are to be read, without what is published in the tree; the next `sync` reads those anew that this concerns. */
  setLayouts(layouts: Layouts): void {
    this.layouts = { ...layouts, published: this.layouts.published ?? [] };
  }

  /** Takes over what a look at the tree has found published there. */
  setPublished(formats: readonly string[]): void {
    const { published = [] } = this.layouts;
    if (!sameFormats(formats, published)) this.layouts = { ...this.layouts, published: formats };
  }

  /** Those whose records are shown. */
  get generations(): Generation[] {
    return this.catalog.shown;
  }

  /** Has the ends of large plain files among `generations` until they are indexed. */
  async showEnds(files: readonly LogFile[], bytes: number): Promise<void> {
    const { known, ends } = this.catalog;
    await inParallel(files, async (file) => {
      const key = keyOf(file);
      if (file.size <= bytes || file.name.compressed || known.has(key) || ends.has(key)) return;
      const generation = this.begin(file);
      if (await readEnd(generation, bytes)) ends.set(key, generation);
      else this.release(generation);
    });
    this.catalog.number();
  }

  /** Whether only the end of this one is there. */
  isEnd(generation: Generation): boolean {
    return this.catalog.ends.get(keyOf(generation.file)) === generation;
  }

  /** Whether a file is indexed, as far as it was looked at, or its end is. */
  knows(file: LogFile): boolean {
    const key = keyOf(file);
    return this.catalog.known.has(key) || this.catalog.ends.has(key);
  }

  /** The one of some files whose generation has an identity; the first bytes of each tell. Undefined where none has, or its first record is long. */
  async findFile(identity: string, files: readonly LogFile[]): Promise<LogFile | undefined> {
    let found: LogFile | undefined;
    await inParallel(files, async (file) => {
      if (found !== undefined || this.cancelled) return;
      const generation = new Generation(new RecordStore(), 0, file, this.isMaster(file), this.layouts, this.givenLayout(file));
      let pieces = 0;
      await generation.update(file, () => pieces++ > 0);
      if (generation.identity === identity) found = file;
      generation.dispose();
    });
    return found;
  }

  /** Every user and module, those too that only lines of master.log name; sorted. */
  get names(): { users: string[]; modules: string[] } {
    return this.catalog.names;
  }

  get problems(): Problem[] {
    const own = this.generations.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
    return [...this.scanProblems, ...own];
  }

  /** @throws RangeError where it is gone */
  bySlot(slot: number): Generation {
    return this.catalog.bySlot(slot);
  }

  generationOf = (record: RecordNumber): Generation => this.catalog.generationOf(record);

  withIdentity(identity: string): Generation | undefined {
    return this.catalog.withIdentity(identity);
  }

  /**
   * Looks at everything.
   * @param wanted at the first look: which files to begin with; the others come with the next. Asked again before each file is begun
   */
  async sync(wanted: (file: LogFile) => boolean = () => true): Promise<LibraryChange> {
    const change = newChange();
    const found = await scan(this.source);
    this.setPublished(found.formats);
    this.exists = found.exists;
    this.scanProblems = found.problems;
    this.hasSpool = found.files.some(({ spooled }) => spooled);
    this.progress = { readBytes: 0, totalBytes: found.files.reduce((sum, file) => sum + file.size, 0), done: false };
    const { known, ends } = this.catalog;
    const look = new Look(this.catalog, this.reader(change, wanted), change);
    let files = found.files.filter(wanted);
    // A rotation may rename files while the folders are listed and the files opened: what is missed is looked for again in its folder.
    for (let looks = 1, before = ''; ; looks++) {
      await look.compare(files);
      if (this.cancelled) return change;
      await look.adopt();
      const folders = look.unsettled();
      if (folders.size === 0 || looks === LOOKS) break;
      files = (await Promise.all([...folders].map((folder) => rescan(this.source, folder)))).flat().filter(wanted);
      look.noteVanished(folders, files);
      // Nothing is being renamed: what is still missing was deleted.
      const now = files.map(({ path, ino }) => `${path}:${ino}`).join('\n');
      if (now === before) break;
      before = now;
    }
    look.admit();
    const everything = found.files.every(wanted);
    for (const [key, end] of ends) {
      if (!everything && !known.has(key)) continue;
      ends.delete(key);
      change.removed.push(end);
    }
    this.newFiles.isComplete ||= everything;
    if (everything) this.progress = { ...this.progress, readBytes: this.progress.totalBytes, done: true };
    if (change.added.length + change.removed.length > 0 || change.renamed) this.catalog.number();
    this.report(change);
    return change;
  }

  /** Tells how many of a generation's first records were shown to all who follow. */
  countShown(): (generation: Generation) => number {
    const first = new Map<Generation, number>();
    for (const record of this.unshown()) {
      const generation = this.generationOf(record);
      first.set(generation, Math.min(first.get(generation) ?? Number.POSITIVE_INFINITY, this.store.index(record)));
    }
    return (generation) => Math.min(Math.max(generation.told, generation.entered), first.get(generation) ?? Number.POSITIVE_INFINITY);
  }

  private reader(change: LibraryChange, wanted: (file: LogFile) => boolean): Reader {
    return {
      refresh: (generation, file) => this.refresh(generation, file, change),
      index: (files) => {
        this.saidProgress = performance.now();
        return this.newFiles.index(files, wanted);
      },
      alreadyRead: (bytes) => {
        this.progress.readBytes += bytes;
      },
      livesOn: (generation) => this.dirty.add(generation),
      countShown: () => this.countShown(),
    };
  }

  /** Looks at some files only. Undefined where that is not enough: a rotation is behind it. */
  async touch(paths: Iterable<string>): Promise<LibraryChange | undefined> {
    // What the service takes in comes and goes at once: in one look.
    if (this.hasSpool) return undefined;
    const change = newChange();
    const { known, shadows } = this.catalog;
    for (const path of paths) {
      const file = await statFile(this.source, path, relative(this.root, path).split(sep));
      const generation = file === undefined ? undefined : known.get(keyOf(file));
      if (file === undefined || generation === undefined || generation.file.path !== file.path || shadows.has(generation)) return undefined;
      // Only a look at the whole folder tells how it is called beside others.
      file.module = generation.file.module;
      if (!(await this.refresh(generation, file, change)) || generation.moved) return undefined;
    }
    this.report(change);
    return change;
  }

  /** What has been read, by whichever look, is told once; a look that gave up leaves it to the next. */
  private report(change: LibraryChange): void {
    const news = new Set([...change.added, ...change.removed]);
    change.changed = [...this.dirty].filter((generation) => !news.has(generation) && !this.catalog.shadows.has(generation));
    this.dirty.clear();
  }

  /** Ends what is under way; what has been read is kept. */
  close(): Promise<void> {
    this.closing.abort();
    return this.newFiles.kept;
  }

  private get cancelled(): boolean {
    return this.closing.signal.aborted;
  }

  /** To be called before the first look. @returns whether an order of this source has been kept */
  openOrder(): boolean {
    return this.shelf?.begin() === true;
  }

  /**
   * The order that was kept, once everything has been looked at: rows without what is new since, which the generations know. Undefined where
   * there is none, or where files that it tells of are gone.
   */
  takeOrder(): TakenOrder | undefined {
    return this.shelf?.takeOrder(this.generations);
  }

  /**
   * Keeps on disk what has been indexed, for the next time. Ends early when closed. What has to be as it is now is copied at once.
   * @param rows in order, with everything that is known; they may not change until it is done
   */
  save(rows: Uint32Array): Promise<void> {
    const { shelf } = this;
    const order = shelf?.stateOf(this.generations, rows);
    this.newFiles.noteKept();
    this.saving = Promise.all([this.saving, this.newFiles.kept]).then(async () => {
      for (const generation of this.catalog.known.values()) if (!this.cancelled) await shelf?.put(generation);
      if (order !== undefined && !this.cancelled) await shelf?.putOrder(order);
    });
    return this.saving;
  }

  /** Gives back a removed generation's place, unless it is only a copy now of one that is shown. */
  release(generation: Generation): void {
    if (!this.catalog.has(generation)) this.catalog.release(generation);
  }

  /** @returns false where the file holds something else than what is known of it */
  private async refresh(generation: Generation, file: LogFile, change: LibraryChange): Promise<boolean> {
    const { path, size } = generation.file;
    const { problem } = generation;
    // The inode of an empty log may have been given to another kind of file.
    if (generation.end === 0 && file.name.compressed !== generation.file.name.compressed) return false;
    // A copy that was seen when it was empty: what it is has to be found out.
    if (size === 0 && file.size > 0 && !file.name.live) return false;
    if (!(await this.isRead(generation))) return false;
    // Found out by its content when it was indexed; the name does not always tell.
    const known = { ...file, name: { ...file.name, compressed: generation.file.name.compressed } };
    const update = await generation.update(known, () => this.cancelled);
    if (update === 'stale') return false;
    if (update === 'changed' && !this.catalog.shadows.has(generation)) this.dirty.add(generation);
    if (path !== file.path || size !== file.size || problem?.message !== generation.problem?.message) change.renamed = true;
    return true;
  }

  private givenLayout({ path, file, name }: LogFile): string | undefined {
    return givenLayout(this.layouts.rules, path, file, name.log);
  }

  /** Whether a generation was read as the layouts that are known now say. */
  private async isRead(generation: Generation): Promise<boolean> {
    return generation.layouts === this.layouts || generation.keepsLayout(this.layouts, this.givenLayout(generation.file));
  }

  private haveRead(bytes: number): void {
    this.progress = { ...this.progress, readBytes: Math.min(this.progress.totalBytes, this.progress.readBytes + bytes) };
    const now = performance.now();
    if (now - this.saidProgress < 100) return;
    this.saidProgress = now;
    this.onProgress();
  }

  private isMaster({ name, module }: LogFile): boolean {
    return name.log === MASTER_LOG && (module === 'master' || this.source.kind === 'file');
  }

  private begin(file: LogFile): Generation {
    const { store, catalog, layouts, checkpoints } = this;
    const layout = this.givenLayout(file);
    const generation = catalog.add((slot) => new Generation(store, slot, file, this.isMaster(file), layouts, layout, checkpoints));
    generation.refresh = async () => {
      await this.resync();
      return catalog.has(generation);
    };
    return generation;
  }
}
