/** The bytes of a file that is not compressed. */
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { ByteSource } from './byteSource.ts';
import { Moved } from './moved.ts';
import { withFile } from './openFiles.ts';

/** Bytes that are read at once: they are still in the processor's cache when they are looked at. */
const PIECE = 1 << 18;

/** What content is known by: bytes, and where they stand. */
export type KnownBytes = readonly (readonly [offset: number, bytes: Buffer])[];

/** Holds no file open: a generation may be renamed or deleted at any time, and thousands of them must not hold descriptors. */
export class PlainSource implements ByteSource {
  /** @param ino of the file that is meant: after a rotation the path may lead to another */
  constructor(
    public path: string,
    private readonly ino: number,
  ) {}

  async *pieces(from: number): AsyncGenerator<Buffer, void, void> {
    const { file, size } = await this.open();
    try {
      let offset = from;
      // Small appends are the rule while tailing: no megabyte is allocated for them.
      const buffer = Buffer.allocUnsafe(Math.max(4096, Math.min(PIECE, size - from + 1)));
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
        if (bytesRead === 0) return;
        offset += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  read(offset: number, length: number): Promise<Buffer> {
    return withFile(this.path, this.ino, (file) => readFully(file, offset, length));
  }

  /**
   * The same, of content that is known.
   * @throws Moved where it is that no more: the file was truncated, or truncated and written anew
   */
  readKnown(offset: number, length: number, known: KnownBytes): Promise<Buffer> {
    return withFile(this.path, this.ino, async (file) => {
      const bytes = await readFully(file, offset, length);
      // Looked at afterwards: what was whole then, was whole while it was read.
      const isAt = async ([place, known]: readonly [number, Buffer]): Promise<boolean> =>
        (await readFully(file, place, known.length)).equals(known);
      if (bytes.length < length || (await Promise.all(known.map(isAt))).includes(false)) throw new Moved(this.path, true);
      return bytes;
    });
  }

  private async open(): Promise<{ file: FileHandle; size: number }> {
    const file = await open(this.path, 'r');
    const { ino, size } = await file.stat();
    if (ino === this.ino) return { file, size };
    await file.close();
    throw new Moved(this.path);
  }
}

async function readFully(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
