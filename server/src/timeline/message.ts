/** A record's bytes → what it says. */
import { isAscii } from 'node:buffer';
import type { Generation } from '../index/generation.ts';
import { NO_LEVEL } from '../index/nameTable.ts';
import type { RecordNumber, RecordStore } from '../index/recordStore.ts';
import type { Level, Micros } from '../protocol.ts';

export interface Message {
  /** Of its own stamp; of its place in the order where it has none. */
  time: Micros;
  /** The stamp's offset from UTC in minutes; null where it names none. */
  offset: number | null;
  level: Level;
  /** Lines joined by LF; CR before LF and trailing LFs dropped; invalid UTF-8 as U+FFFD. */
  text: string;
}

const LF = 0x0a;
const CR = 0x0d;

/** Bytes of which many parts are wanted as text: what is ASCII, as most of a log is, is decoded at once, and only cut. */
export class Span {
  /** The bytes one by one, once they are wanted. */
  private latin1: string | undefined;
  private isAscii = false;

  constructor(readonly bytes: Buffer) {}

  /** Invalid UTF-8 as U+FFFD. */
  text(start: number, end: number): string {
    const { bytes } = this;
    if (this.latin1 === undefined) {
      this.latin1 = bytes.toString('latin1');
      this.isAscii = isAscii(bytes);
    }
    return this.isAscii || isAscii(bytes.subarray(start, end)) ? this.latin1.slice(start, end) : bytes.toString('utf8', start, end);
  }
}

/** What a record says. The bytes may be only its beginning: the text is then that much of it. */
export const readMessage = (generation: Generation, record: RecordNumber, bytes: Buffer): Message =>
  readMessageIn(generation, record, { bytes, text: (start, end) => bytes.toString('utf8', start, end) }, 0, bytes.length);

/** The same for a record that stands in [start, end) of a span. */
export function readMessageIn(
  { store, heads }: Pick<Generation, 'heads'> & { store: Pick<RecordStore, 'key' | 'level'> },
  record: RecordNumber,
  span: Pick<Span, 'bytes' | 'text'>,
  start: number,
  end: number,
): Message {
  const { bytes } = span;
  const level = store.level(record);
  const message: Message = { time: store.key(record), offset: null, level: level === NO_LEVEL ? null : level, text: '' };
  const lineEnd = lineEndIn(bytes, start, end);
  let from = start;
  // A record may begin with a line that has no head: the end of an entry whose beginning is in an older generation.
  if (heads.read(bytes, start, lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd)) {
    if (!Number.isNaN(heads.head.time)) message.time = heads.head.time;
    message.offset = heads.head.offset;
    from = heads.head.message;
    if (heads.decodes) {
      message.text = `${heads.text(bytes, lineEnd)}${span.text(lineEnd, end)}`.replaceAll('\r\n', '\n').replace(/\n+$/, '');
      return message;
    }
  }
  let to = end;
  while (to > from && bytes[to - 1] === LF) to -= to - 1 > from && bytes[to - 2] === CR ? 2 : 1;
  const text = span.text(from, to);
  message.text = to > lineEnd ? text.replaceAll('\r\n', '\n') : text;
  return message;
}

/** Lines are short: they are gone through faster than a call of indexOf. */
const NEAR = 256;

function lineEndIn(bytes: Buffer, start: number, end: number): number {
  const near = Math.min(end, start + NEAR);
  for (let at = start; at < near; at++) if (bytes[at] === LF) return at;
  const lf = near < end ? bytes.indexOf(LF, near) : -1;
  return lf === -1 || lf > end ? end : lf;
}

/**
 * Where the message starts of a record that stands in [start, end) of the bytes; they may be only its beginning.
 * @param isLine it is known to be one line, line end included
 */
export function messageStart({ heads }: Generation, bytes: Buffer, start = 0, end = bytes.length, isLine = false): number {
  return heads.read(bytes, start, isLine ? end - 1 : lineEndIn(bytes, start, end)) ? heads.head.message : start;
}

/** The module that a record belongs to: the one that a line of master.log names, else the file's. */
export function moduleOf(generation: Generation, record: RecordNumber): string {
  return (generation.master ? generation.store.namedModule(record) : '') || generation.file.module;
}
