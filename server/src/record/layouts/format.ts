/**
 * Python's format strings (logging.Formatter: https://docs.python.org/3/library/logging.html#logrecord-attributes), which describe the
 * layouts of many other programs too. A format is compiled once to elements; no regex per line.
 */
import { BLANK, literalAt, skipDigits, textOf } from '../bytes.ts';
import { createStamp, isDateless } from '../dateFormat.ts';
import type { FormatStyle } from '../formatStyle.ts';
import type { FileContext, Head, Layout } from '../head.ts';
import { findAnyLevel } from '../level.ts';
import type { StampParser } from '../timestamp.ts';
import { StampReader } from '../timestamp.ts';
import type { Source } from './sourceBlock.ts';

type Kind = 'literal' | 'stamp' | 'level' | 'levelNumber' | 'field';

/** All of one shape: reading a property of one of many shapes costs more than the rest of the work. */
interface Element {
  kind: Kind;
  /** A literal; a field's end. */
  bytes: Buffer;
  firstByte: number;
  stamps: StampParser | undefined;
  /** The same, where it is ISO 8601. */
  iso: StampReader | undefined;
  /** Ms follow the stamp. */
  millis: boolean;
  /** A level's name is cut to so many letters; 0: whole. */
  cut: number;
  /** What is shorter is filled up with blanks behind it. */
  width: number;
  /** The field's value may have blanks. */
  blanks: boolean;
  /** The field's name. */
  name: string;
}

/** A field in front of the level (a logger's name, a path) is not looked for any further than this. */
const MAX_FIELD_BYTES = 512;
const BLANKS = Buffer.from(' ');
const DATEFMT = ';datefmt=';
/** Their values may have blanks. */
const blankFields = new Set(['threadName', 'processName', 'pathname', 'taskName']);

const numbers = new Set(['lineno', 'process', 'thread', 'levelno', 'created', 'msecs', 'relativeCreated']);

interface Placeholder {
  name: string;
  /** What is shorter is filled up with blanks behind it. */
  width: number;
  /** 0: not cut. */
  cut: number;
}

/** Which of Python's three styles a format has: `%(name)s`, `{name}`, `$name` or `${name}`. */
export const styleOf = (format: string): FormatStyle =>
  /%\(\w+\)/.test(format) ? '%' : /\{\w/.test(format) && !format.includes('${') ? '{' : '$';

/** Literal parts and placeholders in turn. */
function parse(format: string): (string | Placeholder)[] {
  const style = styleOf(format);
  const pattern =
    style === '%'
      ? /%%|%\((?<name>\w+)\)[#0 +]*(?<left>-?)[#0 +]*(?<width>\d*)(?:\.(?<cut>\d+))?[sdifrcx]/g
      : style === '{'
        ? /\{\{|\}\}|\{(?<name>\w+)(?:![rsa])?(?::(?:[^{}]?(?<align>[<^>=]))?0?(?<width>\d*)(?:\.(?<cut>\d+))?[sdfx]?)?\}/g
        : /\$\$|\$\{?(?<name>[a-z_]\w*)\}?/gi;
  const parts: (string | Placeholder)[] = [];
  let literal = '';
  let from = 0;
  for (const match of format.matchAll(pattern)) {
    literal += format.slice(from, match.index);
    from = match.index + match[0].length;
    const { name, left, align, width, cut } = match.groups ?? {};
    if (name === undefined) {
      literal += match[0][0] ?? '';
      continue;
    }
    if (literal !== '') parts.push(literal);
    literal = '';
    // Numbers stand at the right where nothing else is said; in `%` style, everything does.
    const filled = left ? true : format[match.index] === '{' && (align === '<' || (align === undefined && !numbers.has(name)));
    parts.push({ name, width: filled ? Number(width || 0) : 0, cut: Number(cut ?? 0) });
  }
  literal += format.slice(from);
  if (literal !== '') parts.push(literal);
  return parts;
}

/** `FORMAT;datefmt=DATEFMT` in its two parts. */
export function splitFormat(text: string): { format: string; datefmt: string | undefined } {
  const at = text.lastIndexOf(DATEFMT);
  return at === -1 ? { format: text, datefmt: undefined } : { format: text.slice(0, at), datefmt: text.slice(at + DATEFMT.length) };
}

/** The inverse of splitFormat. */
export const joinFormat = (format: string, datefmt: string | undefined): string =>
  datefmt === undefined ? format : `${format}${DATEFMT}${datefmt}`;

function element(
  kind: Kind,
  {
    bytes = BLANKS,
    stamps,
    millis = false,
    cut = 0,
    width = 0,
    blanks = false,
    name = '',
  }: Partial<Omit<Element, 'kind' | 'firstByte' | 'iso'>>,
): Element {
  const iso = stamps instanceof StampReader ? stamps : undefined;
  return { kind, bytes, firstByte: bytes[0] ?? BLANK, stamps, iso, millis, cut, width, blanks, name };
}

function compile(format: string, datefmt: string | undefined, context: FileContext): Element[] {
  const elements: Element[] = [];
  const parts = parse(format);
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part === undefined) continue;
    if (typeof part === 'string') {
      elements.push(element('literal', { bytes: Buffer.from(part) }));
      continue;
    }
    const { name, width, cut } = part;
    if (name === 'message') break;
    if (name === 'line') continue;
    const next = parts[i + 1];
    const afterNext = parts[i + 2];
    if (name === 'asctime') {
      const millis = (next === ',' || next === '.') && typeof afterNext === 'object' && afterNext.name === 'msecs';
      elements.push(element('stamp', { stamps: createStamp(datefmt, context, millis), millis }));
      // The stamp's reader takes them as its fraction.
      if (millis) i += 2;
    } else if (name === 'created') elements.push(element('stamp', { stamps: createStamp('%s', context) }));
    else if (name === 'levelname') elements.push(element('level', { cut, width }));
    else if (name === 'levelno') elements.push(element('levelNumber', {}));
    else {
      const before = parts[i - 1];
      const bracketed = typeof before === 'string' && /[[({<]$/.test(before);
      const bytes = typeof next === 'string' ? Buffer.from(next) : BLANKS;
      elements.push(element('field', { bytes, blanks: bracketed || blankFields.has(name), width, name }));
    }
  }
  return elements;
}

export class FormatLayout implements Layout {
  readonly name: string;
  readonly timeless: boolean;
  private readonly elements: readonly Element[];
  /** The message is the whole line: what stands in front of the stamp says something, too. */
  private readonly isWholeLine: boolean;
  /** Of the line that was read last: where each element's value begins and ends. */
  private readonly places: Int32Array;

  /**
   * @param format of Python, in any of its three styles; `%(line)s` at its beginning makes all of the line the message, which then also says
   * the time of day where stamps have no date: nothing tells of which day it is
   * @param datefmt of strftime; undefined for ISO 8601 (Python's default)
   * @param strict the format was given, not found: a line that does not fit continues a record, and unknown levels' names are names
   * @throws RangeError where the date format cannot be read back
   */
  constructor(
    format: string,
    datefmt: string | undefined,
    context: FileContext,
    private readonly strict = false,
  ) {
    this.name = joinFormat(format, datefmt);
    this.elements = compile(format, datefmt, context);
    this.isWholeLine = format.startsWith('%(line)s');
    this.places = new Int32Array(this.elements.length * 2);
    const isTimeOfDay = this.isWholeLine && datefmt !== undefined && isDateless(datefmt);
    this.timeless = isTimeOfDay || !this.elements.some(({ kind }) => kind === 'stamp');
  }

  read(bytes: Uint8Array, start: number, end: number, head: Head): boolean {
    const { elements } = this;
    let at = start;
    let complete = this.timeless;
    let levelled = false;
    let body = -1;
    head.level = -1;
    for (let i = 0; i < elements.length; i++) {
      const element = elements[i];
      if (element === undefined) return false;
      switch (element.kind) {
        case 'stamp': {
          while (at < end && bytes[at] === BLANK) at++;
          const { iso, stamps } = element;
          // Named apart, so that the usual one is called directly.
          const stamp = iso?.stamp ?? stamps?.stamp;
          if (stamp === undefined || !(iso === undefined ? stamps?.read(bytes, at, end) : iso.read(bytes, at, end))) return false;
          head.time = stamp.time;
          head.offset = stamp.offset;
          at = stamp.end;
          // Python's default stamp has ms already.
          if (element.millis && (bytes[at] === 0x2c || bytes[at] === 0x2e)) at = skipDigits(bytes, at + 1, end);
          complete = true;
          break;
        }
        case 'level': {
          while (at < end && bytes[at] === BLANK) at++;
          const word = findAnyLevel(bytes, at, end, element.cut);
          if (word !== undefined) {
            head.level = word.level;
            body = at;
          } else if (!this.strict) return false;
          const after = word === undefined ? unknownLevelEnd(bytes, at, end) : word.end;
          if (after === at) return false;
          levelled = true;
          at = this.skipPadding(bytes, after, end, element.width - (after - at), i);
          break;
        }
        case 'levelNumber': {
          const after = skipDigits(bytes, at, Math.min(end, at + 4));
          if (after === at) return false;
          let level = 0;
          for (let digit = at; digit < after; digit++) level = level * 10 + ((bytes[digit] ?? 0) - 0x30);
          head.level = Math.min(level, 254);
          body = at;
          at = after;
          break;
        }
        case 'literal':
          // An empty message has nothing behind the last separator, often not even its blank.
          if (literalAt(bytes, at, end, element.bytes)) at += element.bytes.length;
          else if (complete && (levelled || this.strict) && at + element.bytes.length > end && i === elements.length - 1) at = end;
          else return false;
          break;
        default: {
          while (at < end && bytes[at] === BLANK) at++;
          const from = at;
          const limit = Math.min(end, at + MAX_FIELD_BYTES);
          const { bytes: stop, firstByte: stopByte } = element;
          const mayHaveBlanks = stopByte === BLANK || element.blanks;
          for (; at < limit; at++) {
            const byte = bytes[at];
            if (byte === stopByte) {
              if (stop.length === 1 || literalAt(bytes, at, end, stop)) break;
            } else if (byte === BLANK && !mayHaveBlanks) return false;
          }
          if (at === from || at === limit) return false;
          this.places[2 * i] = from;
          this.places[2 * i + 1] = at;
          if (element.width > at - from) at = this.skipPadding(bytes, at, end, element.width - (at - from), i);
        }
      }
    }
    if (!complete) return false;
    head.message = this.isWholeLine ? start : at;
    head.body = this.isWholeLine ? start : body === -1 ? at : body;
    if (this.timeless) {
      head.time = Number.NaN;
      head.offset = null;
    }
    head.nameStart = 0;
    head.nameEnd = 0;
    head.blockStart = 0;
    head.blockEnd = 0;
    return true;
  }

  /** What the line that was read last names besides time, level and message. */
  source(bytes: Uint8Array): Source {
    const source: Source = {};
    for (const [i, { kind, name }] of this.elements.entries()) {
      if (kind !== 'field') continue;
      const value = textOf(bytes, this.places[2 * i] ?? 0, this.places[2 * i + 1] ?? 0).trimEnd();
      if (value !== '-') addField(source, name, value);
    }
    return source;
  }

  /**
   * Blanks that fill up a field of a known width. Where the width is not known, padding is skipped up to the next literal; in front of a
   * single blank it stays with what follows (it cannot be told from an indented message).
   */
  private skipPadding(bytes: Uint8Array, from: number, end: number, padding: number, index: number): number {
    let at = from;
    for (let left = padding; left > 0 && at < end && bytes[at] === BLANK; left--) at++;
    const next = this.elements[index + 1];
    if (next?.kind === 'literal') while (at < end && bytes[at] === BLANK && !literalAt(bytes, at, end, next.bytes)) at++;
    return at;
  }
}

/** A field of a format, by Python's name of it. */
function addField(source: Source, name: string, value: string): void {
  if (name === 'name') source.logger = value;
  else if (name === 'process' && /^\d{1,15}$/.test(value)) source.pid = Number(value);
  else if (name === 'threadName') source.thread = value;
  else if (name === 'lineno') {
    if (Number(value) > 0) source.line = Number(value);
  } else if (name === 'pathname' || (name === 'filename' && source.file === undefined)) source.file = value;
  else source.extras = { ...source.extras, [name]: value };
}

/** Python's own name of a level without a name, or a program's: `Level 35`, `AUDIT`. */
function unknownLevelEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && i < at + 32) {
    const byte = bytes[i] ?? 0;
    if (!((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || byte === 0x2d)) break;
    i++;
  }
  return i;
}
