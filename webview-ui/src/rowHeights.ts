import type { RecordId, Row } from '../../server/src/protocol.ts';

/** How tall rows are: an ordinary one is as tall as all of them; one that is unfolded or wrapped is measured once it is drawn. */
export class RowHeights {
  /** Pixels of an ordinary row. */
  ordinary = 22;
  readonly #known = new Map<RecordId, number>();

  /** @param isPlain whether a row is an ordinary one */
  constructor(
    readonly isPlain: (row: Row) => boolean,
    readonly isUnfolded: (row: Row) => boolean,
  ) {}

  /** Pixels; a guess while it has not been drawn. */
  of(row: Row | undefined): number {
    if (!row || this.isPlain(row)) return this.ordinary;
    return this.#known.get(row.id) ?? this.ordinary * (this.isUnfolded(row) ? row.lines : 1);
  }

  /** Whether a row has still to be measured. */
  isOpen(row: Row): boolean {
    return !this.isPlain(row) && !this.#known.has(row.id);
  }

  set(row: Row, height: number): void {
    this.#known.set(row.id, height);
  }

  forget(id: RecordId): void {
    this.#known.delete(id);
  }

  /** They are drawn otherwise: all are measured anew. */
  clear(): void {
    this.#known.clear();
  }
}
