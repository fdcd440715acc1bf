/** What `cat`, `tail` and `stats` share: which tree, and which of its records. */
import type { parseArgs } from 'node:util';
import { defaultCacheFolder, IndexCache } from '../index/indexCache.ts';
import { sharedThreads } from '../index/threads.ts';
import type { Filter, RecordFormat } from '../protocol.ts';
import type { LayoutRule } from '../record/layoutRules.ts';
import { parseRule } from '../record/layoutRules.ts';
import { parseLevel } from '../record/level.ts';
import { parseTime } from '../record/timestamp.ts';
import { compileFilter } from '../timeline/filter.ts';
import { defaultMarksFolder } from '../timeline/markedRecords.ts';
import { QueryError } from '../timeline/query/syntax.ts';
import { Timeline } from '../timeline/timeline.ts';
import { defaultRoot } from '../writer/root.ts';
import { pointAt, printable, UsageError } from './usage.ts';

export interface Selection {
  timeline: Timeline;
  filter: Filter;
  format: RecordFormat;
}

/** What the three say of their options; `text` is what the format text is. */
export const filterHelp = (
  text: string,
): string => `  --root DIR       the log tree                          [$SAFELOG_ROOT, else the default root]
  --user USER      only this user's; may be repeated
  --module GLOB    only these modules (* and ?); may be repeated
  --level LEVEL    this level and above: DEBUG, INFO, WARNING, ERROR, CRITICAL or a number
  --since TIME     from this time on
  --until TIME     before this time
  --grep REGEX     only where a JavaScript regex (with the flag u) matches in the message
  --text LITERAL   only where this stands in the message; of one larger than 16 MiB the beginning is looked at
  --query QUERY    only what a query lets through, such as 'level>=warning module:web* -noise'
  --tz ZONE        the zone of times without an offset, in the logs, in --since, --until and QUERY  [the machine's]
  --layout RULE    GLOB=FORMAT: how the lines of these files look; may be repeated
  --format FORMAT  text (${text}) or jsonl (one JSON object a line)${' '.repeat(Math.max(1, 39 - text.length))}[text]
  --help           this text

TIME is ISO 8601 (2026-11-20, 2026-11-20T22:56:00.5Z), or 30s, 10m, 2h, 1d ago.
A layout is found out from a file's first lines, unless RULE gives it: a GLOB for file names, and safelog, json, logfmt, syslog, access,
or a format string of Python, such as '*.log=%(asctime)s %(levelname)s %(message)s;datefmt=%d/%m/%Y %H:%M:%S'.
'safelog help query' tells of QUERY; so does docs/query.md.
`;

export const filterOptions = {
  root: { type: 'string' },
  user: { type: 'string', multiple: true },
  module: { type: 'string', multiple: true },
  level: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  grep: { type: 'string' },
  text: { type: 'string' },
  query: { type: 'string' },
  tz: { type: 'string' },
  layout: { type: 'string', multiple: true },
  format: { type: 'string' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof filterOptions }>>['values'];

/** Opens the timeline that the options name; nothing is read yet. Throws UsageError. */
export function select(values: Values): Selection {
  if (values.tz !== undefined) useZone(values.tz);
  const now = Date.now() * 1000;
  const time = (name: 'since' | 'until'): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    const parsed = parseTime(text, now);
    if (parsed === undefined) throw new UsageError(`--${name}: ${JSON.stringify(text)} is not a time (2026-11-20T22:56:00Z, 10m)`);
    return parsed;
  };
  const layouts = (values.layout ?? []).map(layoutRule);
  const level = values.level === undefined ? undefined : parseLevel(values.level);
  if (values.level !== undefined && level === undefined) throw new UsageError(`--level: ${JSON.stringify(values.level)} is not a level`);
  if (values.format !== undefined && values.format !== 'text' && values.format !== 'jsonl') {
    throw new UsageError(`--format: ${JSON.stringify(values.format)} is neither text nor jsonl`);
  }
  const since = time('since');
  const until = time('until');
  const filter: Filter = {
    ...(values.user && { users: values.user }),
    ...(values.module && { modules: values.module }),
    ...(level !== undefined && { level }),
    ...(values.text !== undefined && { text: values.text }),
    ...(values.grep !== undefined && { regex: values.grep }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(values.query !== undefined && { query: values.query }),
  };
  try {
    compileFilter(filter);
  } catch (error) {
    if (error instanceof QueryError)
      throw new UsageError(`--query: ${error.message}`, pointAt(values.query ?? '', error.start, error.length));
    throw new UsageError(`--grep: ${error instanceof Error ? error.message : String(error)}`);
  }
  const timeline = new Timeline(
    { kind: 'tree', root: values.root || defaultRoot() },
    { rules: layouts, candidates: [] },
    {
      threads: sharedThreads(),
      marks: defaultMarksFolder(),
      cache: new IndexCache(defaultCacheFolder()),
      verify: true,
    },
  );
  return { timeline, filter, format: values.format ?? 'text' };
}

function layoutRule(text: string): LayoutRule {
  try {
    return parseRule(text);
  } catch (error) {
    throw new UsageError(`--layout: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function useZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw new UsageError(`--tz: ${JSON.stringify(zone)} is not a time zone (Europe/Berlin, UTC)`);
  }
  // Node takes the change over at once.
  process.env.TZ = zone;
}

const said = new Set<string>();

/** Says on stderr what could not be read; each thing once. */
export function sayProblems(command: string, { timeline }: Selection): void {
  const { library, problems } = timeline;
  const say = (text: string): void => {
    if (said.has(text)) return;
    said.add(text);
    process.stderr.write(`safelog ${command}: ${printable(text)}\n`);
  };
  if (!library.exists) say(`${library.root}: there is no such directory: nothing has been logged there yet`);
  for (const { path, message, advice } of problems) say(`${path} ${message}${advice === '' ? '' : `. ${advice}`}`);
}
