/**
 * Lines that begin with a stamp, then perhaps a level: `STAMP [LEVEL] message`, in master.log `STAMP [MODULE.log] [LEVEL] message`. With
 * ISO 8601 stamps these are Safelog's own, `safelog` and `safelog+source`.
 */
import { BLANK, isAlphanumeric, isDigit, literalAt } from '../bytes.ts';
import type { Head, Layout } from '../head.ts';
import { findLevel, levelEnd } from '../level.ts';
import type { StampParser } from '../timestamp.ts';
import { sourceBlockEnd } from './sourceBlock.ts';

const LOG_SUFFIX = Buffer.from('.log ');
const DOT_LOG = LOG_SUFFIX.subarray(0, 4);
/** Of java.util.logging, whose records have two lines: `DATE CLASS METHOD`, then `LEVEL: message`. */
const JAVA_DATE = '%b %d, %Y %I:%M:%S %p';

export class StampedLayout implements Layout {
  readonly levelFollows: boolean;

  /**
   * @param stamps reads the stamps
   * @param own it is Safelog's own, whose lines may have a source block
   * @param master the file is a user's master.log
   */
  constructor(
    readonly name: string,
    private readonly stamps: StampParser,
    private readonly own: boolean,
    private readonly master: boolean,
  ) {
    this.levelFollows = name.endsWith(JAVA_DATE);
  }

  read(bytes: Uint8Array, start: number, end: number, head: Head): boolean {
    const { stamps } = this;
    const opening = bytes[start] === 0x5b ? 1 : 0;
    if (!stamps.read(bytes, start + opening, end)) return false;
    let at = stamps.stamp.end;
    if (opening === 1) {
      if (at >= end || bytes[at] !== 0x5d) return false;
      at++;
    }
    // A digit or letter straight after it: a file's name or a number, not a stamp.
    if (at < end && isAlphanumeric(bytes[at] ?? 0)) return false;
    // `22:56` in front of `:005` is no time without seconds.
    if (!this.own && bytes[at] === 0x3a && isDigit(bytes[at + 1])) return false;
    head.time = stamps.stamp.time;
    head.offset = stamps.stamp.offset;
    if (at < end && bytes[at] === BLANK) at++;
    head.nameStart = 0;
    head.nameEnd = 0;
    head.blockStart = 0;
    head.blockEnd = 0;
    if (this.master && readName(bytes, at, end, head)) at = Math.min(head.nameEnd + LOG_SUFFIX.length, end);
    head.body = at;
    const level = findLevel(bytes, at, end);
    // The word must stand alone: `INFO:` is a message's own.
    const after = level === -1 ? at : levelEnd;
    if (level !== -1 && (after >= end || bytes[after] === BLANK || bytes[after] === 0x0d)) {
      head.level = level;
      head.message = after < end && bytes[after] === BLANK ? after + 1 : after;
      if (this.own && head.message < end && bytes[head.message] === 0x5b) readBlock(bytes, end, head);
    } else {
      head.level = -1;
      head.message = at;
    }
    return true;
  }
}

function readBlock(bytes: Uint8Array, end: number, head: Head): void {
  const after = sourceBlockEnd(bytes, head.message, end);
  if (after === -1) return;
  head.blockStart = head.message;
  head.blockEnd = after;
  head.message = after < end && bytes[after] === BLANK ? after + 1 : after;
  // The module's line may be in another layout, and have no block.
  head.body = head.message;
}

/**
 * `NAME.log ` at `at`. A NAME with a blank is believed only where no level stands before it and one follows: a message that is about a log
 * (`WARNING cannot open x.log again`) has no name.
 */
function readName(bytes: Uint8Array, at: number, end: number, head: Head): boolean {
  const limit = Math.min(end, at + 256);
  let blank = at;
  while (blank < limit && bytes[blank] !== BLANK) blank++;
  let nameEnd = blank - 4;
  if (nameEnd <= at || !literalAt(bytes, nameEnd, blank, DOT_LOG)) {
    if (isLevel(bytes, at, end)) return false;
    while (blank < limit && !literalAt(bytes, blank, limit, LOG_SUFFIX)) blank++;
    nameEnd = blank;
    if (nameEnd >= limit || !isLevel(bytes, nameEnd + LOG_SUFFIX.length, end)) return false;
  }
  head.nameStart = at;
  head.nameEnd = nameEnd;
  return true;
}

/** A level's word stands here, alone. */
const isLevel = (bytes: Uint8Array, at: number, end: number): boolean =>
  findLevel(bytes, at, end) !== -1 && (levelEnd >= end || bytes[levelEnd] === BLANK || bytes[levelEnd] === 0x0d);
