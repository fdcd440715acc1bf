/**
 * Bytes of one generation → records in the store. Takes any pieces of the file in order, looks at each byte once, keeps no text: at most
 * the layout's `headBytes` of a line that is not complete yet. No regex, no strings.
 */
import type { HeadReader } from '../record/layout.ts';
import type { RecordColumn, RecordStore } from './recordStore.ts';
import { NO_LEVEL, recordFlags } from './recordStore.ts';

const LF = 0x0a;
const CR = 0x0d;
/** A clock that steps back by no more than this (µs) does not start a new run. */
export const SMALL_STEP = 1_000_000;
/** So much of a file's beginning decides on its layout. */
export const SAMPLE_BYTES = 65_536;

const callLast = Buffer.from('(most recent call last):');
const EMPTY = Buffer.alloc(0);

interface State {
  /** Offset of the next byte. */
  offset: number;
  line: number;
  lastKey: number;
  /** The record that is open, i.e. the last one. */
  flags: number;
  hash: number;
  /** Line ends that belong to the body only if something follows them. */
  pendingLineEnds: number;
  length: number;
  records: number;
  runs: number;
}

export class Scanner {
  private state: State = {
    offset: 0,
    line: 1,
    lastKey: Number.NaN,
    flags: 0,
    hash: 0,
    pendingLineEnds: 0,
    length: 0,
    records: 0,
    runs: 0,
  };
  /** The state before a line without its end was taken for whole. */
  private beforeTail: State | undefined;
  private carry = EMPTY;
  /** In the middle of a line whose head has been read. */
  private inLongLine = false;
  private detected = false;
  /** No line of the sample has a stamp: each line is a record. */
  private lineByLine = false;
  /** Indexes of records whose key is smaller than their predecessor's. */
  readonly runStarts: number[] = [];
  /** Python's format string; null for Safelog's own layout. */
  layout: string | null = null;

  /** @param arrival µs: the time of lines before any stamp, e.g. of the file's last change */
  constructor(
    private readonly store: RecordStore,
    private readonly column: RecordColumn,
    private readonly heads: HeadReader,
    private readonly arrival: () => number,
  ) {}

  /** Bytes taken so far. */
  get offset(): number {
    return this.state.offset + (this.beforeTail === undefined ? this.carry.length : 0);
  }

  /** True where what was seen does not tell the layout yet: a small file without a stamp so far. */
  get uncertain(): boolean {
    return (this.lineByLine || this.heads.uncertain) && this.offset < SAMPLE_BYTES;
  }

  /** Whether a line of these bytes begins a record in any layout that is known. */
  hasStamp(piece: Buffer): boolean {
    const sample = piece.subarray(0, SAMPLE_BYTES);
    this.heads.detect(sample);
    for (let start = 0; start < sample.length; ) {
      const lf = sample.indexOf(LF, start);
      const end = lf === -1 ? sample.length : lf;
      if (this.heads.read(sample, start, end)) return true;
      start = end + 1;
    }
    return false;
  }

  /** Takes the next bytes of the file. The buffer may be reused afterwards. */
  feed(piece: Buffer): void {
    this.undoTail();
    let data = this.carry.length === 0 ? piece : Buffer.concat([this.carry, piece]);
    if (!this.detected) this.detect(data);
    const { state } = this;
    let at = 0;
    if (state.offset === 0 && data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf) {
      // A byte order mark is no part of the first line.
      state.offset = 3;
      data = data.subarray(3);
    }
    while (at < data.length) {
      const lf = data.indexOf(LF, at);
      const end = lf === -1 ? data.length : lf;
      if (this.inLongLine) this.absorb(data, at, end);
      else if (lf === -1 && end - at < this.heads.headBytes) break;
      else this.takeLine(data, at, end);
      state.offset += end - at;
      if (lf === -1) {
        this.inLongLine = true;
        at = end;
      } else {
        this.inLongLine = false;
        state.offset++;
        state.line++;
        if (state.records > 0) state.pendingLineEnds++;
        at = lf + 1;
      }
    }
    this.carry = at < data.length ? Buffer.from(data.subarray(at)) : EMPTY;
  }

  /** Takes a last line without its line end for whole, until more comes. Call it where nothing more is to be read for now. */
  finish(): void {
    this.undoTail();
    if (this.carry.length > 0) {
      this.beforeTail = { ...this.state };
      this.takeLine(this.carry, 0, this.carry.length);
      this.state.offset += this.carry.length;
    }
    this.closeRecord();
  }

  private undoTail(): void {
    if (this.beforeTail === undefined) return;
    this.state = this.beforeTail;
    this.beforeTail = undefined;
    this.column.takeBack(this.state.records);
    this.runStarts.length = this.state.runs;
  }

  private detect(sample: Buffer): void {
    this.detected = true;
    const part = sample.subarray(0, SAMPLE_BYTES);
    this.layout = this.heads.detect(part);
    this.lineByLine = true;
    for (let start = 0; start < part.length && this.lineByLine; ) {
      const lf = part.indexOf(LF, start);
      const end = lf === -1 ? part.length : lf;
      if (this.heads.read(part, start, end)) this.lineByLine = false;
      start = end + 1;
    }
  }

  private takeLine(data: Buffer, start: number, lineEnd: number): void {
    const { state } = this;
    const end = lineEnd > start && data[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    if (this.heads.read(data, start, end)) {
      const { head } = this.heads;
      let key = head.time;
      let flags = head.trace ? recordFlags.exception : 0;
      if (Number.isNaN(key)) {
        // As old as its predecessor, or as the file where no line tells a time.
        key = this.heads.timeless || Number.isNaN(state.lastKey) ? this.timeless() : state.lastKey;
        flags |= recordFlags.noTime;
      }
      if (key < state.lastKey && state.lastKey - key <= SMALL_STEP) {
        key = state.lastKey;
        flags |= recordFlags.clockStep;
      }
      if (Number.isNaN(state.lastKey)) this.dateForeword(key);
      const module = head.nameEnd > 0 ? this.store.nameNumber(data.toString('utf8', head.nameStart, head.nameEnd)) : 0;
      this.openRecord(key, flags, head.level === -1 ? NO_LEVEL : head.level, module);
      this.absorb(data, head.body, end);
      if (endsWith(data, head.message, end, callLast)) state.flags |= recordFlags.exception;
      this.lineByLine = false;
    } else if (this.lineByLine) {
      this.openRecord(this.timeless(), recordFlags.noTime, NO_LEVEL, 0);
      this.absorb(data, start, end);
    } else {
      if (state.records === 0) {
        this.openRecord(this.arrival(), recordFlags.noTime, NO_LEVEL, 0);
        state.lastKey = Number.NaN;
      }
      this.absorb(data, start, end);
      if (isTraceLine(data, start, end)) state.flags |= recordFlags.exception;
    }
  }

  /** The time of a line without one: that of the file, never before the line's predecessor. */
  private timeless(): number {
    const { lastKey } = this.state;
    return Math.max(this.arrival(), Number.isNaN(lastKey) ? 0 : lastKey);
  }

  /** What stands before the first stamp (the end of an entry whose beginning went with an older generation) counts as of that time. */
  private dateForeword(key: number): void {
    if (this.state.records > 0) this.store.setKey(this.column.at(0), key);
  }

  private openRecord(key: number, flags: number, level: number, module: number): void {
    this.closeRecord();
    const { state } = this;
    if (key < state.lastKey) {
      this.runStarts.push(state.records);
      state.runs++;
    }
    this.column.push({ key, offset: state.offset, line: state.line, level, flags, module });
    state.records++;
    state.lastKey = key;
    state.flags = flags;
    state.hash = 0x811c9dc5;
    state.pendingLineEnds = 0;
    state.length = 0;
  }

  private closeRecord(): void {
    const { state } = this;
    if (state.records === 0) return;
    this.store.finishRecord(this.column.at(state.records - 1), (state.hash ^ Math.imul(state.length, 0x9e3779b1)) >>> 0, state.flags);
  }

  /** Bytes of the open record's body (FNV-1a over all of them). Trailing line ends do not count: a rotation may have cut them off. */
  private absorb(data: Buffer, start: number, end: number): void {
    if (end <= start) return;
    const { state } = this;
    let { hash } = state;
    for (; state.pendingLineEnds > 0; state.pendingLineEnds--) {
      state.length++;
      hash = Math.imul(hash ^ LF, 0x01000193);
    }
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (data[i] as number), 0x01000193);
    state.hash = hash;
    state.length += end - start;
  }
}

function endsWith(data: Buffer, start: number, end: number, suffix: Buffer): boolean {
  const at = end - suffix.length;
  if (at < start || data[end - 1] !== 0x3a) return false;
  return data.compare(suffix, 0, suffix.length, at, end) === 0;
}

/** A line that only a stack trace has: Python's first line, or one of V8's `    at f (file:1:2)`. */
function isTraceLine(data: Buffer, start: number, end: number): boolean {
  const first = data[start];
  const last = data[end - 1];
  if (last === 0x3a) return endsWith(data, start, end, callLast);
  if (first !== 0x20 && first !== 0x09) return false;
  if (last !== 0x29 && !(last !== undefined && last >= 0x30 && last <= 0x39)) return false;
  let at = start;
  while (at < end && (data[at] === 0x20 || data[at] === 0x09)) at++;
  return data[at] === 0x61 && data[at + 1] === 0x74 && data[at + 2] === 0x20;
}
