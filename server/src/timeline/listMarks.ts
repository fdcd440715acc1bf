/** The marked records that a view knows of, as it shows them. */
import type { ShownMark } from '../protocol.ts';
import type { Paged } from './page.ts';
import { findRecord, readRows } from './page.ts';

/** Characters of an entry's first line that are told. */
const MAX_LINE = 200;

/** Those of records that are there, in the order of time; the rank is null where the view does not show the record. */
export async function listMarks({ timeline, rows }: Paged): Promise<ShownMark[]> {
  const { notes } = timeline.marked;
  const found = [...notes.keys()].flatMap((id) => {
    const record = findRecord(timeline, id);
    if (record === undefined || !timeline.rows.has(record)) return [];
    const rank = rows.rankOf(record);
    return [{ record, rank: rows.has(record) ? rank : null }];
  });
  found.sort((a, b) => timeline.compare(a.record, b.record));
  const ranks = found.map(({ rank }) => rank);
  const shown = await readRows(
    timeline,
    found.map(({ record }) => record),
  );
  return shown.map(({ id, time, offset, level, user, module, text }, index) => {
    const line = text.split('\n', 1)[0]?.slice(0, MAX_LINE) ?? '';
    return { id, note: notes.get(id) ?? '', rank: ranks[index] ?? null, time, offset, level, user, module, line };
  });
}
