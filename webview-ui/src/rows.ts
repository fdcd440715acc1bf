import { decodeRows, type Page, type RecordId, type Row } from '../../server/src/protocol.ts';

/** Rows kept: some fifty screens. */
const CAPACITY = 4000;

/** A record and the rank that it had when something was asked about it. */
export interface Known {
  id: RecordId;
  rank: number;
}

/**
 * The rows that were asked for lately, by rank. Ranks move when rows come in above (older generations being indexed, a late entry): then
 * a page says where a known record stands now, and all of them move with it.
 */
export class RowCache {
  /** Rank − `#moved` → row; the row that was used last stands last. */
  #rows = new Map<number, Row>();
  #keys = new Map<RecordId, number>();
  #moved = 0;
  /** Older pages than this are of another filter or view. */
  #least = 0;
  /** That of the newest page. */
  version = -1;
  /** As of the newest page. */
  total = 0;

  /** The row at a rank, if it is here. */
  get(rank: number): Row | undefined {
    return this.#rows.get(rank - this.#moved);
  }

  /** The same, and counts as a use. */
  use(rank: number): Row | undefined {
    const key = rank - this.#moved;
    const row = this.#rows.get(key);
    if (row) {
      this.#rows.delete(key);
      this.#rows.set(key, row);
    }
    return row;
  }

  rankOf(id: RecordId): number | undefined {
    const key = this.#keys.get(id);
    return key === undefined ? undefined : key + this.#moved;
  }

  /** From now on only pages of this version or a newer one count; the rows stay until the first of them comes, so that nothing flickers. */
  expect(version: number): void {
    this.#least = version;
    this.version = -1;
  }

  /**
   * Takes a page in.
   * @param asked the anchor that the page was asked by, where that was a record, with the rank that it had then
   * @returns by how many ranks the known rows moved, or null when the page is too old and was dropped
   */
  accept(page: Page, asked?: Known): number | null {
    if (page.version < this.version || page.version < this.#least) return null;
    const rows = decodeRows(page.rows);
    let moved = 0;
    if (this.version === -1) this.#clear();
    else if (page.version !== this.version) moved = this.#follow(page, rows, asked);
    this.version = page.version;
    this.total = page.total;
    rows.forEach((row, index) => {
      this.#put(page.first + index, row);
    });
    this.#evict();
    return moved;
  }

  #follow(page: Page, rows: readonly Row[], asked: Known | undefined): number {
    let moved = asked ? page.first + page.anchor - asked.rank : null;
    if (moved === null) {
      const index = rows.findIndex((row) => this.#keys.has(row.id));
      const rank = index < 0 ? undefined : this.rankOf(rows[index]?.id ?? '');
      moved = rank === undefined ? null : page.first + index - rank;
    }
    if (moved === null) this.#clear();
    else this.#moved += moved;
    return moved ?? 0;
  }

  #put(rank: number, row: Row): void {
    const key = rank - this.#moved;
    const stoodAt = this.#keys.get(row.id);
    const known = stoodAt === undefined ? undefined : this.#rows.get(stoodAt);
    if (stoodAt !== undefined && stoodAt !== key) this.#rows.delete(stoodAt);
    const displaced = this.#rows.get(key);
    if (displaced && displaced.id !== row.id) this.#keys.delete(displaced.id);
    this.#rows.delete(key);
    // The same object stays for the same content, so that it need not be drawn again. (The newest entry may still grow.)
    const same = known && known.text === row.text && known.lines === row.lines && known.flags === row.flags;
    this.#rows.set(key, same ? known : row);
    this.#keys.set(row.id, key);
  }

  #evict(): void {
    for (const [key, row] of this.#rows) {
      if (this.#rows.size <= CAPACITY) return;
      this.#rows.delete(key);
      this.#keys.delete(row.id);
    }
  }

  #clear(): void {
    this.#rows.clear();
    this.#keys.clear();
    this.#moved = 0;
  }
}
