/** One entry as a whole: its text, its fields, and what its log says before and after it. */
import type { RecordDetails, RecordId } from '../protocol.ts';
import { encodeRows } from '../protocol.ts';
import { fieldsOf } from './fields.ts';
import { readMessage } from './message.ts';
import { Neighbours } from './neighbours.ts';
import { cutText, findRecord, MAX_TEXT, readRows } from './page.ts';
import { readRecords } from './reader.ts';
import type { ViewedTimeline } from './view.ts';

/** Neighbours on either side, at the most. */
const MAX_AROUND = 50;

/**
 * @param around so many rows of the same log before and after it
 * @returns null where the record is gone
 */
export async function readDetails(timeline: ViewedTimeline, id: RecordId, around: number): Promise<RecordDetails | null> {
  const record = findRecord(timeline, id);
  if (record === undefined) return null;
  const { generationOf } = timeline.library;
  const generation = generationOf(record);
  const size = generation.endOf(record) - generation.store.offset(record);
  const count = Math.max(0, Math.min(MAX_AROUND, Math.floor(around)));
  const logs = new Neighbours(timeline);
  const before = logs.neighbours(record, -1, count).reverse();
  const records = [...before, record, ...logs.neighbours(record, 1, count)];
  const [[bytes = Buffer.alloc(0)], rows] = await Promise.all([
    readRecords([record], generationOf, MAX_TEXT * 4),
    readRows(timeline, records),
  ]);
  const { text } = readMessage(generation, record, bytes);
  const shown = cutText(text, MAX_TEXT);
  const row = rows[before.length];
  if (row === undefined) return null;
  const cut = text.length - shown.length + size - bytes.length;
  return { text: shown, cut, fields: fieldsOf(generation, bytes), rows: encodeRows(rows), at: before.length };
}
