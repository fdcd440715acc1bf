/**
 * Reads files that are new to a library: with the index that was kept of them, with that of known content under another name, or from their
 * first byte to their last, in other threads where that is much.
 */
import { NO_LAYOUTS } from '../record/layoutRules.ts';
import type { LogFile } from '../tree/scan.ts';
import { isGzip } from '../tree/scan.ts';
import type { Catalog } from './catalog.ts';
import { chainOf, keyOf } from './catalog.ts';
import type { Generation } from './generation.ts';
import { inParallel } from './inParallel.ts';
import { scanInThread } from './scanJob.ts';
import type { Shelf } from './shelf.ts';
import type { Threads } from './threads.ts';

/** Bytes of small files that a thread reads one after the other. */
const BATCH = 1 << 20;
/** What compressed logs mostly are compressed to. */
const COMPRESSED = 0.12;

export interface NewFilesOptions {
  catalog: Catalog;
  /** What was kept of them; nothing where absent. */
  shelf: Shelf | undefined;
  threads: Threads | undefined;
  /** Ends what is under way. */
  signal: AbortSignal;
  begin(file: LogFile): Generation;
  /** Whether a generation was read as the layouts that are known now say. */
  isRead(generation: Generation): Promise<boolean>;
  onRead(bytes: number): void;
}

export class NewFiles {
  /** Everything has been looked at once: what comes from now on may be what was there. */
  isComplete = false;
  /** What was read so far is on disk, as far as it is put there while more is read. */
  kept: Promise<void> = Promise.resolve();
  /** Read since everything was kept on disk. */
  private unkept: Generation[] = [];

  constructor(private readonly options: NewFilesOptions) {}

  /** All that is known is being put on disk by another. */
  noteKept(): void {
    this.unkept = [];
  }

  /** One after the other, beside what is read. */
  private keep(): void {
    for (const generation of this.unkept.splice(0)) {
      this.kept = this.kept.then(() => {
        if (generation.column.length > 0) return this.options.shelf?.put(generation);
      });
    }
  }

  private get cancelled(): boolean {
    return this.options.signal.aborted;
  }

  /** @param wanted asked before each file is begun: what is not is left out */
  async index(files: readonly LogFile[], wanted: (file: LogFile) => boolean): Promise<Generation[]> {
    const { catalog, shelf, threads, signal, begin, isRead, onRead } = this.options;
    const candidates: Generation[] = [];
    const unread: Generation[] = [];
    // The newest first: should one close the window, little was read in vain.
    const sorted = files.toSorted((a, b) => b.mtimeMs - a.mtimeMs);
    /**
     * @param isKnown it has records already, of which `update` tells whether they are still right
     * @param file as it was found now
     */
    const finish = async (generation: Generation, isKnown: boolean, file = generation.file): Promise<void> => {
      let done = generation;
      const isRight = (await isRead(generation)) && (await generation.update(file, () => this.cancelled)) !== 'stale';
      if (!isRight && isKnown) {
        shelf?.giveBack(generation);
        catalog.release(generation);
        done = begin(file);
        await done.update(file, () => this.cancelled);
      }
      candidates.push(done);
      this.unkept.push(done);
      // At first while the others are read. Later when nothing is waited for any more, unless memory is short: what is on disk may leave it.
      const { isFull } = done.store;
      if (isFull || !this.isComplete) this.keep();
      if (isFull) await this.kept;
    };
    await inParallel(sorted, async (file) => {
      if (this.cancelled || !wanted(file)) return;
      // A rotation in flight may be compressed already, and what is called .gz may be plain text: the content tells.
      if (file.name.compressed || file.name.inFlight) {
        file.name = { ...file.name, compressed: (await isGzip(file.path)) ?? file.name.compressed };
      }
      const generation = begin(file);
      const isKept = shelf?.take(generation) === true;
      // It may have been read when other formats were expected.
      if (isKept) generation.layouts = NO_LAYOUTS;
      else if (!(await this.recognise(generation))) {
        unread.push(generation);
        return;
      }
      await finish(generation, true, file);
      onRead(file.size);
    });
    await inParallel(unread.splice(0), async (generation) => {
      if (this.cancelled) return;
      if ((await shelf?.takeLost(generation)) !== true) {
        unread.push(generation);
        return;
      }
      generation.layouts = NO_LAYOUTS;
      await finish(generation, true);
      onRead(generation.file.size);
    });
    if (threads === undefined || sumOf(unread) <= threads.little) {
      await inParallel(unread, async (generation) => {
        if (this.cancelled) return;
        if (!wanted(generation.file)) return catalog.release(generation);
        await finish(generation, false);
        onRead(generation.file.size);
      });
      return candidates;
    }
    const finished: Promise<void>[] = [];
    const inThread = (batch: Generation[]): Promise<void> =>
      scanInThread(threads, batch, { signal, onRead, isWanted: () => batch.some(({ file }) => wanted(file)) }, (generation, isThere) => {
        if (this.cancelled) return;
        if (isThere || wanted(generation.file)) finished.push(finish(generation, isThere));
        else catalog.release(generation);
      });
    await Promise.all(batches(unread).map(inThread));
    await Promise.all(finished);
    return candidates;
  }

  /** Gives a new generation what is known already of content that it is likely to hold: a rotation has compressed it, or copied it away. */
  private async recognise(generation: Generation): Promise<boolean> {
    const { file } = generation;
    if (!this.isComplete || file.name.live) return false;
    const chain = chainOf(file);
    const others = [...this.options.catalog.known].filter(([key, { file: other }]) => key !== keyOf(file) && chainOf(other) === chain);
    const other = await generation.whatItContinues(others.map(([, known]) => known));
    if (other !== undefined) generation.assume(other);
    return other !== undefined;
  }
}

/** Of a file, once it is not compressed any more; roughly. */
const contentBytes = ({ file }: Generation): number => (file.name.compressed ? file.size / COMPRESSED : file.size);

const sumOf = (generations: readonly Generation[]): number => generations.reduce((sum, generation) => sum + contentBytes(generation), 0);

/** Small ones together, in their order. */
function batches(generations: readonly Generation[]): Generation[][] {
  const result: Generation[][] = [];
  let room = 0;
  for (const generation of generations) {
    const bytes = contentBytes(generation);
    if (bytes <= room) result.at(-1)?.push(generation);
    else {
      result.push([generation]);
      room = BATCH;
    }
    room -= bytes;
  }
  return result;
}
