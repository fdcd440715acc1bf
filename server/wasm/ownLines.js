"use strict";
/**
 * AssemblyScript (https://www.assemblyscript.org): Safelog's own lines that stand one after the other, each a record of one line, read
 * many at once, 16 bytes at a step. It stops in front of any line that is not `STAMP [MODULE.log] LEVEL [BLOCK] message` in the form in which
 * Safelog writes it: that one is for the scanner. What it says of a line is what record/layouts/stamped.ts says.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.lastRestBytes = exports.lastRest = exports.lastLength = exports.lastHash = exports.end = exports.FLAGS = exports.LEVELS = exports.NAME_ENDS = exports.NAME_STARTS = exports.HASHES = exports.OFFSETS = exports.KEYS = exports.INPUT = exports.MOST = exports.INPUT_BYTES = void 0;
exports.read = read;
/** Bytes of input at most. */
exports.INPUT_BYTES = 1 << 18;
/** Lines of one call at most. */
exports.MOST = 1 << 13;
// Where all that is in memory begins; there is room for a step behind the input.
exports.INPUT = 1 << 16;
exports.KEYS = exports.INPUT + exports.INPUT_BYTES + 64;
exports.OFFSETS = exports.KEYS + 8 * exports.MOST;
exports.HASHES = exports.OFFSETS + 4 * exports.MOST;
exports.NAME_STARTS = exports.HASHES + 4 * exports.MOST;
exports.NAME_ENDS = exports.NAME_STARTS + 4 * exports.MOST;
exports.LEVELS = exports.NAME_ENDS + 4 * exports.MOST;
exports.FLAGS = exports.LEVELS + exports.MOST;
/** After the last line that was read, in the input. */
exports.end = 0;
/** The hash of the last one's body so far (index/bodyHash.ts): other lines may follow. */
exports.lastHash = 0;
exports.lastLength = 0;
exports.lastRest = 0;
exports.lastRestBytes = 0;
const SMALL_STEP = 1_000_000;
const EXCEPTION = 1;
const CLOCK_STEP = 4;
const MAX_NAME_BYTES = 256;
const MAX_SOURCE_BYTES = 3072;
const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const DASH = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const OPENING = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
/** The bytes of the date that was read last (the second number shares some with the first), and its beginning in µs. */
let date = 0;
let dateEnd = 0;
let midnight = 0;
/** What the readers below have found. */
let time = 0;
let level = 0;
/** The next line end, or `limit`. */
function nextLineEnd(from, limit) {
    const lf = i8x16.splat(LF);
    for (let at = from; at < limit; at += 16) {
        const found = i8x16.bitmask(i8x16.eq(v128.load(at), lf));
        if (found !== 0)
            return min(at + ctz(found), limit);
    }
    return limit;
}
/** The number that exactly `length` digits make; -1 where there is anything else. */
function fixedNumber(at, length) {
    let value = 0;
    for (let i = at; i < at + length; i++) {
        const digit = load(i) - 0x30;
        if (digit > 9)
            return -1;
        value = value * 10 + digit;
    }
    return value;
}
function daysOf(year, month) {
    if (month === 2)
        return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
    return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
/** Days since the epoch of a date of the Gregorian calendar: with March as the first month, leap days come last. */
function dayNumber(year, month, day) {
    const y = month <= 2 ? year - 1 : year;
    const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 + dayOfYear - 719_468;
}
/** `YYYY-MM-DD ` */
function readDate(at) {
    if (load(at + 4) !== DASH || load(at + 7) !== DASH || load(at + 10) !== BLANK)
        return false;
    const year = fixedNumber(at, 4);
    const month = fixedNumber(at + 5, 2);
    const day = fixedNumber(at + 8, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month))
        return false;
    date = load(at);
    dateEnd = load(at + 7);
    midnight = dayNumber(year, month, day) * 86_400_000_000;
    return true;
}
/** The byte after `YYYY-MM-DD HH:MM:SS[.ffffff]±HH:MM`, which is then in `time`; 0 where there is another stamp, or none. */
function readStamp(at, limit) {
    if (at + 32 > limit)
        return 0;
    if ((load(at) !== date || load(at + 7) !== dateEnd) && !readDate(at))
        return 0;
    const digits = i8x16.sub(v128.load(at + 11), i8x16.splat(0x30));
    const areDigits = i8x16.bitmask(i8x16.le_u(digits, i8x16.splat(9)));
    if ((areDigits & 0xff) !== 0b11011011 || load(at + 13) !== COLON || load(at + 16) !== COLON)
        return 0;
    const packed = i8x16.swizzle(digits, i8x16(0, 1, 3, 4, 6, 7, 9, 10, 11, 12, 13, 14, -1, -1, -1, -1));
    const pairs = i16x8.add(i16x8.mul(v128.and(packed, i16x8.splat(0xff)), i16x8.splat(10)), i16x8.shr_u(packed, 8));
    const hours = i16x8.extract_lane_u(pairs, 0);
    const minutes = i16x8.extract_lane_u(pairs, 1);
    const seconds = i16x8.extract_lane_u(pairs, 2);
    if (hours > 23 || minutes > 59 || seconds > 59)
        return 0;
    let micros = (hours * 3600 + minutes * 60 + seconds) * 1_000_000;
    let zone = at + 19;
    if (load(zone) === POINT) {
        if ((areDigits & 0x7e00) !== 0x7e00)
            return 0;
        micros +=
            i16x8.extract_lane_u(pairs, 3) * 10_000 + i16x8.extract_lane_u(pairs, 4) * 100 + i16x8.extract_lane_u(pairs, 5);
        zone = at + 26;
    }
    const sign = load(zone);
    if ((sign !== PLUS && sign !== DASH) || load(zone + 3) !== COLON)
        return 0;
    const zoneHours = fixedNumber(zone + 1, 2);
    const zoneMinutes = fixedNumber(zone + 4, 2);
    if (zoneHours < 0 || zoneHours > 23 || zoneMinutes < 0 || zoneMinutes > 59)
        return 0;
    const offset = (zoneHours * 60 + zoneMinutes) * 60_000_000;
    time = midnight + micros + (sign === DASH ? offset : -offset);
    return zone + 6;
}
/** The byte after `LEVEL `, which is then in `level`; 0 where there is none. Words as numbers, lowest byte first. */
function readLevel(at, limit) {
    if (at + 9 > limit)
        return 0;
    const word = load(at);
    let after = 0;
    if (word === 0x4f464e49) {
        // INFO
        level = 20;
        after = at + 4;
    }
    else if (word === 0x55424544 && load(at + 4) === 0x47) {
        // DEBU G
        level = 10;
        after = at + 5;
    }
    else if (word === 0x4e524157 && (load(at + 4) & 0xffffff) === 0x474e49) {
        // WARN ING
        level = 30;
        after = at + 7;
    }
    else if (word === 0x4f525245 && load(at + 4) === 0x52) {
        // ERRO R
        level = 40;
        after = at + 5;
    }
    else if (word === 0x54495243 && load(at + 4) === 0x4c414349) {
        // CRIT ICAL
        level = 50;
        after = at + 8;
    }
    else
        return 0;
    return load(after) === BLANK ? after + 1 : 0;
}
/** The blank after a word that is not empty; 0 where there is none. */
function wordEnd(at, limit) {
    let i = at;
    while (i < limit && load(i) !== BLANK) {
        if (load(i) === CLOSING || load(i) === OPENING)
            return 0;
        i++;
    }
    return i === at || i >= limit ? 0 : i;
}
function isDigit(at) {
    return load(at) - 0x30 <= 9;
}
function isDash(from, to) {
    return to === from + 1 && load(from) === DASH;
}
function isNumber(from, to) {
    let i = from;
    while (i < to && isDigit(i))
        i++;
    return i === to;
}
/** `FILE:LINE`, or `-`. */
function isPlace(from, to) {
    if (isDash(from, to))
        return true;
    let i = to;
    while (i > from && isDigit(i - 1))
        i--;
    return i < to && i > from + 1 && load(i - 1) === COLON;
}
/** The byte after a JSON object; 0 where it does not end. */
function objectEnd(at, limit) {
    if (load(at) !== OPENING_BRACE)
        return 0;
    let depth = 0;
    for (let i = at; i < limit; i++) {
        const byte = load(i);
        if (byte === OPENING_BRACE)
            depth++;
        else if (byte === CLOSING_BRACE && --depth === 0)
            return i + 1;
        else if (byte === QUOTE) {
            for (i++; i < limit && load(i) !== QUOTE; i++)
                if (load(i) === BACKSLASH)
                    i++;
            if (i >= limit)
                return 0;
        }
    }
    return 0;
}
/** The byte after a block (record/layouts/sourceBlock.ts) that begins with a bracket; 0 where there is none. */
function blockEnd(at, lineEnd) {
    const limit = min(lineEnd, at + MAX_SOURCE_BYTES + 1);
    const pid = wordEnd(at + 1, limit) + 1;
    if (pid === 1)
        return 0;
    const thread = wordEnd(pid, limit) + 1;
    if (thread === 1 || !(isDash(pid, thread - 1) || isNumber(pid, thread - 1)))
        return 0;
    const place = wordEnd(thread, limit) + 1;
    if (place === 1)
        return 0;
    let i = place;
    while (i < limit && load(i) !== BLANK && load(i) !== CLOSING && load(i) !== OPENING)
        i++;
    if (i >= limit || !isPlace(place, i))
        return 0;
    if (load(i) === BLANK) {
        if (i + 1 >= limit)
            return 0;
        i = objectEnd(i + 1, limit);
        if (i === 0)
            return 0;
    }
    if (i >= limit || load(i) !== CLOSING)
        return 0;
    i++;
    if (i - at > MAX_SOURCE_BYTES)
        return 0;
    return i === limit || load(i) === BLANK || load(i) === CR ? i : 0;
}
/** Whether a line ends with `(most recent call last):`. */
function endsInCallLast(message, lineEnd) {
    const at = lineEnd - 24;
    return (load(lineEnd - 1) === COLON &&
        at >= message &&
        load(at) === 0x736f6d28 &&
        load(at + 4) === 0x65722074 &&
        load(at + 8) === 0x746e6563 &&
        load(at + 12) === 0x6c616320 &&
        load(at + 16) === 0x616c206c &&
        load(at + 20) === 0x3a297473);
}
function mix(hash, word) {
    return rotl(hash ^ (rotl(word * 0xcc9e2d51, 15) * 0x1b873593), 13) * 5 + 0xe6546b64;
}
/** The hash of [from, to), whose state is then that of the last body. */
function hashBody(from, to) {
    let hash = 0;
    let at = from;
    for (; at + 4 <= to; at += 4)
        hash = mix(hash, load(at));
    exports.lastHash = hash;
    exports.lastLength = (to - from);
    exports.lastRestBytes = (to - at);
    exports.lastRest = load(at) & ((1 << (exports.lastRestBytes * 8)) - 1);
    if (exports.lastRestBytes > 0)
        hash = mix(hash, exports.lastRest);
    hash ^= exports.lastLength;
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
function read(from, to, master, lastKey) {
    const limit = exports.INPUT + to;
    let at = exports.INPUT + from;
    let last = lastKey;
    let count = 0;
    while (count < exports.MOST) {
        const lf = nextLineEnd(at, limit);
        if (lf === limit)
            break;
        const lineEnd = lf > at && load(lf - 1) === CR ? lf - 1 : lf;
        const stampEnd = readStamp(at, lineEnd);
        if (stampEnd === 0 || load(stampEnd) !== BLANK)
            break;
        let body = stampEnd + 1;
        if (master) {
            const nameLimit = min(lineEnd, body + MAX_NAME_BYTES);
            let blank = body;
            while (blank < nameLimit && load(blank) !== BLANK)
                blank++;
            // .log
            if (blank === nameLimit || blank - 4 <= body || load(blank - 4) !== 0x676f6c2e)
                break;
            store(exports.NAME_STARTS + 4 * count, (body - exports.INPUT));
            store(exports.NAME_ENDS + 4 * count, (blank - 4 - exports.INPUT));
            body = blank + 1;
        }
        let message = readLevel(body, lineEnd);
        if (message === 0)
            break;
        if (message < lineEnd && load(message) === OPENING) {
            const after = blockEnd(message, lineEnd);
            if (after !== 0) {
                message = after < lineEnd && load(after) === BLANK ? after + 1 : after;
                body = message;
            }
        }
        let flags = endsInCallLast(message, lineEnd) ? EXCEPTION : 0;
        if (time < last) {
            if (last - time > SMALL_STEP)
                break;
            flags |= CLOCK_STEP;
        }
        else
            last = time;
        store(exports.KEYS + 8 * count, last);
        store(exports.OFFSETS + 4 * count, (at - exports.INPUT));
        store(exports.HASHES + 4 * count, hashBody(body, lineEnd));
        store(exports.LEVELS + count, level);
        store(exports.FLAGS + count, flags);
        count++;
        at = lf + 1;
    }
    exports.end = (at - exports.INPUT);
    return count;
}
