/** What a line's beginning says, and what reads it. */

import type { Source } from './layouts/sourceBlock.ts';

/** Reused from line to line: copy what is to be kept. */
export interface Head {
  /** µs since the epoch, UTC; NaN where the line names no time, though it begins a record. */
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
  /** Where the part starts that a module's line and its twin in master.log have in common: the message, with the level where that is all before it. */
  body: number;
  /** What the line holds besides time, level and message (a source block, a JSON object), in [blockStart, blockEnd); both 0 where nothing. */
  blockStart: number;
  blockEnd: number;
  /** It holds a stack trace that the lines which follow do not show: in a field of a JSON object, or of logfmt. */
  trace: boolean;
}

export const newHead = (): Head => ({
  time: Number.NaN,
  offset: null,
  level: -1,
  message: 0,
  nameStart: 0,
  nameEnd: 0,
  body: 0,
  blockStart: 0,
  blockEnd: 0,
  trace: false,
});

/** Reads the heads of one file's lines; may keep what neighbouring lines share. */
export interface Layout {
  /** What names it: createLayout makes its like from this. */
  readonly name: string;
  /** True where the line [start, end) begins a record; what it says is then in `head`, all of whose fields are set. */
  read(bytes: Uint8Array, start: number, end: number, head: Head): boolean;
  /** The message where it is not just the bytes from `head.message` on; for the line that was read last. */
  text?(bytes: Uint8Array, end: number, head: Head): string;
  /** Lines have to be there up to this many bytes for their head to be read; MAX_HEAD_BYTES where absent. */
  readonly headBytes?: number;
  /** Lines name no time. */
  readonly timeless?: boolean;
  /** The level stands at the beginning of a record's second line: `LEVEL: message`. */
  readonly levelFollows?: boolean;
  /** The line that was read last can be of no other layout. */
  readonly isSure?: boolean;
  /** What the line that was read last names besides time, level and message, where that is no block. */
  source?(bytes: Uint8Array): Source | undefined;
}

/** No head is longer, in most layouts; what follows need not be there to read one. */
export const MAX_HEAD_BYTES = 4096;

/** What a layout has to know of the file whose lines it reads. */
export interface FileContext {
  /** µs: when the file was last changed. Stamps without a year, or without a date, are not after it. */
  modified(): number;
}
