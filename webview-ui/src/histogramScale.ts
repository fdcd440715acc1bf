import type { Histogram, Micros } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';
import type { Clock } from './time.ts';

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Distances between the marks of a time axis. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365, 730, 3650].map((days) => days * DAY),
];

/** A stretch of time, `until` exclusive. */
export interface Span {
  since: Micros;
  until: Micros;
}

/** How many entries of each level fall into equal stretches of time, from `since` on. */
export interface Bars {
  since: Micros;
  /** Of one bar; at least 1. */
  width: Micros;
  /** For each bar the counts by kind, in the order of KINDS. */
  counts: readonly (readonly number[])[];
}

/** The kinds of bars, as they are stacked from the bottom: what is wrong stands on the line, where its height can be compared. */
export const KINDS = [
  { name: 'error', label: t('errors'), one: t('{0} error'), many: t('{0} errors') },
  { name: 'warning', label: t('warnings'), one: t('{0} warning'), many: t('{0} warnings') },
  { name: 'info', label: t('info'), one: t('{0} info'), many: t('{0} info') },
  { name: 'debug', label: t('debug'), one: t('{0} debug'), many: t('{0} debug') },
  { name: 'none', label: t('without a level'), one: t('{0} without a level'), many: t('{0} without a level') },
] as const;

/** The server's answer as bars: a critical entry is drawn as an error. */
export function barsOf({ from, width, levels, exceptions }: Histogram): Bars {
  const { debug, info, warning, error, critical, none } = levels;
  const counts = exceptions.map((_, index) =>
    [(error[index] ?? 0) + (critical[index] ?? 0), warning[index], info[index], debug[index], none[index]].map((count) => count ?? 0),
  );
  return { since: from, width, counts };
}

export const spanOf = ({ since, width, counts }: Bars): Span => ({ since, until: since + width * counts.length });

/** The stretch of one bar, or of all from one bar to another, in either order. */
export function barSpan(bars: Bars, first: number, last = first): Span {
  const [low, high] = first <= last ? [first, last] : [last, first];
  return { since: bars.since + low * bars.width, until: bars.since + (high + 1) * bars.width };
}

/** The bar at a pixel of `pixels`; the nearest where there is none. */
export function barAt(bars: Bars, x: number, pixels: number): number {
  return Math.max(0, Math.min(bars.counts.length - 1, Math.floor((x / Math.max(1, pixels)) * bars.counts.length)));
}

/** Where a time is, in pixels. */
export function pixelOf(bars: Bars, time: Micros, pixels: number): number {
  const { since, until } = spanOf(bars);
  return ((time - since) / Math.max(1, until - since)) * pixels;
}

export const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** The sums of some bars, by kind. */
export function sumOf({ counts }: Bars, first: number, last = first): number[] {
  const [low, high] = first <= last ? [first, last] : [last, first];
  return KINDS.map((_, kind) => counts.slice(low, high + 1).reduce((sum, bar) => sum + (bar[kind] ?? 0), 0));
}

/** Times to write under the bars: at round times of the clock's zone, at most `most`. */
export function ticks({ since, until }: Span, clock: Clock, most: number): { time: Micros; label: string }[] {
  const step = STEPS.find((candidate) => (until - since) / candidate <= most);
  if (step === undefined || until <= since || most < 1) return [];
  const found: { time: Micros; label: string }[] = [];
  let shift = clock.offset(since, null) * MINUTE;
  for (let wall = Math.ceil((since + shift) / step) * step; found.length <= most; wall += step) {
    // A change of clocks between two marks moves those that follow.
    shift = clock.offset(wall - shift, null) * MINUTE;
    const time = wall - shift;
    if (time >= until) break;
    if (time >= since) found.push({ time, label: label(time, step, clock) });
  }
  return found;
}

function label(time: Micros, step: Micros, clock: Clock): string {
  const [weekday = '', date = ''] = clock.date(time, null).split(' ');
  if (step >= 7 * DAY) return date;
  const text = clock.time(time, null);
  if (step >= DAY || text.startsWith('00:00:00.000')) return `${weekday} ${date.slice(5)}`;
  if (step >= MINUTE) return text.slice(0, 5);
  return step >= SECOND ? text.slice(0, 8) : text;
}

/** `2026-11-20 10:00:00 – 10:05:00`: no fraction of a second where all are whole, the day once where it is the same. */
export function spanText({ since, until }: Span, clock: Clock): string {
  const whole = since % SECOND === 0 && until % SECOND === 0;
  const text = (time: Micros): [string, string] => {
    const of = clock.time(time, null);
    return [clock.date(time, null).split(' ')[1] ?? '', whole ? of.slice(0, 8) : of];
  };
  const [from, to] = [text(since), text(until)];
  return `${from.join(' ')} – ${from[0] === to[0] ? to[1] : to.join(' ')}`;
}
