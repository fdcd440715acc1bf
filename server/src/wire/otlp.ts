/**
 * OpenTelemetry logs over HTTP (https://opentelemetry.io/docs/specs/otlp/, opentelemetry/proto/collector/logs/v1/logs_service.proto):
 * requests as JSON and as Protocol Buffers, and the answers. Pure.
 */

import { findAnyLevel, levelName } from '../record/level.ts';
import { ProtobufReader, protobufBytes, protobufNumber } from './protobuf.ts';
import { NewRecord, toJson, validTime, WireError, type WireRecord } from './wireRecord.ts';

const MAX_DEPTH = 32;

/** A LogRecord of either form. */
interface LogRecord {
  /** µs since the epoch; 0: none. */
  time: number;
  observed: number;
  severity: number;
  severityText: string;
  body: unknown;
  attributes: Map<string, unknown>;
  /** Lower-case hex. */
  traceId: string;
  spanId: string;
  eventName: string;
}

/** What the records of a scope have in common. */
interface Scope {
  name: string;
  service: string;
  pid: unknown;
  /** Attributes of the resource that have no other place. */
  others: ReadonlyMap<string, unknown>;
}

/** The records of an ExportLogsServiceRequest. Throws a WireError. */
export function decodeOtlpProtobuf(bytes: Buffer): WireRecord[] {
  const records: WireRecord[] = [];
  each(new ProtobufReader(bytes), { 1: (field) => readResourceLogs(field.message(), records) });
  return records;
}

type Fields = Readonly<Record<number, (reader: ProtobufReader) => void>>;

function each(reader: ProtobufReader, fields: Fields): void {
  while (reader.next()) {
    const read = fields[reader.field];
    if (read) read(reader);
    else reader.skip();
  }
}

function readResourceLogs(reader: ProtobufReader, records: WireRecord[]): void {
  // The resource may come behind what it is of.
  const resource = new Map<string, unknown>();
  const scopes: ProtobufReader[] = [];
  each(reader, {
    1: (field) => each(field.message(), { 1: (attribute) => readKeyValue(attribute.message(), resource, 0) }),
    2: (field) => scopes.push(field.message()),
  });
  for (const scope of scopes) {
    let name = '';
    const found: LogRecord[] = [];
    each(scope, {
      1: (field) => each(field.message(), { 1: (text) => (name = text.text()) }),
      2: (field) => found.push(readLogRecord(field.message())),
    });
    const common = scopeOf(resource, name);
    for (const record of found) records.push(toRecord(record, common));
  }
}

function readLogRecord(reader: ProtobufReader): LogRecord {
  const record = newRecord();
  each(reader, {
    1: (field) => (record.time = field.fixedThousandths()),
    2: (field) => (record.severity = field.uint()),
    3: (field) => (record.severityText = field.text()),
    5: (field) => (record.body = readAnyValue(field.message(), 0)),
    6: (field) => readKeyValue(field.message(), record.attributes, 0),
    9: (field) => (record.traceId = field.bytes().toString('hex')),
    10: (field) => (record.spanId = field.bytes().toString('hex')),
    11: (field) => (record.observed = field.fixedThousandths()),
    12: (field) => (record.eventName = field.text()),
  });
  return record;
}

const newRecord = (): LogRecord => ({
  ...{ time: 0, observed: 0, severity: 0, severityText: '', body: undefined, attributes: new Map() },
  ...{ traceId: '', spanId: '', eventName: '' },
});

function readKeyValue(reader: ProtobufReader, into: Map<string, unknown>, depth: number): void {
  let key = '';
  let value: unknown = null;
  each(reader, { 1: (field) => (key = field.text()), 2: (field) => (value = readAnyValue(field.message(), depth)) });
  into.set(key, value);
}

function readAnyValue(reader: ProtobufReader, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new WireError('nested too deeply');
  let value: unknown = null;
  each(reader, {
    1: (field) => (value = field.text()),
    2: (field) => (value = field.uint() !== 0),
    3: (field) => (value = narrow(field.int64())),
    4: (field) => (value = field.double()),
    5: (field) => {
      const items: unknown[] = [];
      each(field.message(), { 1: (item) => items.push(readAnyValue(item.message(), depth + 1)) });
      value = items;
    },
    6: (field) => {
      const map = new Map<string, unknown>();
      each(field.message(), { 1: (item) => readKeyValue(item.message(), map, depth + 1) });
      value = map;
    },
    7: (field) => (value = field.bytes().toString('base64')),
  });
  return value;
}

const narrow = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

/** The same of a request in JSON (names in camel case; 64-bit numbers may be texts). Throws a WireError. */
export function decodeOtlpJson(text: string): WireRecord[] {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    throw new WireError('no JSON');
  }
  const records: WireRecord[] = [];
  for (const resourceLogs of list(object(request).resourceLogs)) {
    const { resource, scopeLogs } = object(resourceLogs);
    const attributes = keyValues(object(resource ?? {}).attributes, 0);
    for (const scoped of list(scopeLogs)) {
      const { scope, logRecords } = object(scoped);
      const { name } = object(scope ?? {});
      const common = scopeOf(attributes, typeof name === 'string' ? name : '');
      for (const each of list(logRecords)) records.push(toRecord(fromJson(object(each)), common));
    }
  }
  return records;
}

function fromJson(json: Record<string, unknown>): LogRecord {
  const text = (field: unknown): string => (typeof field === 'string' ? field : '');
  return {
    time: microsOf(json.timeUnixNano),
    observed: microsOf(json.observedTimeUnixNano),
    severity: typeof json.severityNumber === 'number' ? json.severityNumber : 0,
    severityText: text(json.severityText),
    body: json.body === undefined || json.body === null ? undefined : anyValue(json.body, 0),
    attributes: json.attributes === undefined ? NONE : keyValues(json.attributes, 0),
    traceId: text(json.traceId).toLowerCase(),
    spanId: text(json.spanId).toLowerCase(),
    eventName: text(json.eventName),
  };
}

/** Of ns, which a number cannot hold all digits of. */
function microsOf(field: unknown): number {
  if (typeof field === 'number' && Number.isFinite(field) && field >= 0) return Math.floor(field / 1000);
  return typeof field === 'string' && /^\d{1,20}$/.test(field) ? Number(field.slice(0, -3)) : 0;
}

/** Nothing is taken out of it. */
const NONE = new Map<string, unknown>();

function keyValues(field: unknown, depth: number): Map<string, unknown> {
  const map = new Map<string, unknown>();
  for (const item of list(field)) {
    const { key, value } = object(item);
    if (typeof key === 'string') map.set(key, value === undefined || value === null ? null : anyValue(value, depth));
  }
  return map;
}

function anyValue(field: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new WireError('nested too deeply');
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = object(field);
  if (stringValue !== undefined) return String(stringValue);
  if (boolValue !== undefined) return boolValue === true;
  if (intValue !== undefined) return /^-?\d{1,20}$/.test(String(intValue)) ? narrow(BigInt(String(intValue))) : null;
  if (doubleValue !== undefined) return Number(doubleValue);
  if (arrayValue !== undefined) return list(object(arrayValue).values).map((item) => anyValue(item, depth + 1));
  if (kvlistValue !== undefined) return keyValues(object(kvlistValue).values, depth + 1);
  return typeof bytesValue === 'string' ? bytesValue : null;
}

function object(field: unknown): Record<string, unknown> {
  if (typeof field !== 'object' || field === null || Array.isArray(field)) throw new WireError('no object');
  return field as Record<string, unknown>;
}

function list(field: unknown): readonly unknown[] {
  if (field === undefined || field === null) return [];
  if (!Array.isArray(field)) throw new WireError('no array');
  return field;
}

/** Of the resource: what says nothing of the program, or has its own place. */
const PLAIN_RESOURCE = /^(service\.name|telemetry\.sdk\..*|process\.pid)$/;

function scopeOf(resource: ReadonlyMap<string, unknown>, name: string): Scope {
  const service = resource.get('service.name');
  return {
    name,
    service: typeof service === 'string' ? service : '',
    pid: resource.get('process.pid'),
    others: new Map([...resource].filter(([key]) => !PLAIN_RESOURCE.test(key))),
  };
}

function toRecord(record: LogRecord, { name, service, pid, others }: Scope): WireRecord {
  const { attributes, severity, eventName, traceId, spanId } = record;
  const level = levelName(levelOf(severity, record.severityText));
  const result: WireRecord = new NewRecord(level, validTime(record.time || record.observed), bodyText(record.body), service);
  if (name !== '') result.logger = name;
  if (isCount(pid)) result.pid = pid;
  if (attributes.size > 0) takeAttributes(attributes, result);
  if (attributes.size + others.size === 0 && eventName === '' && isZero(traceId) && isZero(spanId)) return result;
  const extras = new Map<string, unknown>(attributes);
  if (eventName !== '') extras.set('event.name', eventName);
  if (!isZero(traceId)) extras.set('trace_id', traceId);
  if (!isZero(spanId)) extras.set('span_id', spanId);
  if (others.size > 0) extras.set('resource', others);
  result.extras = toJson(extras, () => null) as Record<string, unknown>;
  return result;
}

/** Those that have a place in a record. */
function takeAttributes(attributes: Map<string, unknown>, into: WireRecord): void {
  const take = (...keys: string[]): unknown => {
    for (const key of keys) {
      const value = attributes.get(key);
      if (value === undefined || value === null) continue;
      attributes.delete(key);
      return value;
    }
    return undefined;
  };
  const pid = take('process.pid');
  if (isCount(pid)) into.pid = pid;
  const thread = take('thread.name') ?? take('thread.id');
  if (thread !== undefined) into.thread = String(thread);
  const file = take('code.file.path', 'code.filepath');
  if (typeof file === 'string' && file !== '') {
    into.file = file;
    const line = take('code.line.number', 'code.lineno');
    if (isCount(line) && line > 0) into.line = line;
  }
  const type = attributes.get('exception.type');
  const message = attributes.get('exception.message');
  const trace =
    take('exception.stacktrace') ?? (type === undefined && message === undefined ? undefined : `${type ?? 'Error'}: ${message ?? ''}`);
  if (trace === undefined) return;
  const lines = String(trace).replaceAll('\r\n', '\n').replace(/\n+$/, '');
  into.text = into.text === '' ? lines : `${into.text}\n${lines}`;
  attributes.delete('exception.type');
  attributes.delete('exception.message');
}

const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && Number.isSafeInteger(value);
const isZero = (id: string): boolean => id === '' || /^0*$/.test(id);

/** Of SeverityNumber (1 to 24 in six ranges), else the text's; INFO where neither tells. */
function levelOf(severity: number, text: string): number {
  if (severity >= 1 && severity <= 24) return [5, 10, 20, 30, 40, 50][Math.floor((severity - 1) / 4)] ?? 20;
  const bytes = Buffer.from(text);
  return findAnyLevel(bytes, 0, bytes.length)?.level ?? 20;
}

function bodyText(body: unknown): string {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body.includes('\r') ? body.replaceAll('\r\n', '\n') : body;
  return JSON.stringify(toJson(body, () => null));
}

/** What was not taken of a request that was accepted. */
export interface PartialSuccess {
  rejected: number;
  reason: string;
}

/** An ExportLogsServiceResponse. */
export function encodeOtlpResponse(format: 'json' | 'protobuf', partial: PartialSuccess | null): Buffer {
  if (format === 'json')
    return Buffer.from(
      JSON.stringify(partial ? { partialSuccess: { rejectedLogRecords: String(partial.rejected), errorMessage: partial.reason } } : {}),
    );
  return partial
    ? protobufBytes(1, Buffer.concat([protobufNumber(1, partial.rejected), protobufBytes(2, partial.reason)]))
    : Buffer.alloc(0);
}

/** A google.rpc.Status, for a request that failed. */
export function encodeOtlpStatus(format: 'json' | 'protobuf', message: string): Buffer {
  return format === 'json' ? Buffer.from(JSON.stringify({ message })) : protobufBytes(2, message);
}
