/**
 * Layouts: how a line says when and how severe. Python's format strings (logging.Formatter, `%` style) name them:
 * https://docs.python.org/3/library/logging.html#logrecord-attributes. A layout is compiled once to a reader of bytes; no regex per line.
 */
import { findLevel } from './level.ts';
import { StampReader } from './timestamp.ts';

/** What a line's beginning says. Reused: copy what is to be kept. */
export interface Head {
  /** µs since the epoch, UTC. */
  time: number;
  /** The stamp's own offset from UTC in minutes; null where it names none. */
  offset: number | null;
  /** -1 where the line names none. */
  level: number;
  /** Where the message starts. */
  message: number;
  /** Master lines only: the log's base name without `.log` stands in [nameStart, nameEnd); both 0 where the line names none. */
  nameStart: number;
  nameEnd: number;
  /** Where the part starts that a module's line and its twin in master.log have in common: the level, or the message. */
  body: number;
}

type Element = { kind: 'literal'; bytes: Buffer } | { kind: 'stamp' } | { kind: 'level' } | { kind: 'field' };

/** Layouts that are told apart by looking at a file's first lines, the more specific first. What stands behind the level is the message. */
const formats = [
  '%(asctime)s %(levelname)s %(message)s',
  '%(asctime)s - %(levelname)s - %(message)s',
  '%(asctime)s [%(levelname)s] %(message)s',
  '%(asctime)s [%(levelname)s]: %(message)s',
  '%(asctime)s:%(levelname)s:%(message)s',
  '%(asctime)s: %(levelname)s: %(message)s',
  '%(asctime)s | %(levelname)s | %(message)s',
  '[%(asctime)s] %(levelname)s: %(message)s',
  '[%(asctime)s] %(levelname)s %(message)s',
  '[%(asctime)s] [%(levelname)s] %(message)s',
  '[%(asctime)s: %(levelname)s] %(message)s',
  '[%(asctime)s: %(levelname)s/%(processName)s] %(message)s',
  '[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s',
  '%(asctime)s - %(name)s - %(levelname)s - %(message)s',
  '%(asctime)s | %(name)s | %(levelname)s | %(message)s',
  '%(asctime)s:%(name)s:%(levelname)s:%(message)s',
  '%(asctime)s [%(name)s] %(levelname)s: %(message)s',
  '%(asctime)s [%(name)s] %(levelname)s %(message)s',
  '%(asctime)s [%(name)s] [%(levelname)s] %(message)s',
  '[%(asctime)s] {%(pathname)s:%(lineno)d} %(levelname)s - %(message)s',
  '%(asctime)s,%(msecs)d %(name)s %(levelname)s %(message)s',
  '%(levelname)s %(asctime)s %(message)s',
  '%(levelname)s - %(asctime)s - %(message)s',
  '%(levelname)s:%(asctime)s:%(message)s',
  '[%(levelname)s] %(asctime)s %(message)s',
  '%(asctime)s %(name)s %(levelname)s %(message)s',
  '%(asctime)s %(name)s[%(process)d] %(levelname)s %(message)s',
  '%(asctime)s %(process)d %(levelname)s %(message)s',
] as const;

const BLANK = 0x20;
/** A field in front of the level (a logger's name, a path) is not looked for any further than this. */
const MAX_FIELD_BYTES = 512;
/** No head is longer; what follows need not be there to read one. */
export const MAX_HEAD_BYTES = 4096;

function compile(format: string): Element[] {
  const elements: Element[] = [];
  const pattern = /%\((\w+)\)[-#0 +]*\d*(?:\.\d+)?[sd]/g;
  let from = 0;
  for (const match of format.matchAll(pattern)) {
    if (match.index > from) elements.push({ kind: 'literal', bytes: Buffer.from(format.slice(from, match.index)) });
    from = match.index + match[0].length;
    const name = match[1];
    if (name === 'message') break;
    elements.push({ kind: name === 'asctime' ? 'stamp' : name === 'levelname' ? 'level' : 'field' });
  }
  return elements;
}

const compiled = formats.map((format) => ({ format, elements: compile(format) }));

function literalAt(bytes: Uint8Array, at: number, end: number, literal: Uint8Array): boolean {
  if (at + literal.length > end) return false;
  for (let i = 0; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return false;
  return true;
}

/** Reads the heads of one file's lines. */
export class HeadReader {
  readonly head: Head = { time: 0, offset: null, level: -1, message: 0, nameStart: 0, nameEnd: 0, body: 0 };
  /** Lines whose stamps were read through it share their minute. */
  private readonly stamps = new StampReader();
  private elements: readonly Element[] | undefined;

  /** @param master the file is a user's master.log: `STAMP MODULE.log LEVEL message` */
  constructor(private readonly master: boolean) {}

  /**
   * Chooses the layout from a sample of the file's beginning. Safelog's own layout is the default, and wins where stamps carry an offset.
   * @returns the format string; null for Safelog's own
   */
  detect(sample: Uint8Array): string | null {
    this.elements = undefined;
    if (this.master) return null;
    const lines: [number, number][] = [];
    for (let start = 0; start < sample.length && lines.length < 200; ) {
      const lf = sample.indexOf(0x0a, start);
      const end = lf === -1 ? sample.length : lf;
      if (end > start) lines.push([start, Math.min(end, start + MAX_HEAD_BYTES)]);
      start = end + 1;
    }
    let best: (typeof compiled)[number] | undefined;
    let bestCount = lines.filter(([start, end]) => this.readSafelog(sample, start, end) && this.head.level !== -1).length;
    const stamped = lines.filter(([start, end]) => this.readSafelog(sample, start, end)).length;
    // Python's asctime has no offset: these are Safelog's own, and a level's word further on is a message's.
    if (lines.some(([start, end]) => this.readSafelog(sample, start, end) && this.head.offset !== null && sample[start + 10] === BLANK))
      return null;
    for (const layout of compiled.slice(1)) {
      const count = lines.filter(([start, end]) => this.readElements(layout.elements, sample, start, end)).length;
      // A word in a message must not pass for a layout: most of the lines that start with a stamp have to agree.
      if (count > bestCount && count >= stamped * 0.8) {
        best = layout;
        bestCount = count;
      }
    }
    this.elements = best?.elements;
    return best?.format ?? null;
  }

  /** True where the line [start, end) begins a record; what it says is then in `this.head`. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const { elements } = this;
    if (elements === undefined) return this.readSafelog(bytes, start, end);
    return this.readElements(elements, bytes, start, end) || this.readSafelog(bytes, start, end);
  }

  /** `STAMP [LEVEL] message`; in master.log `STAMP [MODULE.log] [LEVEL] message`. */
  private readSafelog(bytes: Uint8Array, start: number, end: number): boolean {
    const { head, stamps } = this;
    const opening = bytes[start] === 0x5b ? 1 : 0;
    if (!stamps.read(bytes, start + opening, end)) return false;
    let at = stamps.stamp.end;
    if (opening === 1) {
      if (bytes[at] !== 0x5d) return false;
      at++;
    }
    // A digit or letter straight after it: a file's name or a number, not a stamp.
    if (at < end && !isBoundary(bytes[at] ?? 0)) return false;
    head.time = stamps.stamp.time;
    head.offset = stamps.stamp.offset;
    if (at < end && bytes[at] === BLANK) at++;
    head.nameStart = 0;
    head.nameEnd = 0;
    if (this.master && this.readName(bytes, at, end)) at = Math.min(head.nameEnd + LOG_SUFFIX.length, end);
    head.body = at;
    const word = findLevel(bytes, at, end);
    // The word must stand alone: `INFO:` is a message's own.
    if (word !== undefined && (word.end === end || bytes[word.end] === BLANK || bytes[word.end] === 0x0d)) {
      head.level = word.level;
      head.message = word.end < end && bytes[word.end] === BLANK ? word.end + 1 : word.end;
    } else {
      head.level = -1;
      head.message = at;
    }
    return true;
  }

  /** `NAME.log ` at `at`: NAME has no blank, since the name comes first and a message may well end in `.log`. */
  private readName(bytes: Uint8Array, at: number, end: number): boolean {
    const limit = Math.min(end, at + 256);
    let blank = at;
    while (blank < limit && bytes[blank] !== BLANK) blank++;
    const nameEnd = blank - 4;
    if (nameEnd <= at || !literalAt(bytes, nameEnd, blank, LOG_SUFFIX.subarray(0, 4))) return false;
    this.head.nameStart = at;
    this.head.nameEnd = nameEnd;
    return true;
  }

  private readElements(elements: readonly Element[], bytes: Uint8Array, start: number, end: number): boolean {
    const { head, stamps } = this;
    let at = start;
    let stamped = false;
    head.level = -1;
    for (let i = 0; i < elements.length; i++) {
      const element = elements[i];
      if (element === undefined) return false;
      if (element.kind === 'stamp') {
        while (at < end && bytes[at] === BLANK) at++;
        if (!stamps.read(bytes, at, end)) return false;
        at = stamps.stamp.end;
        stamped = true;
      } else if (element.kind === 'level') {
        const word = findLevel(bytes, at, end);
        if (word === undefined) return false;
        head.level = word.level;
        head.body = at;
        at = word.end;
        // `%(levelname)-8s` pads. (Padding in front of a single blank stays with the message: it cannot be told from an indented one.)
        const next = elements[i + 1];
        if (next?.kind === 'literal') while (at < end && bytes[at] === BLANK && !literalAt(bytes, at, end, next.bytes)) at++;
      } else if (element.kind === 'literal') {
        // An empty message has nothing behind the last separator, often not even its blank.
        if (literalAt(bytes, at, end, element.bytes)) at += element.bytes.length;
        else if (stamped && head.level !== -1 && at + element.bytes.length > end) at = end;
        else return false;
      } else {
        const next = elements[i + 1];
        const stop = next?.kind === 'literal' ? next.bytes : BLANKS;
        const limit = Math.min(end, at + MAX_FIELD_BYTES);
        const from = at;
        while (at < limit && !literalAt(bytes, at, end, stop)) {
          if (bytes[at] === BLANK && stop[0] !== BLANK) return false;
          at++;
        }
        if (at === from || at === limit) return false;
      }
    }
    if (!stamped) return false;
    head.time = stamps.stamp.time;
    head.offset = stamps.stamp.offset;
    head.message = at;
    head.nameStart = 0;
    head.nameEnd = 0;
    return true;
  }
}

const BLANKS = Buffer.from(' ');
const LOG_SUFFIX = Buffer.from('.log ');

const isBoundary = (byte: number): boolean =>
  !(byte >= 0x30 && byte <= 0x39) && !(byte >= 0x41 && byte <= 0x5a) && !(byte >= 0x61 && byte <= 0x7a);
