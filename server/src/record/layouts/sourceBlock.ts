/**
 * The block behind the level of a `safelog+source` line: `[LOGGER PID THREAD FILE:LINE {EXTRAS}]`, the extras a JSON object that may be
 * absent. What is not known is `-`; what would end a word too early in the first four (blanks, brackets, control characters, `%`) is
 * percent-encoded as in a URL. A message of a plain line that begins with a bracket is told apart by this form.
 */
import { BLANK, findByte, isDigit, QUOTE, skipDigits, textOf } from '../bytes.ts';
import { skipString } from './jsonBytes.ts';

export interface Source {
  logger?: string;
  pid?: number;
  thread?: string;
  /** As the program named it. */
  file?: string;
  /** 1-based. */
  line?: number;
  extras?: Record<string, unknown>;
}

/** No block is longer, so that a line's head can be read without the whole line. */
export const MAX_SOURCE_BYTES = 3072;
/** It says nothing but that what follows is text, though it looks like a block. */
export const EMPTY_SOURCE = '[- - - -]';

const CLOSING = 0x5d;
const DASH = 0x2d;

/** The byte after a block that begins at `at`; -1 where there is none. */
export function sourceBlockEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== 0x5b) return -1;
  const after = blockEnd(bytes, at, end);
  return after - at > MAX_SOURCE_BYTES ? -1 : after;
}

function blockEnd(bytes: Uint8Array, at: number, lineEnd: number): number {
  // What would decide may stand one byte behind the longest block.
  const end = Math.min(lineEnd, at + MAX_SOURCE_BYTES + 1);
  const pid = wordEnd(bytes, at + 1, end) + 1;
  if (pid === 0) return -1;
  const thread = wordEnd(bytes, pid, end) + 1;
  if (thread === 0 || !isNumber(bytes, pid, thread - 1)) return -1;
  const place = wordEnd(bytes, thread, end) + 1;
  if (place === 0) return -1;
  let i = place;
  while (i < end && bytes[i] !== BLANK && bytes[i] !== CLOSING && bytes[i] !== 0x5b) i++;
  if (!isPlace(bytes, place, i)) return -1;
  if (bytes[i] === BLANK) {
    i = objectEnd(bytes, i + 1, end);
    if (i === -1) return -1;
  }
  if (i >= end || bytes[i] !== CLOSING) return -1;
  i++;
  return i === end || bytes[i] === BLANK || bytes[i] === 0x0d ? i : -1;
}

/** The blank after a word that is not empty; -1 where there is none. */
function wordEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] !== BLANK) {
    if (bytes[i] === CLOSING || bytes[i] === 0x5b) return -1;
    i++;
  }
  return i === at || i >= end ? -1 : i;
}

const isNumber = (bytes: Uint8Array, from: number, to: number): boolean =>
  (to === from + 1 && bytes[from] === DASH) || skipDigits(bytes, from, to) === to;

/** `FILE:LINE`, or `-`. */
function isPlace(bytes: Uint8Array, from: number, to: number): boolean {
  if (to === from + 1 && bytes[from] === DASH) return true;
  let i = to;
  while (i > from && isDigit(bytes[i - 1])) i--;
  return i < to && i - 1 > from && bytes[i - 1] === 0x3a;
}

function objectEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== 0x7b) return -1;
  let depth = 0;
  for (let i = at; i < end; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      i = skipString(bytes, i, end) - 1;
      if (i < 0) return -1;
    } else if (byte === 0x7b) depth++;
    else if (byte === 0x7d && --depth === 0) return i + 1;
  }
  return -1;
}

/** Words come again and again. */
const encoded = new Map<string, string>();

function encode(text: string | undefined): string {
  if (text === undefined || text === '') return '-';
  let word = encoded.get(text);
  if (word === undefined) {
    const whole = text === '-' ? '%2D' : text.replace(/[\ud800-\udfff]/gu, '\ufffd');
    word = text === '-' ? whole : whole.replace(/[\s%[\]\p{Cc}]/gu, (part) => encodeURIComponent(part));
    if (encoded.size >= 1000) encoded.clear();
    if (text.length < 1000) encoded.set(text, word);
  }
  return word;
}

function decode(word: string): string | undefined {
  if (word === '-') return undefined;
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** A block with what is known, in one line. sourceBlockEnd and parseSource read it. */
export function formatSource({ logger, pid, thread, file, line, extras }: Source): string {
  const place = file === undefined || file === '' ? '-' : `${encode(file)}:${line ?? 0}`;
  const rest = extras === undefined || Object.keys(extras).length === 0 ? '' : ` ${JSON.stringify(extras)}`;
  return `[${encode(logger)} ${pid ?? '-'} ${encode(thread)} ${place}${rest}]`;
}

/**
 * A line's text with its block before it. A text that begins like a block, of a line that has none, gets an empty one: no message can say
 * where it comes from. Lines without a level have no blocks.
 */
export function withSource(level: string | null, source: string | undefined, text: string): string {
  if (level === null || level === '') return text;
  if (source) return `${source} ${text}`;
  return looksLikeSource(text) ? `${EMPTY_SOURCE} ${text}` : text;
}

/** Whether the text of a line without a block would be read as one. */
function looksLikeSource(text: string): boolean {
  if (!text.startsWith('[')) return false;
  const lf = text.indexOf('\n');
  const line = Buffer.from(text.slice(0, Math.min(lf === -1 ? text.length : lf, MAX_SOURCE_BYTES + 1)));
  return sourceBlockEnd(line, 0, line.length) !== -1;
}

/** What the block in [start, end) says, as Head tells where it stands; undefined where it is none. */
export function parseSource(bytes: Uint8Array, start: number, end: number): Source | undefined {
  if (sourceBlockEnd(bytes, start, end) !== end) return undefined;
  const brace = findByte(bytes, 0x7b, start, end);
  const text = textOf(bytes, start + 1, end - 1);
  const [logger = '-', pid = '-', thread = '-', place = '-'] = text.split(' ', 4);
  const colon = place.lastIndexOf(':');
  const source: Source = {};
  const name = decode(logger);
  const threadName = decode(thread);
  if (name !== undefined) source.logger = name;
  if (pid !== '-') source.pid = Number(pid);
  if (threadName !== undefined) source.thread = threadName;
  if (place !== '-') {
    source.file = decode(place.slice(0, colon)) ?? '-';
    const line = Number(place.slice(colon + 1));
    if (line > 0) source.line = line;
  }
  const extrasAt = [logger, pid, thread, place].join(' ').length + 1;
  if (brace !== -1 && text[extrasAt] === '{') {
    try {
      const extras: unknown = JSON.parse(text.slice(extrasAt));
      if (typeof extras === 'object' && extras !== null) source.extras = { ...extras };
    } catch {
      // Braces that hold no JSON: there is nothing more to tell than the line shows.
    }
  }
  return source;
}
