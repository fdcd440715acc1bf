import type { RecordId, ShownMark } from '../../server/src/protocol.ts';
import { Cancelled } from './host.ts';
import type { Session } from './session.ts';
import { Signal } from './signal.ts';

/** The ranks of marks are asked for anew at most this often, in ms: each new entry above may move them. */
const PAUSE = 300;

/** The records that a person has marked, as the view shows them. */
export class PageMarks {
  readonly changed = new Signal();
  /** The oldest first. */
  all: readonly ShownMark[] = [];
  #byId = new Map<RecordId, ShownMark>();
  #seen = '';
  #asking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly session: Session) {
    session.changed.on(() => this.#look());
  }

  get(id: RecordId): ShownMark | undefined {
    return this.#byId.get(id);
  }

  /** Those that the view shows, as ranks from top to bottom. */
  get ranks(): number[] {
    return this.all.flatMap(({ rank }) => rank ?? []);
  }

  /** Marks records, with a note or an empty one, or takes (null) the marks away. */
  async set(ids: readonly RecordId[], note: string | null): Promise<void> {
    const { view, host } = this.session;
    if (view === null || ids.length === 0) return;
    try {
      await host.request('safelog/marks/set', { view, ids: [...ids], note });
    } catch (error) {
      this.session.fail(error);
    }
  }

  /** Marks all of them; takes the marks away where all have one. */
  toggle(ids: readonly RecordId[]): Promise<void> {
    const unmarked = ids.filter((id) => !this.#byId.has(id));
    return unmarked.length > 0 ? this.set(unmarked, '') : this.set(ids, null);
  }

  #look(): void {
    const { view, state } = this.session;
    if (view === null || !state || this.#asking || document.visibilityState === 'hidden') return;
    const { count, version } = state.marks;
    // Ranks matter only where there are marks.
    const now = `${view} ${version} ${count > 0 ? state.version : ''}`;
    if (now === this.#seen) return;
    if (!this.#seen.startsWith(`${view} ${version} `)) void this.#ask(view, now);
    else
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        void this.#ask(view, now);
      }, PAUSE);
  }

  async #ask(view: number, now: string): Promise<void> {
    this.#asking = true;
    this.#seen = now;
    try {
      const all = this.session.state?.marks.count === 0 ? [] : await this.session.host.request('safelog/marks', { view });
      if (view === this.session.view) {
        this.all = all;
        this.#byId = new Map(all.map((mark) => [mark.id, mark]));
        this.changed.fire();
      }
    } catch (error) {
      if (!(error instanceof Cancelled)) this.session.fail(error);
    } finally {
      this.#asking = false;
    }
    this.#look();
  }
}
