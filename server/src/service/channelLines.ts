/** The lines of one channel in one log: `TIMESTAMP PREFIX [SOURCE ]text`. */

import { EMPTY_SOURCE, type Source } from '../record/layouts/sourceBlock.ts';
import type { LineFormat } from '../record/lineFormat.ts';
import { formatSafelog } from '../record/timestamp.ts';
import type { LineBuffer } from '../writer/lineBuffer.ts';

const BLANK = 0x20;
const TAB = 0x09;
const LINE_FEED = 0x0a;
/** `2026-11-20 22:56:00.406171+00:00`, and where its fraction is. */
const STAMP_BYTES = 32;
const FRACTION = 20;
const GUARD = Buffer.from(`${EMPTY_SOURCE} `);

/** Where a record's source block and text are in its batch. */
export interface RecordPlace {
  /** µs since the epoch. */
  time: number;
  sourceStart: number;
  /** As sourceStart where there is none. */
  sourceEnd: number;
  textStart: number;
  textEnd: number;
}

export class ChannelLines {
  readonly #prefix: Buffer;
  readonly #level: string;
  #lines: LineBuffer | null = null;
  #batch: Buffer = NOTHING;
  /** Where the last line begins in the lines' memory, its time, and whether its stamp has a fraction. */
  #last = -1;
  #lastTime = -1;

  /** `name`, if there is one, stands between the stamp and the level. */
  constructor(level: string, name = '') {
    this.#level = level;
    this.#prefix = Buffer.from(` ${name === '' ? '' : `${name} `}${level === '' ? '' : `${level} `}`);
  }

  /** More bytes than the heads of so many lines have. */
  headBytes(lines: number): number {
    return lines * (STAMP_BYTES + this.#prefix.length + GUARD.length + 2);
  }

  begin(lines: LineBuffer, batch: Buffer): void {
    this.#lines = lines;
    this.#batch = batch;
    this.#last = -1;
  }

  end(): void {
    this.#lines = null;
    this.#batch = NOTHING;
  }

  /**
   * Adds a record in a format. False where that would not be read back as what it is: nothing has been added then.
   * @param level its number
   */
  addAs(format: LineFormat, source: Source, level: number, record: RecordPlace, isOneLine: boolean): boolean {
    const lines = this.#lines;
    const head = format.head(record.time, this.#level, source);
    if (!lines || head === undefined) return false;
    const { length } = lines;
    const bytes = lines.reserve(head.length * 3 + (record.textEnd - record.textStart) * 2 + 1);
    const message = length + bytes.write(head, length);
    const end = this.#text(bytes, message, record, isOneLine, lines.staged);
    const lineFeed = bytes.indexOf(LINE_FEED, message);
    if (!format.readsBack(bytes, length, lineFeed, record.time, level, message)) return false;
    lines.length = end;
    this.#last = -1;
    return true;
  }

  /** @param isGuarded an empty block stands before the text, which looks like one */
  add({ time, sourceStart, sourceEnd, textStart, textEnd }: RecordPlace, isOneLine: boolean, isGuarded = false): void {
    const lines = this.#lines;
    if (!lines) return;
    const text = textEnd - textStart;
    // Each further line gets a TAB: as many bytes as the text has, at most.
    if (lines.staged < 0) lines.reserve(this.headBytes(1) + sourceEnd - sourceStart + text * (isOneLine ? 1 : 2));
    const bytes = lines.reserve(0);
    let at = this.#head(bytes, lines.length, time);
    if (sourceEnd > sourceStart) {
      at = this.#copy(bytes, at, sourceStart, sourceEnd, lines.staged);
      bytes[at++] = BLANK;
    }
    if (isGuarded) at += GUARD.copy(bytes, at);
    lines.length = this.#text(bytes, at, { textStart, textEnd }, isOneLine, lines.staged);
  }

  /** The text and its line end; the place behind them. A line that continues an entry never looks like the head of one. */
  #text(
    bytes: Buffer,
    start: number,
    { textStart, textEnd }: Pick<RecordPlace, 'textStart' | 'textEnd'>,
    isOneLine: boolean,
    staged: number,
  ): number {
    let at = start;
    let from = textStart;
    for (let end = isOneLine ? 0 : this.#batch.indexOf(LINE_FEED, from) + 1; end > 0 && end < textEnd; ) {
      at = this.#copy(bytes, at, from, end, staged);
      if (this.#batch[end] !== LINE_FEED) bytes[at++] = TAB;
      from = end;
      end = this.#batch.indexOf(LINE_FEED, from) + 1;
    }
    at = this.#copy(bytes, at, from, textEnd, staged);
    bytes[at++] = LINE_FEED;
    return at;
  }

  /** Of the batch; the place behind it. */
  #copy(bytes: Buffer, at: number, from: number, to: number, staged: number): number {
    if (staged >= 0) bytes.copyWithin(at, staged + from, staged + to);
    else this.#batch.copy(bytes, at, from, to);
    return at + to - from;
  }

  /** Stamp and prefix, which are mostly those of the line before; the place behind them. */
  #head(bytes: Buffer, at: number, time: number): number {
    const second = Math.floor(time / 1e6);
    const fraction = Math.floor(time - second * 1e6);
    if (this.#last >= 0 && fraction !== 0 && second === Math.floor(this.#lastTime / 1e6)) {
      bytes.copyWithin(at, this.#last, this.#last + STAMP_BYTES + this.#prefix.length);
      if (time !== this.#lastTime) writeFraction(bytes, at + FRACTION, fraction);
      this.#last = at;
      this.#lastTime = time;
      return at + STAMP_BYTES + this.#prefix.length;
    }
    const stampBytes = bytes.write(formatSafelog(time), at, 'latin1');
    bytes.set(this.#prefix, at + stampBytes);
    this.#last = fraction === 0 ? -1 : at;
    this.#lastTime = time;
    return at + stampBytes + this.#prefix.length;
  }
}

const NOTHING = Buffer.alloc(0);

function writeFraction(bytes: Buffer, at: number, micros: number): void {
  let rest = micros;
  for (let i = at + 5; i >= at; i--) {
    const tens = Math.floor(rest / 10);
    bytes[i] = 0x30 + rest - tens * 10;
    rest = tens;
  }
}
