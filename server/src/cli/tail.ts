/** `safelog tail`: the newest entries, then what comes. */
import { parseArgs } from 'node:util';
import type { RecordNumber } from '../index/recordStore.ts';
import type { View } from '../timeline/view.ts';
import { writeRecords } from './output.ts';
import { filterHelp, filterOptions, sayProblems, select } from './selection.ts';
import { UsageError } from './usage.ts';

export const help = `Usage: safelog tail [-n N] [-f] [OPTION]…

Prints the newest entries of a log tree's merged timeline, then, with -f, what comes, through every rotation and truncation.

Options:
  -n N             how many                                                                     [10]
  -f, --follow     go on until SIGINT or SIGTERM
${filterHelp}
Exit code: 0, 1 where nothing matched, 2 on bad usage.
`;

/** Entries may come a little out of order: so many rows before the end are looked through for new ones. */
const LOOK_BACK = 5000;

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
  const view = timeline.openView(filter, () => wake());
  await view.settled();
  sayProblems('tail', selection);
  const newest = view.rows.slice(view.rows.length - Number(lines), view.rows.length);
  const fresh = new Fresh(view);
  await writeRecords(timeline, newest, format);
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
      await writeRecords(timeline, fresh.take(), format);
      await woken;
    }
    await writeRecords(timeline, fresh.take(), format);
  }
  await timeline.close();
  return newest.length === 0 && stopped === undefined ? 1 : 0;
}

const signalled = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

/** Tells which rows have come since the last time. */
class Fresh {
  private known: Set<RecordNumber>;
  private total: number;

  constructor(private readonly view: View) {
    this.total = view.rows.length;
    this.known = new Set(view.rows.slice(this.total - LOOK_BACK, this.total));
  }

  take(): Uint32Array {
    const { rows } = this.view;
    const grown = Math.max(0, rows.length - this.total);
    this.total = rows.length;
    const last = rows.slice(rows.length - grown - LOOK_BACK, rows.length);
    const fresh = last.filter((record) => !this.known.has(record));
    // After a truncation the older ones move up into sight: only what is newer than all that was known is new.
    this.known = new Set(last);
    return grown === 0 && fresh.length === last.length ? new Uint32Array(0) : fresh;
  }
}
