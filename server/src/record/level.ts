/** Python's levels (https://docs.python.org/3/library/logging.html#logging-levels): names to numbers and back. */

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
  const custom = /^(?:Level )?(\d{1,3})$/i.exec(name);
  return custom === null ? undefined : Number(custom[1]);
}

/** The largest level that a record can hold; larger custom ones count as this. */
export const MAX_LEVEL = 254;

/** Where a level word was found by findLevel. */
export interface LevelWord {
  level: number;
  /** Byte after the word. */
  end: number;
}

const words = numbers.map(([name, level]) => ({ level, bytes: Buffer.from(name, 'latin1') }));
const wordsByFirstByte = new Map<number, typeof words>();
for (const word of words) {
  const first = word.bytes[0] ?? 0;
  wordsByFirstByte.set(first, [...(wordsByFirstByte.get(first) ?? []), word]);
}
const customPrefix = Buffer.from('Level ', 'latin1');

function startsWith(bytes: Uint8Array, at: number, end: number, prefix: Uint8Array): boolean {
  if (at + prefix.length > end) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}

const isWordByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f;

/** A level's word at exactly `at`, ended by anything that is not a word's byte; undefined where there is none. Bytes up to `end`. */
export function findLevel(bytes: Uint8Array, at: number, end: number): LevelWord | undefined {
  const candidates = wordsByFirstByte.get(bytes[at] ?? 0);
  if (candidates !== undefined) {
    for (const { level, bytes: word } of candidates) {
      const after = at + word.length;
      if (startsWith(bytes, at, end, word) && (after === end || !isWordByte(bytes[after] ?? 0))) return { level, end: after };
    }
  }
  if (bytes[at] === 0x4c && startsWith(bytes, at, end, customPrefix)) {
    let level = 0;
    let i = at + customPrefix.length;
    const digits = i;
    for (; i < end && i < digits + 6; i++) {
      const digit = (bytes[i] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      level = level * 10 + digit;
    }
    if (i > digits && (i === end || !isWordByte(bytes[i] ?? 0))) return { level: Math.min(level, MAX_LEVEL), end: i };
  }
  return undefined;
}
