/** Puts the indexes of generations on disk, and takes them from there: one file for each. */
import type { Generation } from './generation.ts';
import type { IndexCache } from './indexCache.ts';
import type { RecordStore } from './recordStore.ts';
import { markStored, parseSavedIndex, storedChunk, writeParts } from './savedIndex.ts';

/** A log that was kept is read on from there: it is kept anew when it has grown by this part. */
const GROWN = 0.1;

export class Shelf {
  /** Of each generation what of it is kept: where, and how many bytes of content. */
  private readonly kept = new WeakMap<Generation, { name: string; end: number }>();

  constructor(
    private readonly cache: IndexCache,
    private readonly store: RecordStore,
  ) {}

  /** Gives a new generation the index that was kept of its file. `update` tells whether that is still right. */
  take(generation: Generation): boolean {
    if (generation.file.size === 0) return false;
    const name = nameOf(generation);
    const container = this.cache.open(name);
    const saved = parseSavedIndex(container?.directory);
    if (container === undefined || saved === undefined || saved.compressed !== generation.file.name.compressed) return false;
    try {
      const translate = this.store.translator(saved);
      for (const part of saved.parts) generation.column.restore(storedChunk(container, part, translate));
      generation.restore(saved);
    } catch {
      generation.column.dispose();
      return false;
    }
    this.kept.set(generation, { name, end: generation.end });
    return true;
  }

  /** What is kept of it is damaged. */
  discard(generation: Generation): void {
    const kept = this.kept.get(generation);
    if (kept !== undefined) this.cache.delete(kept.name);
  }

  /** Keeps it, unless it is small, or little is new since. What cannot be written is not kept: reading goes on without. */
  async put(generation: Generation): Promise<void> {
    const { column, end } = generation;
    const name = nameOf(generation);
    const kept = this.kept.get(generation);
    const { smallest } = this.cache.limits;
    if (end < smallest || (kept?.name === name && end - kept.end <= Math.max(smallest, kept.end * GROWN))) return;
    const state = generation.save();
    if (state === undefined) return;
    const { path, ino } = generation.file;
    let writer: Awaited<ReturnType<IndexCache['create']>> | undefined;
    try {
      writer = await this.cache.create(name);
      const parts = await writeParts(column, writer);
      await writer.finish({ origin: { path, ino }, ...state, parts });
      this.kept.set(generation, { name, end });
      const container = this.cache.open(name);
      if (container !== undefined) markStored(column, this.store, container, parts);
    } catch {
      await writer?.abandon();
    }
  }
}

/** By what its columns depend on; not by its name, which a rotation changes. */
function nameOf({ file, master, layout = '' }: Generation): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return JSON.stringify([file.dev, file.ino, master, layout, zone]);
}
