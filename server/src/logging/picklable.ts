/** A record as Python's SocketHandler pickles it. */

import { toText } from '../record/pythonText.ts';
import { Float, type Picklable } from '../wire/pickle.ts';
import type { LogRecord } from './logRecord.ts';
import { fieldsOf } from './recordFields.ts';

const FLOATS: readonly string[] = ['created', 'msecs', 'relativeCreated'];
/** So deep go the values of `extra`. */
const MAX_DEPTH = 32;

/** `format` is the handler's: it writes an error's text into the record. */
export function toPicklable(record: LogRecord, format: (record: LogRecord) => string): ReadonlyMap<string, Picklable> {
  if (record.excInfo) format(record);
  const { message: _, asctime: __, ...fields } = fieldsOf(record, { python: true });
  const whole = { ...fields, msg: record.getMessage(), args: null, exc_info: null };
  return new Map(Object.entries(whole).map(([key, value]) => [key, FLOATS.includes(key) ? new Float(Number(value)) : picklable(value, 0)]));
}

/** Objects of classes become texts: the other side has no such class. */
function picklable(value: unknown, depth: number): Picklable {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  if (value instanceof Uint8Array) return value;
  if (depth < MAX_DEPTH) {
    if (Array.isArray(value)) return value.map((item) => picklable(item, depth + 1));
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [picklable(key, depth + 1), picklable(item, depth + 1)]));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return new Map(Object.entries(value).map(([key, item]) => [key, picklable(item, depth + 1)]));
    }
  }
  return toText(value);
}
