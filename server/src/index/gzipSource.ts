/**
 * Bytes inside a gzip file (RFC 1952, any number of members), at random too: by the member where Safelog has compressed it, else by one
 * decompressor that goes on where it was, and by checkpoints once a far jump has shown that they are needed; over all, a cache of blocks.
 */
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { BLOCK_BYTES, MEMBER_HEADER_BYTES, readMember } from '../generation/memberGzip.ts';
import { BlockCutter } from './blockCutter.ts';
import { BoundedCache } from './boundedCache.ts';
import { MAX_SPAN, spanFor } from './buildCheckpoints.ts';
import type { ByteSource } from './byteSource.ts';
import type { Checkpoint, Starts } from './checkpoint.ts';
import { BEGINNING, Checkpoints } from './checkpoint.ts';
import { CheckpointQueue } from './checkpointQueue.ts';
import type { DeflateBlocks } from './deflateBlocks.ts';
import { DamagedGzip, gunzip } from './gunzip.ts';
import { TRAILER } from './gzipMember.ts';
import type { KeptCheckpoints } from './keptCheckpoints.ts';
import { MemberTable } from './memberTable.ts';
import { Moved } from './moved.ts';
import { withFile } from './openFiles.ts';
import { forgetParts, isHandy, knownPart, readPart } from './segment.ts';

/** What is cached of a file that is read in order. */
const BLOCK = BLOCK_BYTES;
/** For all gz files together. */
const CACHE_BYTES = 32 << 20;
/** For all gz files together: 200 MB of small ones, 30 GB of large ones. */
const STARTS_BYTES = 64 << 20;
/** A read that has to decompress more than so many spans before what it wants asks for checkpoints. */
const FAR = 2;
/** Blocks before one that is wanted that are kept, too: who reads backwards wants them next. */
const KEPT_BEFORE = (2 * MAX_SPAN) / BLOCK;
/** Of one file; larger ones would only push out what the others have there. */
const KEPT_WHILE_SCANNING = 4 << 20;
/** A file whose last checkpoint is no further from its end needs no others. */
const LAST_SEGMENT = 1 << 20;
/** Decompressors that are kept waiting in the middle of their files. */
const MAX_CURSORS = 48;

interface Cursor {
  /** The identity of the file that it reads. */
  key: string;
  pieces: AsyncGenerator<Buffer, void, void>;
  cutter: BlockCutter;
  /** The block that comes next. */
  block: number;
  /** Somebody waits for it just now. */
  busy: boolean;
}

/** Checkpoints that were found while a file was scanned. Plain data. */
export interface FoundCheckpoints {
  /** Of the file, as it was then. */
  key: string;
  list: readonly Checkpoint[];
  length: number | undefined;
  finished: boolean;
}

export class GzipSource implements ByteSource {
  // Both by the file's identity, not by the source: a rotation that renames the file costs nothing.
  private static readonly blocks = new BoundedCache<Buffer>(CACHE_BYTES);
  private static readonly starts = new BoundedCache<Starts>(STARTS_BYTES);
  private static readonly cursors = new Map<GzipSource, Cursor>();
  private static readonly queue = new CheckpointQueue();
  /** What is found out by a scan stays here: checkpoints, and the content of small files. */
  static keepsWhileScanning = true;

  /** Reads of one file wait for each other: they share the decompressor. */
  private reads: Promise<unknown> = Promise.resolve();
  private identity: string | undefined;
  /** Bytes of output between two checkpoints. */
  private span = MAX_SPAN;
  private closed = false;
  /** Where checkpoints are kept for the next time; nowhere where absent. */
  kept: KeptCheckpoints | undefined;
  /** Bytes of the whole, once it has been scanned to a sound end. */
  private total: number | undefined;
  /** By the last scan, until they are kept. */
  found: FoundCheckpoints | undefined;

  /** @param ino of the file that is meant: after a rotation the path may lead to another; without it, whatever is there */
  constructor(
    public path: string,
    private readonly ino?: number,
  ) {}

  /** Waits until no checkpoints are being built, for any file. */
  static settled(): Promise<void> {
    return GzipSource.queue.settled();
  }

  async *pieces(from: number, isAgain = false): AsyncGenerator<Buffer, void, void> {
    const { file, key } = await this.open();
    const start = from > 0 ? await this.startFor(file, key, from) : BEGINNING;
    let offset = start.output;
    const { span } = this;
    const isFirst = start === BEGINNING && !isAgain;
    const table = isFirst && !(await isOurs(file)) ? new Checkpoints() : undefined;
    const onPlace = (place: DeflateBlocks): void => {
      if (table !== undefined && place.output - table.end >= span) table.add(place.checkpoint);
    };
    // What is scanned is likely to be shown soon: small files stay in the cache from the start.
    const cutter = new BlockCutter(BLOCK);
    let block = 0;
    const keep = (bytes: Buffer | undefined): boolean => {
      if (bytes !== undefined) this.keep(key, block++, bytes);
      return bytes !== undefined;
    };
    const small = (): boolean => GzipSource.keepsWhileScanning && isFirst && offset < KEPT_WHILE_SCANNING;
    for await (const piece of gunzip(this.path, file, start, onPlace)) {
      GzipSource.queue.giveWay();
      if (small()) {
        cutter.add(piece);
        while (keep(cutter.take()));
      }
      const skip = Math.max(0, Math.min(piece.length, from - offset));
      offset += piece.length;
      if (skip < piece.length) yield piece.subarray(skip);
    }
    if (small()) keep(cutter.rest());
    this.total = offset;
    if (table === undefined) return;
    table.length = offset;
    table.finished = offset - table.end <= Math.max(LAST_SEGMENT, FAR * span);
    this.learn({ key, list: table.all, length: table.length, finished: table.finished });
  }

  /** Takes in what a scan has found, in whichever thread. */
  learn(found: FoundCheckpoints): void {
    this.found = found;
    if (!GzipSource.keepsWhileScanning || GzipSource.starts.has(found.key)) return;
    const table = Checkpoints.of(found.list);
    table.length = found.length;
    table.finished = found.finished;
    GzipSource.starts.set(found.key, table, table.bytes);
  }

  /** Puts what a scan has found on disk, for the next time. */
  async keepFound(): Promise<void> {
    const { found, kept } = this;
    if (found === undefined || kept === undefined) return;
    this.found = undefined;
    const starts = GzipSource.starts.get(found.key);
    if (this.ino !== undefined && starts !== undefined) await kept.save(found.key, { path: this.path, ino: this.ino }, starts);
  }

  /**
   * Whether the file says of itself that it holds content of this length and CRC-32; nothing is decompressed for that. A file that is not
   * ours is believed to have one member. What is known of a file that does not is forgotten: it may have been written anew in its place, with
   * the size and the time that it had.
   * @throws what the file system says, and Moved
   */
  async claims(length: number, crc: number): Promise<boolean> {
    const { file, key } = await this.open();
    try {
      const members = await this.membersOf(file);
      const isSame = members ? members.length === length && (await members.checksum(file)) === crc : await endsWith(file, length, crc);
      if (!isSame) {
        GzipSource.starts.delete(key);
        GzipSource.blocks.deleteAll(blockKey(key, ''));
        forgetParts(key);
        this.kept?.delete(key);
      }
      return isSame;
    } finally {
      await file.close();
    }
  }

  read(offset: number, length: number): Promise<Buffer> {
    this.closed = false;
    const job = this.reads.then(() => this.readNow(offset, length));
    this.reads = job.catch(() => undefined);
    return job;
  }

  /** Lets go of the file, when what is being read is read; it may be read again all the same. */
  close(): void {
    this.closed = true;
    this.reads = this.reads.then(() => this.drop());
  }

  private async readNow(offset: number, length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    const end = offset + length;
    for (let at = offset; at < end; ) {
      const part = await this.part(at, end);
      if (part.length === 0) break;
      parts.push(part);
      at += part.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** From an offset to an end, as far as that goes: out of a segment where there are starts close by, else out of a block. */
  private async part(start: number, end: number): Promise<Buffer> {
    GzipSource.queue.giveWay();
    const block = Math.floor(start / BLOCK);
    const key = this.identity ?? (await this.identify());
    const known = GzipSource.blocks.get(blockKey(key, block));
    const found = known === undefined ? await this.ofSegment(key, start, end) : undefined;
    if (found !== undefined) return found;
    const bytes = known ?? (await this.block(block));
    return bytes.subarray(start - block * BLOCK, end - block * BLOCK);
  }

  /** Which file it is, and where its decompression can begin. */
  private async identify(): Promise<string> {
    const { file, key } = await this.open();
    try {
      await this.startsOf(file, key);
    } finally {
      await file.close();
    }
    return key;
  }

  /** Undefined where there are no starts close by, or they lead to nothing. */
  private async ofSegment(key: string, start: number, end: number): Promise<Buffer | undefined> {
    const segment = GzipSource.starts.get(key)?.segment(start);
    if (segment === undefined || !isHandy(segment)) return undefined;
    const part = { segment, start, end };
    const read = (file: FileHandle, now: string): Promise<Buffer | undefined> | undefined =>
      now === key ? readPart(file, key, part) : undefined;
    return knownPart(key, part) ?? (await this.withFile(read));
  }

  /** One block; shorter only at the file's end. */
  private async block(block: number): Promise<Buffer> {
    const near = GzipSource.cursors.get(this);
    // On the way, and nearer than any checkpoint can be.
    if (near?.key === this.identity && near && near.block <= block && (block - near.block) * BLOCK < this.span)
      return this.advance(near, block);
    const { file, key } = await this.open();
    let keepOpen = false;
    try {
      const known = GzipSource.blocks.get(blockKey(key, block));
      if (known !== undefined) return known;
      const starts = await this.startsOf(file, key);
      if (starts.length !== undefined && block * BLOCK >= starts.length) return Buffer.alloc(0);
      // Only now: others may have dropped it meanwhile.
      const cursor = GzipSource.cursors.get(this);
      const start = starts.before(block * BLOCK);
      const first = Math.ceil(start.output / BLOCK);
      const reuse = cursor?.key === key && cursor.block <= block && cursor.block >= first;
      // Who reads in order comes to the end of what was kept, and needs no checkpoints.
      const inOrder = GzipSource.blocks.has(blockKey(key, block - 1));
      const far = !inOrder && (block - (reuse ? cursor.block : first)) * BLOCK > FAR * this.span;
      keepOpen = !reuse;
      const bytes = await this.advance(reuse ? cursor : this.cursorAt(file, key, start, first), block);
      // Afterwards: who waits for these bytes shall not wait for the checkpoints too.
      if (far) this.askForCheckpoints(key, starts);
      return bytes;
    } finally {
      if (!keepOpen) await file.close();
    }
  }

  /** A new cursor before a block; the file is the cursor's from now on. */
  private cursorAt(file: FileHandle, key: string, start: Checkpoint, block: number): Cursor {
    this.drop();
    const cutter = new BlockCutter(BLOCK, block * BLOCK - start.output);
    const cursor = { key, pieces: gunzip(this.path, file, start), cutter, block, busy: false };
    GzipSource.cursors.set(this, cursor);
    for (const [source, { busy }] of GzipSource.cursors) {
      if (GzipSource.cursors.size <= MAX_CURSORS) break;
      if (source !== this && !busy) source.drop();
    }
    return cursor;
  }

  /** Goes on to a block, and gives it; what lies shortly before it is kept too. */
  private async advance(cursor: Cursor, block: number): Promise<Buffer> {
    GzipSource.cursors.delete(this);
    GzipSource.cursors.set(this, cursor);
    cursor.busy = true;
    const unwanted = block - cursor.block - KEPT_BEFORE;
    if (unwanted > 0) {
      cursor.cutter.discard(unwanted * BLOCK);
      cursor.block += unwanted;
    }
    try {
      for (;;) {
        const bytes = await nextBlock(cursor, () => GzipSource.queue.giveWay());
        if (bytes === undefined) return Buffer.alloc(0);
        this.keep(cursor.key, cursor.block, bytes);
        if (cursor.block++ === block) return bytes;
      }
    } finally {
      cursor.busy = false;
    }
  }

  private drop(): void {
    const cursor = GzipSource.cursors.get(this);
    GzipSource.cursors.delete(this);
    void cursor?.pieces.return();
  }

  private async open(): Promise<{ file: FileHandle; key: string }> {
    const file = await open(this.path, 'r');
    const stats = await file.stat();
    if (this.ino === undefined || stats.ino === this.ino) {
      const key = keyOf(stats);
      this.identity = key;
      this.span = spanFor(stats.size);
      return { file, key };
    }
    await file.close();
    throw new Moved(this.path);
  }

  /** Does something with the file and its identity, and leaves it open for a moment. */
  private withFile<T>(job: (file: FileHandle, key: string) => Promise<T> | T): Promise<T> {
    const { path, ino } = this;
    return ino === undefined ? this.withAny(job) : withFile(path, ino, async (file, stats) => job(file, keyOf(stats)));
  }

  /** The same with whatever file is there. */
  private async withAny<T>(job: (file: FileHandle, key: string) => Promise<T> | T): Promise<T> {
    const { file, key } = await this.open();
    try {
      return await job(file, key);
    } finally {
      await file.close();
    }
  }

  private async startFor(file: FileHandle, key: string, from: number): Promise<Checkpoint> {
    try {
      return (await this.startsOf(file, key)).before(from);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private async startsOf(file: FileHandle, key: string): Promise<Starts> {
    const known = GzipSource.starts.get(key);
    if (known !== undefined) return known;
    const starts = (await this.membersOf(file)) ?? this.kept?.load(key) ?? new Checkpoints();
    GzipSource.starts.set(key, starts, starts.bytes);
    return starts;
  }

  private async membersOf(file: FileHandle): Promise<MemberTable | undefined> {
    const members = await MemberTable.read(file);
    // Headers can say anything; what was decompressed is right.
    return members !== undefined && (this.total ?? members.length) === members.length ? members : undefined;
  }

  private askForCheckpoints(key: string, starts: Starts): void {
    if (!(starts instanceof Checkpoints) || starts.finished) return;
    GzipSource.queue.add({
      key,
      table: starts,
      open: async () => {
        const { file, key: now } = await this.open();
        if (now === key) return file;
        await file.close();
        throw new Moved(this.path);
      },
      done: async () => {
        // Those of whatever is there are not worth keeping: it is not known whose they are.
        if (this.ino !== undefined) await this.kept?.save(key, { path: this.path, ino: this.ino }, starts);
      },
      wanted: () => {
        if (this.closed || !GzipSource.starts.has(key)) return false;
        GzipSource.starts.set(key, starts, starts.bytes);
        return true;
      },
    });
  }

  private keep(key: string, block: number, bytes: Buffer): void {
    const name = blockKey(key, block);
    if (!GzipSource.blocks.has(name)) GzipSource.blocks.set(name, bytes, bytes.length);
  }
}

/** Whether a file begins with a member of ours: it then is likely to be nothing else. */
async function isOurs(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MEMBER_HEADER_BYTES), 0, MEMBER_HEADER_BYTES, 0);
  return readMember(buffer.subarray(0, bytesRead)) !== undefined;
}

const keyOf = ({ dev, ino, size, mtimeMs }: Stats): string => `${dev}:${ino}:${size}:${mtimeMs}`;

/** Whether the last member says so of itself. */
async function endsWith(file: FileHandle, length: number, crc: number): Promise<boolean> {
  const { size } = await file.stat();
  const trailer = Buffer.alloc(TRAILER);
  const { bytesRead } = await file.read(trailer, 0, TRAILER, Math.max(0, size - TRAILER));
  return bytesRead === TRAILER && trailer.readUInt32LE(0) === crc && trailer.readUInt32LE(4) === length % 2 ** 32;
}

function blockKey(key: string, block: number | ''): string {
  return `${key}:${block}`;
}

/** Undefined after the last. */
async function nextBlock({ pieces, cutter }: Cursor, onPiece: () => void): Promise<Buffer | undefined> {
  for (;;) {
    const block = cutter.take();
    if (block !== undefined) return block;
    try {
      const { value, done } = await pieces.next();
      onPiece();
      if (done === true) return cutter.rest();
      cutter.add(value);
    } catch (error) {
      // Said once when it was indexed; what could be read is shown.
      if (!(error instanceof DamagedGzip)) throw error;
      return cutter.rest();
    }
  }
}
