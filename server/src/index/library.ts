/**
 * All generations of a source and their indexes, kept up to date: finds what came, went, grew, was renamed, compressed or copied away.
 * A rotation is no news: content that is known keeps its index and its records, whatever its file is called now.
 */
import { relative, sep } from 'node:path';
import { compareAge } from '../generation/name.ts';
import type { Problem, Progress, Source } from '../protocol.ts';
import type { LayoutRule } from '../record/layoutRules.ts';
import { givenLayout } from '../record/layoutRules.ts';
import type { LogFile } from '../tree/scan.ts';
import { isGzip, rootOf, scan, statFile } from '../tree/scan.ts';
import { Generation } from './generation.ts';
import { RecordStore } from './recordStore.ts';

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

const keyOf = (file: { dev: number; ino: number }): string => `${file.dev}:${file.ino}`;
const chainOf = (file: LogFile): string => `${file.user}\0${file.module}`;

export class Library {
  readonly store = new RecordStore();
  readonly root: string;
  exists = true;
  progress: Progress = { readBytes: 0, totalBytes: 0, done: false };
  /** Looks at everything once more, on behalf of a read that did not find its file; set by the timeline, whose turn it has to wait for. */
  resync: () => Promise<void> = async () => undefined;
  /** Called now and then while much is being read. */
  onProgress: () => void = () => undefined;
  private readonly slots: (Generation | undefined)[] = [];
  private known = new Map<string, Generation>();
  /** Copies of others, while both are there: `.1` next to `.1.gz`, or a copytruncate in flight. Not shown. */
  private readonly shadows = new Set<Generation>();
  private byIdentity: Map<string, Generation> | undefined;
  private knownNames: { version: number; users: string[]; modules: string[] } | undefined;
  /** Have more records than has been told. */
  private readonly dirty = new Set<Generation>();
  private scanProblems: Problem[] = [];
  private cancelled = false;

  /** @param layouts given by a person, for files by name */
  constructor(
    readonly source: Source,
    private readonly layouts: readonly LayoutRule[] = [],
  ) {
    this.root = rootOf(source);
  }

  /** Those whose records are shown. */
  get generations(): Generation[] {
    return [...this.known.values()].filter((generation) => !this.shadows.has(generation));
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
    const all = found.files;
    found.files = all.filter(wanted);
    this.exists = found.exists;
    this.scanProblems = found.problems;
    const fresh: LogFile[] = [];
    const gone = new Map(this.known);
    const kept: [Generation, LogFile][] = [];
    for (const file of found.files) {
      const generation = this.known.get(keyOf(file));
      if (generation !== undefined && chainOf(generation.file) === chainOf(file) && gone.delete(keyOf(file))) {
        kept.push([generation, file]);
      } else fresh.push(file);
    }
    this.progress = {
      readBytes: kept.reduce((sum, [generation]) => sum + generation.readBytes, 0),
      totalBytes: all.reduce((sum, file) => sum + file.size, 0),
      done: false,
    };
    const stale: Generation[] = [];
    await inParallel(kept, async ([generation, file]) => {
      if ((await this.refresh(generation, file, change)) === 'stale') {
        stale.push(generation);
        fresh.push(file);
      }
    });
    for (const generation of [...stale, ...gone.values()]) this.known.delete(keyOf(generation.file));
    // What is there but cannot be read shows what was known, and its problem.
    const candidates = await this.index(fresh);
    if (!this.cancelled) await this.admit(candidates, [...stale, ...gone.values()], change);
    if (found.files.length === all.length) this.progress = { ...this.progress, readBytes: this.progress.totalBytes, done: true };
    if (change.added.length + change.removed.length > 0 || change.renamed) this.number();
    this.report(change);
    return change;
  }

  /** Looks at some files only. Undefined where that is not enough: a rotation is behind it. */
  async touch(paths: Iterable<string>): Promise<LibraryChange | undefined> {
    const change = newChange();
    for (const path of paths) {
      const file = await statFile(this.source, path, relative(this.root, path).split(sep));
      const generation = file === undefined ? undefined : this.known.get(keyOf(file));
      if (file === undefined || generation === undefined || generation.file.path !== file.path || this.shadows.has(generation))
        return undefined;
      if ((await this.refresh(generation, file, change)) === 'stale') return undefined;
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
    this.cancelled = true;
  }

  /** Gives back a removed generation's place. */
  release(generation: Generation): void {
    generation.dispose();
    if (this.slots[generation.slot] === generation) this.slots[generation.slot] = undefined;
  }

  private async refresh(generation: Generation, file: LogFile, change: LibraryChange): Promise<'stale' | undefined> {
    const { path, size } = generation.file;
    const { problem } = generation;
    // Found out by its content when it was indexed; the name does not always tell.
    file.name = { ...file.name, compressed: generation.file.name.compressed };
    const update = await generation.update(file, () => this.cancelled);
    if (update === 'stale') return 'stale';
    if (update === 'changed' && !this.shadows.has(generation)) this.dirty.add(generation);
    if (path !== file.path || size !== file.size || problem?.message !== generation.problem?.message) change.renamed = true;
    return undefined;
  }

  private async index(files: readonly LogFile[]): Promise<Generation[]> {
    const candidates: Generation[] = [];
    // The newest first: should one close the window, little was read in vain.
    const sorted = files.toSorted((a, b) => b.mtimeMs - a.mtimeMs);
    let said = performance.now();
    await inParallel(sorted, async (file) => {
      if (this.cancelled) return;
      // A rotation in flight may be compressed already, and what is called .gz may be plain text: the content tells.
      if (file.name.compressed || file.name.inFlight) {
        file.name = { ...file.name, compressed: (await isGzip(file.path)) ?? file.name.compressed };
      }
      const master = file.name.log === 'master.log' && (file.module === 'master' || this.source.kind === 'file');
      const generation = new Generation(this.store, this.freeSlot(), file, master, givenLayout(this.layouts, file.file, file.name.log));
      generation.refresh = () => this.resync();
      this.slots[generation.slot] = generation;
      await generation.update(file, () => this.cancelled);
      candidates.push(generation);
      this.progress = { ...this.progress, readBytes: Math.min(this.progress.totalBytes, this.progress.readBytes + file.size) };
      if (performance.now() - said > 100) {
        said = performance.now();
        this.onProgress();
      }
    });
    return candidates;
  }

  /** Decides what new files are: known content under another name, copies of what is there, or new. */
  private async admit(candidates: Generation[], vanished: Generation[], change: LibraryChange): Promise<void> {
    if (candidates.length + vanished.length === 0) return;
    const open = new Set(candidates);
    for (const shadow of this.shadows) {
      // What it was a copy of may be gone now: then it is that.
      if (vanished.includes(shadow)) this.shadows.delete(shadow);
      else open.add(shadow);
    }
    const heirs = [...open].sort(
      (a, b) => b.column.length - a.column.length || Number(a.file.name.compressed) - Number(b.file.name.compressed),
    );
    for (const old of vanished) {
      if (old.lastEntered === undefined && old.column.length === 0) continue;
      const heir = heirs.find((other) => open.has(other) && chainOf(other.file) === chainOf(old.file) && old.begins(other));
      if (heir === undefined) continue;
      open.delete(heir);
      this.shadows.delete(heir);
      this.known.set(keyOf(heir.file), old);
      if (heir.end !== old.end) this.dirty.add(old);
      await old.adopt(heir);
      this.release(heir);
      change.renamed = true;
    }
    const adopted = new Set(this.known.values());
    for (const old of vanished) if (!adopted.has(old)) change.removed.push(old);
    for (const candidate of open) this.known.set(keyOf(candidate.file), candidate);
    const chains = new Map<string, Generation[]>();
    for (const generation of this.known.values()) {
      const chain = chains.get(chainOf(generation.file));
      if (chain === undefined) chains.set(chainOf(generation.file), [generation]);
      else chain.push(generation);
    }
    const inChain = (generation: Generation): Generation[] =>
      (chains.get(chainOf(generation.file)) ?? []).filter((other) => other !== generation && !this.shadows.has(other));
    for (const candidate of heirs) {
      if (!open.has(candidate)) continue;
      const was = this.shadows.has(candidate);
      if (inChain(candidate).some((other) => isCopyOf(candidate, other))) this.shadows.add(candidate);
      else {
        this.shadows.delete(candidate);
        change.added.push(candidate);
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
    const sorted = [...this.known.values()].sort(
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

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * A copy that is being made, or was made, of another generation: it holds the same, or the beginning of it. The log that is being written
 * is never one: if it begins as a rotation does, it says the same once more.
 */
const isCopyOf = (copy: Generation, other: Generation): boolean => copy.begins(other) && !copy.file.name.live;

async function inParallel<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker));
}
