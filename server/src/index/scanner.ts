/**
 * Bytes of one generation → records in the store. Takes any pieces of the file in order, looks at each byte once, keeps no text: at most
 * the layout's `headBytes` of a line that is not complete yet. No regex, no strings.
 */
import { linesIn, literalAt } from '../record/bytes.ts';
import type { HeadReader } from '../record/layout.ts';
import { endsInCallLast, isTraceLine } from '../record/traceLine.ts';
import type { HashState } from './bodyHash.ts';
import { clearHash, hashBytes, hashLineEnds, hashSoFar, newHash } from './bodyHash.ts';
import { recordFlags } from './chunk.ts';
import { NO_LEVEL } from './nameTable.ts';
import type { OwnLines } from './ownLines.ts';
import { ownLines } from './ownLines.ts';
import type { RecordColumn } from './recordColumn.ts';
import type { NewRecord, RecordStore } from './recordStore.ts';

const LF = 0x0a;
const CR = 0x0d;
/** A clock that steps back by no more than this (µs) does not start a new run. */
export const SMALL_STEP = 1_000_000;
/** So much of a file's beginning decides on its layout. */
export const SAMPLE_BYTES = 65_536;

/** Bytes from which on lines are read many at once. */
const MANY = 8192;
/** Fewer lines at once are not worth the call. */
const FEW = 4;
const MOST_OTHERS = 256;

/** Of one file, that are told by their bytes. */
const MAX_NAMES = 4096;

const EMPTY = Buffer.alloc(0);
const CR_BYTE = Buffer.from([CR]);
const CR_VIEW = new DataView(CR_BYTE.buffer, CR_BYTE.byteOffset, 1);
const EMPTY_VIEW = new DataView(EMPTY.buffer, 0, 0);

interface State {
  /** Offset of the next byte. */
  offset: number;
  line: number;
  lastKey: number;
  /** The record that is open, i.e. the last one. */
  flags: number;
  body: HashState;
  /** Line ends that belong to the body only if something follows them. */
  pendingLineEnds: number;
  /** What has come of a long line ends with a CR: it belongs to the body only if something of the same line follows. */
  pendingCr: boolean;
  records: number;
  runs: number;
  /** The open record has one line so far, and the next one may tell its level. */
  levelFollows: boolean;
}

/** Where a scanner is, as plain data: another one, in another thread or process, goes on from there. */
export interface ScannerState {
  state: State;
  beforeTail: State | undefined;
  carry: Uint8Array;
  inLongLine: boolean;
  detected: boolean;
  lineByLine: boolean;
  runStarts: number[];
  layout: string | null;
}

/** Before the first record, with the next byte at an offset. */
const beginning = (offset: number): State => ({
  offset,
  line: 1,
  lastKey: Number.NaN,
  flags: 0,
  body: newHash(),
  pendingLineEnds: 0,
  pendingCr: false,
  records: 0,
  runs: 0,
  levelFollows: false,
});

/** A scanner that begins with a record in the middle of a file, whose layout is known. */
export const beginningAt = (offset: number, layout: string | null): ScannerState => ({
  state: beginning(offset),
  beforeTail: undefined,
  carry: new Uint8Array(0),
  inLongLine: false,
  detected: true,
  lineByLine: false,
  runStarts: [],
  layout,
});

export class Scanner {
  private state: State = beginning(0);
  /** The state before a line without its end was taken for whole. */
  private beforeTail: State | undefined;
  private carry = EMPTY;
  /** On the bytes that are being looked at. */
  private view: DataView = EMPTY_VIEW;
  /** In the middle of a line whose head has been read. */
  private inLongLine = false;
  /** One for all records: one each would cost. */
  private readonly next: NewRecord = { key: 0, offset: 0, line: 0, level: NO_LEVEL, flags: 0, module: 0 };
  /** Names of modules by a hash of their bytes. */
  private readonly names = new Map<number, { bytes: Buffer; number: number }>();
  /** Once it has been told that another piece comes: other scanners have it, too. */
  private own: OwnLines | undefined;
  /** So many lines are taken one by one before the next try: where few lines are Safelog's own, trying costs. */
  private others = 0;
  private othersNext = 1;
  private detected = false;
  /** No line of the sample has a stamp: each line is a record. */
  private lineByLine = false;
  /** Indexes of records whose key is smaller than their predecessor's. */
  readonly runStarts: number[] = [];
  /** Python's format string; null for Safelog's own layout. */
  layout: string | null = null;

  /**
   * @param arrival µs: the time of lines before any stamp, e.g. of the file's last change
   * @param many bytes from which on lines are read many at once
   */
  constructor(
    private readonly store: RecordStore,
    private readonly column: RecordColumn,
    private readonly heads: HeadReader,
    private readonly arrival: () => number,
    private readonly many = MANY,
  ) {}

  /** Bytes taken so far. */
  get offset(): number {
    return this.state.offset + (this.beforeTail === undefined ? this.carry.length : 0);
  }

  /** True where what was seen does not tell the layout yet: a small file without a whole line or a stamp so far. */
  get uncertain(): boolean {
    return (this.isGuess || this.lineByLine || this.heads.uncertain) && this.offset < SAMPLE_BYTES;
  }

  /** The layout was chosen from a line that may be cut: it is forgotten with that line. */
  private get isGuess(): boolean {
    return !this.detected && this.beforeTail !== undefined;
  }

  /** Whether these bytes, which come next, tell a layout that could not be told so far: all is to be read anew then. */
  settles(piece: Buffer): boolean {
    if (!this.detected || !this.uncertain) return false;
    const settled = this.hasStamp(piece.subarray(0, SAMPLE_BYTES));
    if (!settled) this.heads.use(this.layout);
    return settled;
  }

  /** Whether a line of these bytes begins a record in any layout that is known. */
  private hasStamp(sample: Buffer): boolean {
    this.heads.detect(sample);
    return this.hasHead(sample);
  }

  /** The same in the layout that was chosen. */
  private hasHead(sample: Buffer): boolean {
    for (const [start, end] of linesIn(sample)) if (this.heads.read(sample, start, end)) return true;
    return false;
  }

  /** Chooses the layout from a sample of the file's beginning, before any of it is taken. */
  detectFrom(sample: Buffer): void {
    this.detect(sample);
    this.detected = true;
  }

  /** Takes the next bytes of the file. The buffer may be reused afterwards. */
  feed(piece: Buffer): void {
    this.undoTail();
    if (!this.detected) {
      // Pieces may be small, and cut anywhere: the layout is chosen from a whole sample, or from all there is.
      this.carry = Buffer.concat([this.carry, piece]);
      if (this.carry.length >= SAMPLE_BYTES) this.detectAndTake();
      return;
    }
    if (this.carry.length === 0) {
      this.take(piece);
      return;
    }
    // Only the line that was cut is put together; the other bytes are looked at where they are.
    const lf = piece.indexOf(LF);
    const cut = lf === -1 ? piece.length : lf + 1;
    const line = Buffer.concat([this.carry, piece.subarray(0, cut)]);
    this.carry = EMPTY;
    this.take(line);
    if (cut < piece.length) this.take(piece.subarray(cut));
  }

  private detectAndTake(): void {
    const data = this.carry;
    this.carry = EMPTY;
    this.detectFrom(data);
    this.take(data);
  }

  private take(piece: Buffer): void {
    const data = this.afterMark(piece);
    const { state } = this;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    this.view = view;
    let at = 0;
    this.own = undefined;
    while (at < data.length) {
      at += this.takeOwnLines(data, at);
      if (at === data.length) break;
      const lf = data.indexOf(LF, at);
      const end = lf === -1 ? data.length : lf;
      const whole = lf !== -1;
      if (this.inLongLine) this.absorbPart(data, at, end, whole);
      else if (!whole && end - at < this.heads.headBytes) break;
      else this.takeLine(data, at, end, whole);
      if (whole) {
        this.inLongLine = false;
        state.offset += end + 1 - at;
        state.line++;
        if (state.records > 0) state.pendingLineEnds++;
        at = end + 1;
      } else {
        state.offset += end - at;
        this.inLongLine = true;
        at = end;
      }
    }
    this.view = EMPTY_VIEW;
    this.carry = at < data.length ? Buffer.from(data.subarray(at)) : EMPTY;
  }

  /**
   * Takes lines of Safelog's own that follow one another, many at once.
   * @returns how many bytes
   */
  private takeOwnLines(data: Buffer, at: number): number {
    const { state, heads } = this;
    if (data.length - at < this.many || this.inLongLine || !heads.isOwn || !Number.isInteger(state.lastKey)) return 0;
    if (this.others > 0) {
      this.others--;
      return 0;
    }
    if (this.own === undefined) {
      this.own = ownLines();
      this.own?.begin();
    }
    const { own } = this;
    if (own === undefined) return 0;
    const count = own.read(data, at, heads.master, state.lastKey);
    if (count < FEW) {
      this.othersNext = Math.min(MOST_OTHERS, this.othersNext * 2);
      this.others = this.othersNext;
    } else this.othersNext = 1;
    if (count === 0) return 0;
    this.closeRecord();
    if (heads.master) for (let i = 0; i < count; i++) own.modules[i] = this.nameNumber(data, own.nameStart(i), own.nameEnd(i));
    this.column.pushLines(own, state.offset, state.line);
    state.offset += own.bytes;
    state.line += count;
    state.records += count;
    state.lastKey = own.keys[count - 1] as number;
    state.flags = own.flags[count - 1] as number;
    own.copyHash(state.body);
    state.pendingLineEnds = 1;
    state.pendingCr = false;
    state.levelFollows = false;
    this.lineByLine = false;
    return own.bytes;
  }

  /** Takes a last line without its line end for whole, until more comes. Call it where nothing more is to be read for now. */
  finish(): void {
    this.undoTail();
    if (!this.detected && this.carry.includes(LF)) this.detectAndTake();
    if (this.carry.length > 0) {
      if (!this.detected) this.detect(this.carry);
      this.beforeTail = { ...this.state, body: { ...this.state.body } };
      const carry = this.afterMark(this.carry);
      this.view = new DataView(carry.buffer, carry.byteOffset, carry.length);
      this.takeLine(carry, 0, carry.length, true);
      this.view = EMPTY_VIEW;
      this.state.offset += carry.length;
    }
    this.closeRecord();
  }

  /** A copy; the column's records are not in it. */
  save(): ScannerState {
    const { state, beforeTail, carry, inLongLine, detected, lineByLine, runStarts, layout } = this;
    return structuredClone({ state, beforeTail, carry: Uint8Array.from(carry), inLongLine, detected, lineByLine, runStarts, layout });
  }

  /** Goes on where another one was; the column has to have the same records as that one's had. */
  restore({ carry, ...saved }: ScannerState): void {
    // Cloned alone the bytes would take all memory along that they are a view on: that of the file that they were kept in.
    const { state, beforeTail, inLongLine, detected, lineByLine, runStarts, layout } = structuredClone(saved);
    Object.assign(this, { state, beforeTail, carry: Buffer.from(carry), inLongLine, detected, lineByLine, layout });
    this.runStarts.length = 0;
    for (const start of runStarts) this.runStarts.push(start);
    this.heads.use(layout);
  }

  private undoTail(): void {
    if (this.beforeTail === undefined) return;
    this.state = this.beforeTail;
    this.beforeTail = undefined;
    this.column.takeBack(this.state.records);
    this.runStarts.length = this.state.runs;
  }

  /** A byte order mark is no part of the first line. */
  private afterMark(data: Buffer): Buffer {
    if (this.state.offset > 0 || data[0] !== 0xef || data[1] !== 0xbb || data[2] !== 0xbf) return data;
    this.state.offset = 3;
    return data.subarray(3);
  }

  private detect(sample: Buffer): void {
    const part = sample.subarray(0, SAMPLE_BYTES);
    this.layout = this.heads.detect(part);
    this.lineByLine = !this.hasHead(part);
  }

  /** @param whole false where only the beginning of a long line is there */
  private takeLine(data: Buffer, start: number, lineEnd: number, whole: boolean): void {
    const { state, heads } = this;
    const end = lineEnd > start && data[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    if (heads.read(data, start, end)) {
      const { head } = heads;
      let key = head.time;
      let flags = head.trace ? recordFlags.exception : 0;
      if (Number.isNaN(key)) {
        // As old as its predecessor, or as the file where no line tells a time.
        key = heads.timeless || Number.isNaN(state.lastKey) ? this.timeless() : state.lastKey;
        flags |= recordFlags.noTime;
      }
      if (key < state.lastKey && state.lastKey - key <= SMALL_STEP) {
        key = state.lastKey;
        flags |= recordFlags.clockStep;
      }
      if (Number.isNaN(state.lastKey)) this.dateForeword(key);
      const module = head.nameEnd > 0 ? this.nameNumber(data, head.nameStart, head.nameEnd) : 0;
      this.openRecord(key, flags, head.level === -1 ? NO_LEVEL : head.level, module);
      this.absorb(data, head.body, end);
      if (endsInCallLast(data, head.message, end)) state.flags |= recordFlags.exception;
      state.levelFollows = head.level === -1 && heads.levelFollows;
      this.lineByLine = false;
    } else if (this.lineByLine) {
      this.openRecord(this.timeless(), recordFlags.noTime, NO_LEVEL, 0);
      this.absorb(data, start, end);
    } else {
      if (state.records === 0) {
        this.openRecord(this.arrival(), recordFlags.noTime, NO_LEVEL, 0);
        state.lastKey = Number.NaN;
      }
      if (state.levelFollows) {
        state.levelFollows = false;
        const level = heads.secondLevel(data, start, end);
        if (level !== -1) this.store.setLevel(this.column.at(state.records - 1), level);
      }
      this.absorb(data, start, end);
      if (isTraceLine(data, start, end)) state.flags |= recordFlags.exception;
    }
    if (!whole) state.pendingCr = end < lineEnd;
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

  /** Names are mostly those of lines before: they are told by their bytes, without a string. */
  private nameNumber(data: Buffer, start: number, end: number): number {
    let hash = end - start;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (data[i] as number)) | 0;
    const known = this.names.get(hash);
    if (known?.bytes.length === end - start && literalAt(data, start, end, known.bytes)) return known.number;
    const bytes = Buffer.from(data.subarray(start, end));
    const number = this.store.names.moduleNumber(bytes.toString());
    if (this.names.size < MAX_NAMES) this.names.set(hash, { bytes, number });
    return number;
  }

  private openRecord(key: number, flags: number, level: number, module: number): void {
    this.closeRecord();
    const { state } = this;
    if (key < state.lastKey) {
      this.runStarts.push(state.records);
      state.runs++;
    }
    const { next } = this;
    next.key = key;
    next.offset = state.offset;
    next.line = state.line;
    next.level = level;
    next.flags = flags;
    next.module = module;
    this.column.push(next);
    state.records++;
    state.lastKey = key;
    state.flags = flags;
    clearHash(state.body);
    state.pendingLineEnds = 0;
  }

  private closeRecord(): void {
    const { state } = this;
    if (state.records > 0) this.column.finishLast(hashSoFar(state.body), state.flags);
  }

  /** Bytes of the open record's body. Trailing line ends do not count: a rotation may have cut them off. */
  private absorb(data: Buffer, start: number, end: number): void {
    if (end <= start) return;
    const { state } = this;
    if (state.pendingLineEnds > 0) {
      hashLineEnds(state.body, state.pendingLineEnds);
      state.pendingLineEnds = 0;
    }
    hashBytes(state.body, data, this.view, start, end);
  }

  /** More of a long line. */
  private absorbPart(data: Buffer, start: number, partEnd: number, whole: boolean): void {
    const { state } = this;
    if (state.pendingCr && partEnd > start) this.absorbCr();
    state.pendingCr = false;
    const endsInCr = partEnd > start && data[partEnd - 1] === CR;
    this.absorb(data, start, endsInCr ? partEnd - 1 : partEnd);
    state.pendingCr = endsInCr && !whole;
  }

  private absorbCr(): void {
    const { view } = this;
    this.view = CR_VIEW;
    this.absorb(CR_BYTE, 0, 1);
    this.view = view;
  }
}
