/**
 * The dict of Python's LogRecord (https://docs.python.org/3/library/logging.html#logrecord-attributes) ↔ our record. SocketHandler and
 * DatagramHandler send it with the message merged and a traceback as text, HTTPHandler as it is. Pure.
 */

import { levelName, parseLevel } from '../record/level.ts';
import { percentFormat } from '../record/percentFormat.ts';
import { Float, type Picklable, PickledGlobal, PickledObject, Tuple } from './pickle.ts';
import { pythonRepr, pythonStyle } from './pythonLiteral.ts';
import { NewRecord, setExtras, toJson, validTime, WireError, type WireRecord } from './wireRecord.ts';

/** A record's own attributes, Python 2.7 to 3.13: all others are extras. */
const ATTRIBUTES: ReadonlySet<unknown> = new Set([
  ...['name', 'msg', 'args', 'levelname', 'levelno', 'pathname', 'filename', 'module', 'exc_info', 'exc_text', 'stack_info', 'lineno'],
  ...[
    'funcName',
    'created',
    'msecs',
    'relativeCreated',
    'thread',
    'threadName',
    'processName',
    'process',
    'taskName',
    'message',
    'asctime',
  ],
]);

/**
 * What a logging record of Python's dict says. Throws a WireError where it is none.
 * @param attributes of the record's own that become extras though they mostly say nothing: funcName, thread …
 */
export function fromPythonRecord(value: unknown, attributes: readonly string[] = []): WireRecord {
  if (!(value instanceof Map)) throw new WireError('no dict');
  const dict: ReadonlyMap<unknown, unknown> = value;
  const name = dict.get('name');
  if (typeof name !== 'string' && !dict.has('msg')) throw new WireError('no record of a logger');
  const extras: Record<string, unknown> = {};
  const add = (key: string, extra: unknown): void => {
    Object.defineProperty(extras, key, { value: toJson(extra, placeholder), enumerable: true, configurable: true, writable: true });
  };

  const text = messageOf(dict, add);
  const excInfo = dict.get('exc_info');
  if (excInfo !== null && excInfo !== undefined && typeof dict.get('exc_text') !== 'string') add('exc_info', excInfo);
  for (const [key, extra] of dict) if (!ATTRIBUTES.has(key)) add(typeof key === 'string' ? key : pythonRepr(key), extra);
  for (const key of attributes) if (dict.has(key)) add(key, dict.get(key));
  const fields: PythonFields = {
    name,
    msg: text,
    levelname: dict.get('levelname'),
    levelno: toNumber(dict.get('levelno')),
    pathname: dict.get('pathname'),
    module: dict.get('module'),
    excText: dict.get('exc_text'),
    stackInfo: dict.get('stack_info'),
    lineno: toNumber(dict.get('lineno')),
    created: toNumber(dict.get('created')),
    thread: dict.get('thread'),
    threadName: dict.get('threadName'),
    processName: dict.get('processName'),
    process: toNumber(dict.get('process')),
    taskName: dict.get('taskName'),
  };
  return recordOf(fields, extras);
}

/** Attributes of a record by Python's names; what is not there is undefined. */
export interface PythonFields {
  name: unknown;
  /** With its arguments in it. */
  msg: unknown;
  levelname: unknown;
  levelno: unknown;
  pathname: unknown;
  module: unknown;
  excText: unknown;
  stackInfo: unknown;
  lineno: unknown;
  created: unknown;
  thread: unknown;
  threadName: unknown;
  processName: unknown;
  process: unknown;
  taskName: unknown;
}

/** @param extras what else it is to be told with; it becomes the record's */
export function recordOf(fields: PythonFields, extras: Record<string, unknown>): WireRecord {
  const { levelname, levelno, process, pathname, lineno, taskName, processName, created } = fields;
  const number =
    (typeof levelno === 'number' ? levelno : undefined) ?? (typeof levelname === 'string' ? parseLevel(levelname) : undefined) ?? 20;
  const level = levelName(number);
  if (typeof levelname === 'string' && levelname !== level && parseLevel(levelname) !== number) extras.levelname = levelname;
  let text = typeof fields.msg === 'string' ? fields.msg : pythonStyle.toText(fields.msg);
  for (const part of [fields.excText, fields.stackInfo]) {
    // As Formatter.format joins them.
    if (typeof part === 'string' && part !== '') text += text.endsWith('\n') || text === '' ? part : `\n${part}`;
  }
  if (taskName !== null && taskName !== undefined) extras.taskName = toJson(taskName, placeholder);
  if (typeof processName === 'string' && processName !== 'MainProcess') extras.processName = processName;

  const logger = typeof fields.name === 'string' ? fields.name : 'root';
  const micros = typeof created === 'number' ? validTime(created * 1e6) : 0;
  const record: WireRecord = new NewRecord(level, micros, text, logger);
  record.logger = logger;
  if (logger === 'root' && typeof fields.module === 'string' && fields.module !== '') record.module = fields.module;
  if (typeof process === 'number' && Number.isSafeInteger(process) && process >= 0) record.pid = process;
  const thread = fields.threadName ?? fields.thread;
  if (thread !== null && thread !== undefined) record.thread = String(thread);
  if (typeof pathname === 'string' && pathname !== '') {
    record.file = pathname;
    if (typeof lineno === 'number' && Number.isSafeInteger(lineno) && lineno > 0) record.line = lineno;
  }
  return setExtras(record, extras);
}

/** `msg` with `args` merged into it as `LogRecord.getMessage` does; where they do not fit, the args are an extra. */
function messageOf(dict: ReadonlyMap<unknown, unknown>, add: (key: string, extra: unknown) => void): string {
  const msg = dict.has('msg') ? dict.get('msg') : dict.get('message');
  const text = typeof msg === 'string' ? msg : pythonStyle.toText(msg);
  const args = dict.get('args');
  const values = args instanceof Tuple ? args.items : args;
  const isEmpty = !values || (Array.isArray(values) && values.length === 0) || (values instanceof Map && values.size === 0);
  if (isEmpty) return text;
  try {
    if (Array.isArray(values) || values instanceof Map) return percentFormat(text, values, pythonStyle);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
  }
  add('args', args);
  return text;
}

function toNumber(value: unknown): number | undefined {
  if (value instanceof Float) return value.value;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** What JSON has no place for, as a reader would want to see it. */
function placeholder(value: object, inner: (value: unknown) => unknown): unknown {
  if (value instanceof Tuple) return value.items.map(inner);
  if (value instanceof Float) return Number.isFinite(value.value) ? value.value : pythonRepr(value);
  if (value instanceof Set) return Array.from(value, inner);
  if (value instanceof Uint8Array) return pythonRepr(value);
  if (value instanceof PickledGlobal) return `<${value.name}>`;
  return value instanceof PickledObject ? objectText(value, inner) : pythonRepr(value);
}

/** Objects of the standard library that say what they are in what they would be made of; of any other its name and its parts. */
function objectText(object: PickledObject, inner: (value: unknown) => unknown): unknown {
  const { name, args, state } = object;
  const [first] = args;
  switch (name) {
    case '_codecs.encode':
      return typeof first === 'string' ? pythonRepr(Buffer.from(first, 'latin1')) : name;
    case 'builtins.set':
    case 'builtins.frozenset':
    case '__builtin__.set':
    case '__builtin__.frozenset':
      return Array.isArray(first) ? first.map(inner) : [];
    case 'builtins.bytearray':
    case 'builtins.bytes':
    case '__builtin__.bytes':
    case '__builtin__.bytearray':
      return pythonRepr(Buffer.from(typeof first === 'string' ? first : '', 'latin1'));
    case 'collections.OrderedDict':
    case 'collections.defaultdict':
      return inner(object.items ?? dictOf(first));
    case 'collections.deque':
      return (object.list ?? (Array.isArray(first) ? first : [])).map(inner);
    case 'decimal.Decimal':
      if (typeof first === 'string') return first;
      break;
    case 'datetime.datetime':
    case 'datetime.date':
    case 'datetime.time': {
      const text = dateText(name, first);
      if (text !== null) return args.length > 1 ? `${text}${zoneText(args[1])}` : text;
      break;
    }
    case 'copy_reg._reconstructor':
    case 'copyreg._reconstructor': {
      // Protocols 0 and 1 make objects so: class, base, state of the base.
      const named = first instanceof PickledGlobal ? first.name : 'object';
      return describe(named, [], state, inner);
    }
  }
  if (object.items && args.length === 0) return inner(object.items);
  if (object.list && args.length === 0) return object.list.map(inner);
  return describe(name, args, state, inner);
}

/** Python 2 makes dicts of pairs. */
function dictOf(pairs: unknown): Map<unknown, unknown> {
  const items = Array.isArray(pairs) ? pairs : [];
  return new Map(
    items.flatMap((pair) => (Array.isArray(pair) ? [[pair[0], pair[1]]] : pair instanceof Tuple ? [[pair.items[0], pair.items[1]]] : [])),
  );
}

function describe(name: string, args: readonly unknown[], state: unknown, inner: (value: unknown) => unknown): unknown {
  if (name === 'uuid.UUID' && state instanceof Map) {
    const int = state.get('int');
    if (typeof int === 'bigint' || typeof int === 'number')
      return BigInt(int)
        .toString(16)
        .padStart(32, '0')
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
  const shown = `<${name}>`;
  if (args.length === 0 && (state === undefined || state === null)) return shown;
  return {
    object: shown,
    ...(args.length > 0 && { args: args.map(inner) }),
    ...(state !== undefined && state !== null && { state: inner(state) }),
  };
}

/** The bytes that Python's dates are pickled as: year (2), month, day, hour, minute, second, µs (3). */
function dateText(name: string, state: unknown): string | null {
  const encoded = state instanceof PickledObject && state.name === '_codecs.encode' ? state.args[0] : state;
  const bytes = typeof encoded === 'string' ? Buffer.from(encoded, 'latin1') : encoded instanceof Uint8Array ? Buffer.from(encoded) : null;
  const two = (at: number): string => String(bytes?.[at] ?? 0).padStart(2, '0');
  if (!bytes || bytes.length !== { 'datetime.datetime': 10, 'datetime.date': 4, 'datetime.time': 6 }[name]) return null;
  const clock = (at: number): string => {
    const micros = bytes.readUIntBE(at + 3, 3);
    return `${String((bytes[at] ?? 0) & 0x7f).padStart(2, '0')}:${two(at + 1)}:${two(at + 2)}${micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`}`;
  };
  if (name === 'datetime.time') return clock(0);
  const date = `${String(bytes.readUInt16BE(0)).padStart(4, '0')}-${String((bytes[2] ?? 0) & 0x7f).padStart(2, '0')}-${two(3)}`;
  return name === 'datetime.date' ? date : `${date}T${clock(4)}`;
}

/** `+HH:MM` of a timezone with a fixed offset; of any other its name. */
function zoneText(zone: unknown): string {
  if (!(zone instanceof PickledObject)) return '';
  const [delta] = zone.args;
  if (zone.name !== 'datetime.timezone' || !(delta instanceof PickledObject)) return ` <${zone.name}>`;
  const minutes = Math.round(((Number(delta.args[0]) || 0) * 86_400 + (Number(delta.args[1]) || 0)) / 60);
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** The dict that SocketHandler would send, for writePickle: logging.makeLogRecord takes it. What the record does not tell is as Python has it then. */
export function toPythonRecord(record: WireRecord): Map<string, Picklable> {
  const { file = '(unknown file)', thread = 'MainThread', logger = 'root', extras = {} } = record;
  const filename = file.slice(file.lastIndexOf('/') + 1);
  const number = parseLevel(record.level) ?? 20;
  const { processName = 'MainProcess', taskName = null, ...others } = extras as Record<string, Picklable>;
  return new Map<string, Picklable>([
    ['name', logger],
    ['msg', record.text],
    ['args', null],
    ['levelname', record.level],
    ['levelno', number],
    ['pathname', file],
    ['filename', filename],
    ['module', filename.replace(/\.[^.]*$/, '')],
    ['exc_info', null],
    ['exc_text', null],
    ['stack_info', null],
    ['lineno', record.line ?? 0],
    ['funcName', '(unknown function)'],
    ['created', new Float(record.time / 1e6)],
    ['msecs', new Float(Math.floor((record.time % 1e6) / 1e3))],
    ['relativeCreated', new Float(0)],
    ['thread', 0],
    ['threadName', thread],
    ['processName', processName],
    ['process', record.pid ?? 0],
    ['taskName', taskName],
    ...Object.entries(others),
  ]);
}
