/** A generation's index on its way to disk and back. */
import type { Problem } from '../protocol.ts';
import type { ChunkHeader } from './chunk.ts';
import { kindsBytes, viewChunk, viewKinds } from './chunk.ts';
import type { ChunkSummary } from './chunkSummary.ts';
import { summaryOf } from './chunkSummary.ts';
import type { Container, ContainerWriter, Section } from './container.ts';
import { endOfSection } from './container.ts';
import type { NameTable, StoreNames } from './nameTable.ts';
import type { RecordColumn } from './recordColumn.ts';
import { VOLATILE } from './recordColumn.ts';
import type { FilledChunk, RecordStore, StoredChunk } from './recordStore.ts';
import type { ScannerState } from './scanner.ts';

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

export interface SavedPart extends ChunkHeader {
  count: number;
  summary: ChunkSummary;
  section: Section;
  /** The last part of the section: the columns of ChunkKinds. */
  kinds: Section;
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
      saved.push({ ...header, summary: summaryOf(viewChunk(filled, buffer), count), section, kinds });
    }
    return saved;
  };
}

/** A chunk that is in a container. */
export function storedChunk(container: Container, part: SavedPart, translate: ReturnType<NameTable['translator']>): StoredChunk {
  return {
    ...part,
    load: (into) => {
      const buffer = container.read(part.section, into);
      if (buffer !== undefined) translate(viewChunk(part, buffer), part.count);
      return buffer;
    },
    loadKinds: (into) => {
      const buffer = container.read(part.kinds, into);
      if (buffer !== undefined) translate(viewKinds(part, buffer), part.count);
      return buffer;
    },
  };
}

/** Those columns that cannot change any more may from now on be dropped from memory. */
export function markStored(column: RecordColumn, store: RecordStore, container: Container, saved: readonly SavedPart[]): void {
  for (const [i, part] of saved.slice(0, -VOLATILE).entries()) {
    const own = column.parts[i];
    if (own?.count !== part.count) return;
    store.setStored(
      own.number,
      storedChunk(container, part, () => undefined),
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
