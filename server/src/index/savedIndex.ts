/** A generation's index on its way to disk and back. */
import type { Problem } from '../protocol.ts';
import { kindsBytes } from './chunk.ts';
import type { Container, ContainerWriter } from './container.ts';
import { endOfSection } from './container.ts';
import type { StoreNames } from './nameTable.ts';
import type { RecordColumn } from './recordColumn.ts';
import { VOLATILE } from './recordColumn.ts';
import type { FilledChunk, RecordStore } from './recordStore.ts';
import type { ScannerState } from './scanner.ts';
import type { SavedPart } from './storedChunk.ts';
import { storedChunk } from './storedChunk.ts';

/** What a generation knows besides its records. Plain data. */
export interface GenerationState extends StoreNames {
  /** As the file was when it was read last. */
  size: number;
  mtimeMs: number;
  ctimeMs: number;
  /** What it was called then, relative to the root: another name changes `ctimeMs`, too. */
  file: string;
  compressed: boolean;
  /** Bytes of the file on disk that were read. */
  bytesDone: number;
  /** The content's first and last bytes. */
  head: Uint8Array;
  seam: Uint8Array;
  /** CRC-32 of the whole content. */
  crc: number;
  problem: Problem | undefined;
  scanner: ScannerState;
  /** Of the first record, by which most other content is told from this without a look at the columns. */
  first: { key: number; hash: number } | undefined;
}

export interface SavedIndex extends GenerationState {
  parts: SavedPart[];
}

/**
 * Takes the columns as they are at this moment. What comes back writes them to a container; what was written can then be dropped from memory.
 * It throws what the file system says, and where the generation goes meanwhile.
 */
export function copyParts(column: RecordColumn): (writer: ContainerWriter) => Promise<SavedPart[]> {
  const total = column.length;
  const counts = column.parts.map(({ count }) => count);
  const copies = new Map<number, FilledChunk>();
  for (let i = Math.max(0, counts.length - VOLATILE); i < counts.length; i++) copies.set(i, column.copyOf(i));
  return async (writer) => {
    const saved: SavedPart[] = [];
    for (const [i, count] of counts.entries()) {
      if (count === 0) continue;
      const filled = copies.get(i) ?? (column.length < total - 1 ? undefined : column.export(i, i + 1)[0]);
      if (filled === undefined) throw new Error('it has gone');
      const { buffer, ...header } = filled;
      const bytes = new Uint8Array(buffer);
      const section = await writer.add(bytes);
      const kinds = endOfSection(section, bytes.subarray(-kindsBytes(header)));
      saved.push({ ...header, section, kinds });
    }
    return saved;
  };
}

/** Those columns that cannot change any more may from now on be dropped from memory. */
export function markStored(column: RecordColumn, store: RecordStore, container: Container, saved: readonly SavedPart[]): void {
  for (const [i, part] of saved.slice(0, -VOLATILE).entries()) {
    const own = column.parts[i];
    if (own?.count !== part.count) return;
    store.setStored(
      own.number,
      storedChunk(container, part, () => undefined, undefined),
    );
  }
}

/** What was read from disk; undefined where it is not what it has to be. */
export function parseSavedIndex(value: unknown): SavedIndex | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const saved = value as Partial<SavedIndex>;
  const sound =
    typeof saved.size === 'number' &&
    typeof saved.mtimeMs === 'number' &&
    typeof saved.ctimeMs === 'number' &&
    typeof saved.file === 'string' &&
    typeof saved.compressed === 'boolean' &&
    typeof saved.bytesDone === 'number' &&
    typeof saved.crc === 'number' &&
    saved.head instanceof Uint8Array &&
    saved.seam instanceof Uint8Array &&
    typeof saved.scanner === 'object' &&
    Array.isArray(saved.modules) &&
    Array.isArray(saved.levels) &&
    Array.isArray(saved.parts) &&
    saved.parts.every(isSavedPart);
  return sound ? (saved as SavedIndex) : undefined;
}

function isSavedPart(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { capacity, count, summary, baseKey, baseOffset, baseLine, section, kinds } = value as Partial<SavedPart>;
  return (
    [capacity, count, summary?.errors, summary?.minKey, baseKey, baseOffset, baseLine].every((number) => typeof number === 'number') &&
    typeof section?.bytes === 'number' &&
    typeof kinds?.bytes === 'number'
  );
}
