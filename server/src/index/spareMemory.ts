/**
 * Memory of chunks that have been dropped, for those that are brought in next. New memory costs more than reading does, and what is
 * dropped stays with the process until the collector has run, which knows little of it.
 */
import { CHUNK_SIZE, chunkBytes } from './chunk.ts';

/** Bytes of full chunks; other sizes hardly come again. */
const USUAL = new Set([true, false].flatMap((wide) => [true, false].map((master) => chunkBytes({ wide, master }, CHUNK_SIZE))));
/** So many are kept of each size. */
const MOST = 16;

export class SpareMemory {
  private readonly bySize = new Map<number, SharedArrayBuffer[]>();

  /** @returns memory of so many bytes, whatever they hold */
  take(bytes: number): SharedArrayBuffer {
    return this.bySize.get(bytes)?.pop() ?? new SharedArrayBuffer(bytes);
  }

  /** @param memory that nobody has any more. */
  give(memory: SharedArrayBuffer): void {
    const bytes = memory.byteLength;
    if (!USUAL.has(bytes)) return;
    const spare = this.bySize.get(bytes);
    if (spare === undefined) this.bySize.set(bytes, [memory]);
    else if (spare.length < MOST) spare.push(memory);
  }
}
