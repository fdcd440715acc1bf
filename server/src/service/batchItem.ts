/** The records of a batch that go to one user, as lines: `TIMESTAMP LEVEL text` in the module's log, with the module in master.log. */

import { MASTER_LOG, moduleOfLog } from '../generation/name.ts';
import { parseSource, type Source, sourceBlockEnd } from '../record/layouts/sourceBlock.ts';
import { findLevel, levelEnd } from '../record/level.ts';
import type { LineFormat } from '../record/lineFormat.ts';
import { type Channel, type RecordBatch, Records } from '../wire/stream.ts';
import type { LineBuffer } from '../writer/lineBuffer.ts';
import type { LogItem } from '../writer/userWriter.ts';
import { ChannelLines } from './channelLines.ts';

/**
 * null: it is in the logs. Else it will never be.
 * @param modules only what was to go to these logs will not; undefined: all of it
 */
export type Done = (error: Error | null, modules?: readonly string[]) => void;

export interface BatchItemOptions {
  batch: RecordBatch;
  client: string | null;
  /** The user whose records these are. */
  user: string;
  /** The batch's, with names filled in; null: refused. */
  channels: readonly (Channel | null)[];
  /** When it came, µs since the epoch. */
  receivedAt: number;
  /** How records of receivers are written; those that it cannot hold, and all where it is null, are written in Safelog's own layout. */
  format: LineFormat | null;
  done: Done;
}

const MASTER = 'master';
const LINE_FEED = 0x0a;
/** A batch is laid behind the lines of each of its logs, unless that were too much in all. */
const MAX_STAGED_BYTES = 2 ** 20;

/** A channel, ready to write. */
interface Target {
  basename: string;
  /** Its level is one that the reader knows, behind which it looks for a source block. */
  hasBlocks: boolean;
  /** Of that level. */
  number: number;
  lines: ChannelLines;
  /** In master.log; null for the module `master`, which is written once. */
  masterLines: ChannelLines | null;
}

export class BatchItem implements LogItem {
  basenames: readonly string[];
  readonly client: string | null;
  readonly last: number;
  readonly bytes: number;
  readonly #done: Done;
  readonly #batch: RecordBatch;
  readonly #receivedAt: number;
  readonly #format: LineFormat | null;
  /** Most records come from the place of the one before. */
  #source: { block: string; read: Source } = { block: '', read: {} };
  #targets: readonly (Target | null)[];
  /** Why some of it is not written, and which. */
  #failure: Error | null = null;
  readonly #leftOut: string[] = [];

  constructor({ batch, client, user, channels, receivedAt, format, done }: BatchItemOptions) {
    this.#batch = batch;
    this.client = client;
    this.last = batch.last;
    this.bytes = batch.payload.length;
    this.#done = done;
    this.#receivedAt = receivedAt;
    this.#format = client === null ? format : null;
    this.#targets = channels.map((channel) => (channel?.user === user ? makeTarget(channel) : null));
    const names = new Set<string>();
    for (const target of this.#targets) {
      if (!target) continue;
      names.add(target.basename);
      if (target.masterLines) names.add(MASTER_LOG);
    }
    this.basenames = [...names];
  }

  render(log: (basename: string) => LineBuffer, stored: number): void {
    const { payload, count } = this.#batch;
    const records = new Records(this.#batch);
    let lineFeed = payload.indexOf(LINE_FEED);
    this.#begin(log, count, lineFeed >= 0);
    while (records.next()) {
      const target = this.#targets[records.channel];
      if (records.sequence <= stored || !target) continue;
      const { textStart, textEnd } = records;
      if (lineFeed >= 0 && lineFeed < textStart) lineFeed = payload.indexOf(LINE_FEED, textStart);
      const isOneLine = lineFeed < 0 || lineFeed >= textEnd;
      if (records.time === 0) records.time = this.#receivedAt;
      if (!target.hasBlocks || !hasSource(payload, records)) records.sourceEnd = records.sourceStart;
      const isGuarded =
        target.hasBlocks && records.sourceEnd === records.sourceStart && looksLikeSource(payload, records, isOneLine, lineFeed);
      if (
        this.#format &&
        target.hasBlocks &&
        target.masterLines &&
        target.lines.addAs(this.#format, this.#sourceOf(records), target.number, records, isOneLine)
      ) {
        // Its half in master.log has a block, whose reader leaves out what stands before the message.
        target.masterLines.add(records, isOneLine, records.sourceEnd === records.sourceStart);
        continue;
      }
      target.lines.add(records, isOneLine, isGuarded);
      target.masterLines?.add(records, isOneLine, isGuarded);
    }
    for (const target of this.#targets) {
      target?.lines.end();
      target?.masterLines?.end();
    }
  }

  /** Who numbers records is told of all or none: the journal has only the last number. */
  leaveOut(basename: string, error: Error): boolean {
    if (this.client !== null || basename === MASTER_LOG) return false;
    const isOther = (target: Target | null): boolean => target?.basename !== basename;
    if (!this.#targets.some((target) => target !== null && isOther(target))) return false;
    this.#failure ??= error;
    this.#leftOut.push(moduleOfLog(basename));
    this.basenames = this.basenames.filter((name) => name !== basename);
    this.#targets = this.#targets.map((target) => (isOther(target) ? target : null));
    return true;
  }

  done(error: Error | null): void {
    if (error || !this.#failure) this.#done(error);
    else this.#done(this.#failure, this.#leftOut);
  }

  #sourceOf({ sourceStart, sourceEnd }: Records): Source {
    const { payload } = this.#batch;
    const block = payload.toString('latin1', sourceStart, sourceEnd);
    if (block !== this.#source.block) this.#source = { block, read: parseSource(payload, sourceStart, sourceEnd) ?? {} };
    return this.#source.read;
  }

  #begin(log: (basename: string) => LineBuffer, records: number, hasLineFeeds: boolean): void {
    const { payload } = this.#batch;
    const heads = this.#targets.map((target) => (target?.masterLines ?? target?.lines)?.headBytes(records) ?? 0);
    const most = heads.reduce((a, b) => Math.max(a, b), 0) + payload.length * (hasLineFeeds ? 2 : 1);
    // How much a format needs is known only when it is filled.
    const isStaged = !this.#format && payload.length * this.basenames.length <= MAX_STAGED_BYTES;
    for (const basename of this.basenames) {
      if (isStaged) log(basename).stage(payload, most);
      else log(basename).staged = -1;
    }
    for (const target of this.#targets) {
      if (!target) continue;
      target.lines.begin(log(target.basename), payload);
      target.masterLines?.begin(log(MASTER_LOG), payload);
    }
  }
}

function makeTarget({ module, level }: Channel): Target {
  const word = Buffer.from(level);
  const number = findLevel(word, 0, word.length);
  return {
    hasBlocks: number !== -1 && levelEnd === word.length,
    number,
    basename: `${module}.log`,
    lines: new ChannelLines(level),
    masterLines: module === MASTER ? null : new ChannelLines(level, `${module}.log`),
  };
}

/** Whether the reader of the line would take the text's beginning for a block. */
function looksLikeSource(payload: Buffer, { textStart, textEnd }: Records, isOneLine: boolean, lineFeed: number): boolean {
  return payload[textStart] === 0x5b && textEnd > textStart && sourceBlockEnd(payload, textStart, isOneLine ? textEnd : lineFeed) !== -1;
}

/** Whether the reader of the line would take the block for one. */
function hasSource(payload: Buffer, { sourceStart, sourceEnd }: Records): boolean {
  if (sourceStart === sourceEnd || sourceBlockEnd(payload, sourceStart, sourceEnd) !== sourceEnd) return false;
  return !payload.subarray(sourceStart, sourceEnd).includes(LINE_FEED);
}
