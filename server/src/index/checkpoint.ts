/** Places inside a gzip file (RFC 1952) at which decompression can begin, and how a decompressor is brought there. */
import { constants, inflateRawSync } from 'node:zlib';

/** Bytes of output that deflate can refer back to (RFC 1951, 2). */
export const WINDOW = 32 * 1024;

/** What a decompressor knows in the middle of a member. */
export interface InMember {
  /**
   * Up to WINDOW bytes of output before the place, deflated with DEFLATED: it takes a quarter of the memory. As it ends with a whole byte and
   * is not the stream's last, what follows the place may be inflated behind it as one stream.
   */
  window: Uint8Array;
  /** CRC-32 of the member's output so far. */
  crc: number;
  /** Bytes of the member's output so far. */
  length: number;
}

export interface Checkpoint {
  /** Offset in the file of the next byte. */
  input: number;
  /** So many of the high bits of the byte before, 0 to 7, are still to be read. */
  bits: number;
  /** Offset in what is decompressed. */
  output: number;
  /** Undefined where a member begins. */
  inMember?: InMember;
}

/** A stretch between two places at which decompression can begin, or between the last one and the file's end. */
export interface Segment {
  from: Checkpoint;
  /** Bytes of what is decompressed. */
  length: number;
  /** Offset in the file of what comes next; undefined for the file's end. */
  nextInput: number | undefined;
}

export const BEGINNING: Checkpoint = { input: 0, bits: 0, output: 0 };

/** Where decompression of one file can begin. */
export interface Starts {
  /** The last place that is not after an offset of the output. */
  before(output: number): Checkpoint;
  /** The stretch that holds an offset, to the next place; undefined where its end is not known yet. */
  segment(output: number): Segment | undefined;
  /** Bytes of output of the whole file, where that is known. */
  readonly length: number | undefined;
  /** Bytes of memory. */
  readonly bytes: number;
}

/** The last index whose offset is not after `offset`; -1 where there is none. `offsets` ascend. */
export function lastNotAfter(length: number, offsetAt: (index: number) => number, offset: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (offsetAt(middle) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Checkpoints of one file, in order; usable while it is still growing. */
export class Checkpoints implements Starts {
  length: number | undefined;
  bytes = 128;
  /** All that the file can have are there; `length` is too, unless it is damaged. */
  finished = false;
  private readonly list: Checkpoint[] = [BEGINNING];

  /** What `all` gave, in another thread or process too. */
  static of(list: readonly Checkpoint[]): Checkpoints {
    const table = new Checkpoints();
    for (const checkpoint of list) table.add(checkpoint);
    return table;
  }

  /** What is there already is passed over: a build that was cancelled may begin again. */
  add(checkpoint: Checkpoint): void {
    if (checkpoint.output <= this.end) return;
    this.list.push(checkpoint);
    this.bytes += 128 + (checkpoint.inMember?.window.length ?? 0);
  }

  get count(): number {
    return this.list.length;
  }

  /** Offset of the last one in what is decompressed. */
  get end(): number {
    return this.list.at(-1)?.output ?? 0;
  }

  /** In order; plain data. */
  get all(): readonly Checkpoint[] {
    return this.list;
  }

  before(output: number): Checkpoint {
    return this.list[this.lastBefore(output)] ?? BEGINNING;
  }

  segment(output: number): Segment | undefined {
    const index = this.lastBefore(output);
    const from = this.list[index];
    const next = this.list[index + 1];
    const end = next?.output ?? (this.finished ? this.length : undefined);
    return from === undefined || end === undefined || output >= end
      ? undefined
      : { from, length: end - from.output, nextInput: next?.input };
  }

  private lastBefore(output: number): number {
    const { list } = this;
    return lastNotAfter(list.length, (index) => list[index]?.output ?? Number.POSITIVE_INFINITY, output);
  }
}

/** A deflate block of no bytes with fixed codes, 10 bits in the order of RFC 1951. */
const EVEN_BLOCK = '0100000000';
/**
 * One with codes of its own, 93 bits: an odd number, which fixed codes cannot give. 18 lengths of code lengths (18 and 0 have 2 bits, 1 has
 * one); then 256 zeros as runs of 138 and 118, a length of 1 for the end of the block, a length of 0 for the distances, and that end.
 */
const ODD_BLOCK = `001${'00000'}${'00000'}0111${'000'.repeat(2)}010010${'000'.repeat(13)}100${'111111111'}111101011${'0'}10${'0'}`;

/** By the number of bits that are still to be read from a byte: blocks of no bytes that end just where these bits begin. */
const PRIMERS = Array.from({ length: 8 }, (_, bits) => {
  const wanted = (8 - bits) % 8;
  let text = wanted % 2 === 1 ? ODD_BLOCK : '';
  while (text.length % 8 !== wanted) text += EVEN_BLOCK;
  const bytes = Buffer.alloc(Math.ceil(text.length / 8));
  for (let at = 0; at < text.length; at++) if (text[at] === '1') bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
  return bytes;
});

/**
 * What a raw inflater with the window as its dictionary has to be given first, so that it goes on at a bit in the middle of a byte (Node's
 * zlib has no inflatePrime): blocks of no bytes, of just so many bits that the rest of that byte follows.
 * @param partial the byte that is half read; unused where `bits` is 0
 */
export function primer(bits: number, partial: number): Buffer {
  const bytes = Buffer.from(PRIMERS[bits] ?? []);
  if (bits > 0) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | (partial & (0xff << (8 - bits)));
  return bytes;
}

/** How windows are deflated. */
export const DEFLATED = { level: 1, memLevel: 9, finishFlush: constants.Z_SYNC_FLUSH };

/** Bytes of the window of a place inside a member, as it was. */
export const windowLength = ({ length }: InMember): number => Math.min(WINDOW, length);

/** The window of a place inside a member, as it was. */
export function windowOf({ window }: InMember): Buffer {
  // One chunk of memory, which is not filled to its end: then another one would be made.
  return inflateRawSync(window, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: WINDOW, chunkSize: WINDOW + 64 });
}
