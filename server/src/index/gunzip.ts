/**
 * Decompresses gzip (RFC 1952, any number of members) with Node's zlib, from its beginning or from a checkpoint: block by block as far as
 * that goes, else as a stream.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Gunzip, InflateRaw } from 'node:zlib';
import { constants, crc32, createGunzip, createInflateRaw } from 'node:zlib';
import type { Checkpoint, InMember } from './checkpoint.ts';
import { BEGINNING, primer, windowOf } from './checkpoint.ts';
import { DeflateBlocks } from './deflateBlocks.ts';
import { checkTrailer, TRAILER } from './gzipMember.ts';

/** Bytes of output of one call. */
const PIECE = 1 << 18;
/** Bytes of input of one call: at first, and when it failed. The first bounds what a bomb (1 000 : 1) can hold at once. */
const PIECES = [128 * 1024, 1024, 1] as const;
/** From a checkpoint a few hundred KB are wanted: little is decompressed in vain. */
const PIECES_AT_RANDOM = [32 * 1024, 1024, 1] as const;

/** Bytes of the file that are read at once. */
const READ = 128 * 1024;

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

/** Bytes that all sources have decompressed so far, what was thrown away included: tests bound the work by it. */
export const inflated = { bytes: 0 };

/** A zlib stream as calls, one at a time. */
class Inflater {
  ended = false;
  private pieces: Buffer[] = [];
  private settle: (error?: unknown) => void = () => undefined;

  constructor(private readonly stream: Gunzip | InflateRaw) {
    stream
      .on('data', (piece: Buffer) => this.pieces.push(piece))
      .on('error', (error) => this.settle(error))
      // Also where zeros follow the last member (tape blocks): zlib then ends by itself.
      .on('end', () => {
        this.ended = true;
        this.settle();
      });
  }

  /** Bytes of input that were used. */
  get used(): number {
    return this.stream.bytesWritten;
  }

  /** @param bytes of input, none for its end; they must not change any more, as zlib refers to them */
  async call(bytes: Buffer): Promise<{ pieces: Buffer[]; error: unknown }> {
    const error = await new Promise<unknown>((resolve) => {
      this.settle = resolve;
      if (bytes.length === 0) this.stream.end();
      else this.stream.write(bytes, () => this.settle());
    });
    const { pieces } = this;
    this.pieces = [];
    for (const piece of pieces) inflated.bytes += piece.length;
    return { pieces, error };
  }

  close(): void {
    this.stream.destroy();
  }
}

const options = { chunkSize: PIECE, flush: constants.Z_SYNC_FLUSH };

/** Bytes of a file, read in pieces larger than those that are asked for. */
class Input {
  private bytes = Buffer.alloc(0);
  private start = 0;

  constructor(private readonly file: FileHandle) {}

  /** At least one byte, except at the end of the file. What is given does not change any more. */
  async read(offset: number, length: number): Promise<Buffer> {
    const at = offset - this.start;
    if (at < 0 || at >= this.bytes.length) {
      const { bytesRead, buffer } = await this.file.read(Buffer.allocUnsafe(READ), 0, READ, offset);
      this.bytes = buffer.subarray(0, bytesRead);
      this.start = offset;
    }
    const from = offset - this.start;
    return this.bytes.subarray(from, from + length);
  }

  /** Fewer at the file's end only. */
  async readAll(offset: number, length: number): Promise<Buffer> {
    const first = await this.read(offset, length);
    if (first.length === 0 || first.length === length) return first;
    return Buffer.concat([first, await this.readAll(offset + first.length, length - first.length)]);
  }
}

/** The rest of a member in whose middle decompression began: its checksum is carried on here. */
class Resumed {
  readonly inflater: Inflater;
  private crc: number;
  private length: number;

  constructor(inMember: InMember) {
    this.inflater = new Inflater(createInflateRaw({ ...options, dictionary: windowOf(inMember) }));
    ({ crc: this.crc, length: this.length } = inMember);
  }

  add(piece: Buffer): void {
    this.crc = crc32(piece, this.crc);
    this.length += piece.length;
  }

  check(trailer: Buffer): Error | undefined {
    return checkTrailer(trailer, this.crc, this.length);
  }
}

/**
 * The decompressed bytes from a checkpoint on, none of which changes any more; closes the file. A file that is cut off or has rubbish in it
 * gives every byte before that, then DamagedGzip.
 * @param onPlace told of places at which decompression can begin again, before the bytes up to there are given
 */
export async function* gunzip(
  path: string,
  file: FileHandle,
  from: Checkpoint = BEGINNING,
  onPlace: (place: DeflateBlocks) => void = () => undefined,
): AsyncGenerator<Buffer, void, void> {
  try {
    const blocks = new DeflateBlocks(file, from);
    for (let bytes = await blocks.next(); bytes !== undefined; bytes = await blocks.next()) {
      inflated.bytes += bytes.length;
      onPlace(blocks);
      if (bytes.length > 0) yield bytes;
    }
    if (!blocks.ended) yield* stream(path, file, blocks.rest.from, blocks.rest.skip);
  } finally {
    await file.close();
  }
}

/**
 * The same as a stream. Zlib throws away what a failing call had decompressed, so that the call is made again with smaller pieces, down to
 * single bytes.
 * @param unwanted so many bytes at the beginning are left out
 */
async function* stream(path: string, file: FileHandle, from: Checkpoint, unwanted: number): AsyncGenerator<Buffer, void, void> {
  let given = unwanted;
  let intact = 0;
  const input = new Input(file);
  const sizes = from.output === 0 ? PIECES : PIECES_AT_RANDOM;
  for (const size of sizes) {
    let skip = given;
    let offset = from.input;
    let resumed = from.inMember && new Resumed(from.inMember);
    let inflater = resumed?.inflater ?? new Inflater(createGunzip(options));
    /** What is wanted of the file first, so that what the inflater used counts from there. */
    let origin = offset;
    try {
      if (from.bits > 0) {
        const start = primer(from.bits, (await input.read(from.input - 1, 1))[0] ?? 0);
        origin -= start.length;
        await inflater.call(start);
      }
      let error: unknown;
      while (error === undefined) {
        const bytes = await input.read(offset, offset < intact ? Math.min(sizes[0], intact - offset) : size);
        const done = await inflater.call(bytes);
        error = done.error;
        for (const piece of done.pieces) {
          resumed?.add(piece);
          const rest = piece.subarray(Math.min(skip, piece.length));
          skip -= piece.length - rest.length;
          given += rest.length;
          if (rest.length > 0) yield rest;
        }
        if (error !== undefined) intact = offset;
        else if (!inflater.ended) offset += bytes.length;
        else if (resumed === undefined) return;
        else {
          const end = origin + inflater.used;
          const trailer = await input.readAll(end, TRAILER + 1);
          const wrong = resumed.check(trailer.subarray(0, TRAILER));
          if (wrong !== undefined) throw new DamagedGzip(path, wrong);
          // Nothing or zeros after it: that was the last one.
          if ((trailer[TRAILER] ?? 0) === 0) return;
          resumed = undefined;
          inflater.close();
          inflater = new Inflater(createGunzip(options));
          offset = end + TRAILER;
        }
      }
      if (size === sizes[2] || intact === (await file.stat()).size) throw new DamagedGzip(path, error);
    } finally {
      inflater.close();
    }
  }
}
