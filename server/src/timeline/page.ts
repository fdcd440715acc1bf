/** Pages of a view: rows around an anchor. */
import type { RecordNumber } from '../index/recordStore.ts';
import type { Anchor, Micros, Page, PageParams, RecordId, Row, TextForm } from '../protocol.ts';
import { encodeRows, MAX_ROW_TEXT, rowFlags } from '../protocol.ts';
import { findTraces } from '../traceback/find.ts';
import { moduleOf, readMessage } from './message.ts';
import type { Missing } from './newestFirst.ts';
import type { SortedRecords } from './order.ts';
import { readRecords } from './reader.ts';
import { drawnTraces } from './rowTraces.ts';
import type { ViewedTimeline } from './view.ts';
import { jsonRow } from './writeRecords.ts';

/** What pages are of: a view, or one with rows around its hits. */
export interface Paged {
  readonly timeline: ViewedTimeline;
  readonly rows: SortedRecords;
  readonly version: number;
  readonly final: boolean;
  /** Where absent all of them are. */
  isHit?(record: RecordNumber): boolean;
}

/** A page is never larger, whatever was asked for. */
const MAX_ROWS = 2000;
/** A character is 4 bytes at most; what stands before the message fits into the rest. */
const ROW_BYTES = MAX_ROW_TEXT * 4 + 1024;

/** Of the generation whose record an id names. */
const identityOf = (id: RecordId): string => id.slice(0, Math.max(0, id.lastIndexOf(':')));

/** The record that an id names; undefined where it is gone. */
export function findRecord(timeline: ViewedTimeline, id: RecordId): RecordNumber | undefined {
  const identity = identityOf(id);
  const generation = timeline.library.withIdentity(identity);
  const offset = Number(id.slice(identity.length + 1));
  if (generation === undefined || !Number.isSafeInteger(offset)) return undefined;
  const index = generation.column.indexOfOffset(offset);
  return index === -1 ? undefined : generation.column.at(index);
}

/** The rank where an anchor stands now; may equal the number of rows. */
export function rankOf(view: Paged, anchor: Anchor): number {
  const { rows, timeline } = view;
  const { store } = timeline.library;
  if ('id' in anchor) {
    const record = findRecord(timeline, anchor.id);
    return record === undefined ? rows.length : rows.rankOf(record);
  }
  if ('time' in anchor) return rows.search((record) => store.key(record) < anchor.time);
  if ('rank' in anchor) return Math.max(0, Math.min(rows.length, Math.floor(anchor.rank)));
  return anchor.at === 'start' ? 0 : rows.length;
}

/** What the rows at an anchor wait for, while files are still being indexed; undefined where they are known. */
function missingAt({ timeline }: Paged, anchor: Anchor): Missing | undefined {
  const { rows, library } = timeline;
  const missingFrom = (from: Micros): Missing | undefined => (timeline.isCompleteFrom(from) ? undefined : { from });
  if ('id' in anchor) {
    const record = findRecord(timeline, anchor.id);
    if (record === undefined) return { identity: identityOf(anchor.id) };
    // What was read of a log's end is shown from the beginning, where there is little else.
    const isShown = library.isEnd(library.generationOf(record)) && rows.has(record);
    return isShown ? undefined : missingFrom(library.store.key(record));
  }
  if ('time' in anchor) return missingFrom(anchor.time);
  if ('at' in anchor && anchor.at === 'start') return { from: Number.NEGATIVE_INFINITY };
  return rows.length > 0 ? undefined : {};
}

export async function readPage(view: Paged, { view: id, anchor, before, after }: PageParams): Promise<Page> {
  await view.timeline.whenKnown(() => missingAt(view, anchor));
  const { rows } = view;
  const rank = rankOf(view, anchor);
  const wantedBefore = Math.max(0, Math.min(before, MAX_ROWS));
  const first = Math.max(0, rank - wantedBefore);
  const records = rows.slice(first, Math.min(rank + Math.max(0, after), first + MAX_ROWS));
  // Not the whole state: that names all modules and problems.
  const { version, final } = view;
  const total = rows.length;
  const around = Array.from(records, (record) => view.isHit?.(record) === false);
  const shown = await readRows(view.timeline, records);
  for (const [index, row] of shown.entries()) if (around[index]) row.flags |= rowFlags.context;
  return { view: id, version, total, final, first, anchor: rank - first, rows: encodeRows(shown) };
}

/** Rows as they are shown. */
export async function readRows(timeline: ViewedTimeline, records: ArrayLike<RecordNumber>): Promise<Row[]> {
  const { library } = timeline;
  const { store } = library;
  // All that the index tells is taken before waiting: the records may be gone afterwards.
  const heads = Array.from(records, (record) => {
    const generation = library.generationOf(record);
    const module = moduleOf(generation, record);
    const masterOnly = generation.master && module !== generation.file.module;
    const index = store.index(record);
    const line = store.line(record);
    const nextLine = index + 1 < generation.column.length ? store.line(generation.column.at(index + 1)) : undefined;
    return {
      record,
      generation,
      id: generation.recordId(record),
      user: generation.file.user,
      module,
      flags: store.flags(record) | (masterOnly ? rowFlags.masterOnly : 0),
      file: generation.file.file,
      line: generation.knowsLines ? line : 0,
      fileLines: nextLine === undefined ? undefined : nextLine - line,
      bytes: generation.endOf(record) - store.offset(record),
    };
  });
  const texts = await readRecords(records, library.generationOf, ROW_BYTES);
  return heads.map(({ record, generation, id, user, module, flags, file, line, fileLines, bytes }, index) => {
    const read = texts[index] ?? Buffer.alloc(0);
    const { time, offset, level, text: all } = readMessage(generation, record, read);
    const text = cutText(all, MAX_ROW_TEXT);
    const whole = bytes <= read.length;
    const lines = whole || fileLines === undefined ? countLines(all) : fileLines;
    const cut = all.length - text.length + (whole ? 0 : bytes - read.length);
    return {
      id,
      time,
      level,
      user,
      module,
      text,
      lines,
      cut,
      flags,
      file,
      line,
      offset,
      ...drawnTraces(text.includes('\n') ? findTraces(text) : []),
    };
  });
}

/** At most `limit` UTF-16 units, never half of a pair. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** Characters of one record's whole text. */
export const MAX_TEXT = 1 << 20;

/** The whole text of records, each up to 1 Mi characters. Gone ones are left out. */
export async function readTexts(timeline: ViewedTimeline, ids: readonly RecordId[], form: TextForm): Promise<string[]> {
  const records = ids.flatMap((id) => findRecord(timeline, id) ?? []);
  const { generationOf } = timeline.library;
  const generations = records.map(generationOf);
  const texts = await readRecords(records, generationOf, MAX_TEXT * 4);
  return records.map((record, index) => {
    const bytes = texts[index] ?? Buffer.alloc(0);
    const generation = generations[index];
    if (form === 'raw' || generation === undefined) return cutText(bytes.toString().replace(/[\r\n]+$/, ''), MAX_TEXT);
    if (form === 'message') return cutText(readMessage(generation, record, bytes).text, MAX_TEXT);
    return jsonRow(generation, record, bytes);
  });
}
