/** `safelog tail`: the newest entries, then what comes. */
import { parseArgs } from 'node:util';
import { News } from '../timeline/news.ts';
import { LARGE } from '../timeline/writeRecords.ts';
import { sayUnreadable, writeRecords } from './output.ts';
import { filterHelp, filterOptions, sayProblems, select } from './selection.ts';
import { UsageError } from './usage.ts';

export const help = `Usage: safelog tail [-n N] [-f] [OPTION]…

Prints the newest entries of a log tree's merged timeline, then, with -f, what comes, through every rotation and truncation.

Options:
  -n N             how many                                                                     [10]
  -f, --follow     go on until SIGINT or SIGTERM
${filterHelp("the records' own bytes")}
Exit code: 0, 1 where nothing matched, 2 on bad usage.
`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { ...filterOptions, lines: { type: 'string', short: 'n' }, follow: { type: 'boolean', short: 'f' } },
  });
  const lines = values.lines ?? '10';
  if (!/^\d{1,9}$/.test(lines)) throw new UsageError(`-n: ${JSON.stringify(lines)} is not a number`);
  const selection = select(values);
  const { timeline, filter, format } = selection;
  const stopped = values.follow === true ? signalled() : undefined;
  await timeline.load();
  let wake: () => void = () => undefined;
  const view = timeline.openView(filter, () => undefined);
  await view.settled();
  sayProblems('tail', selection);
  const newest = view.rows.slice(view.rows.length - Number(lines), view.rows.length);
  const news = new News(view, { limit: LARGE, unreadable: sayUnreadable('tail'), wake: () => wake() });
  const writeNews = async (all = false): Promise<void> => {
    for (let read = await news.next(all); read.length > 0; read = await news.next(all)) {
      const known = new Map(read.map(({ record, bytes }) => [record, bytes]));
      await writeRecords('tail', timeline, Uint32Array.from(known.keys()), format, { known });
    }
  };
  const { length } = view.rows;
  await writeRecords('tail', timeline, newest, format);
  if (stopped !== undefined) {
    timeline.follow();
    let running = true;
    void stopped.then(() => {
      running = false;
      wake();
    });
    while (running) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await writeNews();
      sayProblems('tail', selection);
      await woken;
    }
    await writeNews(true);
  }
  await timeline.close();
  return length === 0 && stopped === undefined ? 1 : 0;
}

const signalled = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
