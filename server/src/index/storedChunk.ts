/** Chunks whose columns are on disk, in a container: read when they are wanted, by whichever thread wants them. */
import type { ChunkHeader } from './chunk.ts';
import { viewChunk, viewKinds } from './chunk.ts';
import type { ChunkSummary } from './chunkSummary.ts';
import type { Section } from './container.ts';
import { Container } from './container.ts';
import type { NameTable, StoreNames } from './nameTable.ts';

/** A chunk whose columns are on disk, too: they are read when they are first looked at, and may be dropped and read again. Plain but for its methods. */
export interface StoredChunk extends ChunkHeader {
  count: number;
  summary: ChunkSummary;
  /**
   * Undefined where they are damaged, or gone.
   * @param into memory that is large enough; new memory where absent
   */
  load(into?: SharedArrayBuffer): SharedArrayBuffer | undefined;
  /** The same of the columns of ChunkKinds alone. */
  loadKinds(into: SharedArrayBuffer): SharedArrayBuffer | undefined;
  /** For another thread, which reads it there. */
  readonly placed?: PlacedChunk;
}

/** What is kept of a chunk. Plain data. */
export interface SavedPart extends ChunkHeader {
  count: number;
  summary: ChunkSummary;
  section: Section;
  /** The last part of the section: the columns of ChunkKinds. */
  kinds: Section;
}

/** Where a chunk is on disk. Plain data. */
export interface PlacedChunk {
  /** Of the container. */
  path: string;
  part: SavedPart;
  /** Of the store that it was filled in; undefined for the one that tells this. */
  names: StoreNames | undefined;
}

/**
 * A chunk that is in a container.
 * @param names of the store that it was filled in; undefined where it is the store that it is for
 */
export function storedChunk(
  container: Container,
  part: SavedPart,
  translate: ReturnType<NameTable['translator']>,
  names: StoreNames | undefined,
): StoredChunk {
  return {
    ...part,
    placed: { path: container.path, part, names },
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

/**
 * Takes in chunks that are in containers of another thread.
 * @param own of the store whose generation they are of
 */
export function placedReader(names: NameTable, own: StoreNames): (placed: PlacedChunk) => StoredChunk {
  const containers = new Map<string, Container>();
  // Those of one container name the same object.
  const translators = new Map<StoreNames, ReturnType<NameTable['translator']>>();
  return ({ path, part, names: theirs = own }) => {
    const container = containers.get(path) ?? Container.unopened(path);
    const translate = translators.get(theirs) ?? names.translator(theirs);
    containers.set(path, container);
    translators.set(theirs, translate);
    return storedChunk(container, part, translate, undefined);
  };
}
