/**
 * Records as JSON objects: pino, bunyan, winston, structlog, python-json-logger and whatever names its fields as they do; and a Python
 * LogRecord's dict. Fields that a record has no place for are its extras. Pure.
 */

import { fieldNames } from '../record/layouts/fields.ts';
import { findAnyLevel, levelName, levelOfSeverity } from '../record/level.ts';
import { StampReader } from '../record/timestamp.ts';
import { fromPythonRecord } from './pythonRecord.ts';
import { NewRecord, toJson, validTime, WireError, type WireRecord } from './wireRecord.ts';

export interface JsonContext {
  /** The machine's own name: a record from it does not say so. */
  host: string;
}

const LOGGERS = ['logger', 'logger_name', 'loggerName', 'name', 'log.logger', 'label', 'category', 'service', 'service.name', 'component'];
const PIDS = ['pid', 'process', 'process_id', 'processId', 'process.pid'];
const THREADS = ['thread', 'thread_name', 'threadName', 'process.thread.name'];
const FILES = ['file', 'pathname', 'caller', 'source', 'src', 'log.origin.file.name', 'filename'];
const LINES = ['line', 'lineno', 'log.origin.file.line'];
const HOSTS = ['hostname', 'host', 'host.name'];
const ERRORS = ['err', 'error', 'exception', 'exc_info'];

/** The record of a line. Throws a WireError where it is no JSON object. */
export function decodeJsonLine(line: string, context: JsonContext): WireRecord {
  const trimmed = line.trim();
  if (!trimmed.startsWith('{')) throw new WireError('no JSON object');
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    throw new WireError('no JSON');
  }
  return fromJson(value, context);
}

/** What a field may be, by its name; of several the first in its list counts that can be read as such. */
const LISTS: readonly (readonly string[])[] = [
  ...[fieldNames.time, fieldNames.level, fieldNames.severity, fieldNames.message, ERRORS, fieldNames.trace],
  ...[LOGGERS, PIDS, THREADS, FILES, LINES],
];
/** In that order. */
const Role = { time: 0, level: 1, severity: 2, message: 3, error: 4, trace: 5, logger: 6, pid: 7, thread: 8, file: 9, line: 10 } as const;
type Role = (typeof Role)[keyof typeof Role];

/** By name: a bit for each role that it may have. */
const roles = new Map<string, number>();
LISTS.forEach((names, role) => {
  for (const name of names) roles.set(name, (roles.get(name) ?? 0) | (1 << role));
});

/** The fields of one object, from which those are taken that have a place in a record. */
class Fields {
  readonly #value: Readonly<Record<string, unknown>>;
  /** Those that may have a role, and which. */
  readonly #names: string[] = [];
  readonly #roles: number[] = [];
  #all = 0;
  #left = 0;

  constructor(value: object) {
    this.#value = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(value)) {
      this.#left++;
      const known = roles.get(name);
      if (known === undefined) continue;
      this.#all |= known;
      this.#names.push(name);
      this.#roles.push(known);
    }
  }

  /** Takes what `read` makes of a field that may have this role. */
  take<T>(role: Role, read: (field: unknown) => T | undefined): T | undefined {
    const bit = 1 << role;
    if ((this.#all & bit) === 0) return undefined;
    const list = LISTS[role] ?? [];
    for (let least = 0; ; ) {
      let next = -1;
      let smallest = list.length;
      for (let i = 0; i < this.#roles.length; i++) {
        if (((this.#roles[i] ?? 0) & bit) === 0) continue;
        const rank = list.indexOf(this.#names[i] ?? '');
        if (rank < least || rank >= smallest) continue;
        next = i;
        smallest = rank;
      }
      if (next < 0) return undefined;
      const found = read(this.#value[this.#names[next] ?? '']);
      if (found !== undefined) {
        this.#roles[next] = 0;
        this.#names[next] = '';
        this.#left--;
        return found;
      }
      least = smallest + 1;
    }
  }

  /** What has not been taken; null where nothing is left. */
  rest(): Map<string, unknown> | null {
    if (this.#left === 0) return null;
    return new Map(Object.entries(this.#value).filter(([name]) => !roles.has(name) || this.#names.includes(name)));
  }
}

/** The record of a JSON object. Throws a WireError where it is none. */
export function fromJson(value: unknown, { host }: JsonContext): WireRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WireError('no JSON object');
  if (
    'levelno' in value &&
    typeof value.levelno === 'number' &&
    Object.hasOwn(value, 'msg') &&
    (Object.hasOwn(value, 'created') || Object.hasOwn(value, 'args'))
  )
    return fromPythonRecord(new Map<string, unknown>(Object.entries(value)));
  const fields = new Fields(value);
  const time = fields.take(Role.time, readTime);
  const level = fields.take(Role.level, readLevel) ?? fields.take(Role.severity, readLevel);
  const record: WireRecord = new NewRecord(levelName(level ?? 20), validTime(time ?? 0), '', '');
  const message = fields.take(Role.message, textOf);
  const errors = fields.take(Role.error, readError);
  const trace = fields.take(Role.trace, readTrace);
  record.text = withTrace(message ?? errors?.message ?? '', errors?.stack ?? trace);
  const logger = fields.take(Role.logger, wordOf);
  if (logger !== undefined) record.module = record.logger = logger;
  const pid = fields.take(Role.pid, readPid);
  if (pid !== undefined) record.pid = pid;
  const thread = fields.take(Role.thread, readThread);
  if (thread !== undefined) record.thread = thread;
  takePlace(record, fields);
  const rest = fields.rest();
  const named = rest && HOSTS.find((name) => rest.get(name) === host);
  if (named) rest.delete(named);
  // bunyan's version of its format.
  if (rest?.get('v') === 0) rest.delete('v');
  const extras = errors?.rest ? (rest ?? new Map<string, unknown>()).set('err', errors.rest) : rest;
  if (extras && extras.size > 0) record.extras = toJson(extras, () => null) as Record<string, unknown>;
  return record;
}

const textOf = (field: unknown): string | undefined => (typeof field === 'string' ? field : undefined);
const wordOf = (field: unknown): string | undefined => (typeof field === 'string' && field !== '' ? field : undefined);
const readTrace = (field: unknown): string | undefined =>
  typeof field === 'string' && field !== '' ? field : Array.isArray(field) ? field.join('\n') : undefined;
const readPid = (field: unknown): number | undefined =>
  typeof field === 'number' && Number.isSafeInteger(field) && field >= 0 ? field : undefined;
const readThread = (field: unknown): string | undefined =>
  typeof field === 'string' || typeof field === 'number' ? String(field) : undefined;

/** `file` and `line`; `src: { file, line }` (bunyan, slog); `caller: "db.go:42"` (zap). */
function takePlace(record: WireRecord, fields: Fields): void {
  const place = fields.take(Role.file, (field): { file: string; line?: number } | undefined => {
    if (typeof field === 'object' && field !== null) {
      const { file, line } = field as { file?: unknown; line?: unknown };
      return typeof file === 'string' && file !== '' ? { file, ...(typeof line === 'number' && { line }) } : undefined;
    }
    if (typeof field !== 'string' || field === '') return undefined;
    const [, file, line] = /^(.+):(\d{1,9})$/.exec(field) ?? [];
    if (file !== undefined) return { file, line: Number(line) };
    return /[./\\]/.test(field) ? { file: field } : undefined;
  });
  if (!place) return;
  record.file = place.file;
  const line = place.line ?? fields.take(Role.line, (field) => (typeof field === 'number' ? field : undefined));
  if (line !== undefined && Number.isSafeInteger(line) && line > 0) record.line = line;
}

function withTrace(message: string, trace: string | undefined): string {
  if (trace === undefined || trace === '') return message;
  const lines = trace.replaceAll('\r\n', '\n').replace(/\n+$/, '');
  return message === '' ? lines : message.endsWith('\n') ? message + lines : `${message}\n${lines}`;
}

/** An error as pino's and bunyan's serializers write it: its stack goes into the text. */
function readError(
  field: unknown,
): { message: string | undefined; stack: string | undefined; rest: Record<string, unknown> | null } | undefined {
  if (typeof field !== 'object' || field === null || Array.isArray(field)) return undefined;
  const { stack, message, type, name, ...rest } = field as Record<string, unknown>;
  if (typeof stack !== 'string' && typeof message !== 'string') return undefined;
  const kind = typeof type === 'string' ? type : typeof name === 'string' ? name : 'Error';
  return {
    message: typeof message === 'string' ? message : undefined,
    stack: typeof stack === 'string' && stack !== '' ? stack : `${kind}: ${String(message)}`,
    rest: Object.keys(rest).length > 0 ? rest : null,
  };
}

const stamps = new StampReader();

/** ISO 8601, or a number since the epoch: s, ms, µs or ns, by its size. */
function readTime(field: unknown): number | undefined {
  if (typeof field === 'string') {
    const bytes = Buffer.from(field, 'latin1');
    if (stamps.read(bytes, 0, bytes.length)) return stamps.stamp.time;
    const value = Number(field);
    if (field.trim() !== '' && !Number.isNaN(value)) return readTime(value);
    const parsed = Date.parse(field);
    return Number.isNaN(parsed) ? undefined : parsed * 1e3;
  }
  if (typeof field !== 'number' || !(field >= 5e8)) return undefined;
  return field < 1e11 ? Math.round(field * 1e6) : field < 1e14 ? Math.round(field * 1e3) : field < 1e17 ? field : Math.round(field / 1e3);
}

/** A word, or a number: pino's and bunyan's (10 to 60), or syslog's (0 to 7). */
export function readLevel(field: unknown): number | undefined {
  if (typeof field === 'number' && Number.isSafeInteger(field) && field >= 0) {
    if (field <= 7) return levelOfSeverity(field);
    return field <= 10 ? 5 : Math.min(field - 10, 50);
  }
  if (typeof field !== 'string') return undefined;
  const bytes = Buffer.from(field.trim());
  const word = findAnyLevel(bytes, 0, bytes.length);
  if (word?.end === bytes.length) return word.level;
  return /^\d{1,5}$/.test(field) ? readLevel(Number(field)) : undefined;
}

/** Cuts a stream into lines. What it is given may be used for something else afterwards. */
export class LineSplitter {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** Longest line. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.#bytes;
  }

  /** The lines that are whole now, without their ends. Throws a WireError for one that is too long. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
      if (this.#bytes === 0 && at - from <= this.#maxBytes) lines.push(withoutReturn(chunk.toString('utf8', from, at)));
      else {
        this.#hold(chunk.subarray(from, at));
        lines.push(this.#take());
      }
      from = at + 1;
    }
    if (from < chunk.length) this.#hold(Buffer.from(chunk.subarray(from)));
    return lines;
  }

  /** The last line, which has no end; empty where there is none. */
  end(): string {
    return this.#take();
  }

  #hold(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) throw new WireError('a line that is too long');
    const last = this.#chunks.at(-1);
    // A line that drips in byte by byte must not become a million of objects.
    if (last && part.length < 1024 && last.length < 16_384) this.#chunks[this.#chunks.length - 1] = Buffer.concat([last, part]);
    else this.#chunks.push(part);
  }

  #take(): string {
    const [only] = this.#chunks;
    const line = (this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks)).toString();
    this.#chunks = [];
    this.#bytes = 0;
    return withoutReturn(line);
  }
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
