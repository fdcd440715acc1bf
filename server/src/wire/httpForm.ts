/**
 * What Python's HTTPHandler sends (https://docs.python.org/3/library/logging.handlers.html#httphandler): the attributes of a LogRecord,
 * urlencoded, each as `str` shows it. The message is not merged: `args` is a `repr`, which is parsed as a literal. Pure.
 */

import type { Picklable } from './pickle.ts';
import { parsePythonLiteral, pythonRepr } from './pythonLiteral.ts';
import { fromPythonRecord } from './pythonRecord.ts';
import { WireError, type WireRecord } from './wireRecord.ts';

/** More fields have no record. */
const MAX_FIELDS = 1000;
const NUMBERS: ReadonlySet<string> = new Set(['levelno', 'lineno', 'created', 'process', 'msecs', 'relativeCreated', 'thread']);
/** Attributes that are texts, or None. */
const OPTIONAL: ReadonlySet<string> = new Set(['exc_info', 'exc_text', 'stack_info', 'taskName', 'threadName', 'processName']);

/** The record of a query, or of the body of a form; with `attributes` among its extras. Throws a WireError where it is none. */
export function decodeHttpForm(form: string, attributes: readonly string[] = []): WireRecord {
  const dict = new Map<unknown, unknown>();
  let fields = 0;
  for (const [key, value] of new URLSearchParams(form)) {
    if (++fields > MAX_FIELDS) throw new WireError('too many fields');
    dict.set(key, attribute(key, value));
  }
  if (!dict.has('msg') || !dict.has('levelno')) throw new WireError('no fields of a logging record');
  return fromPythonRecord(dict, attributes);
}

function attribute(key: string, text: string): unknown {
  if (NUMBERS.has(key)) return text === '' || Number.isNaN(Number(text)) ? null : Number(text);
  if (OPTIONAL.has(key)) return text === 'None' ? null : text;
  if (key === 'args') return literalOr(text);
  return text;
}

/** Args that cannot be parsed stay a text: they do not fit into the message then, and are shown beside it. */
function literalOr(text: string): unknown {
  try {
    return parsePythonLiteral(text);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return text;
  }
}

/** The form that HTTPHandler would send for the dict of a record. */
export function encodeHttpForm(dict: ReadonlyMap<string, Picklable>): string {
  const form = new URLSearchParams();
  for (const [key, value] of dict) form.append(key, typeof value === 'string' ? value : pythonRepr(value));
  return form.toString();
}
