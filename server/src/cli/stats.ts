/** `safelog stats`: what there is, a row per user and module. */
import { parseArgs } from 'node:util';
import { levelName } from '../record/level.ts';
import { formatIso } from '../record/timestamp.ts';
import type { ModuleStats, Stats } from '../timeline/stats.ts';
import { collectStats } from '../timeline/stats.ts';
import { filterHelp, filterOptions, sayProblems, select } from './selection.ts';
import { printable } from './usage.ts';

export const help = `Usage: safelog stats [OPTION]…

Counts records, bytes, files, levels and exceptions, per user and module, and in all. Records are counted as 'safelog cat' shows them:
an entry that stands in its module's log and in master.log is one.

Options:
${filterHelp('a table')}
Exit code: 0, 1 where nothing matched, 2 on bad usage.
`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: filterOptions });
  const selection = select(values);
  const { timeline, filter, format } = selection;
  await timeline.load();
  const view = timeline.openView(filter, () => undefined);
  await view.settled();
  sayProblems('stats', selection);
  const { modules, total } = collectStats(view);
  if (format === 'jsonl') {
    for (const { user, module, ...stats } of modules) process.stdout.write(`${JSON.stringify({ user, module, ...json(stats) })}\n`);
    process.stdout.write(`${JSON.stringify({ total: json(total) })}\n`);
  } else process.stdout.write(table(modules, total));
  await timeline.close();
  return total.records === 0 ? 1 : 0;
}

function json({ records, bytes, generations, levels, exceptions, first, last }: Stats): object {
  return {
    records,
    bytes,
    generations,
    levels: Object.fromEntries([...levels].map(([level, count]) => [level === null ? 'none' : levelName(level), count])),
    exceptions,
    first: first === null ? null : formatIso(first),
    last: last === null ? null : formatIso(last),
  };
}

function table(modules: readonly ModuleStats[], total: Stats): string {
  const atLeast = (stats: Stats, from: number, to: number): number =>
    [...stats.levels].reduce((sum, [level, count]) => (level !== null && level >= from && level < to ? sum + count : sum), 0);
  const cells = (user: string, module: string, stats: Stats): string[] => [
    printable(user),
    printable(module),
    String(stats.records),
    String(stats.bytes),
    String(stats.generations),
    String(atLeast(stats, 40, 256)),
    String(atLeast(stats, 30, 40)),
    String(stats.exceptions),
    stats.last === null ? '' : formatIso(stats.last),
  ];
  const rows = [
    ['USER', 'MODULE', 'RECORDS', 'BYTES', 'FILES', 'ERRORS', 'WARNINGS', 'EXCEPTIONS', 'LAST'],
    ...modules.map((stats) => cells(stats.user, stats.module, stats)),
    cells('total', '', total),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isText = (column: number): boolean => column < 2 || column === 8;
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return `${rows.map((row) => line(row).trimEnd()).join('\n')}\n`;
}
