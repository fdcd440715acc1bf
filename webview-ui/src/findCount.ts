import type { Filter, RecordId, ViewId, ViewState } from '../../server/src/protocol.ts';
import { Cancelled } from './host.ts';
import { number, t } from './l10n.ts';
import type { Session } from './session.ts';
import { Signal } from './signal.ts';

/** Counts what is found: a view of its own over the rows that are shown, so that it goes on while rows come, and can be given up. */
export class FindCount {
  /** The count, or the place of the current one among them, is another. */
  readonly changed = new Signal();
  #view: ViewId | null = null;
  #state: ViewState | null = null;
  #abort = new AbortController();
  #current: RecordId | null = null;
  #place: number | null = null;

  constructor(readonly session: Session) {
    session.host.received.on((message) => {
      if (message.kind !== 'notification' || message.params.view !== this.#view) return;
      this.#state = message.params;
      void this.#locate();
    });
    // The filter is another, or the server: what was counted is no longer what is shown.
    session.reset.on(() => this.stop());
  }

  /** `3 of 12`, `3 of 12 …` while more may be found; null while nothing is known. */
  get text(): string | null {
    if (!this.#state || this.#place === null) return null;
    const { total, final } = this.#state;
    const found = t('{0} of {1}', number(this.#place + 1), number(total));
    return final ? found : `${found} …`;
  }

  /** Counts anew what passes this filter, among what is shown. */
  async start(filter: Filter): Promise<void> {
    this.stop();
    const { source, view } = this.session;
    if (!source || view === null) return;
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const opened = await this.session.host.request('safelog/view/open', {
        source,
        filter: { ...filter, within: this.session.inForce },
      });
      if (abort.signal.aborted) this.#close(opened.view);
      else {
        this.#view = opened.view;
        this.#state = opened.state;
        await this.#locate();
      }
    } catch (error) {
      if (!(error instanceof Cancelled)) this.stop();
    }
  }

  /** The record that was found. */
  set current(id: RecordId | null) {
    this.#current = id;
    this.#place = null;
    void this.#locate();
  }

  stop(): void {
    this.#abort.abort();
    if (this.#view !== null) this.#close(this.#view);
    this.#view = null;
    this.#state = null;
    this.#place = null;
    this.changed.fire();
  }

  #close(view: ViewId): void {
    this.session.host.request('safelog/view/close', { view }).catch(() => {
      // It ended with the server.
    });
  }

  async #locate(): Promise<void> {
    const view = this.#view;
    const id = this.#current;
    if (view === null || id === null) {
      this.changed.fire();
      return;
    }
    try {
      const page = await this.session.host.request('safelog/view/page', { view, anchor: { id }, before: 0, after: 1 }, this.#abort.signal);
      const isFound = page.rows.includes(JSON.stringify(id));
      if (view === this.#view && id === this.#current) this.#place = isFound ? page.first + page.anchor : null;
    } catch {
      // The count goes on without the place.
    }
    this.changed.fire();
  }
}
