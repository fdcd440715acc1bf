/** The timelines that are open, one per source, however many views and explorers look at it. */
import type { Source } from '../protocol.ts';
import type { Layouts } from '../record/layoutRules.ts';
import { NO_LAYOUTS } from '../record/layoutRules.ts';
import type { TimelineOptions } from '../timeline/timeline.ts';
import { Timeline } from '../timeline/timeline.ts';

/** A timeline that nobody looks at is kept that long (ms): panels are closed and opened again. */
const KEEP = 60_000;
/** The explorer is told of changes no more often (ms). */
const TREE_QUIET = 1000;

interface Open {
  timeline: Timeline;
  users: number;
  idle: NodeJS.Timeout | undefined;
  told: NodeJS.Timeout | undefined;
}

const keyOf = (source: Source): string => `${source.kind}\0${source.kind === 'tree' ? source.root : source.path}`;

export class Timelines {
  private readonly open = new Map<string, Open>();
  private layouts = NO_LAYOUTS;

  constructor(
    private readonly onTreeChanged: (source: Source) => void,
    private readonly onError: (error: unknown) => void,
    /** For timelines that are opened from now on. */
    private readonly options: () => TimelineOptions,
  ) {}

  /** The timeline of a source; loading starts with the first who asks. Each `acquire` wants its `release`. */
  acquire(source: Source): Timeline {
    const open = this.entry(source);
    open.users++;
    clearTimeout(open.idle);
    return open.timeline;
  }

  release(source: Source): void {
    const open = this.open.get(keyOf(source));
    if (open === undefined) return;
    open.users--;
    if (open.users <= 0) this.closeLater(source, open);
  }

  /** For a look at what there is now; the timeline stays open for a while. */
  peek(source: Source): Timeline {
    const open = this.entry(source);
    if (open.users === 0) this.closeLater(source, open);
    return open.timeline;
  }

  /** How logs are read from now on; those that are open, too. */
  setLayouts(layouts: Layouts): void {
    this.layouts = layouts;
    for (const { timeline } of this.open.values()) timeline.setLayouts(layouts).catch(this.onError);
  }

  async close(): Promise<void> {
    const all = [...this.open.values()];
    this.open.clear();
    await Promise.all(
      all.map(({ timeline, idle, told }) => {
        clearTimeout(idle);
        clearTimeout(told);
        return timeline.close();
      }),
    );
  }

  private entry(source: Source): Open {
    const key = keyOf(source);
    const known = this.open.get(key);
    if (known !== undefined) return known;
    const timeline = new Timeline(source, this.layouts, this.options());
    const open: Open = { timeline, users: 0, idle: undefined, told: undefined };
    this.open.set(key, open);
    timeline.onTreeChanged = () => {
      open.told ??= setTimeout(() => {
        open.told = undefined;
        this.onTreeChanged(source);
      }, TREE_QUIET);
    };
    timeline.follow();
    timeline.load({ newestFirst: true }).catch(this.onError);
    return open;
  }

  private closeLater(source: Source, open: Open): void {
    clearTimeout(open.idle);
    open.idle = setTimeout(() => {
      this.open.delete(keyOf(source));
      void open.timeline.close();
    }, KEEP);
  }
}
