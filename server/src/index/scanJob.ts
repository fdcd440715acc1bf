/** Files are read for the first time by other threads: what main gets are filled chunks, and the state to go on from. */
import type { Layouts } from '../record/layoutRules.ts';
import type { LogFile } from '../tree/scan.ts';
import { Generation } from './generation.ts';
import type { FoundCheckpoints } from './gzipSource.ts';
import type { FilledChunk } from './recordStore.ts';
import { RecordStore } from './recordStore.ts';
import type { GenerationState } from './savedIndex.ts';
import type { JobContext } from './threadServer.ts';
import type { Threads } from './threads.ts';

export const SCAN = 'scan';

/** ms between two tellings of progress. */
const PACE = 50;

interface ScanTask {
  files: { file: LogFile; master: boolean; layouts: Layouts; layout: string | undefined }[];
}

/** Of one file of the task. */
interface ScanNews {
  index: number;
  /** Bytes of the file on disk that have been read so far. */
  readBytes: number;
  /** At the end; null where main has to look itself: the file moved, or its first lines do not tell its layout. */
  result?: { chunks: FilledChunk[]; state: GenerationState; checkpoints: FoundCheckpoints | undefined } | null;
}

/** In the thread. */
export async function runScan({ files }: ScanTask, { cancelled, tell }: JobContext): Promise<void> {
  for (const [index, { file, master, layouts, layout }] of files.entries()) {
    if (cancelled()) return;
    const store = new RecordStore();
    const generation = new Generation(store, 0, file, master, layouts, layout);
    let told = performance.now();
    await generation.update(file, () => {
      const now = performance.now();
      if (now - told > PACE) {
        told = now;
        tell({ index, readBytes: generation.readBytes } satisfies ScanNews);
      }
      return cancelled();
    });
    if (cancelled()) return;
    const state = generation.save();
    const result = state === undefined ? null : { chunks: generation.column.export(), state, checkpoints: generation.foundCheckpoints };
    tell({ index, readBytes: file.size, result } satisfies ScanNews);
    generation.dispose();
  }
}

/**
 * Has a thread read new generations.
 * @param options.onRead told of more bytes that were read
 * @param options.isWanted asked before a thread begins
 * @param onDone told of each in its turn: true where it has its records now, and `update` need only look whether the file is still the same;
 * else it is as new
 */
export async function scanInThread(
  threads: Threads,
  generations: readonly Generation[],
  { signal, onRead, isWanted }: { signal: AbortSignal; onRead: (bytes: number) => void; isWanted: () => boolean },
  onDone: (generation: Generation, isRead: boolean) => void,
): Promise<void> {
  const read = generations.map(() => 0);
  const open = new Set(generations);
  const finish = (generation: Generation, isRead: boolean): void => {
    if (open.delete(generation)) onDone(generation, isRead);
  };
  const task: ScanTask = { files: generations.map(({ file, master, layouts, layout }) => ({ file, master, layouts, layout })) };
  const onNews = (news: unknown): void => {
    const { index, readBytes, result } = news as ScanNews;
    const generation = generations[index];
    if (generation === undefined) return;
    onRead(readBytes - (read[index] ?? 0));
    read[index] = readBytes;
    if (result === undefined) return;
    if (result !== null) {
      for (const chunk of result.chunks) generation.column.adopt(chunk, result.state);
      generation.restore(result.state);
      if (result.checkpoints !== undefined) generation.learnCheckpoints(result.checkpoints);
    }
    finish(generation, result !== null);
  };
  const bytes = generations.reduce((sum, { file }) => sum + file.size, 0);
  try {
    await threads.run(SCAN, task, { bytes, onNews, signal, isWanted });
  } catch {
    // The thread was lost, or could not be started, or was not wanted any more: those that are open are as new.
  }
  for (const generation of generations) finish(generation, false);
}
