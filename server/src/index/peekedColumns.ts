/** Columns of one chunk on disk after the other, in memory that is used again: new memory costs more than reading. */
import type { StoredChunk } from './storedChunk.ts';

export class PeekedColumns<Columns> {
  private memory = new SharedArrayBuffer(0);
  private last: { of: StoredChunk; columns: Columns } | undefined;

  /** @param load gives nothing where the columns are damaged, or gone */
  constructor(
    private readonly bytesOf: (stored: StoredChunk) => number,
    private readonly load: (stored: StoredChunk, into: SharedArrayBuffer) => SharedArrayBuffer | undefined,
    private readonly view: (stored: StoredChunk, buffer: SharedArrayBuffer) => Columns,
  ) {}

  /** Valid until the next call for another chunk; undefined where they are damaged. */
  of(stored: StoredChunk): Columns | undefined {
    // Each condition of a filter asks for itself.
    if (this.last?.of === stored) return this.last.columns;
    this.last = undefined;
    const bytes = this.bytesOf(stored);
    if (this.memory.byteLength < bytes) this.memory = new SharedArrayBuffer(bytes);
    const buffer = this.load(stored, this.memory);
    if (buffer === undefined) return undefined;
    this.last = { of: stored, columns: this.view(stored, buffer) };
    return this.last.columns;
  }
}
