/** Python's levels (https://docs.python.org/3/library/logging.html#logging-levels): names to numbers and back. */
import { literalAt } from './bytes.ts';

/** Aliases and levels of other loggers stand behind the names that are written. */
const numbers: readonly (readonly [string, number])[] = [
  ['DEBUG', 10],
  ['INFO', 20],
  ['WARNING', 30],
  ['ERROR', 40],
  ['CRITICAL', 50],
  ['NOTSET', 0],
  ['WARN', 30],
  ['FATAL', 50],
  ['TRACE', 5],
];

const byName = new Map(numbers);
const byNumber = new Map([...numbers].reverse().map(([name, number]) => [number, name]));
byNumber.set(30, 'WARNING').set(50, 'CRITICAL');

export const ERROR = 40;

/** `Level 35` for a number without a name, as Python writes it. */
export function levelName(level: number): string {
  return byNumber.get(level) ?? `Level ${level}`;
}

/** The number of a level's name (any case), of `Level 35`, or of `35`; undefined for anything else. */
export function parseLevel(name: string): number | undefined {
  const known = byName.get(name.toUpperCase());
  if (known !== undefined) return known;
  const custom = /^(?:Level )?(\d{1,6})$/i.exec(name);
  return custom === null ? undefined : Number(custom[1]);
}

/** The largest level that is told apart; larger custom ones count as this. */
export const MAX_LEVEL = 999_999;

/** Where a level word was found. */
export interface LevelWord {
  level: number;
  /** Byte after the word. */
  end: number;
}

/** By their first byte: few begin with the same. */
const words: { level: number; bytes: Uint8Array }[][] = Array.from({ length: 256 }, () => []);
for (const [name, level] of numbers) words[name.charCodeAt(0)]?.push({ level, bytes: Buffer.from(name, 'latin1') });
const customPrefix = Buffer.from('Level ', 'latin1');

const isWordByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f;

/** The byte after what findLevel has found. An object for each line would cost. */
export let levelEnd = 0;

/** The level whose word stands at exactly `at`, ended by anything that is not a word's byte; -1 where there is none. Bytes up to `end`. */
export function findLevel(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const candidates = words[bytes[at] as number] as { level: number; bytes: Uint8Array }[];
  for (let i = 0; i < candidates.length; i++) {
    const { level, bytes: word } = candidates[i] as { level: number; bytes: Uint8Array };
    const after = at + word.length;
    if (literalAt(bytes, at, end, word) && (after === end || !isWordByte(bytes[after] as number))) {
      levelEnd = after;
      return level;
    }
  }
  if (bytes[at] === 0x4c && literalAt(bytes, at, end, customPrefix)) {
    let level = 0;
    let i = at + customPrefix.length;
    const digits = i;
    for (; i < end && i < digits + 6; i++) {
      const digit = (bytes[i] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      level = level * 10 + digit;
    }
    if (i > digits && (i === end || !isWordByte(bytes[i] as number))) {
      levelEnd = i;
      return Math.min(level, MAX_LEVEL);
    }
  }
  return -1;
}

/** Levels of other loggers in any case: java.util.logging, syslog, Serilog, Go, Rust, PostgreSQL … Between two of Python's: the lower one. */
const others: readonly (readonly [string, number])[] = [
  ...numbers,
  ...['VERBOSE', 'VRB', 'TRC', 'TRCE', 'FINEST', 'FINER', 'SILLY'].map((name) => [name, 5] as const),
  ...['DBG', 'DEBG', 'DBUG', 'FINE'].map((name) => [name, 10] as const),
  ...[
    'INF',
    'INFORMATION',
    'INFORMATIONAL',
    'NOTICE',
    'NOTE',
    'LOG',
    'STATEMENT',
    'DETAIL',
    'HINT',
    'SYSTEM',
    'CONFIG',
    'SUCCESS',
    'HTTP',
  ].map((name) => [name, 20] as const),
  ...['WRN', 'WARNG'].map((name) => [name, 30] as const),
  ...['ERR', 'EROR', 'FAIL', 'SEVERE'].map((name) => [name, 40] as const),
  ...['CRIT', 'CRT', 'ALERT', 'EMERG', 'EMERGENCY', 'FTL', 'PANIC', 'DPANIC'].map((name) => [name, 50] as const),
];
/** glog's, logcat's and Ruby's letters; those of Python's names cut to one. */
const letters: readonly (readonly [string, number])[] = [
  ['T', 5],
  ['V', 5],
  ['D', 10],
  ['I', 20],
  ['W', 30],
  ['E', 40],
  ['C', 50],
  ['F', 50],
  ['A', 50],
];

interface KnownWord {
  level: number;
  letters: Uint8Array;
}

const hashLetter = (hash: number, byte: number): number => (Math.imul(hash, 31) + (byte & 0x1f)) | 0;

function table(names: readonly (readonly [string, number])[]): Map<number, KnownWord> {
  const map = new Map<number, KnownWord>();
  for (const [name, level] of names) {
    const bytes = Buffer.from(name.toLowerCase(), 'latin1');
    const hash = bytes.reduce(hashLetter, 0);
    if (!map.has(hash)) map.set(hash, { level, letters: bytes });
  }
  return map;
}

const known = table([...others, ...letters]);
/** `%(levelname).4s`: the names cut to so many letters. */
const cutTables = new Map<number, Map<number, KnownWord>>();
function cutTable(length: number): Map<number, KnownWord> {
  let map = cutTables.get(length);
  if (map === undefined) {
    map = table([...others.map(([name, level]) => [name.slice(0, length), level] as const), ...letters]);
    cutTables.set(length, map);
  }
  return map;
}

function lookUp(words: Map<number, KnownWord>, bytes: Uint8Array, at: number, end: number): number | undefined {
  let hash = 0;
  for (let i = at; i < end; i++) hash = hashLetter(hash, bytes[i] ?? 0);
  const word = words.get(hash);
  if (word?.letters.length !== end - at) return undefined;
  for (let i = at; i < end; i++) if (((bytes[i] ?? 0) | 0x20) !== word.letters[i - at]) return undefined;
  return word.level;
}

const isLetter = (byte: number): boolean => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);

/**
 * A level's word as any logger writes it (`INF`, `warn`, `Severe`, `E`) at exactly `at`; undefined where there is none.
 * @param cut names are cut to so many letters, and anything may follow; 0: whole words
 */
export function findAnyLevel(bytes: Uint8Array, at: number, end: number, cut = 0): LevelWord | undefined {
  if (cut > 0) {
    let after = at;
    while (after < end && after < at + cut && isLetter(bytes[after] ?? 0)) after++;
    const level = after === at ? undefined : lookUp(cutTable(cut), bytes, at, after);
    return level === undefined ? undefined : { level, end: after };
  }
  const own = findLevel(bytes, at, end);
  if (own !== -1) return { level: own, end: levelEnd };
  let after = at;
  while (after < end && after < at + 16 && isLetter(bytes[after] ?? 0)) after++;
  if (after === at || (after < end && isWordByte(bytes[after] ?? 0))) return undefined;
  const level = lookUp(known, bytes, at, after);
  return level === undefined ? undefined : { level, end: after };
}

/** Of syslog's severities (RFC 5424, 6.2.1), 0 to 7. */
export const levelOfSeverity = (severity: number): number =>
  severity <= 2 ? 50 : severity === 3 ? 40 : severity === 4 ? 30 : severity <= 6 ? 20 : 10;
