/** The bytes of one generation, uncompressed: in order for scanning, and at random for showing records. */
export interface ByteSource {
  /** Where the file is now: a rotation may rename it. */
  path: string;
  /**
   * The bytes from an offset to the end, in order. A piece is only valid until the next is asked for.
   * @param isAgain they were read before: nothing is found out for later reads
   * @throws what the file system says; DamagedGzip after everything that could still be read
   */
  pieces(from: number, isAgain?: boolean): AsyncGenerator<Buffer, void, void>;
  /** Up to `length` bytes from an offset; fewer where the file ends before. */
  read(offset: number, length: number): Promise<Buffer>;
}
