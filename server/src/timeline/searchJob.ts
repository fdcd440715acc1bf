/** Searching in other threads: a generation is read there from its beginning to its end, with the index in memory that all share. */

import { CHUNK_BITS, CHUNK_MASK } from '../index/chunk.ts';
import { Generation } from '../index/generation.ts';
import type { FilledChunk } from '../index/recordStore.ts';
import { RecordStore } from '../index/recordStore.ts';
import type { GenerationState } from '../index/savedIndex.ts';
import type { PlacedChunk } from '../index/storedChunk.ts';
import { placedReader } from '../index/storedChunk.ts';
import type { JobContext } from '../index/threadServer.ts';
import type { Threads } from '../index/threads.ts';
import { ThreadLost } from '../index/threads.ts';
import type { Filter } from '../protocol.ts';
import type { Layouts } from '../record/layoutRules.ts';
import type { LogFile } from '../tree/scan.ts';
import { compileFilter } from './filter.ts';
import type { QueryContext } from './query/time.ts';
import { StreamSearch } from './streamSearch.ts';

export const SEARCH = 'search';

/** ms between two tellings of hits, and of being alive. */
const PACE = 50;
/** ms without a word from a thread, after which the filter counts as one that never ends. */
const PATIENCE = 10_000;

interface SearchTask {
  filter: Filter;
  times: QueryContext;
  file: LogFile;
  master: boolean;
  layouts: Layouts;
  layout: string | undefined;
  state: GenerationState;
  chunks: (FilledChunk | PlacedChunk)[];
  /** Of the chunks, in the store that asks. */
  numbers: number[];
  /** How many records are looked at. */
  through: number;
}

interface SearchNews {
  passed: Uint32Array;
  /** Records of the generation that are told now: all up to this one. */
  through: number;
}

/** @param others numbers of chunks, by those that they have here */
function translated(records: readonly number[], others: ReadonlyMap<number, number>): Uint32Array {
  const passed = new Uint32Array(records.length);
  for (let i = 0; i < passed.length; i++) {
    const record = records[i] as number;
    passed[i] = RecordStore.number(others.get(record >>> CHUNK_BITS) ?? 0, record & CHUNK_MASK);
  }
  return passed;
}

/** In the thread. @returns false where the file does not hold any more what was indexed */
export async function runSearch(task: SearchTask, { cancelled, tell }: JobContext): Promise<boolean> {
  const { file, master, layouts, layout, state, chunks, numbers, through } = task;
  const store = new RecordStore();
  const generation = new Generation(store, 0, file, master, layouts, layout);
  let damaged = false;
  store.onDamaged = () => {
    damaged = true;
  };
  const place = placedReader(store.names, state);
  for (const chunk of chunks) {
    if ('part' in chunk) generation.column.restore(place(chunk));
    else generation.column.adopt(chunk, state);
  }
  generation.restore(state);
  // The same chunks in the same order have other numbers in the store that asks.
  const others = new Map(generation.column.parts.map(({ number }, index) => [number, numbers[index] ?? 0]));
  const search = new StreamSearch(generation, compileFilter(task.filter, task.times), through);
  let told = performance.now();
  /** What was read is believed only if the file is still the same afterwards. */
  const say = async (): Promise<boolean> => {
    const passed = translated(search.passedSince(), others);
    const index = Math.min(search.index, through);
    if (cancelled() || damaged || !(await generation.holds())) return false;
    tell({ passed, through: index } satisfies SearchNews);
    told = performance.now();
    return true;
  };
  if (!search.done) {
    for await (const piece of generation.pieces(search.start)) {
      search.feed(piece);
      if (search.done || damaged) break;
      if (performance.now() - told > PACE && !(await say())) return false;
    }
  }
  return search.done && (await say());
}

export interface ThreadSearch {
  filter: Filter;
  times: QueryContext;
  signal: AbortSignal;
  /** Told of records that pass, in the file's order, as they are found; all that pass of the generation's first `through` are known then. */
  onPassed: (passed: Uint32Array, through: number) => void;
}

/**
 * Holds the records of a generation against a filter, in another thread; all but a last one that may still grow. What was not told of
 * at the end is left to who asks: the file may have moved, or the thread was lost.
 * @throws ThreadLost with `hung` where the filter takes too long
 */
export async function searchInThread(
  threads: Threads,
  generation: Generation,
  { filter, times, signal, onPassed }: ThreadSearch,
): Promise<void> {
  const { column, file, master, layouts, layout } = generation;
  const state = generation.save();
  // What is compressed does not grow; and its end costs as much as all of it.
  const through = file.name.compressed ? column.length : column.length - 1;
  if (state === undefined || through <= 0) return;
  const numbers = column.parts.map(({ number }) => number);
  const task: SearchTask = { filter, times, file, master, layouts, layout, state, chunks: column.lend(), numbers, through };
  const onNews = (news: unknown): void => {
    const { passed, through: known } = news as SearchNews;
    onPassed(passed, known);
  };
  try {
    await threads.run(SEARCH, task, { bytes: file.size, signal, onNews, patience: PATIENCE });
  } catch (error) {
    if (error instanceof ThreadLost && error.hung) throw error;
  }
}
