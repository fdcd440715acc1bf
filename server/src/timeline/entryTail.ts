/** The tail of a view as text: its newest entries, those that come, and older ones before them. */
import { recordFlags } from '../index/chunk.ts';
import type { Generation } from '../index/generation.ts';
import { NO_LEVEL } from '../index/nameTable.ts';
import type { RecordNumber } from '../index/recordStore.ts';
import type { TailPart, TailPlace } from '../protocol.ts';
import { ERROR, levelName } from '../record/level.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { moduleOf, readMessage } from './message.ts';
import type { ReadRecord } from './news.ts';
import { News } from './news.ts';
import { findRecord } from './page.ts';
import { readRecords } from './reader.ts';
import type { View } from './view.ts';

/** Bytes of one entry that are shown at most. */
const MAX_ENTRY = 1 << 20;

/** How an entry is written: as it stands in its file; or as Safelog's master.log has it, with its module, in a tree of several users with its user. */
export type EntryForm = 'raw' | 'module' | 'user';

export class EntryTail {
  private news: News | undefined;
  private busy = false;
  private again = false;
  private closed = false;
  /** Before it everything was given. */
  private last: RecordNumber | undefined;

  /**
   * @param onPart told of what comes after the start
   * @param encoding of entries in their raw form, a label of the Encoding Standard
   */
  constructor(
    private readonly view: View,
    private readonly form: EntryForm,
    private readonly encoding: string,
    private readonly onPart: (part: TailPart) => void,
  ) {}

  /**
   * The newest entries, about so many bytes of them.
   * @throws where the view's filter cannot be used
   */
  async start(bytes: number): Promise<TailPart> {
    const { view } = this;
    await view.timeline.whenKnown(() => ({}));
    await view.settled();
    const { filterError } = view.state();
    if (filterError !== undefined) throw new Error(filterError);
    this.news = new News(view, { limit: MAX_ENTRY, wake: () => void this.pump() });
    const { rows } = view;
    return this.read(this.before(rows.length, bytes));
  }

  /** Entries before a place, null: before the next that comes. Null where there are none. */
  async older(place: TailPlace | null, bytes: number): Promise<TailPart | null> {
    const records = this.before(this.rankOf(place), bytes);
    return records.length === 0 ? null : this.read(records);
  }

  close(): void {
    this.closed = true;
  }

  private rankOf(place: TailPlace | null): number {
    const { rows, timeline } = this.view;
    const { store } = timeline.library;
    if (place === null) return this.last !== undefined && rows.has(this.last) ? rows.rankOf(this.last) + 1 : rows.length;
    const blank = place.lastIndexOf(' ');
    const record = findRecord(timeline, place.slice(0, blank));
    // Where its file was deleted, its time tells.
    return record === undefined ? rows.search((other) => store.key(other) < Number(place.slice(blank + 1))) : rows.rankOf(record);
  }

  /** The last rows before a rank that have so many bytes together; one at least. */
  private before(rank: number, bytes: number): Uint32Array {
    const { rows, timeline } = this.view;
    let first = rank;
    for (let size = 0; first > 0 && size < bytes; first--)
      size += bytesOf(timeline.library.generationOf(rows.at(first - 1)), rows.at(first - 1));
    return Uint32Array.from(rows.slice(first, rank));
  }

  private async pump(): Promise<void> {
    this.again = true;
    if (this.busy) return;
    this.busy = true;
    while (this.again && !this.closed) {
      this.again = false;
      for (let read = await this.news?.next(); read !== undefined && read.length > 0 && !this.closed; read = await this.news?.next()) {
        this.onPart(this.part(read));
      }
    }
    this.busy = false;
  }

  private async read(records: Uint32Array): Promise<TailPart> {
    const texts = await readRecords(records, this.view.timeline.library.generationOf, MAX_ENTRY);
    return this.part(Array.from(records, (record, index) => ({ record, bytes: texts[index] ?? Buffer.alloc(0) })));
  }

  private part(read: readonly ReadRecord[]): TailPart {
    const { store, generationOf } = this.view.timeline.library;
    const first = read[0]?.record;
    const at = first === undefined ? null : `${generationOf(first).recordId(first)} ${store.key(first)}`;
    const part: TailPart = { text: '', at, errors: 0, lastError: -1 };
    let lines = 0;
    for (const { record, bytes } of read) {
      const generation = generationOf(record);
      const text = this.write(generation, record, moduleOf(generation, record), bytes);
      const level = store.level(record);
      if ((level >= ERROR && level !== NO_LEVEL) || (store.flags(record) & recordFlags.exception) !== 0) {
        part.errors++;
        part.lastError = lines;
      }
      part.text += text;
      for (let lf = text.indexOf('\n'); lf !== -1; lf = text.indexOf('\n', lf + 1)) lines++;
    }
    this.last = read.at(-1)?.record ?? this.last;
    return part;
  }

  private write(generation: Generation, record: RecordNumber, module: string, bytes: Buffer): string {
    if (this.form === 'raw') {
      const text = new TextDecoder(this.encoding).decode(bytes);
      return text.endsWith('\n') ? text : `${text}\n`;
    }
    const { time, level, text } = readMessage(generation, record, bytes);
    const { user } = generation.file;
    const name = `${this.form === 'user' && user !== '' ? `${user}/` : ''}${module}.log`;
    return `${[formatSafelog(time), name, ...(level === null ? [] : [levelName(level)]), text].join(' ')}\n`;
  }
}

const bytesOf = (generation: Generation, record: RecordNumber): number => generation.endOf(record) - generation.store.offset(record);
