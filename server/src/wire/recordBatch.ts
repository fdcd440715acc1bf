/**
 * A batch of records, as the streaming protocol carries it: a sequence, the channels (user, module and level) that occur in it, and the
 * records, each with the number of its channel. Nothing of it depends on other batches, so that it can be sent again as it is. Pure.
 *
 * u64 first sequence, u16 channels, u32 records; for each channel: user, module, level (u16 length and UTF-8 each); for each record: u16
 * channel, f64 time, u16 length of the source block, u32 length of the text, source block, text. All little-endian.
 */

import { nameFault } from '../record/treeName.ts';
import { HEADER_BYTES, newFrame, StreamError } from './frames.ts';

/** Where records go, and their level. */
export interface Channel {
  /** Empty: the hello's. */
  user: string;
  /** Without `.log`; empty: the hello's. */
  module: string;
  /** A word for the line (`INFO`, `Level 35`); empty: the line has none. */
  level: string;
}

export interface RecordFields extends Channel {
  /** µs since the epoch, UTC; 0: the service's clock. */
  time: number;
  /** Without a line end. Bytes are taken as they are. */
  text: string | Uint8Array;
  /** A block of the layout `safelog+source`, as formatSource makes it. */
  source?: string | undefined;
}

const TYPE = 0x02;
const BATCH_HEADER = 14;
const RECORD_HEADER = 16;
const MAX_LEVEL_BYTES = 64;
const MAX_CHANNELS = 0xffff;
const MAX_SOURCE_BYTES = 0xffff;
/** Exclusive; the year 2255, up to which µs are exact. */
const MAX_TIME = 9e15;

/** Room for a batch's header and channels, before its records. */
const HEAD_ROOM = 4096;
const FIRST_BYTES = 16 * 1024;
const NO_MEMORY = Buffer.alloc(0);

/** Collects records into one frame. Reusable: finish() and hand() begin anew. */
export class BatchEncoder {
  readonly #maxFrameBytes: number;
  /** Its first bytes are for what a batch begins with. */
  #memory: Buffer;
  #bytes = 0;
  #count = 0;
  #channels: Buffer[] = [];
  #channelBytes = 0;
  /** By user, module and level in turn: the number of the channel. */
  #numbers = new Map<string, number>();
  /** The channel of the last record: most follow one of the same. */
  #last: Channel & { number: number } = { user: '', module: '', level: '', number: -1 };

  /**
   * Frames are no longer than this, without their length field.
   * @param memory to begin with: what `hand` gave out earlier
   */
  constructor(maxFrameBytes: number, memory: Buffer = NO_MEMORY) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#memory = memory;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of the frame as it would be finished now. */
  get bytes(): number {
    return HEADER_BYTES + BATCH_HEADER + this.#channelBytes + this.#bytes;
  }

  /**
   * Adds a record. False where it does not fit any more: finish() first. It never fits where the batch is empty and still says false.
   * Throws a RangeError for a name, level or source that is too long, or a time that is none.
   */
  add(record: RecordFields): boolean {
    const { text, source = '', time } = record;
    if (!(time >= 0 && time < MAX_TIME)) throw new RangeError('a time that is none');
    // UTF-8 has at most 3 bytes for a unit of UTF-16.
    const mostSource = source.length * 3;
    const mostText = typeof text === 'string' ? text.length * 3 : text.length;
    let most = RECORD_HEADER + mostSource + mostText;
    if (this.bytes + most > this.#maxFrameBytes) {
      most = RECORD_HEADER + Buffer.byteLength(source) + (typeof text === 'string' ? Buffer.byteLength(text) : text.length);
      const names = 6 + Buffer.byteLength(record.user) + Buffer.byteLength(record.module) + Buffer.byteLength(record.level);
      if (this.bytes + names + most > this.#maxFrameBytes) return false;
    }
    const channel = this.#channel(record);
    if (channel < 0 || this.bytes + most > this.#maxFrameBytes) return false;
    this.#reserve(most);
    const records = this.#memory;
    const start = HEAD_ROOM + this.#bytes;
    let at = start + RECORD_HEADER;
    const sourceBytes = source === '' ? 0 : records.write(source, at);
    if (sourceBytes > MAX_SOURCE_BYTES) throw new RangeError('a source block that is too long');
    at += sourceBytes;
    let textBytes: number;
    if (typeof text === 'string') textBytes = text === '' ? 0 : records.write(text, at);
    else {
      records.set(text, at);
      textBytes = text.length;
    }
    records.writeUInt16LE(channel, start);
    records.writeDoubleLE(Math.floor(time), start + 2);
    records.writeUInt16LE(sourceBytes, start + 10);
    records.writeUInt32LE(textBytes, start + 12);
    this.#bytes = at + textBytes - HEAD_ROOM;
    this.#count++;
    return true;
  }

  /** The frame with all that was added; its records have the sequences `first`, `first + 1` and so on. */
  finish(first: number): Buffer {
    this.#reserve(0);
    const frame = newFrame(TYPE, BATCH_HEADER + this.#channelBytes + this.#bytes);
    const at = this.#writeHead(frame, HEADER_BYTES, first);
    this.#memory.copy(frame, at, HEAD_ROOM, HEAD_ROOM + this.#bytes);
    this.#begin();
    return frame;
  }

  /**
   * The payload of that frame, without a copy: it stays in the encoder's memory, which is handed over with it, for another encoder when the
   * payload is done with.
   */
  hand(first: number): { payload: Buffer; memory: Buffer } {
    const head = BATCH_HEADER + this.#channelBytes;
    if (head > HEAD_ROOM) {
      const memory = Buffer.allocUnsafe(head + this.#bytes);
      this.#memory.copy(memory, this.#writeHead(memory, 0, first), HEAD_ROOM, HEAD_ROOM + this.#bytes);
      this.#begin();
      return { payload: memory, memory };
    }
    this.#reserve(0);
    const memory = this.#memory;
    this.#writeHead(memory, HEAD_ROOM - head, first);
    const payload = memory.subarray(HEAD_ROOM - head, HEAD_ROOM + this.#bytes);
    this.#memory = NO_MEMORY;
    this.#begin();
    return { payload, memory };
  }

  /** What stands before the records; where they begin. */
  #writeHead(into: Buffer, start: number, first: number): number {
    into.writeBigUInt64LE(BigInt(first), start);
    into.writeUInt16LE(this.#channels.length, start + 8);
    into.writeUInt32LE(this.#count, start + 10);
    let at = start + BATCH_HEADER;
    for (const channel of this.#channels) at += channel.copy(into, at);
    return at;
  }

  #begin(): void {
    this.#bytes = 0;
    this.#count = 0;
    this.#channels = [];
    this.#channelBytes = 0;
    this.#numbers.clear();
    this.#last.number = -1;
  }

  #channel({ user, module, level }: Channel): number {
    const last = this.#last;
    if (last.number >= 0 && last.module === module && last.level === level && last.user === user) return last.number;
    const key = `${user}\0${module}\0${level}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      if (this.#channels.length === MAX_CHANNELS) return -1;
      const channel = encodeChannel([user, module, level]);
      number = this.#channels.push(channel) - 1;
      this.#channelBytes += channel.length;
      this.#numbers.set(key, number);
    }
    this.#last = { user, module, level, number };
    return number;
  }

  #reserve(bytes: number): void {
    const used = HEAD_ROOM + this.#bytes;
    if (used + bytes <= this.#memory.length) return;
    const larger = Buffer.allocUnsafe(Math.max(used + bytes, this.#memory.length * 2, HEAD_ROOM + FIRST_BYTES));
    this.#memory.copy(larger, 0, 0, used);
    this.#memory = larger;
  }
}

function encodeChannel(names: readonly string[]): Buffer {
  const parts = names.flatMap((name) => {
    const bytes = Buffer.from(name);
    if (bytes.length > 255) throw new RangeError('a name is too long');
    const length = Buffer.alloc(2);
    length.writeUInt16LE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(parts);
}

/** Why a channel's records are refused. */
export type ChannelFault = `user ${string}` | `module ${string}` | 'level';

/** A batch that came in, looked through from end to end: everything in it lies within it. */
export class RecordBatch {
  readonly payload: Buffer;
  readonly first: number;
  readonly count: number;
  readonly channels: readonly Channel[];
  /** Where the first record begins. */
  readonly start: number;

  /** Throws a StreamError for what is no batch. */
  constructor(payload: Buffer) {
    this.payload = payload;
    if (payload.length < BATCH_HEADER) throw new StreamError('a batch that is too short');
    this.first = Number(payload.readBigUInt64LE(0));
    this.count = payload.readUInt32LE(10);
    if (this.first < 1 || !Number.isSafeInteger(this.first + this.count)) throw new StreamError('a sequence that is none');
    let at = BATCH_HEADER;
    const name = (): string => {
      const length = at + 2 <= payload.length ? payload.readUInt16LE(at) : 0x10000;
      const end = at + 2 + length;
      if (length > 255 || end > payload.length) throw new StreamError('a name that is too long');
      const text = payload.toString('utf8', at + 2, end);
      at = end;
      return text;
    };
    const channels: Channel[] = [];
    for (let left = payload.readUInt16LE(8); left > 0; left--) channels.push({ user: name(), module: name(), level: name() });
    this.channels = channels;
    this.start = at;
    const records = new Records(this);
    while (records.next()) {
      if (records.textEnd > payload.length) throw new StreamError('a record that is too long');
      if (records.channel >= channels.length) throw new StreamError('a channel that there is not');
      if (!(records.time >= 0 && records.time < MAX_TIME)) throw new StreamError('a time that is none');
    }
    if (records.textEnd !== payload.length) throw new StreamError('a batch that is too long');
  }

  get last(): number {
    return this.first + this.count - 1;
  }
}

/** Goes through the records of a batch; the fields are those of the current one. Nothing is copied. */
export class Records {
  readonly #payload: Buffer;
  readonly #view: DataView;
  readonly #end: number;
  sequence: number;
  channel = 0;
  /** µs since the epoch; 0: the service's clock. */
  time = 0;
  /** The source block's bytes in the payload. */
  sourceStart: number;
  sourceEnd: number;
  /** The text's. */
  textStart: number;
  textEnd: number;

  constructor({ payload, first, count, start }: RecordBatch) {
    this.#payload = payload;
    this.#view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    this.sequence = first - 1;
    this.#end = first + count;
    this.sourceStart = this.sourceEnd = this.textStart = this.textEnd = start;
  }

  next(): boolean {
    if (++this.sequence >= this.#end) return false;
    const at = this.textEnd;
    if (at + RECORD_HEADER > this.#payload.length) throw new StreamError('a batch that is too short');
    const view = this.#view;
    this.channel = view.getUint16(at, true);
    this.time = view.getFloat64(at + 2, true);
    this.sourceStart = at + RECORD_HEADER;
    this.sourceEnd = this.sourceStart + view.getUint16(at + 10, true);
    this.textStart = this.sourceEnd;
    this.textEnd = this.textStart + view.getUint32(at + 12, true);
    return true;
  }
}

/** What is wrong with a channel whose empty names have been filled in; null where nothing is. */
export function channelFault({ user, module, level }: Channel): ChannelFault | null {
  const userFault = nameFault(user);
  if (userFault) return `user ${userFault}`;
  const moduleFault = nameFault(`${module}.log`) ?? (module === '' ? 'empty' : null);
  if (moduleFault) return `module ${moduleFault}`;
  return Buffer.byteLength(level) > MAX_LEVEL_BYTES || /[\x00-\x1f\x7f-\x9f]/.test(level) ? 'level' : null;
}
