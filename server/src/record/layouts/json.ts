/** JSON lines: an object a line. The line is walked over once, not parsed; only what is shown is decoded. */
import { BLANK, isDigit, QUOTE, textOf } from '../bytes.ts';
import type { Head, Layout } from '../head.ts';
import { quotedTrace } from '../traceLine.ts';
import { fieldOf, readLevel, readTime } from './fields.ts';
import { skipString, unescapeString } from './jsonBytes.ts';

/** Time and level may stand behind a long message. */
const HEAD_BYTES = 1 << 20;

const skipSpace = (bytes: Uint8Array, at: number, end: number): number => {
  let i = at;
  while (i < end && (bytes[i] === BLANK || bytes[i] === 0x09)) i++;
  return i;
};

export class JsonLayout implements Layout {
  readonly name = 'json';
  readonly headBytes = HEAD_BYTES;
  /** The message and the stack trace, between their quotes; -1 where there is none. */
  private messageStart = -1;
  private messageEnd = -1;
  private messageRank = 99;
  private traceStart = -1;
  private traceEnd = -1;
  private found = 0;

  read(bytes: Uint8Array, start: number, end: number, head: Head): boolean {
    if (bytes[start] !== 0x7b) return false;
    const key = skipSpace(bytes, start + 1, end);
    if (bytes[key] !== QUOTE || key >= end) return false;
    this.messageStart = -1;
    this.messageRank = 99;
    this.traceStart = -1;
    this.found = 0;
    head.time = Number.NaN;
    head.offset = null;
    head.level = -1;
    this.walk(bytes, start, end, head, 0, 0);
    if (this.found === 0) return false;
    head.message = this.messageStart === -1 ? start : this.messageStart;
    head.body = start;
    head.nameStart = 0;
    head.nameEnd = 0;
    head.blockStart = start;
    head.blockEnd = end;
    head.trace = this.traceStart !== -1 || (this.messageStart !== -1 && quotedTrace(bytes, this.messageStart, this.messageEnd));
    return true;
  }

  /** The message, and the stack trace on lines of its own; the whole line where there is no message. */
  text(bytes: Uint8Array, end: number, head: Head): string {
    if (this.messageStart === -1) return textOf(bytes, head.blockStart, end);
    const message = unescapeString(textOf(bytes, this.messageStart, this.messageEnd));
    if (this.traceStart === -1) return message;
    const trace = unescapeString(textOf(bytes, this.traceStart, this.traceEnd));
    return message.includes(trace) ? message : `${message.replace(/\n+$/, '')}\n${trace}`;
  }

  /** Walks over the object at `at`; the byte after it, or `end` where it is cut. `parent` is the first byte of its key, 0 at the top. */
  private walk(bytes: Uint8Array, at: number, end: number, head: Head, depth: number, parent: number): number {
    let i = at + 1;
    while (i < end) {
      i = skipSpace(bytes, i, end);
      if (i >= end) return end;
      if (bytes[i] === 0x7d) return i + 1;
      if (bytes[i] === 0x2c) {
        i++;
        continue;
      }
      if (bytes[i] !== QUOTE) return end;
      const keyStart = i + 1;
      const keyEnd = skipString(bytes, i, end);
      if (keyEnd === 0) return end;
      i = skipSpace(bytes, keyEnd, end);
      if (i >= end || bytes[i] !== 0x3a) return end;
      i = skipSpace(bytes, i + 1, end);
      if (i >= end) return end;
      const field = depth === 0 || parent !== 0 ? fieldOf(bytes, keyStart, keyEnd - 1) : undefined;
      const first = bytes[i];
      if (first === 0x7b && field !== undefined && depth === 0) {
        i = this.walk(bytes, i, end, head, 1, bytes[keyStart] ?? 0);
        continue;
      }
      const quoted = first === QUOTE;
      const valueStart = quoted ? i + 1 : i;
      const after = quoted ? skipString(bytes, i, end) : skipValue(bytes, i, end);
      const cut = quoted && after === 0;
      const valueEnd = cut ? end : quoted ? after - 1 : after;
      if (field !== undefined) this.take(field.role, field.rank, bytes, valueStart, valueEnd, quoted, head, parent);
      if (cut) return end;
      i = after;
    }
    return end;
  }

  private take(
    role: string,
    rank: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    quoted: boolean,
    head: Head,
    parent: number,
  ): void {
    // Of nested objects: `t: {$date}` and `instant`, `log: {level}`, `fields: {message}`, any error's stack.
    if (role === 'time') {
      if (parent !== 0 && parent !== 0x74 && parent !== 0x69) return;
      if (Number.isNaN(head.time) && (quoted || isDigit(bytes[start])) && readTime(bytes, start, end, head)) this.found++;
    } else if (role === 'message') {
      if (!quoted || (parent !== 0 && parent !== 0x66) || rank >= this.messageRank) return;
      this.messageRank = rank;
      this.messageStart = start;
      this.messageEnd = end;
      this.found++;
    } else if (role === 'trace') {
      if (!quoted || end - start < 8 || this.traceStart !== -1) return;
      this.traceStart = start;
      this.traceEnd = end;
    } else if (role === 'level' || role === 'severity' || role === 'levelNumber') {
      if ((parent !== 0 && parent !== 0x6c) || head.level !== -1 || (!quoted && !isDigit(bytes[start]))) return;
      head.level = readLevel(role, bytes, start, end);
      if (head.level !== -1) this.found++;
    }
  }
}

/** The byte after a number, a word, an array or an object. */
function skipValue(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0;
  for (let i = at; i < end; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      const after = skipString(bytes, i, end);
      if (after === 0) return end;
      i = after - 1;
    } else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      if (depth === 0) return i;
      depth--;
      if (depth === 0) return i + 1;
    } else if (byte === 0x2c && depth === 0) return i;
  }
  return end;
}
