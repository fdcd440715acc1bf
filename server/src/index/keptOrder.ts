/**
 * The order of a whole source on disk, so that opening it again costs reading that: the rows, the pairs, and the chunk numbers that both are
 * made of. The indexes of small files stand in the same file: thousands of them would cost an opening each.
 */
import type { Container, ContainerWriter, Section } from './container.ts';
import type { Generation } from './generation.ts';
import type { RecordStore, StoredPartners } from './recordStore.ts';
import { NONE } from './recordStore.ts';
import type { SavedIndex } from './savedIndex.ts';
import { parseSavedIndex } from './savedIndex.ts';

interface Entry {
  /** Of its index. */
  name: string;
  user: string;
  module: string;
  /** Its chunks, and the index of each one's first record in the generation. */
  numbers: number[];
  firsts: number[];
  /** Bytes of its content, and their CRC-32. */
  end: number;
  crc: number;
  /** So many of its records are in the order; what the first and the last of them were. */
  entered: number;
  identity: string | undefined;
  last: { offset: number; key: number; hash: number; flags: number };
  /** The index itself, where it has no file of its own. */
  index: SavedIndex | undefined;
}

interface Directory {
  /** One more than the largest number of a chunk. */
  chunks: number;
  /** By position: user, module, age. */
  entries: Entry[];
  older: Section;
  newest: Section;
  partners: { number: number; section: Section; paired: number }[];
}

/** Rows that are read before all others: who opens a source looks at its end. */
const NEWEST = 1 << 14;

export interface TakenOrder {
  /** Of how many rows. */
  count: number;
  /** The last of them, a page and more. */
  newest: Uint32Array;
  /** All of them; undefined where they are damaged. */
  read(): Promise<Uint32Array | undefined>;
  /** Those with records, or a last record, that are not among the rows as they are now. */
  grown: Generation[];
}

export class KeptOrder {
  private readonly byName: Map<string, Entry>;

  private constructor(
    readonly container: Container,
    private readonly directory: Directory,
  ) {
    this.byName = new Map(directory.entries.map((entry) => [entry.name, entry]));
  }

  static of(container: Container | undefined): KeptOrder | undefined {
    const directory = container && parseDirectory(container.directory);
    return container && directory && new KeptOrder(container, directory);
  }

  /** Numbers of chunks that mean something here. */
  get chunks(): number {
    return this.directory.chunks;
  }

  /** The numbers that a generation's chunks had. */
  numbersOf(name: string): readonly number[] {
    return this.byName.get(name)?.numbers ?? [];
  }

  /** Of the indexes of one log's generations. */
  namesOf(user: string, module: string): string[] {
    return this.directory.entries.filter((entry) => entry.user === user && entry.module === module).map(({ name }) => name);
  }

  /** The index of a small file. */
  indexOf(name: string): SavedIndex | undefined {
    return this.byName.get(name)?.index;
  }

  /** The pairs that it has been written with are on disk, too, from now on, as far as they are still the same. */
  tellPartners(store: RecordStore): void {
    for (const [number, stored] of this.partners()) store.partnersWritten(number, stored);
  }

  /** By chunk. */
  private *partners(): Generator<[number, StoredPartners]> {
    for (const { number, section, paired } of this.directory.partners) {
      const load = (): Uint32Array | undefined => {
        const partners = this.container.read(section);
        return partners && new Uint32Array(partners);
      };
      yield [number, { paired, load }];
    }
  }

  /**
   * The order, where what is there now is what was in it, and more; the pairs are then in the store, and each generation knows how much of
   * it is in the order.
   * @param generations those that are shown
   * @param verify reads all pairs now, not when they are first asked for
   */
  take(
    store: RecordStore,
    generations: readonly Generation[],
    nameOf: (generation: Generation) => string,
    verify: boolean,
  ): TakenOrder | undefined {
    const found = new Map(generations.map((generation) => [nameOf(generation), generation]));
    const matched: [Generation, Entry][] = [];
    let position = -1;
    for (const entry of this.directory.entries) {
      const generation = found.get(entry.name);
      if (generation === undefined || generation.position <= position || !fits(store, generation, entry)) return undefined;
      position = generation.position;
      matched.push([generation, entry]);
    }
    const { older } = this.directory;
    const last = this.container.read(this.directory.newest);
    if (last === undefined) return undefined;
    const newest = new Uint32Array(last);
    const count = older.bytes / Uint32Array.BYTES_PER_ELEMENT + newest.length;
    if (!canBe(count, matched)) return undefined;
    for (const [number, stored] of this.partners()) {
      if (!verify) store.setStoredPartners(number, stored);
      else {
        const partners = stored.load();
        if (partners === undefined) return undefined;
        store.setPartnersOf(number, partners);
      }
    }
    const grown = new Set(generations);
    for (const [generation, entry] of matched) {
      const { entered, last } = entry;
      const { key, hash, flags } = last;
      if (isSame(generation, entry)) grown.delete(generation);
      generation.entered = entered;
      generation.lastEntered = entered === 0 ? undefined : { record: generation.column.at(entered - 1), key, hash, flags };
    }
    const read = async (): Promise<Uint32Array | undefined> => {
      const rows = new Uint32Array(count);
      rows.set(newest, count - newest.length);
      return (await this.container.readInto(older, bytesOf(rows.subarray(0, count - newest.length)))) ? rows : undefined;
    };
    return { count, newest, read, grown: [...grown] };
  }
}

/** Whether so many rows can be of these: each record is one, but for those of master.log that stand in a module's log, too. */
function canBe(rows: number, matched: readonly [Generation, Entry][]): boolean {
  const sum = (of: readonly [Generation, Entry][]): number => of.reduce((all, [, { entered }]) => all + entered, 0);
  return rows <= sum(matched) && rows >= sum(matched.filter(([{ master }]) => !master));
}

/** Nothing has come since. */
const isSame = ({ end, crc, column }: Generation, entry: Entry): boolean =>
  end === entry.end && crc === entry.crc && column.length === entry.entered;

/** The generation has at least the records that it had, under the same numbers. */
function fits(store: RecordStore, generation: Generation, entry: Entry): boolean {
  const { file, column } = generation;
  const { parts, length } = column;
  if (file.user !== entry.user || file.module !== entry.module || length < entry.entered || parts.length < entry.numbers.length)
    return false;
  if (!entry.numbers.every((number, i) => parts[i]?.number === number && parts[i]?.first === entry.firsts[i])) return false;
  if (entry.entered === 0 || isSame(generation, entry)) return true;
  // The last one may have grown since, but begins where it began.
  return (length === 1 || generation.identity === entry.identity) && store.offset(column.at(entry.entered - 1)) === entry.last.offset;
}

/** What a timeline keeps: its order, at a moment when all that is known is in it. A copy, but for the rows. */
export interface OrderState {
  entries: (Omit<Entry, 'index'> & { generation: Generation })[];
  rows: Uint32Array;
  chunks: number;
  partners: { number: number; partners: Uint32Array }[];
}

export function orderState(
  store: RecordStore,
  generations: readonly Generation[],
  rows: Uint32Array,
  nameOf: (generation: Generation) => string,
): OrderState {
  const sorted = generations.toSorted((a, b) => a.position - b.position);
  const partners: OrderState['partners'] = [];
  let chunks = 0;
  const entries = sorted.map((generation) => {
    const { file, column, entered, lastEntered: last, identity, end, crc } = generation;
    const parts = column.parts.filter(({ first, count }) => count > 0 && first < entered);
    for (const { number, count } of parts) {
      chunks = Math.max(chunks, number + 1);
      const own = store.copyPartners(number, count);
      if (own !== undefined) partners.push({ number, partners: own });
    }
    return {
      generation,
      name: nameOf(generation),
      user: file.user,
      module: file.module,
      numbers: parts.map(({ number }) => number),
      firsts: parts.map(({ first }) => first),
      end,
      crc,
      entered,
      identity,
      last: {
        offset: last === undefined ? 0 : store.offset(last.record),
        key: last?.key ?? 0,
        hash: last?.hash ?? 0,
        flags: last?.flags ?? 0,
      },
    };
  });
  return { entries, rows, chunks, partners };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);

/**
 * @param indexes of the small files among the entries, as they are in the container by now
 * @throws what the file system says
 */
export async function writeOrder(
  writer: ContainerWriter,
  { entries, rows, chunks, partners }: OrderState,
  indexes: ReadonlyMap<Generation, SavedIndex>,
  root: string,
): Promise<void> {
  const directory: Directory = {
    chunks,
    older: await writer.add(bytesOf(rows.subarray(0, -NEWEST))),
    newest: await writer.add(bytesOf(rows.subarray(-NEWEST))),
    partners: [],
    entries: entries.map(({ generation, ...entry }) => ({ ...entry, index: indexes.get(generation) })),
  };
  for (const { number, partners: own } of partners) {
    const paired = own.includes(NONE) ? 0 : own.length;
    directory.partners.push({ number, paired, section: await writer.add(bytesOf(own)) });
  }
  await writer.finish({ origin: { path: root, ino: 0 }, ...directory });
}

function parseDirectory(value: unknown): Directory | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { chunks, entries, older, newest, partners } = value as Partial<Directory>;
  if (typeof chunks !== 'number' || !Array.isArray(entries) || !Array.isArray(partners)) return undefined;
  if (typeof older?.bytes !== 'number' || typeof newest?.bytes !== 'number') return undefined;
  const sound = entries.every(
    (entry: Partial<Entry>) =>
      typeof entry.name === 'string' &&
      typeof entry.entered === 'number' &&
      typeof entry.last === 'object' &&
      Array.isArray(entry.numbers) &&
      Array.isArray(entry.firsts) &&
      (entry.index === undefined || parseSavedIndex(entry.index) !== undefined),
  );
  return sound ? { chunks, entries, older, newest, partners } : undefined;
}
