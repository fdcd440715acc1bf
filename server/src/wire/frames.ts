/** Length-prefixed frames: u32 length (little-endian) of what follows, u8 type, payload. Pure. */

export interface Frame {
  type: number;
  /** A view of the bytes that came in; valid until the caller lets go of it. */
  payload: Buffer;
}

/** What is no frame of the protocol. The connection cannot go on. */
export class StreamError extends Error {
  override name = 'StreamError';
}

export const HEADER_BYTES = 5;
/** Chunks that are joined as they come. */
const SMALL_BYTES = 32 * 1024;

/** Room for a frame with so many bytes of payload, its header written. */
export function newFrame(type: number, payloadBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payloadBytes);
  frame.writeUInt32LE(payloadBytes + 1, 0);
  frame[4] = type;
  return frame;
}

/**
 * Cuts what comes in into frames. A frame that lies in one chunk is a view of it; one that came in pieces is put together once. Holds
 * no more than has come in, and a frame is refused by its length before it is waited for.
 */
export class FrameDecoder {
  #maxFrameBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes that the frame at the beginning needs, its length field included; 0: not known yet. */
  #needed = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Bytes that are held: the part of a frame that is not whole yet, when next() has given null. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /** From now on frames may be so long. */
  allow(maxFrameBytes: number): void {
    this.#maxFrameBytes = maxFrameBytes;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // A frame that drips in byte by byte must not become a million of objects.
    for (let last = this.#chunks.length - 1; last > 0; last--) {
      const [before, after] = this.#chunks.slice(last - 1);
      if (!before || !after || after.length > SMALL_BYTES || before.length > after.length) break;
      this.#chunks.splice(last - 1, 2, Buffer.concat([before, after]));
    }
  }

  /** The next whole frame; null where more has to come. Throws a StreamError for a length that no frame has. */
  next(): Frame | null {
    if (this.#needed === 0) {
      if (this.#bytes < HEADER_BYTES) return null;
      const length = this.#first(4).readUInt32LE(0);
      if (length === 0 || length > this.#maxFrameBytes) throw new StreamError(`a frame of ${length} bytes`);
      this.#needed = 4 + length;
    }
    if (this.#bytes < this.#needed) return null;
    const head = this.#first(this.#needed);
    const frame = { type: head[4] ?? 0, payload: head.subarray(HEADER_BYTES, this.#needed) };
    this.#bytes -= this.#needed;
    if (head.length === this.#needed) this.#chunks.shift();
    else this.#chunks[0] = head.subarray(this.#needed);
    this.#needed = 0;
    return frame;
  }

  /** The first chunk, with at least so many bytes in it. */
  #first(bytes: number): Buffer {
    const [first] = this.#chunks;
    if (first && first.length >= bytes) return first;
    const whole = Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [whole];
    return whole;
  }
}
