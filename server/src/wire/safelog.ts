/**
 * The original Safelog protocol, TCP 8534: one connection carries one entry, `USER \x01 BASENAME \x01 ENTRY`, and ends with EOF.
 * There is no length, no terminator and no answer. Pure: bytes in, bytes out.
 */

import { isUtf8 } from 'node:buffer';
import { type NameFault, nameFault } from '../record/treeName.ts';

export const SAFELOG_PORT = 8534;

/** One entry, as it goes into ROOT/USER/BASENAME. */
export interface SafelogEntry {
  user: string;
  basename: string;
  /** What is appended, verbatim: UTF-8, with the line end that the client sent, or none. */
  entry: Uint8Array;
}

export type SafelogPacket =
  | ({ kind: 'entry' } & SafelogEntry)
  /** Nothing but white space: the original client sends it when it gave an entry up. */
  | { kind: 'blank' }
  /** Not three fields. */
  | { kind: 'malformed'; fields: number }
  /** The user's or the file's name could lead out of its place in the tree. */
  | { kind: 'refused'; field: 'user' | 'basename'; fault: NameFault; name: string };

const FIELD_SEPARATOR = 0x01;
const ESCAPED_LINE_FEED = 0x02;
const LINE_FEED = 0x0a;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const latin8 = new TextDecoder('iso-8859-14');

/** Reads all the bytes of one connection. Never throws: every sequence of bytes is one of the kinds of packet. */
export function decodeSafelog(bytes: Uint8Array): SafelogPacket {
  if (isBlank(bytes)) return { kind: 'blank' };
  const first = bytes.indexOf(FIELD_SEPARATOR);
  const second = first < 0 ? -1 : bytes.indexOf(FIELD_SEPARATOR, first + 1);
  if (second < 0 || bytes.indexOf(FIELD_SEPARATOR, second + 1) >= 0) return { kind: 'malformed', fields: countFields(bytes) };
  // The encoding is one choice for the whole packet. Any bytes are ISO 8859-14; what is written is UTF-8.
  const clean = isUtf8(bytes);
  const decoder = clean ? utf8 : latin8;
  const user = decoder.decode(bytes.subarray(0, first));
  const basename = decoder.decode(bytes.subarray(first + 1, second));
  const userFault = nameFault(user);
  if (userFault) return { kind: 'refused', field: 'user', fault: userFault, name: user };
  const fault = nameFault(basename);
  if (fault) return { kind: 'refused', field: 'basename', fault, name: basename };
  const message = bytes.subarray(second + 1);
  return { kind: 'entry', user, basename, entry: restoreLineFeeds(clean ? message : Buffer.from(latin8.decode(message))) };
}

/**
 * The bytes of the connection that carries an entry. What the protocol cannot carry, U+0001 and U+0002 in the entry, is sent as the
 * visible text `\x01` and `\x02`: the first would lose the entry, the second would come out as a line end.
 */
export function encodeSafelog(user: string, basename: string, entry: string): Uint8Array {
  const visible = entry.replace(/[\x01\x02]/g, (character) => (character === '\x01' ? '\\x01' : '\\x02'));
  return Buffer.from(`${user}\x01${basename}\x01${visible}`);
}

function countFields(bytes: Uint8Array): number {
  let fields = 1;
  for (let at = bytes.indexOf(FIELD_SEPARATOR); at >= 0; at = bytes.indexOf(FIELD_SEPARATOR, at + 1)) fields++;
  return fields;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

function restoreLineFeeds(message: Uint8Array): Uint8Array {
  let at = message.indexOf(ESCAPED_LINE_FEED);
  if (at < 0) return message;
  const copy = Uint8Array.from(message);
  for (; at >= 0; at = copy.indexOf(ESCAPED_LINE_FEED, at + 1)) copy[at] = LINE_FEED;
  return copy;
}
