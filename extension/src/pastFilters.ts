/** What was filtered by in timelines, for each source: kept for this person, whatever the workspace. */

import { EventEmitter, type Memento } from 'vscode';
import type { Source, TextFilter } from '../../server/src/protocol.ts';
import { parseTextFilter } from './messages.ts';

const memoryKey = 'safelog.pastFilters';
/** Of a source, and sources. */
const mostFilters = 30;
const mostSources = 30;

/** Filters by their source's place; the place that was used last is the last one. */
type Kept = Record<string, TextFilter[]>;

export class PastFilters {
  readonly #memory: Memento;
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(globalState: Memento) {
    this.#memory = globalState;
  }

  /** The newest first. */
  of(source: Source): TextFilter[] {
    return this.#kept[placeOf(source)] ?? [];
  }

  /** Each is kept once. */
  async add(source: Source, filter: TextFilter): Promise<void> {
    const place = placeOf(source);
    const { [place]: before = [], ...others } = this.#kept;
    const key = JSON.stringify(filter);
    const filters = [filter, ...before.filter((one) => JSON.stringify(one) !== key)].slice(0, mostFilters);
    await this.#keep(Object.fromEntries([...Object.entries(others), [place, filters] as const].slice(-mostSources)));
  }

  async forget(): Promise<void> {
    await this.#keep(undefined);
  }

  get #kept(): Kept {
    const value = this.#memory.get<unknown>(memoryKey);
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).map(([place, filters]) => [place, Array.isArray(filters) ? filters.map(parseTextFilter) : []]),
    );
  }

  async #keep(kept: Kept | undefined): Promise<void> {
    await this.#memory.update(memoryKey, kept);
    this.#changed.fire();
  }
}

const placeOf = (source: Source): string => `${source.kind} ${source.kind === 'tree' ? source.root : source.path}`;
