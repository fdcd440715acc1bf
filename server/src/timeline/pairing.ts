/**
 * Finds the two halves of an entry: its line in MODULE.log, and the one in master.log that says the same. First each line of master.log,
 * by key, takes the oldest free line of its module that is up to 5 s older; then what is left takes the oldest free one that is up to an
 * hour away, either way: a program was held up between the two, or its clock was set. Nothing is kept but the pairs themselves: what is
 * free is looked for in the index.
 */
import { CHUNK_BITS, CHUNK_MASK, keyAt } from '../index/chunk.ts';
import type { Generation } from '../index/generation.ts';
import type { Library } from '../index/library.ts';
import type { RecordNumber, RecordStore } from '../index/recordStore.ts';
import { NONE, RecordStore as Store } from '../index/recordStore.ts';
import { Merge } from './merge.ts';
import { WaitingLines } from './waitingLines.ts';

/** How much later (µs) the line in master.log is stamped at most, as long as nothing unusual happens. */
export const PAIRING_WINDOW = 5_000_000;
/** How far apart (µs) the halves may be where nothing else fits. */
const FAR = 3_600_000_000;
/** So many lines of a file's end are looked through for what belongs to new ones, however old they are; and never more than that many. */
const FEW = 1024;
const MANY = 65_536;

/** A user's files. Chains are sorted, the oldest generation first. */
interface User {
  masters: Generation[];
  modules: Map<string, Generation[]>;
}

/** Those who have a master.log. */
function usersOf(generations: readonly Generation[], wanted?: ReadonlySet<string>): User[] {
  const users = new Map<string, User>();
  const sorted = generations.toSorted((a, b) => a.position - b.position);
  for (const generation of sorted) {
    const { user } = generation.file;
    if (!generation.master || wanted?.has(user) === false) continue;
    const known = users.get(user);
    if (known === undefined) users.set(user, { masters: [generation], modules: new Map() });
    else known.masters.push(generation);
  }
  for (const generation of sorted) {
    const { user, module } = generation.file;
    const modules = generation.master ? undefined : users.get(user)?.modules;
    const chain = modules?.get(module);
    if (chain === undefined) modules?.set(module, [generation]);
    else chain.push(generation);
  }
  return [...users.values()];
}

/** A module's lines while those of master.log go by. */
class ModuleLines {
  /** Lines of master.log that have found none. */
  readonly left: RecordNumber[] = [];
  private readonly merge: Merge;
  private readonly waiting = new WaitingLines();
  private at = 0;
  private count = 0;
  private ended = false;

  constructor(
    private readonly store: RecordStore,
    readonly chain: readonly Generation[],
  ) {
    this.merge = new Merge([chain]);
  }

  /** @param key of a line of master.log, not smaller than the one before */
  pair(master: RecordNumber, key: number, hash: number): void {
    this.waiting.expire(key - PAIRING_WINDOW);
    const module = this.take(key, hash);
    if (module === NONE) this.left.push(master);
    else join(this.store, module, master);
  }

  private take(key: number, hash: number): RecordNumber {
    const waiting = this.waiting.take(hash);
    if (waiting !== NONE) return waiting;
    while (!this.ended) {
      if (this.at === this.count) {
        this.at = 0;
        this.count = this.merge.read();
        this.ended = this.count === 0;
        continue;
      }
      const own = this.merge.keys[this.at] as number;
      if (own > key) break;
      const record = this.merge.records[this.at++] as number;
      if (own < key - PAIRING_WINDOW) continue;
      const text = this.store.hash(record);
      if (text === hash) return record;
      this.waiting.add(record, own, text);
    }
    return NONE;
  }
}

function join(store: RecordStore, module: RecordNumber, master: RecordNumber): void {
  store.setPartner(module, master);
  store.setPartner(master, module);
}

/** A set of hashes that may hold a few too many: 8 bits for each. */
class Hashes {
  private readonly bits: Uint8Array;
  private readonly shift: number;

  constructor(store: RecordStore, records: readonly RecordNumber[]) {
    const log = Math.max(10, Math.ceil(Math.log2(records.length * 8)));
    this.shift = 32 - Math.min(31, log);
    this.bits = new Uint8Array(2 ** (32 - this.shift - 3));
    for (const record of records) {
      const bit = Math.imul(store.hash(record), 0x9e3779b1) >>> this.shift;
      this.bits[bit >>> 3] = (this.bits[bit >>> 3] as number) | (1 << (bit & 7));
    }
  }

  has(hash: number): boolean {
    const bit = Math.imul(hash, 0x9e3779b1) >>> this.shift;
    return ((this.bits[bit >>> 3] as number) & (1 << (bit & 7))) !== 0;
  }
}

/**
 * Each line of master.log takes the oldest free one of its module with the same text whose key is smaller by `least` to `most`.
 * @param modules free lines by key, as are `masters`
 * @param found told of each pair
 */
function match(
  store: RecordStore,
  modules: readonly RecordNumber[],
  masters: readonly RecordNumber[],
  [least, most]: readonly [number, number],
  found: (module: RecordNumber, master: RecordNumber) => void = () => undefined,
): void {
  const byText = new Map<number, { lines: RecordNumber[]; at: number }>();
  for (const record of modules) {
    const queue = byText.get(store.hash(record));
    if (queue === undefined) byText.set(store.hash(record), { lines: [record], at: 0 });
    else queue.lines.push(record);
  }
  for (const master of masters) {
    const queue = byText.get(store.hash(master));
    const key = store.key(master);
    for (; queue !== undefined && queue.at < queue.lines.length; queue.at++) {
      const module = queue.lines[queue.at] as number;
      const difference = key - store.key(module);
      if (difference < least) break;
      if (difference > most) continue;
      queue.at++;
      join(store, module, master);
      found(module, master);
      break;
    }
  }
}

function groupBy<K>(records: readonly RecordNumber[], keyOf: (record: RecordNumber) => K): Map<K, RecordNumber[]> {
  const groups = new Map<K, RecordNumber[]>();
  for (const record of records) {
    const group = groups.get(keyOf(record));
    if (group === undefined) groups.set(keyOf(record), [record]);
    else group.push(record);
  }
  return groups;
}

const NEAR = [0, PAIRING_WINDOW] as const;
const EITHER_WAY = [-FAR, FAR] as const;
const LATER = [0, FAR] as const;

export class Pairing {
  private readonly store: RecordStore;

  constructor(private readonly library: Library) {
    this.store = library.store;
  }

  /** All of these users from scratch, some thousand lines a step. */
  *all(users?: ReadonlySet<string>): Generator<undefined, void> {
    for (const user of usersOf(this.library.generations, users)) yield* this.pairUser(user);
  }

  /** @returns records that have lost their halves, as those of these generations are gone */
  withdraw(removed: ReadonlySet<Generation>): RecordNumber[] {
    const { store, library } = this;
    const alone: RecordNumber[] = [];
    for (const { column } of removed) {
      for (const { number, count } of column.parts) {
        const partner = store.partnersOf(number);
        if (partner === undefined) continue;
        for (const record of partner.subarray(0, count)) {
          if (record === NONE || removed.has(library.generationOf(record))) continue;
          store.setPartner(record, NONE);
          alone.push(record);
        }
      }
    }
    return alone;
  }

  /** @returns its other half, which is alone now; NONE where there was none */
  forget(record: RecordNumber): RecordNumber {
    const partner = this.store.partner(record);
    if (partner !== NONE) {
      this.store.setPartner(record, NONE);
      this.store.setPartner(partner, NONE);
    }
    return partner;
  }

  /**
   * Looks for the other halves of free records that are new, or alone again. There should not be too many.
   * @param grown generations whose new records have just been written
   * @returns pairs that were found: the module's line, then that of master.log
   */
  add(records: readonly RecordNumber[], grown: ReadonlySet<Generation>): [RecordNumber, RecordNumber][] {
    const { store, library } = this;
    const { generationOf } = library;
    const free = records.filter((record) => store.partner(record) === NONE).sort((a, b) => this.compare(a, b));
    const pairs: [RecordNumber, RecordNumber][] = [];
    const found = (module: RecordNumber, master: RecordNumber): void => void pairs.push([module, master]);
    const byUser = groupBy(free, (record) => generationOf(record).file.user);
    for (const [name, fresh] of byUser) {
      const [user] = usersOf(library.generations, new Set([name]));
      if (user === undefined) continue;
      const masters = fresh.filter((record) => generationOf(record).master);
      for (const [module, lines] of groupBy(masters, (record) => store.namedModule(record))) {
        const chain = user.modules.get(module);
        if (chain === undefined || module === '') continue;
        const modules = this.freeAtEnd(chain, lines, () => true);
        match(store, modules, lines, NEAR, found);
        const left = lines.filter((record) => store.partner(record) === NONE);
        const leftModules = modules.filter((record) => store.partner(record) === NONE);
        match(store, leftModules, left, EITHER_WAY, found);
      }
      // A module's line that came late: its half in master.log may be waiting.
      const late = fresh.filter((record) => !generationOf(record).master && store.partner(record) === NONE);
      const names = new Set(late.map((record) => generationOf(record).file.module));
      const waiting = late.length === 0 ? [] : this.freeAtEnd(user.masters, late, (record) => names.has(store.namedModule(record)));
      if (waiting.length === 0) continue;
      for (const [module, lines] of groupBy(late, (record) => generationOf(record).file.module)) {
        const own = waiting.filter((record) => store.namedModule(record) === module);
        match(store, lines, own, NEAR, found);
        const left = lines.filter((record) => store.partner(record) === NONE);
        // What has just been written waits for a line that is still to come, rather than for one of the past.
        const [written, known] = [true, false].map((isNew) => left.filter((record) => grown.has(generationOf(record)) === isNew));
        for (const [some = [], range] of [[known, EITHER_WAY] as const, [written, LATER] as const]) {
          const leftMasters = own.filter((record) => store.partner(record) === NONE);
          match(store, some, leftMasters, range, found);
        }
      }
    }
    return pairs;
  }

  private *pairUser(user: User): Generator<undefined, void> {
    const { store } = this;
    for (const generations of [user.masters, ...user.modules.values()]) for (const { column } of generations) column.clearPartners();
    // By the number of the module's name; null: nobody has such a log.
    const modules: (ModuleLines | null | undefined)[] = [];
    const masters = new Merge([user.masters]);
    for (let count = masters.read(); count > 0; count = masters.read()) {
      for (let i = 0; i < count; i++) {
        const record = masters.records[i] as number;
        const chunk = store.chunk(record >>> CHUNK_BITS);
        const name = chunk.module?.[record & CHUNK_MASK] ?? 0;
        const hash = chunk.hash[record & CHUNK_MASK] as number;
        if (name === 0) continue;
        let module = modules[name];
        if (module === undefined) {
          const chain = user.modules.get(store.names.modules[name] ?? '');
          module = chain === undefined ? null : new ModuleLines(store, chain);
          modules[name] = module;
        }
        module?.pair(record, masters.keys[i] as number, hash);
      }
      yield;
    }
    for (const module of modules) {
      if (module === undefined || module === null || module.left.length === 0) continue;
      this.pairFar(module);
      yield;
    }
  }

  /** What is left on both sides, and says the same. */
  private pairFar({ chain, left }: ModuleLines): void {
    const { store } = this;
    const wanted = new Hashes(store, left);
    const modules: RecordNumber[] = [];
    for (const { column } of chain) {
      for (const { number, count } of column.parts) {
        const { partner, hash } = store.chunk(number);
        for (let i = 0; i < count; i++) {
          if ((partner === undefined || partner[i] === NONE) && wanted.has(hash[i] as number)) modules.push(Store.number(number, i));
        }
      }
    }
    if (modules.length === 0) return;
    modules.sort((a, b) => this.compare(a, b));
    const there = new Hashes(store, modules);
    const masters = left.filter((record) => there.has(store.hash(record)));
    match(store, modules, masters, EITHER_WAY);
  }

  /** Free lines at the end of a chain that say the same as one of `lines`, and pass; by key. */
  private freeAtEnd(
    chain: readonly Generation[],
    lines: readonly RecordNumber[],
    passes: (record: RecordNumber) => boolean,
  ): RecordNumber[] {
    const { store } = this;
    const wanted = new Set(lines.map((record) => store.hash(record)));
    const oldest = store.key(lines[0] as number) - FAR;
    const found: RecordNumber[] = [];
    let seen = 0;
    for (const { column } of chain.toReversed()) {
      for (const { number, count } of column.parts.toReversed()) {
        const chunk = store.chunk(number);
        const { partner, hash } = chunk;
        for (let i = count - 1; i >= 0; i--) {
          if (++seen > FEW && (seen > MANY || keyAt(chunk, i) < oldest)) return found.sort((a, b) => this.compare(a, b));
          if (partner !== undefined && partner[i] !== NONE) continue;
          const record = Store.number(number, i);
          if (wanted.has(hash[i] as number) && passes(record)) found.push(record);
        }
      }
    }
    return found.sort((a, b) => this.compare(a, b));
  }

  /** By key, then as they stand in the files. */
  private compare(a: RecordNumber, b: RecordNumber): number {
    const { store } = this;
    const { generationOf } = this.library;
    return store.key(a) - store.key(b) || generationOf(a).position - generationOf(b).position || store.index(a) - store.index(b);
  }
}
