/** A record's attributes as an object that can be sent, and a record made of such. */

import { LogRecord } from './logRecord.ts';
import { getLogRecordFactory } from './recordFactory.ts';

/** Those of Python's dictionary that have other names here. */
const PYTHON_NAMES: Readonly<Record<string, string>> = {
  exc_info: 'excInfo',
  exc_text: 'excText',
  stack_info: 'stackInfo',
};
const PLACE = ['pathname', 'lineno', 'funcName'] as const;
/** Made of the place. */
const DERIVED: readonly string[] = ['filename', 'module'];

const standard: ReadonlySet<string> = new Set(Object.keys(new LogRecord('', 0, '')));

/** What `extra`, filters and factories have given a record; undefined where that is nothing. */
export function extrasOf(record: LogRecord): Record<string, unknown> | undefined {
  const extras = Object.entries(record).filter(([key]) => !standard.has(key));
  return extras.length === 0 ? undefined : Object.fromEntries(extras);
}

/** All attributes of a record, the place of its call and what `extra` gave included; by Python's names with `python`. */
export function fieldsOf(record: LogRecord, { python = false } = {}): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...record };
  for (const key of PLACE) fields[key] = record[key];
  if (!python) return fields;
  for (const key of DERIVED) fields[key] = record[key as 'filename' | 'module'];
  for (const [python, own] of Object.entries(PYTHON_NAMES)) {
    fields[python] = fields[own];
    delete fields[own];
  }
  return fields;
}

/**
 * A record with these attributes, by our names or Python's: what came from another thread or program
 * (https://docs.python.org/3/library/logging.html#logging.makeLogRecord).
 */
export function makeLogRecord(fields: Readonly<Record<string, unknown>>): LogRecord {
  const record = getLogRecordFactory()('', 0, '', [], {});
  for (const [name, value] of Object.entries(fields)) {
    const key = Object.hasOwn(PYTHON_NAMES, name) ? (PYTHON_NAMES[name] ?? name) : name;
    if (DERIVED.includes(key) || key === '__proto__') continue;
    if (key === 'args') record.args = toArgs(value);
    else if (PLACE.includes(key as (typeof PLACE)[number])) Object.assign(record, { [key]: value });
    else if (key in LogRecord.prototype) continue;
    else Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return record;
}

function toArgs(value: unknown): LogRecord['args'] {
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) return value.length === 0 ? null : value;
  return value as Readonly<Record<string, unknown>>;
}
