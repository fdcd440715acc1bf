/** The records of a batch that go to one user, as lines: `TIMESTAMP LEVEL text` in the module's log, with the module in master.log. */

import { sourceBlockEnd } from '../record/layouts/sourceBlock.ts';
import { formatSafelog } from '../record/timestamp.ts';
import { type Channel, type RecordBatch, Records } from '../wire/stream.ts';
import type { LineBuffer } from '../writer/lineBuffer.ts';
import type { LogItem } from '../writer/userWriter.ts';

export interface BatchItemOptions {
  batch: RecordBatch;
  client: string;
  /** The user whose records these are. */
  user: string;
  /** The batch's, with names filled in; null: refused. */
  channels: readonly (Channel | null)[];
  /** When it came, µs since the epoch. */
  receivedAt: number;
  done: (error: Error | null) => void;
}

const MASTER = 'master';
const BLANK = 0x20;
const TAB = 0x09;
const LINE_FEED = 0x0a;

/** A channel, ready to write. */
interface Target {
  basename: string;
  /** What stands between the stamp and the text. */
  prefix: Buffer;
  /** The same in master.log; null for the module `master`, which is written once. */
  masterPrefix: Buffer | null;
  lines: LineBuffer | null;
}

export class BatchItem implements LogItem {
  readonly basenames: readonly string[];
  readonly client: string;
  readonly last: number;
  readonly bytes: number;
  readonly done: (error: Error | null) => void;
  readonly #batch: RecordBatch;
  readonly #receivedAt: number;
  readonly #targets: readonly (Target | null)[];

  constructor({ batch, client, user, channels, receivedAt, done }: BatchItemOptions) {
    this.#batch = batch;
    this.client = client;
    this.last = batch.last;
    this.bytes = batch.payload.length;
    this.done = done;
    this.#receivedAt = receivedAt;
    this.#targets = channels.map((channel) => (channel?.user === user ? makeTarget(channel) : null));
    const names = new Set<string>();
    for (const target of this.#targets) {
      if (!target) continue;
      names.add(target.basename);
      if (target.masterPrefix) names.add(`${MASTER}.log`);
    }
    this.basenames = [...names];
  }

  render(log: (basename: string) => LineBuffer, stored: number): void {
    const { payload } = this.#batch;
    const records = new Records(this.#batch);
    for (const target of this.#targets) if (target) target.lines = log(target.basename);
    const master = this.basenames.includes(`${MASTER}.log`) ? log(`${MASTER}.log`) : null;
    let lineFeed = payload.indexOf(LINE_FEED);
    while (records.next()) {
      const target = this.#targets[records.channel];
      if (records.sequence <= stored || !target?.lines) continue;
      const { textStart, textEnd } = records;
      stampFor(records.time === 0 ? this.#receivedAt : records.time);
      if (lineFeed >= 0 && lineFeed < textStart) lineFeed = payload.indexOf(LINE_FEED, textStart);
      const isOneLine = lineFeed < 0 || lineFeed >= textEnd;
      const source = sourceOf(payload, records);
      writeLine(target.lines, target.prefix, source, payload, textStart, textEnd, isOneLine);
      if (target.masterPrefix && master) writeLine(master, target.masterPrefix, source, payload, textStart, textEnd, isOneLine);
    }
    for (const target of this.#targets) if (target) target.lines = null;
  }
}

function makeTarget({ module, level }: Channel): Target {
  const prefix = level === '' ? ' ' : ` ${level} `;
  return {
    basename: `${module}.log`,
    prefix: Buffer.from(prefix),
    masterPrefix: module === MASTER ? null : Buffer.from(` ${module}.log${prefix}`),
    lines: null,
  };
}

/** The block, where the reader of the line would take it for one. */
function sourceOf(payload: Buffer, { sourceStart, sourceEnd }: Records): Buffer | null {
  if (sourceStart === sourceEnd || sourceBlockEnd(payload, sourceStart, sourceEnd) !== sourceEnd) return null;
  const source = payload.subarray(sourceStart, sourceEnd);
  return source.includes(LINE_FEED) ? null : source;
}

function writeLine(
  lines: LineBuffer,
  prefix: Buffer,
  source: Buffer | null,
  text: Buffer,
  start: number,
  end: number,
  isOneLine: boolean,
): void {
  // Each further line gets a TAB: as many bytes as the text has, at most.
  const bytes = lines.reserve(stampBytes + prefix.length + (source ? source.length + 1 : 0) + (end - start) * (isOneLine ? 1 : 2) + 1);
  let at = lines.length;
  for (let i = 0; i < stampBytes; i++) bytes[at++] = stamp[i] ?? 0;
  for (let i = 0; i < prefix.length; i++) bytes[at++] = prefix[i] ?? 0;
  if (source) {
    at += source.copy(bytes, at);
    bytes[at++] = BLANK;
  }
  if (!isOneLine) at = writeMarked(bytes, at, text, start, end);
  else if (end - start < 64) for (let i = start; i < end; i++) bytes[at++] = text[i] ?? 0;
  else at += text.copy(bytes, at, start, end);
  bytes[at++] = LINE_FEED;
  lines.length = at;
}

/** A line that continues an entry never looks like the head of one. */
function writeMarked(bytes: Buffer, from: number, text: Buffer, start: number, end: number): number {
  let at = from;
  for (let i = start; i < end; i++) {
    const byte = text[i] ?? 0;
    bytes[at++] = byte;
    if (byte === LINE_FEED && i + 1 < end && text[i + 1] !== LINE_FEED) bytes[at++] = TAB;
  }
  return at;
}

const stamp = Buffer.alloc(32);
let stampBytes = 0;
let stampTime = -1;
let stampSecond = -1;

/** Puts the stamp of a time into `stamp`. Within one second only the digits of its fraction change. */
function stampFor(time: number): void {
  if (time === stampTime) return;
  stampTime = time;
  const second = Math.floor(time / 1e6);
  let fraction = time - second * 1e6;
  if (second !== stampSecond || fraction === 0 || stampBytes !== 32) {
    stampBytes = stamp.write(formatSafelog(time), 'latin1');
    stampSecond = second;
    return;
  }
  for (let i = 25; i > 19; i--) {
    const rest = Math.floor(fraction / 10);
    stamp[i] = 0x30 + fraction - rest * 10;
    fraction = rest;
  }
}
