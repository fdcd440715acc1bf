/**
 * Safelog's streaming protocol: the messages between our clients and the service, as bytes. docs/protocol.md describes it. Pure; the
 * batches of records are in recordBatch.ts, the frames in frames.ts.
 */

import { type Frame, HEADER_BYTES, newFrame, StreamError } from './frames.ts';
import { RecordBatch } from './recordBatch.ts';

export { FrameDecoder, StreamError } from './frames.ts';
export { BatchEncoder, type Channel, RecordBatch, type RecordFields, Records } from './recordBatch.ts';

export const STREAM_VERSION = 1;
/** What either side takes before the welcome has told the service's limit: bytes of a frame without its length field. */
export const MAX_FRAME_BYTES = 16 * 2 ** 20;
/** Frames of a client that has not been welcomed yet. */
export const MAX_HELLO_BYTES = 4096;
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 4096;
const MAX_REASON_BYTES = 1024;

/** Frame types. Those of the service have the highest bit. One with the bit 0x40 that is not known is skipped, any other ends the connection. */
export const Type = {
  hello: 0x01,
  records: 0x02,
  goodbye: 0x03,
  askStatus: 0x04,
  welcome: 0x81,
  stored: 0x82,
  refused: 0x83,
  bye: 0x84,
  status: 0x85,
} as const;
const OPTIONAL = 0x40;

export interface Hello {
  version: number;
  /** 16 random bytes as 32 hex digits: who numbers the records. One for each run of a program (or spool file), for all its connections. */
  client: string;
  /** For `safelog status`: what runs there. */
  program: string;
  /** As whom it wants to write; empty: as the user that it is. */
  user: string;
  /** For records that name no module. */
  module: string;
}

export interface Welcome {
  version: number;
  /** Everything up to this sequence is stored. It may say less than there is (0 after a restart), never more. */
  stored: number;
  /** As whom records are written that name no user. */
  user: string;
  /** Records that may be sent and not yet be acknowledged. */
  windowRecords: number;
  /** The same in bytes of frames. */
  windowBytes: number;
  /** Longest frame, bytes without its length field. */
  frameBytes: number;
  /** Absolute path of the tree that is served: where a client that is on its own writes, and whose journal it asks. */
  root: string;
}

export interface Refused {
  /** Sequences, both inclusive. */
  first: number;
  last: number;
  /** True: these are never taken, and count as done. False: the service took nothing from `first` on; it is to be sent again, after a while. */
  isFinal: boolean;
  /** Nothing is wrong with them: this service cannot write them now. The client writes them elsewhere, or keeps them. */
  isUnwritable?: boolean;
  reason: string;
}

export interface Bye {
  /** True: this client is not wanted (its version, its identity); it would be the same the next time. False: come again. */
  isFinal: boolean;
  reason: string;
}

export type ClientMessage =
  | ({ kind: 'hello' } & Hello)
  | { kind: 'records'; batch: RecordBatch }
  /** Everything has been sent. The service says `bye` when all of it is stored, and forgets the client id. */
  | { kind: 'goodbye' }
  | { kind: 'askStatus' }
  | { kind: 'skipped' };

export type ServiceMessage =
  | ({ kind: 'welcome' } & Welcome)
  /** All records up to this one are stored or refused for good. */
  | { kind: 'stored'; sequence: number }
  | ({ kind: 'refused' } & Refused)
  | ({ kind: 'bye' } & Bye)
  /** JSON. */
  | { kind: 'status'; text: string }
  | { kind: 'skipped' };

/** Whether a connection that begins so is one of the streaming protocol: what the original one begins with is a user's name. */
export function isHello(bytes: Buffer): boolean {
  return bytes.length > HEADER_BYTES + 4 && bytes[4] === Type.hello && bytes.toString('latin1', HEADER_BYTES, HEADER_BYTES + 4) === 'SFLG';
}

/** Throws a RangeError for a client id that is none, or names that are too long. */
export function encodeHello({ version, client, program, user, module }: Hello): Buffer {
  if (!/^[0-9a-f]{32}$/.test(client)) throw new RangeError('a client id is 32 hex digits');
  const names = [program, user, module].map((name) => Buffer.from(name));
  if (names.some((name) => name.length > MAX_NAME_BYTES)) throw new RangeError('a name is too long');
  return join(Type.hello, [
    Buffer.from('SFLG'),
    u16(version),
    Buffer.from(client, 'hex'),
    ...names.flatMap((name) => [u16(name.length), name]),
  ]);
}

export const encodeGoodbye = (): Buffer => newFrame(Type.goodbye, 0);
export const encodeAskStatus = (): Buffer => newFrame(Type.askStatus, 0);

export function encodeWelcome({ version, stored, user, windowRecords, windowBytes, frameBytes, root }: Welcome): Buffer {
  const numbers = [u16(version), u64(stored), u32(windowRecords), u32(windowBytes), u32(frameBytes)];
  return join(Type.welcome, [...numbers, ...[user, root].flatMap((text) => [u16(Buffer.byteLength(text)), Buffer.from(text)])]);
}

export function encodeStored(sequence: number): Buffer {
  const frame = newFrame(Type.stored, 8);
  writeSequence(frame, sequence, HEADER_BYTES);
  return frame;
}

/** A reason that is too long is cut. */
export function encodeRefused({ first, last, isFinal, isUnwritable, reason }: Refused): Buffer {
  return join(Type.refused, [u64(first), u64(last), Buffer.from([isUnwritable ? 2 : isFinal ? 1 : 0]), ...cut(reason)]);
}

export function encodeBye({ isFinal, reason }: Bye): Buffer {
  return join(Type.bye, [Buffer.from([isFinal ? 1 : 0]), ...cut(reason)]);
}

export function encodeStatus(text: string): Buffer {
  return join(Type.status, [Buffer.from(text)]);
}

/** What a client says. Throws a StreamError for what is not the protocol's. */
export function decodeClientFrame({ type, payload }: Frame): ClientMessage {
  const reader = new Reader(payload);
  switch (type) {
    case Type.hello: {
      if (reader.bytes(4).toString('latin1') !== 'SFLG') throw new StreamError('not the Safelog streaming protocol');
      const version = reader.u16();
      // A later version may say anything behind this: its hello must be answered, not misread.
      if (version !== STREAM_VERSION) return { kind: 'hello', version, client: '', program: '', user: '', module: '' };
      const client = reader.bytes(16).toString('hex');
      const [program, user, module] = [reader.text(MAX_NAME_BYTES), reader.text(MAX_NAME_BYTES), reader.text(MAX_NAME_BYTES)];
      reader.end();
      return { kind: 'hello', version, client, program, user, module };
    }
    case Type.records:
      return { kind: 'records', batch: new RecordBatch(payload) };
    case Type.goodbye:
      return { kind: 'goodbye' };
    case Type.askStatus:
      return { kind: 'askStatus' };
    default:
      return skip(type);
  }
}

/** What the service says. Throws a StreamError for what is not the protocol's. */
export function decodeServiceFrame({ type, payload }: Frame): ServiceMessage {
  const reader = new Reader(payload);
  switch (type) {
    case Type.welcome: {
      const version = reader.u16();
      const stored = reader.sequence();
      const [windowRecords, windowBytes, frameBytes] = [reader.u32(), reader.u32(), reader.u32()];
      const [user, root] = [reader.text(MAX_NAME_BYTES), reader.text(MAX_PATH_BYTES)];
      return { kind: 'welcome', version, stored, windowRecords, windowBytes, frameBytes, user, root };
    }
    case Type.stored:
      return { kind: 'stored', sequence: reader.sequence() };
    case Type.refused: {
      const [first, last] = [reader.sequence(), reader.sequence()];
      const final = reader.u8();
      return { kind: 'refused', first, last, isFinal: final !== 0, isUnwritable: final === 2, reason: reader.text(MAX_REASON_BYTES) };
    }
    case Type.bye:
      return { kind: 'bye', isFinal: reader.u8() !== 0, reason: reader.text(MAX_REASON_BYTES) };
    case Type.status:
      return { kind: 'status', text: payload.toString() };
    default:
      return skip(type);
  }
}

function skip(type: number): { kind: 'skipped' } {
  if ((type & OPTIONAL) === 0) throw new StreamError(`a frame of the unknown type ${type}`);
  return { kind: 'skipped' };
}

function join(type: number, parts: Buffer[]): Buffer {
  const payload = Buffer.concat(parts);
  const frame = newFrame(type, payload.length);
  payload.copy(frame, HEADER_BYTES);
  return frame;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  writeSequence(bytes, value, 0);
  return bytes;
}

function writeSequence(bytes: Buffer, sequence: number, at: number): void {
  bytes.writeBigUInt64LE(BigInt(sequence), at);
}

function cut(reason: string): [Buffer, Buffer] {
  let bytes = Buffer.from(reason);
  // A character that is cut shows as U+FFFD.
  if (bytes.length > MAX_REASON_BYTES) bytes = bytes.subarray(0, MAX_REASON_BYTES);
  return [u16(bytes.length), bytes];
}

/** Reads fields one after the other. */
class Reader {
  readonly #payload: Buffer;
  #at = 0;

  constructor(payload: Buffer) {
    this.#payload = payload;
  }

  bytes(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#payload.length) throw new StreamError('a frame that is too short');
    const bytes = this.#payload.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  u8(): number {
    return this.bytes(1).readUInt8();
  }

  u16(): number {
    return this.bytes(2).readUInt16LE();
  }

  u32(): number {
    return this.bytes(4).readUInt32LE();
  }

  sequence(): number {
    const sequence = Number(this.bytes(8).readBigUInt64LE());
    if (!Number.isSafeInteger(sequence)) throw new StreamError('a sequence beyond 2^53');
    return sequence;
  }

  text(maxBytes: number): string {
    const length = this.u16();
    if (length > maxBytes) throw new StreamError(`a text of ${length} bytes`);
    return this.bytes(length).toString();
  }

  end(): void {
    if (this.#at !== this.#payload.length) throw new StreamError('a frame that is too long');
  }
}
