/**
 * Records as JSON objects: pino, bunyan, winston, structlog, python-json-logger and whatever names its fields as they do; and a Python
 * LogRecord's dict. Fields that a record has no place for are its extras. Pure.
 */

import { fieldNames } from '../record/layouts/fields.ts';
import { findAnyLevel, levelName, levelOfSeverity } from '../record/level.ts';
import { StampReader } from '../record/timestamp.ts';
import { fromPythonRecord } from './pythonRecord.ts';
import { toJson, validTime, WireError, type WireRecord } from './wireRecord.ts';

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

/** The record of a JSON object. Throws a WireError where it is none. */
export function fromJson(value: unknown, { host }: JsonContext): WireRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WireError('no JSON object');
  const fields = new Map<string, unknown>(Object.entries(value));
  if (typeof fields.get('levelno') === 'number' && fields.has('msg') && (fields.has('created') || fields.has('args')))
    return fromPythonRecord(fields);
  /** Takes the first of these fields that `read` makes something of. */
  const take = <T>(names: readonly string[], read: (field: unknown) => T | undefined): T | undefined => {
    for (const name of names) {
      const found = fields.has(name) ? read(fields.get(name)) : undefined;
      if (found === undefined) continue;
      fields.delete(name);
      return found;
    }
    return undefined;
  };
  const time = take(fieldNames.time, readTime);
  const level = take(fieldNames.level, readLevel) ?? take(fieldNames.severity, readLevel);
  const record: WireRecord = { level: levelName(level ?? 20), time: validTime(time ?? 0), text: '', module: '' };
  const message = take(fieldNames.message, (field) => (typeof field === 'string' ? field : undefined));
  const errors = take(ERRORS, (field) => readError(field));
  const trace = take(fieldNames.trace, (field) =>
    typeof field === 'string' && field !== '' ? field : Array.isArray(field) ? field.join('\n') : undefined,
  );
  record.text = withTrace(message ?? errors?.message ?? '', errors?.stack ?? trace);
  const logger = take(LOGGERS, (field) => (typeof field === 'string' && field !== '' ? field : undefined));
  if (logger !== undefined) record.module = record.logger = logger;
  const pid = take(PIDS, (field) => (typeof field === 'number' && Number.isSafeInteger(field) && field >= 0 ? field : undefined));
  if (pid !== undefined) record.pid = pid;
  const thread = take(THREADS, (field) => (typeof field === 'string' || typeof field === 'number' ? String(field) : undefined));
  if (thread !== undefined) record.thread = thread;
  takePlace(record, take);
  const named = HOSTS.find((name) => fields.get(name) === host);
  if (named) fields.delete(named);
  // bunyan's version of its format.
  if (fields.get('v') === 0) fields.delete('v');
  if (errors?.rest) fields.set('err', errors.rest);
  if (fields.size > 0) record.extras = toJson(fields, () => null) as Record<string, unknown>;
  return record;
}

type Take = <T>(names: readonly string[], read: (field: unknown) => T | undefined) => T | undefined;

/** `file` and `line`; `src: { file, line }` (bunyan, slog); `caller: "db.go:42"` (zap). */
function takePlace(record: WireRecord, take: Take): void {
  const place = take(FILES, (field): { file: string; line?: number } | undefined => {
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
  const line = place.line ?? take(LINES, (field) => (typeof field === 'number' ? field : undefined));
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
function readLevel(field: unknown): number | undefined {
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
