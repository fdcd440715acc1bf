/** Bytes inside a gzip file (RFC 1952, any number of members), by one decompressor that goes on where it was, and a cache of blocks. */
import { open } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';
import type { ByteSource } from './byteSource.ts';

/** Bytes of output of one call. */
const PIECE = 1 << 18;
/** Bytes of input of one call: at first, and when it failed. The first bounds what a bomb (1 000 : 1) can hold at once. */
const PIECES = [128 * 1024, 1024, 1] as const;
const BLOCK = 256 * 1024;
/** For all gz files together. */
const CACHE_BYTES = 64 << 20;
/** Decompressors that are kept waiting in the middle of their files. */
const MAX_CURSORS = 48;

/** A gz file that ends too early, or is followed by rubbish: everything before has been given. */
export class DamagedGzip extends Error {
  constructor(
    readonly path: string,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'DamagedGzip';
  }
}

/**
 * The decompressed bytes. A file that is cut off or has rubbish in it gives every byte before that, then DamagedGzip: zlib throws away what
 * a failing call had decompressed, so that the call is made again with smaller pieces, down to single bytes.
 */
async function* gunzip(path: string): AsyncGenerator<Buffer, void, void> {
  let given = 0;
  let intact = 0;
  for (const size of PIECES) {
    let skip = given;
    const gunzipper = createGunzip({ chunkSize: PIECE, flush: constants.Z_SYNC_FLUSH });
    const file = await open(path, 'r');
    let pieces: Buffer[] = [];
    let settle: (error?: unknown) => void = () => undefined;
    let ended = false;
    gunzipper
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('error', (error) => settle(error))
      // Also where zeros follow the last member (tape blocks): zlib then ends by itself.
      .on('end', () => {
        ended = true;
        settle();
      });
    const call = (run: () => void): Promise<unknown> =>
      new Promise((resolve) => {
        settle = resolve;
        run();
      });
    try {
      let error: unknown;
      for (let offset = 0; error === undefined; ) {
        const length = offset < intact ? Math.min(PIECES[0], intact - offset) : size;
        // zlib keeps a reference to its input until the call ends, hence a new buffer each time.
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
        error = await call(() => {
          if (bytesRead === 0) gunzipper.end();
          else gunzipper.write(buffer.subarray(0, bytesRead), () => settle());
        });
        for (const piece of pieces) {
          const rest = piece.subarray(Math.min(skip, piece.length));
          skip -= piece.length - rest.length;
          given += rest.length;
          if (rest.length > 0) yield rest;
        }
        pieces = [];
        if (ended) return;
        if (error === undefined) offset += bytesRead;
        else intact = offset;
      }
      if (size === PIECES.at(-1) || intact === (await file.stat()).size) throw new DamagedGzip(path, error);
    } finally {
      gunzipper.destroy();
      await file.close();
    }
  }
}

interface Cursor {
  pieces: AsyncGenerator<Buffer, void, void>;
  /** The block that comes next. */
  block: number;
  /** Bytes of that block that are decompressed already. */
  rest: Buffer[];
  restLength: number;
}

/** Of one file; larger ones would only push out what the others have there. */
const KEPT_WHILE_SCANNING = 4 << 20;

/** Cuts pieces of any size into blocks; only the last may be shorter. */
class BlockCutter {
  private rest: Buffer[] = [];
  private length = 0;
  private block = 0;

  constructor(private readonly onBlock: (block: number, bytes: Buffer) => void) {}

  add(piece: Buffer): void {
    this.rest.push(Buffer.from(piece));
    this.length += piece.length;
    while (this.length >= BLOCK) this.cut();
  }

  end(): void {
    this.cut();
  }

  private cut(): void {
    const all = Buffer.concat(this.rest);
    const bytes = all.subarray(0, BLOCK);
    this.onBlock(this.block++, Buffer.from(bytes));
    const rest = all.subarray(bytes.length);
    this.rest = rest.length > 0 ? [Buffer.from(rest)] : [];
    this.length = rest.length;
  }
}

export class GzipSource implements ByteSource {
  /** Blocks of all files, the least recently used first. */
  private static readonly blocks = new Map<string, Buffer>();
  private static cachedBytes = 0;
  private static readonly cursors = new Map<GzipSource, Cursor>();
  private static sources = 0;

  private readonly id = GzipSource.sources++;
  /** Reads of one file wait for each other: they share the decompressor. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly path: string) {}

  async *pieces(from: number): AsyncGenerator<Buffer, void, void> {
    let offset = 0;
    const blocks = new BlockCutter((block, bytes) => this.keep(block, bytes));
    for await (const piece of gunzip(this.path)) {
      // What is scanned is likely to be shown soon: small files stay in the cache from the start.
      if (offset < KEPT_WHILE_SCANNING) blocks.add(piece);
      const skip = Math.max(0, Math.min(piece.length, from - offset));
      offset += piece.length;
      if (skip < piece.length) yield piece.subarray(skip);
    }
    if (offset < KEPT_WHILE_SCANNING) blocks.end();
  }

  read(offset: number, length: number): Promise<Buffer> {
    const job = this.queue.then(() => this.readNow(offset, length));
    this.queue = job.catch(() => undefined);
    return job;
  }

  private async readNow(offset: number, length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    const end = offset + length;
    for (let block = Math.floor(offset / BLOCK); block * BLOCK < end; block++) {
      const bytes = await this.block(block);
      const start = block * BLOCK;
      parts.push(bytes.subarray(Math.max(0, offset - start), Math.max(0, Math.min(bytes.length, end - start))));
      if (bytes.length < BLOCK) break;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** One block; shorter only at the file's end. */
  private async block(block: number): Promise<Buffer> {
    const cached = GzipSource.blocks.get(this.key(block));
    if (cached !== undefined) {
      GzipSource.blocks.delete(this.key(block));
      GzipSource.blocks.set(this.key(block), cached);
      return cached;
    }
    let cursor = GzipSource.cursors.get(this);
    if (cursor === undefined || cursor.block > block) {
      await cursor?.pieces.return();
      cursor = { pieces: gunzip(this.path), block: 0, rest: [], restLength: 0 };
    }
    GzipSource.cursors.delete(this);
    GzipSource.cursors.set(this, cursor);
    for (const [source, oldest] of GzipSource.cursors) {
      if (GzipSource.cursors.size <= MAX_CURSORS) break;
      GzipSource.cursors.delete(source);
      void oldest.pieces.return();
    }
    for (;;) {
      const { bytes, last } = await this.nextBlock(cursor);
      this.keep(cursor.block, bytes);
      if (cursor.block++ === block) return bytes;
      if (last) return Buffer.alloc(0);
    }
  }

  private async nextBlock(cursor: Cursor): Promise<{ bytes: Buffer; last: boolean }> {
    let ended = false;
    while (cursor.restLength < BLOCK && !ended) {
      try {
        const { value, done } = await cursor.pieces.next();
        if (done === true) ended = true;
        else {
          cursor.rest.push(value);
          cursor.restLength += value.length;
        }
      } catch (error) {
        // Said once when it was indexed; what could be read is shown.
        if (!(error instanceof DamagedGzip)) throw error;
        ended = true;
      }
    }
    const all = Buffer.concat(cursor.rest);
    const bytes = all.subarray(0, BLOCK);
    const rest = all.subarray(bytes.length);
    cursor.rest = rest.length > 0 ? [rest] : [];
    cursor.restLength = rest.length;
    return { bytes: Buffer.from(bytes), last: ended && rest.length === 0 };
  }

  private keep(block: number, bytes: Buffer): void {
    const key = this.key(block);
    if (GzipSource.blocks.has(key)) return;
    GzipSource.blocks.set(key, bytes);
    GzipSource.cachedBytes += bytes.length;
    for (const [oldest, old] of GzipSource.blocks) {
      if (GzipSource.cachedBytes <= CACHE_BYTES || oldest === key) break;
      GzipSource.blocks.delete(oldest);
      GzipSource.cachedBytes -= old.length;
    }
  }

  private key(block: number): string {
    return `${this.id}:${block}`;
  }
}
