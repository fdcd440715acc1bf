/** One look at the files of a source, held against what is known: content that is known lives on under other names, the rest comes or goes. */
import { dirname } from 'node:path';
import type { LogFile } from '../tree/scan.ts';
import type { Catalog } from './catalog.ts';
import { chainOf, keyOf } from './catalog.ts';
import type { Generation } from './generation.ts';
import { inParallel } from './inParallel.ts';
import { begins, isCopyOf } from './sameContent.ts';

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

export const newChange = (): LibraryChange => ({ added: [], changed: [], removed: [], renamed: false });

/** What a look has done to files. */
export interface Reader {
  /** Reads what has grown. @returns false where the file holds something else than what is known of it */
  refresh(generation: Generation, file: LogFile): Promise<boolean>;
  /** Reads new files. */
  index(files: readonly LogFile[]): Promise<Generation[]>;
  /** So much was known already. */
  alreadyRead(bytes: number): void;
  /** Told of one that has another file now. */
  livesOn(generation: Generation): void;
  /** Tells how many of a generation's first records were shown to all who follow. */
  countShown(): (generation: Generation) => number;
}

/** All by the keys of files. */
export class Look {
  /** A folder that is listed while its files are renamed may leave any of them out: what was there once is not gone. */
  private readonly seen = new Set<string>();
  /** Known, and without a file. */
  private readonly missing: Map<string, Generation>;
  /** Known, and their file holds something else now. */
  private readonly stale = new Map<string, Generation>();
  /** Indexed now: known content under another name, copies, or new. */
  private readonly candidates = new Map<string, Generation>();

  constructor(
    private readonly catalog: Catalog,
    private readonly reader: Reader,
    private readonly change: LibraryChange,
  ) {
    this.missing = new Map(catalog.known);
  }

  /** Holds files against what is known: reads what has grown, indexes what is new. */
  async compare(files: readonly LogFile[]): Promise<void> {
    const { catalog, reader, seen, missing, stale, candidates } = this;
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
        catalog.release(candidate);
        fresh.push(file);
        continue;
      }
      const known = catalog.known.get(key);
      // Where one was stale another may live on by now.
      const generation = candidate ?? (stale.get(key) === known ? undefined : known);
      if (generation === undefined) fresh.push(file);
      else kept.push([key, generation, file]);
      if (candidate === undefined) missing.delete(key);
    }
    for (const [, { readBytes }] of kept) reader.alreadyRead(readBytes);
    await inParallel(kept, async ([key, generation, file]) => {
      if (await reader.refresh(generation, file)) return;
      fresh.push(file);
      if (candidates.delete(key)) catalog.release(generation);
      else {
        const before = stale.get(key);
        if (before !== undefined) this.letGo(key, before);
        stale.set(key, generation);
      }
    });
    for (const candidate of await reader.index(fresh)) candidates.set(keyOf(candidate.file), candidate);
  }

  /** Files have another name now, or were compressed or copied away: those that are known live on in them. */
  async adopt(): Promise<void> {
    const { missing, stale, candidates, change } = this;
    const { known, shadows } = this.catalog;
    for (const lost of [stale, missing]) {
      for (const [key, old] of lost) {
        // What it was a copy of is still there.
        if (shadows.has(old)) continue;
        const heir = this.heirOf(old);
        if (heir === undefined || !(await old.adopt(heir))) continue;
        lost.delete(key);
        candidates.delete(keyOf(heir.file));
        known.delete(keyOf(heir.file));
        if (known.get(key) === old) known.delete(key);
        known.set(keyOf(heir.file), old);
        shadows.delete(heir);
        this.reader.livesOn(old);
        this.catalog.release(heir);
        change.renamed = true;
      }
    }
  }

  /** The longest of those that hold all that it holds; rather not compressed. */
  private heirOf(old: Generation): Generation | undefined {
    const chain = chainOf(old.file);
    let best: Generation | undefined;
    for (const other of [...this.candidates.values(), ...this.catalog.shadows]) {
      if (other.moved || chainOf(other.file) !== chain || !begins(old, other)) continue;
      const longer = other.column.length - (best?.column.length ?? 0);
      if (longer > 0 || (longer === 0 && best?.file.name.compressed === true && !other.file.name.compressed)) best = other;
    }
    return best;
  }

  /** What was found in these folders before, and is gone from them now. */
  noteVanished(folders: ReadonlySet<string>, files: readonly LogFile[]): void {
    const { catalog, missing, stale, candidates } = this;
    const there = new Set(files.map(keyOf));
    const isGone = (key: string, { file }: Generation): boolean => !there.has(key) && folders.has(dirname(file.path));
    for (const [key, generation] of catalog.known)
      if (stale.get(key) !== generation && isGone(key, generation)) missing.set(key, generation);
    for (const [key, candidate] of candidates) {
      if (!isGone(key, candidate)) continue;
      // What it held may be in another candidate by now.
      candidates.delete(key);
      catalog.release(candidate);
    }
  }

  /** Folders in which something was not where it was said to be. */
  unsettled(): Set<string> {
    const { catalog, seen, missing, stale, candidates } = this;
    const unseen = [...missing].flatMap(([key, old]) => (seen.has(key) ? [] : old));
    const lost = [...unseen, ...stale.values()].filter((old) => old.column.length > 0 && !catalog.shadows.has(old));
    const moved = [...catalog.known.values(), ...candidates.values()].filter((generation) => generation.moved);
    return new Set([...lost, ...moved].map(({ file }) => dirname(file.path)));
  }

  private letGo(key: string, generation: Generation): void {
    const { known, shadows, departed } = this.catalog;
    if (known.get(key) === generation) known.delete(key);
    shadows.delete(generation);
    departed.add(generation);
    this.change.removed.push(generation);
  }

  /** Takes in what is new, and tells copies of what is there from it; lets go of what found no heir. */
  admit(): void {
    const { seen, missing, stale, candidates, change } = this;
    const { known, shadows, departed } = this.catalog;
    const gone = [...missing].filter(([key]) => !seen.has(key));
    if (candidates.size + gone.length + stale.size === 0) return;
    for (const [key, generation] of [...gone, ...stale]) this.letGo(key, generation);
    // What a shadow was a copy of may be gone now.
    const open = new Set(shadows);
    for (const [key, candidate] of candidates) {
      // It was gone again before it could be read: the next look finds where it went.
      if (candidate.moved) this.catalog.release(candidate);
      else {
        open.add(candidate);
        known.set(key, candidate);
      }
    }
    const countShown = this.reader.countShown();
    const longestFirst = [...open].sort(
      (a, b) => b.column.length - a.column.length || Number(a.file.name.compressed) - Number(b.file.name.compressed),
    );
    const chains = new Map<string, Generation[]>();
    for (const generation of known.values()) {
      const chain = chains.get(chainOf(generation.file));
      if (chain === undefined) chains.set(chainOf(generation.file), [generation]);
      else chain.push(generation);
    }
    const inChain = (generation: Generation): Generation[] =>
      (chains.get(chainOf(generation.file)) ?? []).filter((other) => other !== generation && !shadows.has(other));
    for (const candidate of longestFirst) {
      const was = shadows.has(candidate);
      if (inChain(candidate).some((other) => isCopyOf(candidate, other))) shadows.add(candidate);
      else {
        shadows.delete(candidate);
        change.added.push(candidate);
        // A copy that was taken a moment before its log was truncated; or what was thought to be gone.
        for (const old of departed) noteTold(candidate, old, countShown(old));
      }
      if (was !== shadows.has(candidate) || !was) change.renamed = true;
    }
    // One that was shown may turn out to be the beginning of one that came: of two copies only the longer one stays.
    for (const candidate of change.added) {
      for (const other of inChain(candidate)) {
        if (other.lastEntered !== undefined && other.column.length < candidate.column.length && isCopyOf(other, candidate)) {
          noteTold(candidate, other, countShown(other));
          shadows.add(other);
          change.removed.push(other);
        }
      }
    }
  }
}

/** What was shown of one that is not shown any more is no news where another holds it. */
function noteTold(candidate: Generation, old: Generation, shown: number): void {
  if (shown <= candidate.told || !(begins(candidate, old) || begins(old, candidate))) return;
  // A copy may still be being made: what it will have more was shown, too. Another log may begin with the same line.
  const isCopy = !candidate.file.name.live && candidate.column.length > 1;
  candidate.told = isCopy ? shown : Math.min(shown, candidate.column.length);
}
