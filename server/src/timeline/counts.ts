/** How many rows of a view each level, user and module has: from the index alone. */
import { CHUNK_BITS, CHUNK_MASK } from '../index/chunk.ts';
import { NO_LEVEL } from '../index/nameTable.ts';
import type { Counts, ViewId } from '../protocol.ts';
import { levelClasses } from '../protocol.ts';
import { levelClassOf } from './levelClass.ts';
import type { View } from './view.ts';
import { walkRows } from './walkRows.ts';

/**
 * Counts a view's rows.
 * @param cancelled asked between slices
 * @returns undefined when cancelled
 */
export async function countNames(view: View, id: ViewId, cancelled: () => boolean): Promise<Counts | undefined> {
  const { version, final } = view;
  const { library } = view.timeline;
  const { store } = library;
  const byCode = new Uint32Array(256);
  // A chunk is of one log; of a master.log's lines, each may name another module.
  const byChunk = new Map<number, { user: string; module: string; rows: number; ofOthers: number }>();
  const named = new Map<number, number>();
  const first = (): number => 0;
  const isDone = await walkRows(view, first, cancelled, (records) => {
    for (const record of records) {
      const number = record >>> CHUNK_BITS;
      const at = record & CHUNK_MASK;
      const { level, module } = store.chunk(number);
      let counted = byChunk.get(number);
      if (counted === undefined) {
        const { file } = library.generationOf(record);
        counted = { user: file.user, module: file.module, rows: 0, ofOthers: 0 };
        byChunk.set(number, counted);
      }
      counted.rows++;
      byCode[level[at] as number] = (byCode[level[at] as number] as number) + 1;
      const name = module?.[at] ?? 0;
      if (name === 0) continue;
      counted.ofOthers++;
      named.set(name, (named.get(name) ?? 0) + 1);
    }
    return undefined;
  });
  if (!isDone) return undefined;
  const users = new Map<string, number>();
  const modules = new Map<string, number>();
  const add = (to: Map<string, number>, name: string, count: number): void => void (count > 0 && to.set(name, (to.get(name) ?? 0) + count));
  for (const { user, module, rows, ofOthers } of byChunk.values()) {
    add(users, user, rows);
    add(modules, module, rows - ofOthers);
  }
  for (const [name, rows] of named) add(modules, store.names.modules[name] ?? '', rows);
  const levels = Object.fromEntries(levelClasses.map((name) => [name, 0])) as Counts['levels'];
  byCode.forEach((count, code) => {
    if (count > 0) levels[levelClassOf(store.names.levelOfCode(code) ?? NO_LEVEL)] += count;
  });
  return { view: id, version, final, levels, users: [...users], modules: [...modules] };
}
