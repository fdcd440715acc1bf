/** Counts of a view's rows, and what the tree's explorer shows of each generation. */

import { compareAge, compareText } from '../generation/name.ts';
import { recordFlags } from '../index/chunk.ts';
import type { Generation } from '../index/generation.ts';
import { NO_LEVEL } from '../index/nameTable.ts';
import type { GenerationState, Level, Micros, ModuleState, TreeState } from '../protocol.ts';
import { ERROR } from '../record/level.ts';
import type { LogFile } from '../tree/scan.ts';
import { moduleOf } from './message.ts';
import type { View, ViewedTimeline } from './view.ts';

export interface Stats {
  records: number;
  /** On disk, of the generations that it counts. */
  bytes: number;
  generations: number;
  levels: Map<Level, number>;
  exceptions: number;
  first: Micros | null;
  last: Micros | null;
}

export interface ModuleStats extends Stats {
  user: string;
  module: string;
}

const empty = (): Stats => ({ records: 0, bytes: 0, generations: 0, levels: new Map(), exceptions: 0, first: null, last: null });

/**
 * Rows of a view by user and module, sorted; files count with the module that they are named after. A module whose records are all paired
 * or empty has a row, too, with no records; not so where a filter asks for something.
 */
export function collectStats(view: View): { modules: ModuleStats[]; total: Stats } {
  const { library } = view.timeline;
  const { store } = library;
  const byName = new Map<string, ModuleStats>();
  const total = empty();
  for (const record of view.rows.all()) {
    const generation = library.generationOf(record);
    const module = moduleOf(generation, record);
    const { user } = generation.file;
    const name = `${user}\0${module}`;
    let stats = byName.get(name);
    if (stats === undefined) {
      stats = { user, module, ...empty() };
      byName.set(name, stats);
    }
    for (const sum of [stats, total]) {
      const level = store.level(record) === NO_LEVEL ? null : store.level(record);
      const time = store.key(record);
      sum.records++;
      sum.levels.set(level, (sum.levels.get(level) ?? 0) + 1);
      if ((store.flags(record) & recordFlags.exception) !== 0) sum.exceptions++;
      if (sum.first === null || time < sum.first) sum.first = time;
      if (sum.last === null || time > sum.last) sum.last = time;
    }
  }
  for (const { file } of library.generations) {
    const { user, module } = file;
    const name = `${user}\0${module}`;
    if (view.rows === view.timeline.rows && !byName.has(name)) byName.set(name, { user, module, ...empty() });
    const stats = byName.get(name);
    for (const sum of stats === undefined ? [] : [stats, total]) {
      sum.bytes += file.size;
      sum.generations++;
    }
  }
  return { modules: [...byName.values()].sort((a, b) => compareText(a.user, b.user) || compareText(a.module, b.module)), total };
}

/** Users, modules and generations, for the explorer and the pickers: what is not indexed yet has no records so far. */
export function treeState(timeline: ViewedTimeline & { readonly unread: readonly LogFile[] }, source: TreeState['source']): TreeState {
  const { library, unread } = timeline;
  const modules = new Map<string, { state: ModuleState; files: { file: LogFile; generation?: Generation }[] }>();
  for (const one of [
    ...library.generations.map((generation) => ({ file: generation.file, generation })),
    ...unread.map((file) => ({ file })),
  ]) {
    const { user, module } = one.file;
    const name = `${user}\0${module}`;
    const entry = modules.get(name);
    if (entry === undefined) modules.set(name, { state: { user, module, generations: [] }, files: [one] });
    else entry.files.push(one);
  }
  return {
    source,
    root: library.root,
    exists: library.exists,
    modules: [...modules.values()]
      .map(({ state, files }) => ({
        ...state,
        generations: files.sort((a, b) => compareAge(b.file.name.age, a.file.name.age)).map(generationState),
      }))
      .sort((a, b) => compareText(a.user, b.user) || compareText(a.module, b.module)),
    problems: timeline.problems.slice(0, 200),
    progress: library.progress,
  };
}

/** Errors of each generation, counted up to a length; only what came since is counted again. */
const counted = new WeakMap<Generation, { length: number; errors: number }>();

function generationState({ file, generation }: { file: LogFile; generation?: Generation }): GenerationState {
  return {
    path: file.path,
    file: file.file,
    size: file.size,
    compressed: file.name.compressed,
    live: file.name.live,
    records: generation?.column.length ?? 0,
    last:
      generation === undefined || generation.column.length === 0
        ? null
        : generation.store.key(generation.column.at(generation.column.length - 1)),
    errors: generation === undefined ? 0 : countErrors(generation),
  };
}

function countErrors(generation: Generation): number {
  const { column, store } = generation;
  const before = counted.get(generation);
  const count = before !== undefined && before.length <= column.length ? before : { length: 0, errors: 0 };
  for (const record of column.range(count.length, column.length)) {
    const level = store.level(record);
    if ((store.flags(record) & recordFlags.exception) !== 0 || (level >= ERROR && level !== NO_LEVEL)) count.errors++;
  }
  count.length = column.length;
  counted.set(generation, count);
  return count.errors;
}
