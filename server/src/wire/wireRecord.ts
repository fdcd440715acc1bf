/** What the codecs of other loggers make of what came in: a record, as far as their protocol tells. */

import type { Source } from '../record/layouts/sourceBlock.ts';

export interface WireRecord extends Source {
  /** A word for the line: `INFO`, `Level 35`. */
  level: string;
  /** µs since the epoch, UTC; 0: the record names none. */
  time: number;
  /** The message, a traceback and so on behind it; lines end with LF. */
  text: string;
  /** What the record proposes as the module's name, before it is cleaned; empty: none. */
  module: string;
}

/** One to be filled: of a class, all records have their fields in one place. */
export class NewRecord implements WireRecord {
  level: string;
  time: number;
  text: string;
  module: string;
  declare logger?: string;
  declare pid?: number;
  declare thread?: string;
  declare file?: string;
  declare line?: number;
  declare extras?: Record<string, unknown>;

  constructor(level: string, time: number, text: string, module: string) {
    this.level = level;
    this.time = time;
    this.text = text;
    this.module = module;
  }
}

/** Not a record of the protocol. */
export class WireError extends Error {
  override name = 'WireError';
}

/** µs up to which a double is exact: the year 2255. */
const MAX_TIME = 9e15;

/** A time that can be written; 0 for one that cannot. */
export const validTime = (micros: number): number => (micros > 0 && micros < MAX_TIME ? Math.floor(micros) : 0);

/** Gives a record its extras, where it has any. */
export function setExtras(record: WireRecord, extras: Record<string, unknown>): WireRecord {
  for (const _ in extras) {
    record.extras = extras;
    break;
  }
  return record;
}

/** Bounds for what a value becomes, in levels and characters: whoever nests or repeats values makes no more of them. */
const MAX_DEPTH = 32;
const MAX_CHARACTERS = 64 * 1024;

/**
 * A value as JSON can hold it. What has no place there is turned into something else by `other`; what is nested too deeply, or goes
 * beyond 64 Ki characters (shared values count each time that they occur), becomes `…`.
 */
export function toJson(value: unknown, other: (value: object, inner: (value: unknown) => unknown) => unknown): unknown {
  let left = MAX_CHARACTERS;
  const text = (whole: string): string => {
    left -= whole.length + 4;
    return left >= 0 ? whole : `${whole.slice(0, Math.max(0, whole.length + left))}…`;
  };
  const all = function* (items: Iterable<unknown>): Iterable<unknown> {
    for (const item of items) {
      if (left < 0) {
        yield '…';
        return;
      }
      yield item;
    }
  };
  const convert = (each: unknown, depth: number): unknown => {
    if (typeof each === 'string') return text(each);
    left -= 4;
    if (each === null || each === undefined) return null;
    if (typeof each === 'boolean') return each;
    if (typeof each === 'number') return Number.isFinite(each) ? each : String(each);
    if (typeof each !== 'object') return String(each);
    if (depth > MAX_DEPTH) return '…';
    if (Array.isArray(each)) return Array.from(all(each), (item) => convert(item, depth + 1));
    const isPlain = each instanceof Map || Object.getPrototypeOf(each) === Object.prototype || Object.getPrototypeOf(each) === null;
    if (!isPlain) return other(each, (item) => convert(item, depth + 1));
    const entries: [string, unknown][] = [];
    for (const [key, item] of each instanceof Map ? each : Object.entries(each)) {
      if (left < 0) {
        entries.push(['…', '…']);
        break;
      }
      entries.push([keyText(convert(key, depth + 1)), convert(item, depth + 1)]);
    }
    return Object.fromEntries(entries);
  };
  return convert(value, 0);
}

const keyText = (key: unknown): string => (typeof key === 'string' ? key : JSON.stringify(key));
