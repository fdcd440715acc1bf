/** Frames of a stream: u32 length (big-endian) and so many bytes, as Python's SocketHandler and logging.config.listen have them. Pure. */

import { WireError } from './wireRecord.ts';

const LENGTH_BYTES = 4;
const SMALL_BYTES = 65_536;

/** A frame in [start, end) of bytes that are only valid during the call. */
export type TakeFrame = (bytes: Buffer, start: number, end: number) => void;

/** Cuts a stream into frames. What it is given may be used for something else afterwards. */
export class FrameCutter {
  readonly #maxBytes: number;
  /** What has come of a frame that is not whole, its length included. */
  #held: Buffer = Buffer.alloc(0);
  #bytes = 0;

  /** Longest frame, without its length. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.#bytes;
  }

  /** Hands out the frames that are whole now. Throws a WireError for one that is too long, before it is waited for. */
  push(chunk: Buffer, take: TakeFrame): void {
    let at = this.#bytes === 0 ? 0 : this.#finish(chunk, take);
    while (chunk.length - at >= LENGTH_BYTES) {
      const end = at + this.#needed(chunk, at);
      if (end > chunk.length) break;
      const start = at + LENGTH_BYTES;
      at = end;
      take(chunk, start, end);
    }
    if (at < chunk.length) this.#hold(chunk, at, chunk.length);
  }

  /** What is not whole is dropped. */
  end(): void {
    this.#bytes = 0;
    this.#held = Buffer.alloc(0);
  }

  /** The rest of the frame that is held; where the next one begins. */
  #finish(chunk: Buffer, take: TakeFrame): number {
    let at = Math.max(0, Math.min(LENGTH_BYTES - this.#bytes, chunk.length));
    this.#hold(chunk, 0, at);
    if (this.#bytes < LENGTH_BYTES) return at;
    const needed = this.#needed(this.#held, 0);
    const from = at;
    at = Math.min(chunk.length, from + needed - this.#bytes);
    this.#hold(chunk, from, at);
    if (this.#bytes < needed) return at;
    const frame = this.#held;
    this.end();
    take(frame, LENGTH_BYTES, needed);
    return at;
  }

  /** Bytes of the frame that begins at `at`, with its length. */
  #needed(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32BE(at);
    if (length > this.#maxBytes) throw new WireError('a frame that is too long');
    return LENGTH_BYTES + length;
  }

  #hold(chunk: Buffer, from: number, to: number): void {
    const bytes = this.#bytes + to - from;
    if (bytes > this.#held.length) {
      // Not what a frame says of its length: memory is for what has come.
      const larger = Buffer.allocUnsafe(Math.max(bytes, this.#bytes * 2, Math.min(SMALL_BYTES, this.#bytes + 512)));
      this.#held.copy(larger, 0, 0, this.#bytes);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#bytes, from, to);
    this.#bytes = bytes;
  }
}
