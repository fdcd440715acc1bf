/** `safelog cat`: the merged timeline, oldest first. */
import { parseArgs } from 'node:util';
import type { RecordNumber } from '../index/recordStore.ts';
import type { RecordFormat } from '../protocol.ts';
import { withContext } from '../timeline/context.ts';
import { moduleOf } from '../timeline/message.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { View } from '../timeline/view.ts';
import { writeRecords } from './output.ts';
import { filterHelp, filterOptions, sayProblems, select } from './selection.ts';
import { UsageError } from './usage.ts';

export const help = `Usage: safelog cat [OPTION]…

Prints the merged timeline of a log tree, oldest first: every entry of every user, module and rotation, gzip included, once each.

Options:
${filterHelp("the records' own bytes")}  -C, --context N  also N entries of the same user and module before and after each; groups stand apart by a line '--'
                   (jsonl: what is context has "context":true)
  --count          print how many there are, and nothing else

Exit code: 0, 1 where nothing matched, 2 on bad usage.
`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { ...filterOptions, context: { type: 'string', short: 'C' }, count: { type: 'boolean' } },
  });
  const { context } = values;
  if (context !== undefined && !/^\d{1,4}$/.test(context))
    throw new UsageError(`--context: ${JSON.stringify(context)} is not a number up to 9999`);
  const selection = select(values);
  const { timeline, filter, format } = selection;
  await timeline.load();
  const view = timeline.openView(filter, () => undefined);
  await view.settled();
  sayProblems('cat', selection);
  const records = view.rows.all();
  let whole = true;
  if (values.count === true) process.stdout.write(`${records.length}\n`);
  else if (context === undefined) whole = await writeRecords('cat', timeline, records, format);
  else whole = await writeWithContext(view, Number(context), timeline, format);
  await timeline.close();
  return records.length === 0 || !whole ? 1 : 0;
}

/** Hits and their neighbours, group by group. */
async function writeWithContext({ rows }: View, count: number, timeline: Timeline, format: RecordFormat): Promise<boolean> {
  const { generationOf } = timeline.library;
  const logOf = (record: RecordNumber): string => `${generationOf(record).file.user}\0${moduleOf(generationOf(record), record)}`;
  let whole = true;
  for (const [index, group] of withContext(timeline.rows.all(), rows.all(), logOf, count).entries()) {
    if (index > 0 && format === 'text') process.stdout.write('--\n');
    whole = (await writeRecords('cat', timeline, Uint32Array.from(group), format, (record) => !rows.has(record))) && whole;
  }
  return whole;
}
