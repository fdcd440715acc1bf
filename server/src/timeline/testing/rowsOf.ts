/** All rows of a timeline in the form of the reference, to be held against it. */
import { levelName } from '../../record/level.ts';
import { readRows } from '../page.ts';
import type { Timeline } from '../timeline.ts';
import type { ReferenceRow } from './reference.ts';

export async function rowsOf(timeline: Timeline): Promise<ReferenceRow[]> {
  const rows = await readRows(timeline, timeline.rows.all());
  return rows.map(({ time, user, module, level, text, file, line }) => ({
    time,
    user,
    module,
    level: level === null ? null : levelName(level),
    message: text,
    file,
    line,
  }));
}
