/** How far a search for text has come: of the entries whose text has to be read, how many have been. */
import type { Generation } from '../index/generation.ts';
import type { SearchState } from '../protocol.ts';

/** Told no more often (ms), and first after as much: most searches have ended by then. */
const PACE = 100;

export class SearchProgress {
  private readonly searched = new Map<Generation, number>();
  private before = 0;
  private told = performance.now();

  constructor(
    private readonly open: readonly { generation: Generation; count: number }[],
    private readonly tell: () => void,
    /** The one that was stopped, and goes on in this one. */
    stopped?: SearchProgress,
  ) {
    this.before = stopped?.state.searched ?? 0;
  }

  get state(): Omit<SearchState, 'stopped'> {
    let searched = this.before;
    let total = this.before;
    for (const { generation, count } of this.open) {
      searched += Math.min(count, this.searched.get(generation) ?? 0);
      total += count;
    }
    return { searched, total };
  }

  /** So many more entries of a generation are known. */
  add(generation: Generation, count: number): void {
    this.searched.set(generation, (this.searched.get(generation) ?? 0) + count);
    const now = performance.now();
    if (now - this.told < PACE) return;
    this.told = now;
    this.tell();
  }
}
