/** What a person chose for tails and logs, kept for the workspace: filters come back after a reload, encodings the next time. */

import type { Memento } from 'vscode';

const queriesKey = 'safelog.tailQueries';
const encodingsKey = 'safelog.encodings';
/** The oldest choices go beyond. */
const most = 200;

export class TailMemory {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  /** In the query language; empty for none. */
  query(subject: string): string {
    return this.#read(queriesKey)[subject] ?? '';
  }

  async keepQuery(subject: string, query: string): Promise<void> {
    await this.#keep(queriesKey, subject, query);
  }

  /** A label of the Encoding Standard; undefined for UTF-8. */
  encoding(path: string): string | undefined {
    return this.#read(encodingsKey)[path];
  }

  async keepEncoding(path: string, encoding: string): Promise<void> {
    await this.#keep(encodingsKey, path, encoding === 'utf-8' ? '' : encoding);
  }

  async #keep(key: string, name: string, value: string): Promise<void> {
    const { [name]: _, ...others } = this.#read(key);
    const entries = Object.entries(value === '' ? others : { ...others, [name]: value });
    await this.#memento.update(key, Object.fromEntries(entries.slice(-most)));
  }

  #read(key: string): Record<string, string> {
    const value = this.#memento.get<unknown>(key);
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  }
}
