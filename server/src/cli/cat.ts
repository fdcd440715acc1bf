/** `safelog cat`: the merged timeline, oldest first. */
import { parseArgs } from 'node:util';
import type { RecordNumber } from '../index/recordStore.ts';
import type { RecordFormat } from '../protocol.ts';
import { withContext } from '../timeline/context.ts';
import { moduleOf } from '../timeline/message.ts';
import { bestOf, roughQuery, wordsOf } from '../timeline/ranked.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { View } from '../timeline/view.ts';
import { writeRecords } from './output.ts';
import { filterHelp, filterOptions, sayProblems, select } from './selection.ts';
import { UsageError } from './usage.ts';

/** So many are printed of those that look most like some words. */
const BEST = 20;

export const help = `Usage: safelog cat [OPTION]…

Prints the merged timeline of a log tree, oldest first: every entry of every user, module and rotation, gzip included, once each.

Options:
${filterHelp("the records' own bytes")}  -C, --context N  also N entries of the same user and module before and after each; groups stand apart by a line '--'
                   (jsonl: what is context has "context":true)
  --like WORDS     what looks most like these words, which may be misspelt: the best 20 of the newest 5 000 that hold a part
                   of each, the best first
  --count          print how many there are, and nothing else

Exit code: 0, 1 where nothing matched, 2 on bad usage.
`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { ...filterOptions, context: { type: 'string', short: 'C' }, like: { type: 'string' }, count: { type: 'boolean' } },
  });
  const { context, like } = values;
  if (like !== undefined && (context !== undefined || values.count === true || wordsOf(like).length === 0))
    throw new UsageError('--like wants words, and goes without --context and --count');
  if (context !== undefined && !/^\d{1,4}$/.test(context))
    throw new UsageError(`--context: ${JSON.stringify(context)} is not a number up to 9999`);
  const selection = select(values);
  const { timeline, filter, format } = selection;
  await timeline.load();
  const words = wordsOf(like ?? '');
  const view = timeline.openView(like === undefined ? filter : { query: roughQuery(words), within: filter }, () => undefined);
  await view.settled();
  sayProblems('cat', selection);
  const records = like === undefined ? view.rows.all() : Uint32Array.from(await bestOf(view, words, BEST));
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
    whole = (await writeRecords('cat', timeline, Uint32Array.from(group), format, { isContext: (record) => !rows.has(record) })) && whole;
  }
  return whole;
}
