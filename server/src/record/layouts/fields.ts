/** What structured logs (JSON lines, logfmt) call time, level and message, and how they write them. */
import { BLANK, fixedNumber, isDigit, skipDigits, textOf } from '../bytes.ts';
import { epochMicros } from '../dateFormat.ts';
import type { Head } from '../head.ts';
import { findAnyLevel, levelOfSeverity, MAX_LEVEL } from '../level.ts';
import { StampReader } from '../timestamp.ts';

export type Role = 'time' | 'level' | 'severity' | 'levelNumber' | 'message' | 'trace' | 'nested';

export interface Field {
  role: Role;
  /** Of several messages the one of the smallest rank counts. */
  rank: number;
  key: Uint8Array;
}

/** pino, winston, bunyan, structlog, zap, zerolog, logrus, slog, ECS, logstash, Serilog, python-json-logger, GELF, journald, MongoDB, Docker. */
export const fieldNames: Readonly<Record<Role, readonly string[]>> = {
  time: [
    'time',
    'ts',
    'timestamp',
    '@timestamp',
    '@t',
    'asctime',
    'datetime',
    't',
    '$date',
    'timeMillis',
    'epochSecond',
    '__REALTIME_TIMESTAMP',
    'T',
  ],
  level: ['level', 'levelname', 'lvl', 'severity', 'log.level', '@l', 'loglevel', 'log_level', 'severity_text', 'level_name', 'L', 's'],
  severity: ['PRIORITY'],
  levelNumber: ['levelno'],
  message: ['msg', 'message', '@m', 'MESSAGE', 'event', 'short_message', 'log', 'text', 'M', '@mt', 'error'],
  trace: ['stack', 'stack_trace', 'stacktrace', 'stackTrace', 'exception', 'exc_info', 'traceback', 'error.stack_trace', '@x', 'exc_text'],
  nested: ['err', 'fields', 'instant'],
};

const hashByte = (hash: number, byte: number): number => (Math.imul(hash, 31) + byte) | 0;
const fields = new Map<number, Field>();
for (const role of Object.keys(fieldNames) as Role[]) {
  fieldNames[role].forEach((name, rank) => {
    const key = Buffer.from(name);
    fields.set(key.reduce(hashByte, 0), { role, rank, key });
  });
}

/** What a key in [start, end) is for; undefined for any other. */
export function fieldOf(bytes: Uint8Array, start: number, end: number): Field | undefined {
  if (end - start > 20 || end <= start) return undefined;
  let hash = 0;
  for (let i = start; i < end; i++) hash = hashByte(hash, bytes[i] ?? 0);
  const field = fields.get(hash);
  if (field?.key.length !== end - start) return undefined;
  for (let i = start; i < end; i++) if (bytes[i] !== field.key[i - start]) return undefined;
  return field;
}

const stamps = new StampReader();

/** Reads a time, ISO 8601 or a number since the epoch, into the head; false where it is none. */
export function readTime(bytes: Uint8Array, start: number, end: number, head: Head): boolean {
  if (stamps.read(bytes, start, end)) {
    head.time = stamps.stamp.time;
    head.offset = stamps.stamp.offset;
    // Serilog's and Ruby's blank in front of the offset.
    const { end: after } = stamps.stamp;
    if (after < end && bytes[after] === BLANK && stamps.stamp.offset === null) head.time = parsed(bytes, start, end) ?? head.time;
    return true;
  }
  const digits = skipDigits(bytes, start, end) - start;
  let time: number | undefined;
  if (digits === end - start && digits <= 15) time = epochMicros(fixedNumber(bytes, start, digits, end), digits);
  else if (digits === end - start && digits >= 18) time = epochMicros(Number(textOf(bytes, start, start + digits - 3)), digits - 3);
  else if (isDigit(bytes[start])) time = numberTime(Number(textOf(bytes, start, end)));
  if (time === undefined || Number.isNaN(time)) time = parsed(bytes, start, end);
  if (time === undefined) return false;
  head.time = time;
  head.offset = 0;
  return true;
}

/** By its size: seconds, ms, µs or ns since the epoch. */
function numberTime(value: number): number | undefined {
  if (!(value >= 5e8)) return undefined;
  if (value < 1e11) return Math.round(value * 1e6);
  if (value < 1e14) return Math.round(value * 1e3);
  return value < 1e17 ? Math.round(value) : Math.round(value / 1e3);
}

/** Any other date, as `Date` reads it. */
function parsed(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > 48 || end - start < 12) return undefined;
  const time = Date.parse(textOf(bytes, start, end)) * 1000;
  return Number.isNaN(time) ? undefined : time;
}

/** A level from a word, or a number in pino's and bunyan's, GELF's or Python's numbering; -1 where it is none. */
export function readLevel(role: Role, bytes: Uint8Array, start: number, end: number): number {
  const word = findAnyLevel(bytes, start, end);
  if (word !== undefined) return word.level;
  const digits = skipDigits(bytes, start, end) - start;
  if (digits === 0 || digits > 5 || start + digits !== end) return -1;
  const number = fixedNumber(bytes, start, digits, end);
  if (role === 'levelNumber') return Math.min(number, MAX_LEVEL);
  if (role === 'severity' || number <= 7) return levelOfSeverity(number);
  // Theirs is 10 more than Python's, from trace at 10 on.
  return number <= 10 ? 5 : Math.min(number - 10, 50);
}
