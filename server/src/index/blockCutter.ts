/** Cuts pieces of any size into blocks of one size; only the last may be shorter. */
export class BlockCutter {
  private pieces: Buffer[] = [];
  private length = 0;

  /** @param skip bytes before the first block, which are not wanted */
  constructor(
    private readonly size: number,
    private skip = 0,
  ) {}

  /** @param piece must not change any more */
  add(piece: Buffer): void {
    const wanted = piece.subarray(Math.min(this.skip, piece.length));
    this.skip -= piece.length - wanted.length;
    if (wanted.length === 0) return;
    this.pieces.push(wanted);
    this.length += wanted.length;
  }

  /** Lets go of bytes, of those that are still to come too: the next block begins after them. */
  discard(length: number): void {
    this.skip += length;
    const { pieces } = this;
    this.pieces = [];
    this.length = 0;
    for (const piece of pieces) this.add(piece);
  }

  /** The next whole block, with memory of its own; undefined where more pieces are needed. */
  take(): Buffer | undefined {
    return this.length < this.size ? undefined : this.cut(this.size);
  }

  /** What is left at the end; undefined where nothing is. */
  rest(): Buffer | undefined {
    return this.length === 0 ? undefined : this.cut(Math.min(this.length, this.size));
  }

  private cut(length: number): Buffer {
    const block = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      const piece = this.pieces.shift() ?? Buffer.alloc(0);
      const part = piece.subarray(0, length - filled);
      part.copy(block, filled);
      filled += part.length;
      if (part.length < piece.length) this.pieces.unshift(piece.subarray(part.length));
    }
    this.length -= length;
    return block;
  }
}
