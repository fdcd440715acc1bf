/** Bytes that grow at their end; the memory stays for the next use. */
export class LineBuffer {
  #bytes: Buffer = Buffer.allocUnsafe(16 * 1024);
  length = 0;

  /** Where to write so many more bytes, at `length`; the caller then adds to it. */
  reserve(bytes: number): Buffer {
    if (this.length + bytes > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.length + bytes, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
    }
    return this.#bytes;
  }

  push(bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What was written; until the next use. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  clear(largest: number): void {
    this.length = 0;
    if (this.#bytes.length > largest) this.#bytes = Buffer.allocUnsafe(16 * 1024);
  }
}
