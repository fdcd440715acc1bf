/**
 * AssemblyScript (https://www.assemblyscript.org): Safelog's own lines that stand one after the other, each a record of one line, read
 * many at once, 16 bytes at a step. It stops in front of any line that is not `STAMP [MODULE.log] LEVEL [BLOCK] message` in the form in which
 * Safelog writes it: that one is for the scanner. What it says of a line is what record/layouts/stamped.ts says.
 */

/** Bytes of input at most. */
export const INPUT_BYTES: i32 = 1 << 18;
/** Lines of one call at most. */
export const MOST: i32 = 1 << 13;

// Where all that is in memory begins; there is room for a step behind the input.
export const INPUT: usize = 1 << 16;
export const KEYS: usize = INPUT + <usize>INPUT_BYTES + 64;
export const OFFSETS: usize = KEYS + 8 * <usize>MOST;
export const HASHES: usize = OFFSETS + 4 * <usize>MOST;
export const NAME_STARTS: usize = HASHES + 4 * <usize>MOST;
export const NAME_ENDS: usize = NAME_STARTS + 4 * <usize>MOST;
export const LEVELS: usize = NAME_ENDS + 4 * <usize>MOST;
export const FLAGS: usize = LEVELS + <usize>MOST;

/** After the last line that was read, in the input. */
export let end: i32 = 0;
/** The hash of the last one's body so far (index/bodyHash.ts): other lines may follow. */
export let lastHash: u32 = 0;
export let lastLength: i32 = 0;
export let lastRest: u32 = 0;
export let lastRestBytes: i32 = 0;

const SMALL_STEP: i64 = 1_000_000;
const EXCEPTION: u8 = 1;
const CLOCK_STEP: u8 = 4;
const MAX_NAME_BYTES: usize = 256;
const MAX_SOURCE_BYTES: usize = 3072;

const LF: u8 = 0x0a;
const CR: u8 = 0x0d;
const BLANK: u8 = 0x20;
const QUOTE: u8 = 0x22;
const PLUS: u8 = 0x2b;
const DASH: u8 = 0x2d;
const POINT: u8 = 0x2e;
const COLON: u8 = 0x3a;
const OPENING: u8 = 0x5b;
const BACKSLASH: u8 = 0x5c;
const CLOSING: u8 = 0x5d;
const OPENING_BRACE: u8 = 0x7b;
const CLOSING_BRACE: u8 = 0x7d;

/** The bytes of the date that was read last (the second number shares some with the first), and its beginning in µs. */
let date: u64 = 0;
let dateEnd: u32 = 0;
let midnight: i64 = 0;

/** What the readers below have found. */
let time: i64 = 0;
let level: u8 = 0;

/** The next line end, or `limit`. */
function nextLineEnd(from: usize, limit: usize): usize {
  const lf = i8x16.splat(LF);
  for (let at = from; at < limit; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), lf));
    if (found !== 0) return min(at + <usize>ctz(found), limit);
  }
  return limit;
}

/** The number that exactly `length` digits make; -1 where there is anything else. */
function fixedNumber(at: usize, length: usize): i32 {
  let value = 0;
  for (let i = at; i < at + length; i++) {
    const digit = <u32>load<u8>(i) - 0x30;
    if (digit > 9) return -1;
    value = value * 10 + <i32>digit;
  }
  return value;
}

function daysOf(year: i32, month: i32): i32 {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since the epoch of a date of the Gregorian calendar: with March as the first month, leap days come last. */
function dayNumber(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return y * 365 + y / 4 - y / 100 + y / 400 + dayOfYear - 719_468;
}

/** `YYYY-MM-DD ` */
function readDate(at: usize): bool {
  if (load<u8>(at + 4) !== DASH || load<u8>(at + 7) !== DASH || load<u8>(at + 10) !== BLANK) return false;
  const year = fixedNumber(at, 4);
  const month = fixedNumber(at + 5, 2);
  const day = fixedNumber(at + 8, 2);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return false;
  date = load<u64>(at);
  dateEnd = load<u32>(at + 7);
  midnight = <i64>dayNumber(year, month, day) * 86_400_000_000;
  return true;
}

/** The byte after `YYYY-MM-DD HH:MM:SS[.ffffff]±HH:MM`, which is then in `time`; 0 where there is another stamp, or none. */
function readStamp(at: usize, limit: usize): usize {
  if (at + 32 > limit) return 0;
  if ((load<u64>(at) !== date || load<u32>(at + 7) !== dateEnd) && !readDate(at)) return 0;
  const digits = i8x16.sub(v128.load(at + 11), i8x16.splat(0x30));
  const areDigits = i8x16.bitmask(i8x16.le_u(digits, i8x16.splat(9)));
  if ((areDigits & 0xff) !== 0b11011011 || load<u8>(at + 13) !== COLON || load<u8>(at + 16) !== COLON) return 0;
  const packed = i8x16.swizzle(digits, i8x16(0, 1, 3, 4, 6, 7, 9, 10, 11, 12, 13, 14, -1, -1, -1, -1));
  const pairs = i16x8.add(i16x8.mul(v128.and(packed, i16x8.splat(0xff)), i16x8.splat(10)), i16x8.shr_u(packed, 8));
  const hours = i16x8.extract_lane_u(pairs, 0);
  const minutes = i16x8.extract_lane_u(pairs, 1);
  const seconds = i16x8.extract_lane_u(pairs, 2);
  if (hours > 23 || minutes > 59 || seconds > 59) return 0;
  let micros = (<i64>hours * 3600 + <i64>minutes * 60 + <i64>seconds) * 1_000_000;
  let zone = at + 19;
  if (load<u8>(zone) === POINT) {
    if ((areDigits & 0x7e00) !== 0x7e00) return 0;
    micros +=
      <i64>i16x8.extract_lane_u(pairs, 3) * 10_000 + <i64>i16x8.extract_lane_u(pairs, 4) * 100 + <i64>i16x8.extract_lane_u(pairs, 5);
    zone = at + 26;
  }
  const sign = load<u8>(zone);
  if ((sign !== PLUS && sign !== DASH) || load<u8>(zone + 3) !== COLON) return 0;
  const zoneHours = fixedNumber(zone + 1, 2);
  const zoneMinutes = fixedNumber(zone + 4, 2);
  if (zoneHours < 0 || zoneHours > 23 || zoneMinutes < 0 || zoneMinutes > 59) return 0;
  const offset = <i64>(zoneHours * 60 + zoneMinutes) * 60_000_000;
  time = midnight + micros + (sign === DASH ? offset : -offset);
  return zone + 6;
}

/** The byte after `LEVEL `, which is then in `level`; 0 where there is none. Words as numbers, lowest byte first. */
function readLevel(at: usize, limit: usize): usize {
  if (at + 9 > limit) return 0;
  const word = load<u32>(at);
  let after: usize = 0;
  if (word === 0x4f464e49) {
    // INFO
    level = 20;
    after = at + 4;
  } else if (word === 0x55424544 && load<u8>(at + 4) === 0x47) {
    // DEBU G
    level = 10;
    after = at + 5;
  } else if (word === 0x4e524157 && (load<u32>(at + 4) & 0xffffff) === 0x474e49) {
    // WARN ING
    level = 30;
    after = at + 7;
  } else if (word === 0x4f525245 && load<u8>(at + 4) === 0x52) {
    // ERRO R
    level = 40;
    after = at + 5;
  } else if (word === 0x54495243 && load<u32>(at + 4) === 0x4c414349) {
    // CRIT ICAL
    level = 50;
    after = at + 8;
  } else return 0;
  return load<u8>(after) === BLANK ? after + 1 : 0;
}

/** The blank after a word that is not empty; 0 where there is none. */
function wordEnd(at: usize, limit: usize): usize {
  let i = at;
  while (i < limit && load<u8>(i) !== BLANK) {
    if (load<u8>(i) === CLOSING || load<u8>(i) === OPENING) return 0;
    i++;
  }
  return i === at || i >= limit ? 0 : i;
}

function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 0x30 <= 9;
}

function isDash(from: usize, to: usize): bool {
  return to === from + 1 && load<u8>(from) === DASH;
}

function isNumber(from: usize, to: usize): bool {
  let i = from;
  while (i < to && isDigit(i)) i++;
  return i === to;
}

/** `FILE:LINE`, or `-`. */
function isPlace(from: usize, to: usize): bool {
  if (isDash(from, to)) return true;
  let i = to;
  while (i > from && isDigit(i - 1)) i--;
  return i < to && i > from + 1 && load<u8>(i - 1) === COLON;
}

/** The byte after a JSON object; 0 where it does not end. */
function objectEnd(at: usize, limit: usize): usize {
  if (load<u8>(at) !== OPENING_BRACE) return 0;
  let depth = 0;
  for (let i = at; i < limit; i++) {
    const byte = load<u8>(i);
    if (byte === OPENING_BRACE) depth++;
    else if (byte === CLOSING_BRACE && --depth === 0) return i + 1;
    else if (byte === QUOTE) {
      for (i++; i < limit && load<u8>(i) !== QUOTE; i++) if (load<u8>(i) === BACKSLASH) i++;
      if (i >= limit) return 0;
    }
  }
  return 0;
}

/** The byte after a block (record/layouts/sourceBlock.ts) that begins with a bracket; 0 where there is none. */
function blockEnd(at: usize, lineEnd: usize): usize {
  const limit = min(lineEnd, at + MAX_SOURCE_BYTES + 1);
  const pid = wordEnd(at + 1, limit) + 1;
  if (pid === 1) return 0;
  const thread = wordEnd(pid, limit) + 1;
  if (thread === 1 || !(isDash(pid, thread - 1) || isNumber(pid, thread - 1))) return 0;
  const place = wordEnd(thread, limit) + 1;
  if (place === 1) return 0;
  let i = place;
  while (i < limit && load<u8>(i) !== BLANK && load<u8>(i) !== CLOSING && load<u8>(i) !== OPENING) i++;
  if (i >= limit || !isPlace(place, i)) return 0;
  if (load<u8>(i) === BLANK) {
    if (i + 1 >= limit) return 0;
    i = objectEnd(i + 1, limit);
    if (i === 0) return 0;
  }
  if (i >= limit || load<u8>(i) !== CLOSING) return 0;
  i++;
  if (i - at > MAX_SOURCE_BYTES) return 0;
  return i === limit || load<u8>(i) === BLANK || load<u8>(i) === CR ? i : 0;
}

/** Whether a line ends with `(most recent call last):`. */
function endsInCallLast(message: usize, lineEnd: usize): bool {
  const at = lineEnd - 24;
  return (
    load<u8>(lineEnd - 1) === COLON &&
    at >= message &&
    load<u32>(at) === 0x736f6d28 &&
    load<u32>(at + 4) === 0x65722074 &&
    load<u32>(at + 8) === 0x746e6563 &&
    load<u32>(at + 12) === 0x6c616320 &&
    load<u32>(at + 16) === 0x616c206c &&
    load<u32>(at + 20) === 0x3a297473
  );
}

function mix(hash: u32, word: u32): u32 {
  return rotl<u32>(hash ^ (rotl<u32>(word * 0xcc9e2d51, 15) * 0x1b873593), 13) * 5 + 0xe6546b64;
}

/** The hash of [from, to), whose state is then that of the last body. */
function hashBody(from: usize, to: usize): u32 {
  let hash: u32 = 0;
  let at = from;
  for (; at + 4 <= to; at += 4) hash = mix(hash, load<u32>(at));
  lastHash = hash;
  lastLength = <i32>(to - from);
  lastRestBytes = <i32>(to - at);
  lastRest = load<u32>(at) & ((1 << (lastRestBytes * 8)) - 1);
  if (lastRestBytes > 0) hash = mix(hash, lastRest);
  hash ^= lastLength;
  hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
  return hash ^ (hash >>> 16);
}

/**
 * Reads lines as long as they are such ones and none steps back by more than a small step.
 * @param from offset in the input of the first one
 * @param to bytes of input
 * @param lastKey µs: that of the record before
 * @returns how many there are; each says what it says at its place of KEYS (f64), OFFSETS …
 */
export function read(from: i32, to: i32, master: bool, lastKey: f64): i32 {
  const limit = INPUT + <usize>to;
  let at = INPUT + <usize>from;
  let last = <i64>lastKey;
  let count: usize = 0;
  while (count < <usize>MOST) {
    const lf = nextLineEnd(at, limit);
    if (lf === limit) break;
    const lineEnd = lf > at && load<u8>(lf - 1) === CR ? lf - 1 : lf;
    const stampEnd = readStamp(at, lineEnd);
    if (stampEnd === 0 || load<u8>(stampEnd) !== BLANK) break;
    let body = stampEnd + 1;
    if (master) {
      const nameLimit = min(lineEnd, body + MAX_NAME_BYTES);
      let blank = body;
      while (blank < nameLimit && load<u8>(blank) !== BLANK) blank++;
      // .log
      if (blank === nameLimit || blank - 4 <= body || load<u32>(blank - 4) !== 0x676f6c2e) break;
      store<i32>(NAME_STARTS + 4 * count, <i32>(body - INPUT));
      store<i32>(NAME_ENDS + 4 * count, <i32>(blank - 4 - INPUT));
      body = blank + 1;
    }
    let message = readLevel(body, lineEnd);
    if (message === 0) break;
    if (message < lineEnd && load<u8>(message) === OPENING) {
      const after = blockEnd(message, lineEnd);
      if (after !== 0) {
        message = after < lineEnd && load<u8>(after) === BLANK ? after + 1 : after;
        body = message;
      }
    }
    let flags: u8 = endsInCallLast(message, lineEnd) ? EXCEPTION : 0;
    if (time < last) {
      if (last - time > SMALL_STEP) break;
      flags |= CLOCK_STEP;
    } else last = time;
    store<f64>(KEYS + 8 * count, <f64>last);
    store<i32>(OFFSETS + 4 * count, <i32>(at - INPUT));
    store<u32>(HASHES + 4 * count, hashBody(body, lineEnd));
    store<u8>(LEVELS + count, level);
    store<u8>(FLAGS + count, flags);
    count++;
    at = lf + 1;
  }
  end = <i32>(at - INPUT);
  return <i32>count;
}
