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
  /** What each value is; null: nothing of interest. */
  fields: readonly (keyof PythonFields | null)[];
  /** Of the pickle that was read last: one object for all, as one each would cost. */
  found: PythonFields;
}

const FIELDS: Readonly<Record<string, keyof PythonFields | null>> = {
  name: 'name',
  msg: 'msg',
  args: 'args',
  levelname: 'levelname',
  levelno: 'levelno',
  pathname: 'pathname',
  filename: null,
  module: 'module',
  exc_info: 'excInfo',
  exc_text: 'excText',
  stack_info: 'stackInfo',
  lineno: 'lineno',
  funcName: null,
  created: 'created',
  msecs: null,
  relativeCreated: null,
  thread: 'thread',
  threadName: 'threadName',
  processName: 'processName',
  process: 'process',
  taskName: 'taskName',
};

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
  const fields: (keyof PythonFields | null)[] = [];
  let part = start;
  let at = start + BEGINNING.length;
  while (bytes[at] === UNICODE) {
    const keyEnd = valueEnd(bytes, at, end);
    if (keyEnd < 0 || bytes[keyEnd] !== BINPUT) return null;
    const field = FIELDS[bytes.toString('latin1', at + 5, keyEnd)];
    if (field === undefined) return null;
    parts.push(Buffer.from(bytes.subarray(part, keyEnd + 2)));
    fields.push(field);
    part = valueEnd(bytes, keyEnd + 2, end);
    if (part < 0) return null;
    // A text is memoized, under a number that is the same in the next pickle.
    at = bytes[part] === BINPUT ? part + 2 : part;
  }
  if (at + ENDING.length !== end || !bytes.subarray(at, end).equals(ENDING)) return null;
  parts.push(Buffer.from(bytes.subarray(part, end)));
  return { parts, fields, found: newFields() };
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
function readFields({ parts, fields, found }: Form, bytes: Buffer, start: number, end: number): PythonFields | null {
  let at = start;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Buffer;
    const { length } = part;
    if (length > end - at) return null;
    for (let k = 0; k < length; k++) if (bytes[at + k] !== part[k]) return null;
    at += length;
    if (i === fields.length) break;
    const after = valueEnd(bytes, at, end);
    if (after < 0 || after > end) return null;
    const field = fields[i] as keyof PythonFields | null;
    if (field !== null) {
      const value = readValue(bytes, at, after);
      if (value === undefined) return null;
      found[field] = value;
    }
    at = after;
  }
  const isMerged = typeof found.name === 'string' && typeof found.msg === 'string' && found.args === null && found.excInfo === null;
  return at === end && isMerged ? found : null;
}

const newFields = (): PythonFields => ({
  name: undefined,
  msg: undefined,
  args: null,
  levelname: undefined,
  levelno: undefined,
  pathname: undefined,
  module: undefined,
  excInfo: null,
  excText: null,
  stackInfo: null,
  lineno: undefined,
  created: undefined,
  thread: undefined,
  threadName: undefined,
  processName: undefined,
  process: undefined,
  taskName: null,
});

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
