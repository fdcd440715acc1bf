/** Puts the indexes of a source's generations, and their order, on disk, and takes them from there. */
import type { Source } from '../protocol.ts';
import type { Container } from './container.ts';
import type { Generation } from './generation.ts';
import type { IndexCache } from './indexCache.ts';
import type { OrderState, TakenOrder } from './keptOrder.ts';
import { KeptOrder, orderState, writeOrder } from './keptOrder.ts';
import type { RecordStore } from './recordStore.ts';
import type { SavedIndex } from './savedIndex.ts';
import { copyParts, markStored, parseSavedIndex } from './savedIndex.ts';
import { storedChunk } from './storedChunk.ts';

/** A log that was kept is read on from there: it is kept anew when it has grown by this part. */
const GROWN = 0.1;
/** So many times the smallest index that is kept a source has to be large for its order to be kept. */
const WORTH_IT = 16;

export class Shelf {
  /** Of each generation what of it is kept: where, and how many bytes of content. */
  private readonly kept = new WeakMap<Generation, { name: string; end: number }>();
  private order: KeptOrder | undefined;
  /** By which names generations have taken what was kept, while the order is there. */
  private readonly taken = new Map<Generation, string>();
  /** Of the machine, by which times without an offset are read. */
  private readonly zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  /** Records and rows when the order was kept. */
  private keptOrder = '';

  constructor(
    private readonly cache: IndexCache,
    private readonly store: RecordStore,
    private readonly source: Source,
    private readonly root: string,
    /** Looks at all columns at once, not only when they are needed. */
    private readonly verify = false,
  ) {}

  /** To be asked first of all. @returns whether an order is kept of this source */
  begin(): boolean {
    this.order = KeptOrder.of(this.cache.open(this.orderName, true));
    if (this.order !== undefined) this.store.reserve(this.order.chunks);
    return this.order !== undefined;
  }

  /** Gives a new generation the index that was kept of its file. `update` tells whether that is still right. */
  take(generation: Generation): boolean {
    if (generation.file.size === 0) return false;
    const name = this.nameOf(generation);
    generation.column.wanted = [...(this.order?.numbersOf(name) ?? [])];
    const found = this.find(name);
    if (found === undefined || !this.restore(generation, found.saved, found.container)) return false;
    // One that stands with the order is kept on its own once it is not small any more.
    this.kept.set(generation, { name, end: found.container === this.order?.container ? 0 : generation.end });
    this.taken.set(generation, name);
    return true;
  }

  /** What it had taken was not right any more: another one may have that content now. */
  giveBack(generation: Generation): void {
    this.taken.delete(generation);
  }

  /**
   * Gives a new generation, once all have been asked for what was kept of their own files, what was kept of a file that is gone, or holds
   * something else, and began like this one: it was compressed or copied away while nobody looked. `update` tells whether that is so.
   */
  async takeLost(generation: Generation): Promise<boolean> {
    const { user, module, name, size } = generation.file;
    const own = this.nameOf(generation);
    const held = new Set(this.taken.values());
    const lost = (this.order?.namesOf(user, module) ?? []).filter((other) => !held.has(other) && readLike(other) === readLike(own));
    const head = lost.length === 0 ? undefined : await generation.readHead();
    if (head === undefined) return false;
    for (const other of lost) {
      const found = this.find(other);
      if (found === undefined) continue;
      const { saved, container } = found;
      const isLike = saved.head.length > 0 && Buffer.from(saved.head).equals(head.subarray(0, saved.head.length));
      if (!isLike || (!name.compressed && saved.scanner.state.offset > size)) continue;
      generation.column.wanted = [...(this.order?.numbersOf(other) ?? [])];
      if (!this.restore(generation, saved, container, true)) continue;
      // Under its own name it is kept anew.
      this.kept.set(generation, { name: other, end: 0 });
      this.taken.set(generation, other);
      return true;
    }
    return false;
  }

  /** The index that is kept under a name. */
  private find(name: string): { saved: SavedIndex; container: Container } | undefined {
    const small = this.order?.indexOf(name);
    const container = small === undefined ? this.cache.open(name) : this.order?.container;
    const saved = small ?? parseSavedIndex(container?.directory);
    return saved && container && { saved, container };
  }

  /**
   * The order that was kept, once all generations are there; undefined where it is not theirs. The rows may be without the newest records:
   * each generation knows how many of its are among them.
   */
  takeOrder(generations: readonly Generation[]): TakenOrder | undefined {
    const isTaken = (generation: Generation): number => Number(this.taken.has(generation));
    // Of two that claim a name, the one that has taken what is kept by it.
    const byClaim = generations.toSorted((a, b) => isTaken(a) - isTaken(b));
    const taken = this.order?.take(this.store, byClaim, (generation) => this.taken.get(generation) ?? this.nameOf(generation), this.verify);
    this.order = undefined;
    this.taken.clear();
    this.store.releaseReserved();
    if (taken === undefined || taken.grown.length > 0) return taken;
    const size = this.sizeOf(generations, taken.count);
    const read = async (): Promise<Uint32Array | undefined> => {
      const rows = await taken.read();
      // One that is damaged is kept anew.
      if (rows !== undefined) this.keptOrder = size;
      return rows;
    };
    return { ...taken, read };
  }

  /** What is kept of it is damaged. */
  discard(generation: Generation): void {
    const kept = this.kept.get(generation);
    if (kept === undefined) return;
    this.cache.delete(kept.name);
    this.cache.delete(this.orderName);
  }

  /** Keeps it, unless it is small, or little is new since. What cannot be written is not kept: reading goes on without. */
  async put(generation: Generation): Promise<void> {
    await generation.keepCheckpoints();
    const { column, end } = generation;
    const name = this.nameOf(generation);
    const kept = this.kept.get(generation);
    const { smallest } = this.cache.limits;
    if (end < smallest || (kept?.name === name && end - kept.end < Math.max(smallest, kept.end * GROWN))) return;
    const state = generation.save();
    if (state === undefined) return;
    const columns = copyParts(column);
    const { path, ino } = generation.file;
    let writer: Awaited<ReturnType<IndexCache['create']>> | undefined;
    try {
      writer = await this.cache.create(name);
      const parts = await columns(writer);
      await writer.finish({ origin: { path, ino }, ...state, parts });
      this.kept.set(generation, { name, end });
      const container = this.cache.open(name);
      if (container !== undefined) markStored(column, this.store, container, parts);
    } catch {
      await writer?.abandon();
    }
  }

  /** What `putOrder` shall write; undefined where it is on disk already. Everything that is known has to be in the order. */
  stateOf(generations: readonly Generation[], rows: Uint32Array): OrderState | undefined {
    const size = this.sizeOf(generations, rows.length);
    const bytes = generations.reduce((sum, { end }) => sum + end, 0);
    if (size === this.keptOrder || bytes < WORTH_IT * this.cache.limits.smallest) return undefined;
    this.keptOrder = size;
    return orderState(this.store, generations, rows, this.nameOf);
  }

  /** Keeps an order, and the small generations with it. */
  async putOrder(state: OrderState): Promise<void> {
    const indexes = new Map<Generation, SavedIndex>();
    let writer: Awaited<ReturnType<IndexCache['create']>> | undefined;
    try {
      writer = await this.cache.create(this.orderName);
      for (const { generation } of state.entries) {
        const own = generation.end < this.cache.limits.smallest && generation.file.size > 0 ? generation.save() : undefined;
        if (own !== undefined) indexes.set(generation, { ...own, parts: await copyParts(generation.column)(writer) });
      }
      await writeOrder(writer, state, indexes, this.root);
      KeptOrder.of(this.cache.open(this.orderName, true))?.tellPartners(this.store);
    } catch {
      await writer?.abandon();
    }
  }

  private get orderName(): string {
    return JSON.stringify(['order', this.source.kind, this.root, this.source.kind === 'file' ? this.source.path : '']);
  }

  /** @param isAssumed it is of another file */
  private restore(generation: Generation, saved: SavedIndex, container: Container, isAssumed = false): boolean {
    if (!isAssumed && saved.compressed !== generation.file.name.compressed) return false;
    if (this.verify && saved.parts.some(({ section }) => container.read(section) === undefined)) return false;
    try {
      const names = { modules: saved.modules, levels: saved.levels };
      const translate = this.store.names.translator(names);
      for (const part of saved.parts) generation.column.restore(storedChunk(container, part, translate, names));
      if (isAssumed) generation.restoreAssumed(saved);
      else generation.restore(saved);
      return true;
    } catch {
      generation.column.dispose();
      return false;
    }
  }

  /** By what its columns depend on; not by its name, which a rotation changes. */
  private readonly nameOf = ({ file, master, layout = '' }: Generation): string =>
    JSON.stringify([file.dev, file.ino, file.user, master, layout, this.zone]);

  private sizeOf(generations: readonly Generation[], rows: number): string {
    return generations.map((generation) => `${this.nameOf(generation)} ${generation.entered} ${generation.end}`).join() + rows;
  }
}

/** What a name tells of how its file is read: all but which file it is. */
const readLike = (name: string): string => name.replace(/^\[\d+,\d+,/, '');
