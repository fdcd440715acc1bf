/**
 * Decompresses gzip a block of deflate (RFC 1951) at a time, with Node's zlib, which stops behind each (Z_BLOCK): the places between
 * them, at which decompression can begin again, are so known as soon as a file is read for the first time. Zlib tells the byte in which a
 * block ends, not the bit: that is the one at which another block with codes of its own can begin. Where that leaves a doubt, it ends,
 * and who called goes on from the last place by a decompressor that does not stop.
 */
import type { FileHandle } from 'node:fs/promises';
import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Checkpoint } from './checkpoint.ts';
import { DEFLATED, WINDOW, windowOf } from './checkpoint.ts';
import { FileAhead } from './fileAhead.ts';
import { checkTrailer, gzipHeaderBytes, TRAILER } from './gzipMember.ts';

/** Bytes of the file that are read at once. */
const READ = 256 * 1024;
/** Bytes of input in which a block is expected to end, at first; and more than that is not tried. */
const EXPECTED = 64 * 1024;
const MOST = 1 << 20;
/** A block of more output is decompressed in pieces. */
const MOST_OUTPUT = 8 << 20;
/** Bytes of output of one call. */
const PIECE = 1 << 18;
/** So little comes of a block that was looked for in the wrong place; and where nothing else comes, it is not worth a call. */
const LEAST_OUTPUT = 8 * 1024;
const FEW = 64;

/** The lowest bits of a block are BFINAL and BTYPE. */
const DYNAMIC = 2;
/** Bits before the code lengths: BFINAL, BTYPE, HLIT, HDIST, HCLEN. */
const COUNTS_BITS = 17;
/** Whole bytes that hold the longest beginning that is looked at, from any bit on. */
const BEGINNING_BYTES = 11;

/** Number of 1 to 25 bits from a bit on. */
function bitsAt(bytes: Buffer, bit: number, count: number): number {
  const at = bit >>> 3;
  const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  return (word >>> (bit & 7)) & ((1 << count) - 1);
}

/** Whether a block with codes of its own can begin at a bit: its counts are possible, and the code of its code lengths is complete. */
function mayBegin(bytes: Buffer, bit: number): boolean {
  const counts = bitsAt(bytes, bit, COUNTS_BITS);
  if (((counts >>> 1) & 3) !== DYNAMIC || ((counts >>> 3) & 31) > 29 || ((counts >>> 8) & 31) > 29) return false;
  let sum = 0;
  for (let i = 0; i < (counts >>> 13) + 4; i++) {
    const length = bitsAt(bytes, bit + COUNTS_BITS + 3 * i, 3);
    if (length > 0) sum += 128 >>> length;
  }
  return sum === 128;
}

/** A place between two blocks, and what a decompressor has to know there. */
interface Place {
  /** Offsets: in the file, in bits; in what is decompressed. */
  bit: number;
  output: number;
  /** The rest is about the member that it is in, undefined where one begins. */
  member: { window: Buffer; crc: number; length: number } | undefined;
}

const checkpointOf = ({ bit, output, member }: Place): Checkpoint => {
  const input = Math.ceil(bit / 8);
  const bits = input * 8 - bit;
  if (member === undefined) return { input, bits, output };
  const { window, crc, length } = member;
  const deflated = deflateRawSync(window, DEFLATED);
  // Memory of just that size: it stays, and goes from thread to thread.
  const own = Buffer.allocUnsafeSlow(deflated.length);
  own.set(deflated);
  return { input, bits, output, inMember: { window: own, crc, length } };
};

/** For one call at a time. */
const scratch = Buffer.allocUnsafeSlow(MOST + 8);
const scratchView = new DataView(scratch.buffer);

/** The bytes without the first bits of the first one, valid until the next call. */
function shift(bytes: Buffer, skip: number): Buffer {
  bytes.copy(scratch);
  scratchView.setFloat64(bytes.length, 0);
  // Signed: most numbers of 32 bits without a sign would be objects.
  let low = scratchView.getInt32(0, true);
  for (let at = 0; at < bytes.length; at += 4) {
    const high = scratchView.getInt32(at + 4, true);
    scratchView.setInt32(at, (low >>> skip) | (high << (32 - skip)), true);
    low = high;
  }
  return scratch.subarray(0, bytes.length);
}

export class DeflateBlocks {
  /** The file has come to a sound end. */
  ended = false;
  private readonly input: FileAhead;
  private place: Place;
  /** Where the block before began: that one is known to be right. */
  private before: Place;
  private expected = EXPECTED;
  /** Members that gave little. */
  private small = 0;

  constructor(file: FileHandle, from: Checkpoint) {
    const { input, bits, output, inMember } = from;
    this.place = { bit: input * 8 - bits, output, member: inMember && { ...inMember, window: windowOf(inMember) } };
    this.before = this.place;
    this.input = new FileAhead(file, Math.floor(this.place.bit / 8), READ);
  }

  /** The place that has been reached, which is that of the next block, if it is one. */
  get checkpoint(): Checkpoint {
    return checkpointOf(this.place);
  }

  /** Offset of that in what is decompressed. */
  get output(): number {
    return this.place.output;
  }

  /** Where a decompressor shall go on, and how many bytes it gives once more. */
  get rest(): { from: Checkpoint; skip: number } {
    return { from: checkpointOf(this.before), skip: this.place.output - this.before.output };
  }

  /** What comes next, with memory of its own; undefined at the end, or where another decompressor has to go on. */
  async next(): Promise<Buffer | undefined> {
    while (this.place.member === undefined) {
      const ahead = await this.input.ahead(READ);
      const header = gzipHeaderBytes(ahead, 0);
      if (header === undefined) {
        // As zlib does it: nothing or zeros after a member end the file.
        this.ended = (ahead[0] ?? 0) === 0 && this.place.output > 0;
        return undefined;
      }
      this.input.skip(header);
      this.before = this.place;
      this.place = { ...this.place, bit: this.place.bit + header * 8, member: { window: Buffer.alloc(0), crc: 0, length: 0 } };
    }
    for (let length = this.expected; ; length *= 2) {
      const found = await this.tryBlock(Math.min(length, MOST));
      if (found !== 'more') return found;
      if (length >= MOST) return undefined;
    }
  }

  /** @returns `more` where the block does not end within so many bytes of the file */
  private async tryBlock(length: number): Promise<Buffer | undefined | 'more'> {
    const { bit, member, output } = this.place;
    if (member === undefined) return undefined;
    const ahead = await this.input.ahead(length + BEGINNING_BYTES + TRAILER);
    const bytes = ahead.subarray(0, length);
    const skip = bit % 8;
    const isLast = (bitsAt(bytes, skip, 1) & 1) === 1;
    let block: { buffer: Buffer; used: number };
    try {
      block = inflateBlock(skip === 0 ? bytes : shift(bytes, skip), member.window);
    } catch {
      return undefined;
    }
    const { buffer, used } = block;
    // It has not come to the block's end, or just to it: zlib does not tell.
    if (used >= bytes.length) return ahead.length > length ? 'more' : undefined;
    const window = buffer.length >= WINDOW ? buffer.subarray(-WINDOW) : Buffer.concat([member.window, buffer]).subarray(-WINDOW);
    const next = { window, crc: crc32(buffer, member.crc), length: member.length + buffer.length };
    const reached = output + buffer.length;
    let place: Place | undefined;
    if (isLast) place = afterMember(ahead, used, next, bit - skip, reached);
    else {
      const end = placeAfter(ahead, skip + used * 8);
      if (end !== undefined && buffer.length >= LEAST_OUTPUT) place = { bit: bit - skip + end, output: reached, member: next };
    }
    if (buffer.length < LEAST_OUTPUT) this.small++;
    if (place === undefined || this.small > FEW) return undefined;
    this.before = this.place;
    this.place = place;
    this.expected = Math.min(MOST, Math.max(Math.ceil(used * 1.25), Math.floor(this.expected * 0.9)));
    this.input.skip(Math.floor(place.bit / 8) - this.input.offset);
    return buffer;
  }
}

/** What Node's types do not tell of the option `info`. */
interface Inflated {
  buffer: Buffer;
  engine: { bytesWritten: number };
}

function inflateBlock(bytes: Buffer, window: Buffer): { buffer: Buffer; used: number } {
  const { buffer, engine } = inflateRawSync(bytes, {
    chunkSize: PIECE,
    maxOutputLength: MOST_OUTPUT,
    finishFlush: constants.Z_BLOCK,
    info: true,
    ...(window.length === 0 ? {} : { dictionary: window }),
  }) as unknown as Inflated;
  return { buffer, used: engine.bytesWritten };
}

/** The one of the 8 bits up to `end` at which another block can begin; undefined where that is not just one. */
function placeAfter(bytes: Buffer, end: number): number | undefined {
  let place: number | undefined;
  for (let bit = end - 7; bit <= end; bit++) {
    if (!mayBegin(bytes, bit)) continue;
    if (place !== undefined) return undefined;
    place = bit;
  }
  return place;
}

/**
 * Where the next member begins, or the file ends.
 * @param used bytes of the last block, counted from its first bit, the last one perhaps in part
 * @param base in the file, in bits, of the first byte
 */
function afterMember(bytes: Buffer, used: number, { crc, length }: { crc: number; length: number }, base: number, output: number) {
  for (const at of [used, used + 1]) {
    const trailer = bytes.subarray(at, at + TRAILER);
    if (checkTrailer(trailer, crc, length) === undefined) return { bit: base + (at + TRAILER) * 8, output, member: undefined };
  }
  return undefined;
}
