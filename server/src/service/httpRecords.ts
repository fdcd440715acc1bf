/** Requests of Python's HTTPHandler (GET and POST of a form), and JSON records by POST: one, a list of them, or one a line. */

import { decodeHttpForm } from '../wire/httpForm.ts';
import { decodeJsonLine, fromJson, type JsonContext } from '../wire/jsonLines.ts';
import { WireError, type WireRecord } from '../wire/wireRecord.ts';
import type { WebAnswer, WebRequest, WebTask } from './webReceiver.ts';

/** @param attributes of Python's records that are kept as extras */
export function handleRecords(
  { method, query, contentType, body }: WebRequest,
  context: JsonContext,
  attributes: readonly string[] = [],
): WebTask | WebAnswer {
  if (method !== 'GET' && method !== 'POST') return { status: 405, headers: { Allow: 'GET, POST' }, body: 'GET or POST\n' };
  const records =
    method === 'GET'
      ? [decodeHttpForm(query, attributes)]
      : contentType === 'application/x-www-form-urlencoded'
        ? [decodeHttpForm(body.toString(), attributes)]
        : decodeJson(body.toString(), context);
  return {
    records,
    answer: (problem) => (problem === null ? { status: 200, body: '' } : { status: 500, body: `not written: ${problem}\n` }),
  };
}

function decodeJson(text: string, context: JsonContext): WireRecord[] {
  const trimmed = text.trim();
  if (!trimmed.startsWith('[')) {
    // One object may stand on several lines.
    const whole = trimmed.includes('\n') ? parse(trimmed) : undefined;
    if (whole !== undefined) return [fromJson(whole, context)];
    const lines = trimmed.split('\n').filter((line) => line.trim() !== '');
    if (lines.length === 0) throw new WireError('no record');
    return lines.map((line) => decodeJsonLine(line, context));
  }
  const list = parse(trimmed);
  if (!Array.isArray(list)) throw new WireError('no JSON');
  return list.map((each) => fromJson(each, context));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
