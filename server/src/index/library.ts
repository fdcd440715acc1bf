/**
 * All generations of a source and their indexes, kept up to date: finds what came, went, grew, was renamed, compressed or copied away.
 * A rotation is no news: content that is known keeps its index and its records, whatever its file is called now.
 */
import { dirname, posix, relative, sep } from 'node:path';
import { compareAge, compareText } from '../generation/name.ts';
import type { Problem, Progress, Source } from '../protocol.ts';
import type { Layouts } from '../record/layoutRules.ts';
import { givenLayout, NO_LAYOUTS } from '../record/layoutRules.ts';
import type { LogFile } from '../tree/scan.ts';
import { isGzip, rescan, rootOf, scan, statFile } from '../tree/scan.ts';
import { readEnd } from './fileEnd.ts';
import { Generation } from './generation.ts';
import type { IndexCache } from './indexCache.ts';
import { KeptCheckpoints } from './keptCheckpoints.ts';
import type { TakenOrder } from './keptOrder.ts';
import { RecordStore } from './recordStore.ts';
import { scanInThread } from './scanJob.ts';
import { Shelf } from './shelf.ts';
import type { Threads } from './threads.ts';

export interface LibraryChange {
  /** Their records are all new. */
  added: Generation[];
  /** Grew, or their last record changed. */
  changed: Generation[];
  /** Their records are gone. Call `release` when nothing shows them any more. */
  removed: Generation[];
  /** Anything else that a person can see: names, sizes, problems. */
  renamed: boolean;
}

/** Files read at the same time: decompressing one overlaps with scanning another. */
const PARALLEL = 4;

/** Bytes of small files that a thread reads one after the other. */
const BATCH = 1 << 20;
/** What compressed logs mostly are compressed to. */
const COMPRESSED = 0.12;

/** How often one look goes back to folders in which files are being renamed under it. */
const LOOKS = 20;

const chainOf = ({ file, name }: LogFile): string => `${posix.dirname(file)}/${name.log}`;
const keyOf = (file: LogFile): string => `${file.dev}:${file.ino}:${chainOf(file)}`;

/** What a look at the files has found so far. All by the keys of files. */
interface Look {
  /** A folder that is listed while its files are renamed may leave any of them out: what was there once is not gone. */
  seen: Set<string>;
  /** Known, and without a file. */
  missing: Map<string, Generation>;
  /** Known, and their file holds something else now. */
  stale: Map<string, Generation>;
  /** Indexed now: known content under another name, copies, or new. */
  candidates: Map<string, Generation>;
}

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
  /** All files have been looked at once: what comes from now on may be what was there. */
  private isComplete = false;
  progress: Progress = { readBytes: 0, totalBytes: 0, done: false };
  /** Looks at everything once more, on behalf of a read that did not find its file; set by the timeline, whose turn it has to wait for. */
  resync: () => Promise<void> = async () => undefined;
  /** Called now and then while much is being read. */
  onProgress: () => void = () => undefined;
  private readonly shelf: Shelf | undefined;
  private readonly checkpoints: KeptCheckpoints | undefined;
  private readonly slots: (Generation | undefined)[] = [];
  private known = new Map<string, Generation>();
  /** Copies of others, while both are there: `.1` next to `.1.gz`, or a copytruncate in flight. Not shown. */
  private readonly shadows = new Set<Generation>();
  /** Of files that are not indexed yet. */
  private readonly ends = new Map<string, Generation>();
  private byIdentity: Map<string, Generation> | undefined;
  private knownNames: { version: number; users: string[]; modules: string[] } | undefined;
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
    this.store.onDamaged = (slot) => {
      const generation = this.bySlot(slot);
      this.shelf?.discard(generation);
      generation.forget();
    };
    this.checkpoints = cache && new KeptCheckpoints(cache);
    this.shelf = cache && new Shelf(cache, this.store, source, this.root, verify);
  }

  /** Those whose records are shown. */
  get generations(): Generation[] {
    return [...this.known.values(), ...this.ends.values()].filter((generation) => !this.shadows.has(generation));
  }

  /** Has the ends of large plain files among `generations` until they are indexed. */
  async showEnds(files: readonly LogFile[], bytes: number): Promise<void> {
    await inParallel(files, async (file) => {
      const key = keyOf(file);
      if (file.size <= bytes || file.name.compressed || this.known.has(key) || this.ends.has(key)) return;
      const generation = this.begin(file, this.isMaster(file));
      if (await readEnd(generation, bytes)) this.ends.set(key, generation);
      else this.release(generation);
    });
    this.number();
  }

  /** Whether only the end of this one is there. */
  isEnd(generation: Generation): boolean {
    return this.ends.get(keyOf(generation.file)) === generation;
  }

  /** Every user and module, those too that only lines of master.log name; sorted. */
  get names(): { users: string[]; modules: string[] } {
    const version = this.store.names.length;
    if (this.knownNames?.version !== version) {
      const users = new Set<string>();
      const modules = new Set(this.store.names.slice(1));
      for (const { file, master } of this.generations) {
        users.add(file.user);
        if (!master) modules.add(file.module);
      }
      this.knownNames = { version, users: [...users].sort(), modules: [...modules].sort() };
    }
    return this.knownNames;
  }

  get problems(): Problem[] {
    const own = this.generations.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
    return [...this.scanProblems, ...own];
  }

  bySlot(slot: number): Generation {
    const generation = this.slots[slot];
    if (generation === undefined) throw new RangeError(`generation ${slot} is gone`);
    return generation;
  }

  generationOf = (record: number): Generation => this.bySlot(this.store.generation(record));

  withIdentity(identity: string): Generation | undefined {
    if (this.byIdentity === undefined) {
      this.byIdentity = new Map();
      for (const generation of this.generations)
        if (generation.identity !== undefined) this.byIdentity.set(generation.identity, generation);
    }
    return this.byIdentity.get(identity);
  }

  /**
   * Looks at everything.
   * @param wanted at the first look: which files to begin with; the others come with the next
   */
  async sync(wanted: (file: LogFile) => boolean = () => true): Promise<LibraryChange> {
    const change = newChange();
    const found = await scan(this.source);
    this.exists = found.exists;
    this.scanProblems = found.problems;
    this.hasSpool = found.files.some(({ spooled }) => spooled);
    this.progress = { readBytes: 0, totalBytes: found.files.reduce((sum, file) => sum + file.size, 0), done: false };
    const look: Look = { seen: new Set(), missing: new Map(this.known), stale: new Map(), candidates: new Map() };
    let files = found.files.filter(wanted);
    const everything = files.length === found.files.length;
    // A rotation may rename files while the folders are listed and the files opened: what is missed is looked for again in its folder.
    for (let looks = 1, before = ''; ; looks++) {
      await this.compare(files, look, change);
      if (this.cancelled) return change;
      await this.adopt(look, change);
      const folders = this.unsettled(look);
      if (folders.size === 0 || looks === LOOKS) break;
      files = (await Promise.all([...folders].map((folder) => rescan(this.source, folder)))).flat().filter(wanted);
      this.noteVanished(look, folders, files);
      // Nothing is being renamed: what is still missing was deleted.
      const now = files.map(({ path, ino }) => `${path}:${ino}`).join('\n');
      if (now === before) break;
      before = now;
    }
    this.admit(look, change);
    for (const [key, end] of this.ends) {
      if (!everything && !this.known.has(key)) continue;
      this.ends.delete(key);
      change.removed.push(end);
    }
    this.isComplete ||= everything;
    if (everything) this.progress = { ...this.progress, readBytes: this.progress.totalBytes, done: true };
    if (change.added.length + change.removed.length > 0 || change.renamed) this.number();
    this.report(change);
    return change;
  }

  /** Looks at some files only. Undefined where that is not enough: a rotation is behind it. */
  async touch(paths: Iterable<string>): Promise<LibraryChange | undefined> {
    // What the service takes in comes and goes at once: in one look.
    if (this.hasSpool) return undefined;
    const change = newChange();
    for (const path of paths) {
      const file = await statFile(this.source, path, relative(this.root, path).split(sep));
      const generation = file === undefined ? undefined : this.known.get(keyOf(file));
      if (file === undefined || generation === undefined || generation.file.path !== file.path || this.shadows.has(generation))
        return undefined;
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
    change.changed = [...this.dirty].filter((generation) => !news.has(generation) && !this.shadows.has(generation));
    this.dirty.clear();
  }

  /** Ends what is under way. */
  close(): void {
    this.closing.abort();
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
   * @param rows in order, with everything that is known
   */
  save(rows: Uint32Array): Promise<void> {
    const { shelf } = this;
    const order = shelf?.stateOf(this.generations, rows);
    this.saving = this.saving.then(async () => {
      for (const generation of this.known.values()) if (!this.cancelled) await shelf?.put(generation);
      if (order !== undefined && !this.cancelled) await shelf?.putOrder(order);
    });
    return this.saving;
  }

  /** Gives back a removed generation's place. */
  release(generation: Generation): void {
    generation.dispose();
    if (this.slots[generation.slot] === generation) this.slots[generation.slot] = undefined;
  }

  /** Holds files against what is known: reads what has grown, indexes what is new. */
  private async compare(files: readonly LogFile[], { seen, missing, stale, candidates }: Look, change: LibraryChange): Promise<void> {
    // While a chain is renamed a file may be seen under two names: the later one is right.
    const byKey = new Map(files.map((file) => [keyOf(file), file]));
    const kept: [string, Generation, LogFile][] = [];
    const fresh: LogFile[] = [];
    for (const [key, file] of byKey) {
      seen.add(key);
      const candidate = candidates.get(key);
      // It could not be read: what it is has to be found out once more.
      if (candidate?.moved === true) {
        candidates.delete(key);
        this.release(candidate);
        fresh.push(file);
        continue;
      }
      const generation = candidate ?? (stale.has(key) ? undefined : this.known.get(key));
      if (generation === undefined) fresh.push(file);
      else kept.push([key, generation, file]);
      if (candidate === undefined) missing.delete(key);
    }
    for (const [, { readBytes }] of kept) this.progress.readBytes += readBytes;
    await inParallel(kept, async ([key, generation, file]) => {
      if (await this.refresh(generation, file, change)) return;
      fresh.push(file);
      if (candidates.delete(key)) this.release(generation);
      else stale.set(key, generation);
    });
    for (const candidate of await this.index(fresh)) candidates.set(keyOf(candidate.file), candidate);
  }

  /** Files have another name now, or were compressed or copied away: those that are known live on in them. */
  private async adopt({ missing, stale, candidates }: Look, change: LibraryChange): Promise<void> {
    for (const lost of [stale, missing]) {
      for (const [key, old] of lost) {
        // What it was a copy of is still there.
        if (this.shadows.has(old)) continue;
        const heir = this.heirOf(old, candidates);
        if (heir === undefined || !(await old.adopt(heir))) continue;
        lost.delete(key);
        candidates.delete(keyOf(heir.file));
        this.known.delete(keyOf(heir.file));
        if (this.known.get(key) === old) this.known.delete(key);
        this.known.set(keyOf(heir.file), old);
        this.shadows.delete(heir);
        this.dirty.add(old);
        this.release(heir);
        change.renamed = true;
      }
    }
  }

  /** The longest of those that hold all that it holds; rather not compressed. */
  private heirOf(old: Generation, candidates: ReadonlyMap<string, Generation>): Generation | undefined {
    const chain = chainOf(old.file);
    let best: Generation | undefined;
    for (const other of [...candidates.values(), ...this.shadows]) {
      if (other.moved || chainOf(other.file) !== chain || !old.begins(other)) continue;
      const longer = other.column.length - (best?.column.length ?? 0);
      if (longer > 0 || (longer === 0 && best?.file.name.compressed === true && !other.file.name.compressed)) best = other;
    }
    return best;
  }

  /** What was found in these folders before, and is gone from them now. */
  private noteVanished({ missing, stale, candidates }: Look, folders: ReadonlySet<string>, files: readonly LogFile[]): void {
    const there = new Set(files.map(keyOf));
    const isGone = (key: string, { file }: Generation): boolean => !there.has(key) && folders.has(dirname(file.path));
    for (const [key, generation] of this.known) if (!stale.has(key) && isGone(key, generation)) missing.set(key, generation);
    for (const [key, candidate] of candidates) {
      if (!isGone(key, candidate)) continue;
      // What it held may be in another candidate by now.
      candidates.delete(key);
      this.release(candidate);
    }
  }

  /** Folders in which something was not where it was said to be. */
  private unsettled({ seen, missing, stale, candidates }: Look): Set<string> {
    const unseen = [...missing].flatMap(([key, old]) => (seen.has(key) ? [] : old));
    const lost = [...unseen, ...stale.values()].filter((old) => old.column.length > 0 && !this.shadows.has(old));
    const moved = [...this.known.values(), ...candidates.values()].filter((generation) => generation.moved);
    return new Set([...lost, ...moved].map(({ file }) => dirname(file.path)));
  }

  /** @returns false where the file holds something else than what is known of it */
  private async refresh(generation: Generation, file: LogFile, change: LibraryChange): Promise<boolean> {
    const { path, size } = generation.file;
    const { problem } = generation;
    // The inode of an empty log may have been given to another kind of file.
    if (generation.end === 0 && file.name.compressed !== generation.file.name.compressed) return false;
    if (!(await this.isRead(generation))) return false;
    // Found out by its content when it was indexed; the name does not always tell.
    const known = { ...file, name: { ...file.name, compressed: generation.file.name.compressed } };
    const update = await generation.update(known, () => this.cancelled);
    if (update === 'stale') return false;
    if (update === 'changed' && !this.shadows.has(generation)) this.dirty.add(generation);
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

  private async index(files: readonly LogFile[]): Promise<Generation[]> {
    const candidates: Generation[] = [];
    const unread: Generation[] = [];
    this.saidProgress = performance.now();
    // The newest first: should one close the window, little was read in vain.
    const sorted = files.toSorted((a, b) => b.mtimeMs - a.mtimeMs);
    /**
     * @param isKnown it has records already, of which `update` tells whether they are still right
     * @param file as it was found now
     */
    const finish = async (generation: Generation, isKnown: boolean, file = generation.file): Promise<void> => {
      const { master } = generation;
      let done = generation;
      const isRight = (await this.isRead(generation)) && (await generation.update(file, () => this.cancelled)) !== 'stale';
      if (!isRight && isKnown) {
        this.release(generation);
        done = this.begin(file, master);
        await done.update(file, () => this.cancelled);
      }
      candidates.push(done);
    };
    await inParallel(sorted, async (file) => {
      if (this.cancelled) return;
      // A rotation in flight may be compressed already, and what is called .gz may be plain text: the content tells.
      if (file.name.compressed || file.name.inFlight) {
        file.name = { ...file.name, compressed: (await isGzip(file.path)) ?? file.name.compressed };
      }
      const master = this.isMaster(file);
      const generation = this.begin(file, master);
      const isKept = this.shelf?.take(generation) === true;
      // It may have been read when other formats were expected.
      if (isKept) generation.layouts = NO_LAYOUTS;
      else if (!(await this.recognise(generation))) {
        unread.push(generation);
        return;
      }
      await finish(generation, true, file);
      this.haveRead(file.size);
    });
    const { threads } = this;
    if (threads === undefined || sumOf(unread) <= threads.little) {
      await inParallel(unread, async (generation) => {
        if (this.cancelled) return;
        await finish(generation, false);
        this.haveRead(generation.file.size);
      });
      return candidates;
    }
    const finished: Promise<void>[] = [];
    const inThread = (batch: Generation[]): Promise<void> =>
      scanInThread(
        threads,
        batch,
        this.closing.signal,
        (bytes) => this.haveRead(bytes),
        (generation, isRead) => {
          if (!this.cancelled) finished.push(finish(generation, isRead));
        },
      );
    await Promise.all(batches(unread).map(inThread));
    await Promise.all(finished);
    return candidates;
  }

  /** Gives a new generation what is known already of content that it is likely to hold: a rotation has compressed it, or copied it away. */
  private async recognise(generation: Generation): Promise<boolean> {
    const { file } = generation;
    if (!this.isComplete || file.name.live) return false;
    const chain = chainOf(file);
    const others = [...this.known].filter(([key, { file: other }]) => key !== keyOf(file) && chainOf(other) === chain);
    const other = await generation.whatItContinues(others.map(([, known]) => known));
    if (other !== undefined) generation.assume(other);
    return other !== undefined;
  }

  private haveRead(bytes: number): void {
    this.progress = { ...this.progress, readBytes: Math.min(this.progress.totalBytes, this.progress.readBytes + bytes) };
    const now = performance.now();
    if (now - this.saidProgress < 100) return;
    this.saidProgress = now;
    this.onProgress();
  }

  private isMaster({ name, module }: LogFile): boolean {
    return name.log === 'master.log' && (module === 'master' || this.source.kind === 'file');
  }

  private begin(file: LogFile, master: boolean): Generation {
    const generation = new Generation(this.store, this.freeSlot(), file, master, this.layouts, this.givenLayout(file), this.checkpoints);
    this.slots[generation.slot] = generation;
    generation.refresh = async () => {
      await this.resync();
      return this.slots[generation.slot] === generation && [...this.known.values()].includes(generation);
    };
    return generation;
  }

  /** Takes in what is new, and tells copies of what is there from it; lets go of what found no heir. */
  private admit({ seen, missing, stale, candidates }: Look, change: LibraryChange): void {
    const gone = [...missing].filter(([key]) => !seen.has(key));
    if (candidates.size + gone.length + stale.size === 0) return;
    for (const [key, generation] of [...gone, ...stale]) {
      if (this.known.get(key) === generation) this.known.delete(key);
      this.shadows.delete(generation);
      change.removed.push(generation);
    }
    // What a shadow was a copy of may be gone now.
    const open = new Set(this.shadows);
    for (const [key, candidate] of candidates) {
      // It was gone again before it could be read: the next look finds where it went.
      if (candidate.moved) this.release(candidate);
      else {
        open.add(candidate);
        this.known.set(key, candidate);
      }
    }
    const longestFirst = [...open].sort(
      (a, b) => b.column.length - a.column.length || Number(a.file.name.compressed) - Number(b.file.name.compressed),
    );
    const chains = new Map<string, Generation[]>();
    for (const generation of this.known.values()) {
      const chain = chains.get(chainOf(generation.file));
      if (chain === undefined) chains.set(chainOf(generation.file), [generation]);
      else chain.push(generation);
    }
    const inChain = (generation: Generation): Generation[] =>
      (chains.get(chainOf(generation.file)) ?? []).filter((other) => other !== generation && !this.shadows.has(other));
    for (const candidate of longestFirst) {
      const was = this.shadows.has(candidate);
      if (inChain(candidate).some((other) => isCopyOf(candidate, other))) this.shadows.add(candidate);
      else {
        this.shadows.delete(candidate);
        change.added.push(candidate);
        // A copy that was taken a moment before its log was truncated.
        if (change.removed.some((old) => candidate.begins(old))) candidate.told = candidate.column.length;
      }
      if (was !== this.shadows.has(candidate) || !was) change.renamed = true;
    }
    // One that was shown may turn out to be the beginning of one that came: of two copies only the longer one stays.
    for (const candidate of change.added) {
      for (const other of inChain(candidate)) {
        if (other.lastEntered !== undefined && other.column.length < candidate.column.length && isCopyOf(other, candidate)) {
          this.shadows.add(other);
          change.removed.push(other);
        }
      }
    }
  }

  private freeSlot(): number {
    const free = this.slots.indexOf(undefined);
    return free === -1 ? this.slots.length : free;
  }

  /** Positions by user, module and age. */
  private number(): void {
    this.byIdentity = undefined;
    this.knownNames = undefined;
    const sorted = [...this.known.values(), ...this.ends.values()].sort(
      (a, b) =>
        compareText(a.file.user, b.file.user) ||
        compareText(a.file.module, b.file.module) ||
        compareAge(a.file.name.age, b.file.name.age) ||
        compareText(a.file.file, b.file.file),
    );
    sorted.forEach((generation, position) => {
      generation.position = position;
    });
  }
}

const newChange = (): LibraryChange => ({ added: [], changed: [], removed: [], renamed: false });

/**
 * A copy that is being made, or was made, of another generation: it holds the same, or the beginning of it. The log that is being written
 * is never one: if it begins as a rotation does, it says the same once more. What is being compressed may not have a whole record yet.
 */
function isCopyOf(copy: Generation, other: Generation): boolean {
  if (copy.file.name.live) return false;
  return copy.begins(other) || (copy.problem !== undefined && copy.file.path === `${other.file.path}.gz`);
}

/** Of a file, once it is not compressed any more; roughly. */
const contentBytes = ({ file }: Generation): number => (file.name.compressed ? file.size / COMPRESSED : file.size);

const sumOf = (generations: readonly Generation[]): number => generations.reduce((sum, generation) => sum + contentBytes(generation), 0);

/** Small ones together, in their order. */
function batches(generations: readonly Generation[]): Generation[][] {
  const result: Generation[][] = [];
  let room = 0;
  for (const generation of generations) {
    const bytes = contentBytes(generation);
    if (bytes <= room) result.at(-1)?.push(generation);
    else {
      result.push([generation]);
      room = BATCH;
    }
    room -= bytes;
  }
  return result;
}

async function inParallel<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker));
}
