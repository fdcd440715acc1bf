/**
 * Pickles of the records of one program: one is as the other but for the values, which mostly are texts and numbers. Such a one is read along
 * the form of the last, without a dict in between; any other by readPickle. Pure.
 */

import { decodeText, knownText, PickleError, readPickle } from './pickle.ts';
import { fromPythonRecord, type PythonFields, recordOf } from './pythonRecord.ts';
import { WireError, type WireRecord } from './wireRecord.ts';

/** What stands around the values of a dict, which are in the places between. */
interface Form {
  parts: readonly Buffer[];
  /** Where in `values` each value goes; -1: it is of no interest. */
  places: Int8Array;
  /** Of the pickle that was read last: one for all, as one each would cost. */
  values: (string | number | null | undefined)[];
  /** The bytes of its short values, LAST_BYTES for each: most come again. Those that never do have no length. */
  last: Uint8Array;
  lastLengths: Uint8Array;
}

const LAST_BYTES = 64;

/** What is told of a record, by its place in `values`. */
const NAMES = [
  ...['name', 'msg', 'args', 'levelname', 'levelno', 'pathname', 'module', 'exc_info', 'exc_text', 'stack_info', 'lineno', 'created'],
  ...['thread', 'threadName', 'processName', 'process', 'taskName'],
];
const MSG = 1;
const ARGS = 2;
const EXC_INFO = 7;
const THREAD = 12;
const OF_NO_INTEREST = new Set(['filename', 'funcName', 'msecs', 'relativeCreated']);

/** `}q\0(`: an empty dict, memoized, and a mark. */
const BEGINNING = Buffer.from([0x7d, 0x71, 0x00, 0x28]);
/** `u.`: what is above the mark goes into the dict. The end. */
const ENDING = Buffer.from([0x75, 0x2e]);
const [UNICODE, BINPUT, NONE, INT1, INT2, INT4, FLOAT, LONG] = [0x58, 0x71, 0x4e, 0x4b, 0x4d, 0x4a, 0x47, 0x4c];
/** Where a form is not found, so many pickles are read before one is looked for again. */
const PATIENCE = 32;

export class RecordPickles {
  readonly #attributes: readonly string[];
  #form: Form | null = null;
  #patience = 0;

  /** @param attributes of records that become extras though they mostly say nothing */
  constructor(attributes: readonly string[] = []) {
    this.#attributes = attributes;
  }

  /** The record of a pickle that takes up [start, end). Throws a WireError where it holds none. */
  read(bytes: Buffer, start: number, end: number): WireRecord {
    const fields = this.#form && readFields(this.#form, bytes, start, end);
    if (fields) return recordOf(fields, {});
    if (this.#attributes.length === 0 && --this.#patience < 0) {
      this.#form = formOf(bytes, start, end);
      this.#patience = this.#form ? 0 : PATIENCE;
    }
    try {
      return fromPythonRecord(readPickle(bytes, start, end), this.#attributes);
    } catch (error) {
      if (error instanceof PickleError) throw new WireError(`no pickle of a record: ${error.message}`);
      throw error;
    }
  }
}

/** Null where the pickle is more than a dict of a record's own attributes, as texts and numbers. */
function formOf(bytes: Buffer, start: number, end: number): Form | null {
  if (!bytes.subarray(start, start + BEGINNING.length).equals(BEGINNING)) return null;
  const parts: Buffer[] = [];
  const places: number[] = [];
  let hasThreadName = false;
  let part = start;
  let at = start + BEGINNING.length;
  while (bytes[at] === UNICODE) {
    const keyEnd = valueEnd(bytes, at, end);
    if (keyEnd < 0 || bytes[keyEnd] !== BINPUT) return null;
    const name = bytes.toString('latin1', at + 5, keyEnd);
    const place = NAMES.indexOf(name);
    if (place < 0 && !OF_NO_INTEREST.has(name)) return null;
    parts.push(Buffer.from(bytes.subarray(part, keyEnd + 2)));
    places.push(place);
    hasThreadName ||= name === 'threadName' && bytes[keyEnd + 2] === UNICODE;
    part = valueEnd(bytes, keyEnd + 2, end);
    if (part < 0) return null;
    // A text is memoized, under a number that is the same in the next pickle.
    at = bytes[part] === BINPUT ? part + 2 : part;
  }
  if (at + ENDING.length !== end || !bytes.subarray(at, end).equals(ENDING)) return null;
  parts.push(Buffer.from(bytes.subarray(part, end)));
  // Its name says which one it is; a number of so many digits takes its time to be read.
  const thread = hasThreadName ? places.indexOf(THREAD) : -1;
  if (thread >= 0) places[thread] = -1;
  return {
    parts,
    places: Int8Array.from(places),
    values: NAMES.map(() => undefined),
    last: new Uint8Array(places.length * LAST_BYTES),
    lastLengths: new Uint8Array(places.length),
  };
}

/** The byte after a value that begins at `at`; -1 where it is no plain one, or is not there as a whole. */
function valueEnd(bytes: Buffer, at: number, end: number): number {
  switch (bytes[at]) {
    case NONE:
      return at + 1;
    case INT1:
      return at + 2;
    case INT2:
      return at + 3;
    case INT4:
      return at + 5;
    case FLOAT:
      return at + 9;
    case UNICODE: {
      const after = at + 5 <= end ? at + 5 + bytes.readUInt32LE(at + 1) : end + 1;
      return after <= end ? after : -1;
    }
    case LONG: {
      let i = at + 1;
      while (i < end && i < at + 20 && bytes[i] !== 0x0a) i++;
      return bytes[i] === 0x0a && i < end ? i + 1 : -1;
    }
    default:
      return -1;
  }
}

/** Null where it is of another form, or says what only the general way tells in full. */
function readFields(form: Form, bytes: Buffer, start: number, end: number): PythonFields | null {
  const { parts, places, values, last, lastLengths } = form;
  let at = start;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Buffer;
    const partLength = part.length;
    if (partLength > end - at) return null;
    for (let k = 0; k < partLength; k++) if (bytes[at + k] !== part[k]) return null;
    at += partLength;
    if (i === places.length) break;
    // A value's first bytes tell where it ends: what begins with the last one is the last one.
    const lastLength = lastLengths[i] as number;
    if (lastLength > 0 && lastLength <= end - at) {
      const from = i * LAST_BYTES;
      let k = 0;
      while (k < lastLength && bytes[at + k] === last[from + k]) k++;
      if (k === lastLength) {
        at += lastLength;
        continue;
      }
    }
    const after = valueEnd(bytes, at, end);
    if (after < 0 || after > end) return null;
    const place = places[i] as number;
    const isNew = place === MSG || bytes[at] === FLOAT;
    if (place >= 0) {
      const value = place === MSG && bytes[at] === UNICODE ? decodeText(bytes, at + 5, after) : readValue(bytes, at, after);
      if (value === undefined) return null;
      values[place] = value;
    }
    const length = after - at;
    lastLengths[i] = isNew || length > LAST_BYTES ? 0 : length;
    if (!isNew && length <= LAST_BYTES) for (let k = 0, to = i * LAST_BYTES; k < length; k++) last[to + k] = bytes[at + k] as number;
    at = after;
  }
  if (at !== end) return null;
  const hasMore = (values[ARGS] ?? null) !== null || (values[EXC_INFO] ?? null) !== null;
  if (typeof values[0] !== 'string' || typeof values[1] !== 'string' || hasMore) return null;
  fields.name = values[0];
  fields.msg = values[1];
  fields.levelname = values[3];
  fields.levelno = values[4];
  fields.pathname = values[5];
  fields.module = values[6];
  fields.excText = values[8];
  fields.stackInfo = values[9];
  fields.lineno = values[10];
  fields.created = values[11];
  fields.thread = values[12];
  fields.threadName = values[13];
  fields.processName = values[14];
  fields.process = values[15];
  fields.taskName = values[16];
  return fields;
}

/** Of the record that is read. */
const fields: PythonFields = {
  ...{ name: null, msg: null, levelname: null, levelno: null, pathname: null, module: null, excText: null, stackInfo: null, lineno: null },
  ...{ created: null, thread: null, threadName: null, processName: null, process: null, taskName: null },
};

/** Undefined for an integer that is too long for a number. */
function readValue(bytes: Buffer, at: number, end: number): string | number | null | undefined {
  switch (bytes[at]) {
    case UNICODE:
      return end - at < 64 ? knownText(bytes, at + 5, end - at - 5) : decodeText(bytes, at + 5, end);
    case NONE:
      return null;
    case INT1:
      return bytes[at + 1] as number;
    case INT2:
      return (bytes[at + 1] as number) | ((bytes[at + 2] as number) << 8);
    case INT4:
      return bytes.readInt32LE(at + 1);
    case FLOAT:
      return bytes.readDoubleBE(at + 1);
    default: {
      const value = Number(bytes.toString('latin1', at + 1, end - 2));
      return Number.isSafeInteger(value) ? value : undefined;
    }
  }
}
