/** Which rows stand before and after one in the same log, whatever other programs wrote at the same time. */
import type { Generation } from '../index/generation.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import type { ViewedTimeline } from './view.ts';

/** Records that are gone past because they are shown elsewhere: both halves of an entry are one row. */
const MAX_SKIPPED = 1000;

export class Neighbours {
  private readonly chains = new Map<string, Generation[]>();

  /** Of the generations that there are now. */
  constructor(private readonly timeline: ViewedTimeline) {
    for (const generation of timeline.library.generations.toSorted((a, b) => a.position - b.position)) {
      const key = keyOf(generation);
      const chain = this.chains.get(key);
      if (chain === undefined) this.chains.set(key, [generation]);
      else chain.push(generation);
    }
  }

  /** At most `count` rows before (-1) or after (1) a record, the nearest first. */
  neighbours(record: RecordNumber, step: 1 | -1, count: number): RecordNumber[] {
    const { library, rows } = this.timeline;
    const found: RecordNumber[] = [];
    let generation: Generation | undefined = library.generationOf(record);
    let index = library.store.index(record) + step;
    for (let skipped = 0; found.length < count && skipped < MAX_SKIPPED && generation !== undefined; ) {
      if (index < 0 || index >= generation.column.length) {
        generation = this.beside(generation, step);
        index = step > 0 || generation === undefined ? 0 : generation.column.length - 1;
        continue;
      }
      const neighbour = generation.column.at(index);
      index += step;
      if (rows.has(neighbour)) found.push(neighbour);
      else skipped++;
    }
    return found;
  }

  private beside(generation: Generation, step: 1 | -1): Generation | undefined {
    const chain = this.chains.get(keyOf(generation)) ?? [];
    const at = chain.indexOf(generation);
    return at === -1 ? undefined : chain[at + step];
  }
}

const keyOf = ({ file }: Generation): string => `${file.user}\0${file.module}`;
