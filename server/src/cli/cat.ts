/** `safelog cat`: the merged timeline, oldest first. */
import { parseArgs } from 'node:util';
import { writeRecords } from './output.ts';
import { filterHelp, filterOptions, sayProblems, select } from './selection.ts';

export const help = `Usage: safelog cat [OPTION]…

Prints the merged timeline of a log tree, oldest first: every entry of every user, module and rotation, gzip included, once each.

Options:
${filterHelp}  --count          print how many there are, and nothing else

Exit code: 0, 1 where nothing matched, 2 on bad usage.
`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { ...filterOptions, count: { type: 'boolean' } } });
  const selection = select(values);
  const { timeline, filter, format } = selection;
  await timeline.load();
  const view = timeline.openView(filter, () => undefined);
  await view.settled();
  sayProblems('cat', selection);
  const records = view.rows.all();
  if (values.count === true) process.stdout.write(`${records.length}\n`);
  const whole = values.count === true || (await writeRecords('cat', timeline, records, format));
  await timeline.close();
  return records.length === 0 || !whole ? 1 : 0;
}
