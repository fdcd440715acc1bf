/** A file from some place to its end, with a look at what comes next. */
import type { FileHandle } from 'node:fs/promises';

export class FileAhead {
  private bytes = Buffer.alloc(0);
  private at = 0;

  /**
   * @param offset in the file of what comes next
   * @param piece bytes that are read at once
   */
  constructor(
    private readonly file: FileHandle,
    public offset: number,
    private readonly piece: number,
  ) {}

  /** At least `length` bytes of what comes next, fewer only at the file's end. What is given does not change any more. */
  async ahead(length: number): Promise<Buffer> {
    while (this.bytes.length - this.at < length) {
      const rest = this.bytes.subarray(this.at);
      const buffer = Buffer.allocUnsafe(rest.length + this.piece);
      rest.copy(buffer);
      const { bytesRead } = await this.file.read(buffer, rest.length, this.piece, this.offset + rest.length);
      this.bytes = buffer.subarray(0, rest.length + bytesRead);
      this.at = 0;
      if (bytesRead === 0) break;
    }
    return this.bytes.subarray(this.at);
  }

  skip(length: number): void {
    this.at += length;
    this.offset += length;
  }
}
