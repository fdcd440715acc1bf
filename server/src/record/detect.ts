/** Which layout a file has, from a sample of its beginning: the one that most of its lines agree on. */
import { isAlphanumeric, skipBlanks } from './bytes.ts';
import { createStamp } from './dateFormat.ts';
import type { FileContext, Head, Layout } from './head.ts';
import { MAX_HEAD_BYTES, newHead } from './head.ts';
import { AccessLayout } from './layouts/access.ts';
import { FormatLayout, joinFormat, splitFormat } from './layouts/format.ts';
import { JsonLayout } from './layouts/json.ts';
import { LogfmtLayout } from './layouts/logfmt.ts';
import { StampedLayout } from './layouts/stamped.ts';
import { SyslogLayout } from './layouts/syslog.ts';
import { timelessFormats, usualDates, usualFormats } from './layouts/usual.ts';
import { findAnyLevel } from './level.ts';
import type { StampParser } from './timestamp.ts';

type Line = readonly [start: number, end: number];

const MAX_LINES = 200;
/** Lines that decide which dates are worth a closer look, and how far into them. */
const PROBED_LINES = 20;
const PROBED_BYTES = 64;
/** A word in a message must not pass for a layout: so many of the lines that start with a stamp have to agree. */
const AGREEMENT = 0.8;

/** RabbitMQ's, whose stamps are like Safelog's own: no other writer has the number of an Erlang process behind a level in brackets. */
const ERLANG = '%(asctime)s [%(levelname)s] <%(erlangProcess)s> %(message)s';

export const STAMPED = 'stamped';
export const stampedName = (datefmt: string): string => `${STAMPED};datefmt=${datefmt}`;

export interface Detected {
  /** Undefined: Safelog's own. */
  layout: Layout | undefined;
  /** The lines seen do not settle it: look again when there are more. */
  uncertain: boolean;
}

/**
 * Safelog's own layout is the default, and wins where stamps carry an offset behind a date and a blank.
 * @param own reads Safelog's own
 * @param candidates formats that are expected here (of the workspace's logging configuration): they come before the usual ones
 */
export function detectLayout(sample: Uint8Array, own: Layout, context: FileContext, candidates: readonly string[]): Detected {
  const lines = linesOf(sample);
  const head = newHead();
  const matching = (layout: Layout, some: readonly Line[] = lines): number =>
    some.reduce((count, [start, end]) => count + Number(layout.read(sample, start, end, head)), 0);
  const ownCount = countOwn(sample, lines, own, head);
  if (ownCount.certain) {
    const erlang = new FormatLayout(ERLANG, undefined, context);
    return { layout: matching(erlang) >= ownCount.stamped ? erlang : undefined, uncertain: false };
  }

  let best: Layout | undefined;
  let bestCount = 0;
  const consider = (layout: Layout, count: number): void => {
    if (count > bestCount) {
      best = layout;
      bestCount = count;
    }
  };
  for (const text of candidates) {
    const { format, datefmt } = splitFormat(text);
    try {
      const layout = new FormatLayout(format, datefmt, context);
      const count = matching(layout);
      if (!layout.timeless && count >= ownCount.stamped * AGREEMENT) consider(layout, count);
    } catch {
      // A date format that cannot be read back is no help here.
    }
  }
  // Whole lines: these are no stamped ones.
  for (const layout of [new JsonLayout(), new LogfmtLayout(), new SyslogLayout(context), new AccessLayout(context)]) {
    const count = matching(layout);
    if (count > ownCount.stamped) consider(layout, count);
  }
  const dates = probe(sample, lines.slice(0, PROBED_LINES), context);
  const shortlist = dates.length > 0 || bestCount > 0 ? dates : probe(sample, lines, context);
  for (const datefmt of shortlist) {
    const stamped = datefmt === undefined ? own : new StampedLayout(stampedName(datefmt), createStamp(datefmt, context), false, false);
    const stampedLines = lines.filter(([start, end]) => stamped.read(sample, start, end, head));
    const levelled = stampedLines.filter(([start, end]) => stamped.read(sample, start, end, head) && head.level !== -1).length;
    let found: FormatLayout | undefined;
    let foundCount = levelled;
    for (const format of usualFormats) {
      const layout = new FormatLayout(format, datefmt, context);
      // Most formats are out of the question after a few lines.
      if (lines.length > PROBED_LINES && matching(layout, lines.slice(0, PROBED_LINES)) === 0) continue;
      const count = matching(layout);
      if (count > foundCount && count >= stampedLines.length * AGREEMENT) {
        found = layout;
        foundCount = count;
      }
    }
    const plain = new FormatLayout(STAMP_AND_LEVEL, datefmt, context);
    const filled = padded(found ?? plain, sample, lines, context, head);
    consider(filled === plain ? stamped : filled, found === undefined ? stampedLines.length : foundCount);
  }
  if (best === undefined) best = timeless(sample, lines, context, head);
  return { layout: best === own ? undefined : best, uncertain: best !== undefined && isUncertain(best, lines.length) };
}

const LEVEL_LAST = '%(levelname)s %(message)s';
const STAMP_AND_LEVEL = `%(asctime)s ${LEVEL_LAST}`;

/** The layout with the width of the column that its levels stand in, where they are filled up with blanks. */
function padded(layout: FormatLayout, sample: Uint8Array, lines: readonly Line[], context: FileContext, head: Head): FormatLayout {
  const { format, datefmt } = splitFormat(layout.name);
  if (!format.endsWith(LEVEL_LAST)) return layout;
  let width = Number.POSITIVE_INFINITY;
  let shortest = Number.POSITIVE_INFINITY;
  for (const [start, end] of lines) {
    if (!layout.read(sample, start, end, head)) continue;
    const length = (findAnyLevel(sample, head.body, end)?.end ?? head.body) - head.body;
    const blanks = skipBlanks(sample, head.message, end) - head.message;
    width = Math.min(width, length + blanks);
    shortest = Math.min(shortest, length);
  }
  if (!(width > shortest)) return layout;
  return new FormatLayout(format.replace(LEVEL_LAST, `%(levelname)-${width}s %(message)s`), datefmt, context);
}

const isUncertain = (layout: Layout, lines: number): boolean =>
  (layout.timeless === true && splitFormat(layout.name).datefmt === undefined) ||
  (lines < 50 && /%m\/%d|%d\/%m|%[md]-%[dm]-%Y/.test(layout.name));

/** The sample's first lines, without empty ones and, where others are whole, without one that is cut. */
function linesOf(sample: Uint8Array): Line[] {
  const lines: Line[] = [];
  const from = sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf ? 3 : 0;
  for (let start = from; start < sample.length && lines.length < MAX_LINES; ) {
    const lf = sample.indexOf(0x0a, start);
    if (lf === -1 && lines.length > 0) break;
    const lineEnd = lf === -1 ? sample.length : lf;
    const end = lineEnd > start && sample[lineEnd - 1] === 0x0d ? lineEnd - 1 : lineEnd;
    if (end > start) lines.push([start, end]);
    start = lineEnd + 1;
  }
  return lines;
}

/** Python's asctime has no offset: where there is one behind `DATE TIME`, the lines are Safelog's own, and a level's word further on is a message's. */
function countOwn(sample: Uint8Array, lines: readonly Line[], own: Layout, head: Head): { stamped: number; certain: boolean } {
  let stamped = 0;
  let certain = false;
  for (const [start, end] of lines) {
    if (!own.read(sample, start, Math.min(end, start + MAX_HEAD_BYTES), head)) continue;
    stamped++;
    if (own.isSure ?? (head.offset !== null && sample[start + 10] === 0x20)) certain = true;
  }
  return { stamped, certain };
}

/** The dates that stand somewhere near the beginning of some line, at the beginning of a word. */
function probe(sample: Uint8Array, lines: readonly Line[], context: FileContext, dates = usualDates): (string | undefined)[] {
  return dates.filter((datefmt) => {
    const stamps = createStamp(datefmt, context);
    return lines.some(([start, end]) => hasStamp(stamps, sample, start, end));
  });
}

function hasStamp(stamps: StampParser, sample: Uint8Array, start: number, end: number): boolean {
  const limit = Math.min(end, start + PROBED_BYTES);
  for (let at = start; at < limit; at++) {
    // A letter in front of it is glog's level.
    const begins = at <= start + 1 || !isAlphanumeric(sample[at - 1] ?? 0);
    if (begins && stamps.read(sample, at, end) && !isAlphanumeric(sample[stamps.stamp.end] ?? 0)) return true;
  }
  return false;
}

const TIME_OF_DAY = '%H:%M:%S';
const timesOfDay = usualFormats
  .filter((format) => format.includes('%(levelname)') && !format.startsWith('%(line)s'))
  .map((format) => joinFormat(`%(line)s${format}`, TIME_OF_DAY));

/** No line has a date: the first one has to begin with a level, or with a time of day and one, and a third of those that are not indented. */
function timeless(sample: Uint8Array, lines: readonly Line[], context: FileContext, head: Head): Layout | undefined {
  const first = lines[0];
  const candidates = lines.filter(([start]) => sample[start] !== 0x20 && sample[start] !== 0x09);
  if (first === undefined) return undefined;
  const names = [...timelessFormats, ...(probe(sample, [first], context, [TIME_OF_DAY]).length > 0 ? timesOfDay : [])];
  for (const name of names) {
    const { format, datefmt } = splitFormat(name);
    const layout = new FormatLayout(format, datefmt, context);
    const reads = ([start, end]: Line): boolean => layout.read(sample, start, end, head);
    if (reads(first) && candidates.filter(reads).length * 3 >= candidates.length) return layout;
  }
  return undefined;
}
