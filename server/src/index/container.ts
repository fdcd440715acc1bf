/**
 * A file of the cache: sections of bytes, then a directory that tells what they are, then a trailer that tells how long the directory is.
 * Everything has a checksum. It comes into being under another name and is whole or not there; it never changes afterwards.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, unlink } from 'node:fs/promises';
import { endianness } from 'node:os';
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';

/** Raise the number whenever what stands in an index, or how it came from the log's bytes, changes. */
const FORMAT = `safelog index 10 ${endianness()}`.padEnd(32);
/** Length of the directory and its checksum, then FORMAT. */
const TRAILER_BYTES = 8 + FORMAT.length;
/** The end of the file that is read first: mostly all of a directory. */
const FIRST_READ = 64 * 1024;
const MAX_DIRECTORY_BYTES = 256 << 20;

/** Links are not followed: others may not choose what is read here. */
const READ_ONLY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
const readSome = promisify(read);

export interface Section {
  at: number;
  bytes: number;
  crc: number;
}

/** The part of a section that holds its last bytes. */
export const endOfSection = ({ at, bytes }: Section, last: Uint8Array): Section => ({
  at: at + bytes - last.length,
  bytes: last.length,
  crc: crc32(last),
});

export const temporaryName = (path: string): string => `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;

export class ContainerWriter {
  private at = 0;

  private constructor(
    private readonly path: string,
    private readonly temporary: string,
    private readonly file: FileHandle,
  ) {}

  /** @throws what the file system says, as do all methods; then call `abandon` */
  static async create(path: string): Promise<ContainerWriter> {
    const temporary = temporaryName(path);
    return new ContainerWriter(path, temporary, await open(temporary, 'wx', 0o600));
  }

  async add(bytes: Uint8Array): Promise<Section> {
    const section = { at: this.at, bytes: bytes.length, crc: crc32(bytes) };
    await this.write(bytes);
    return section;
  }

  /** @param directory anything that v8.serialize takes */
  async finish(directory: unknown): Promise<void> {
    const bytes = serialize(directory);
    const trailer = Buffer.alloc(TRAILER_BYTES);
    trailer.writeUInt32LE(bytes.length, 0);
    trailer.writeUInt32LE(crc32(bytes), 4);
    trailer.write(FORMAT, 8, 'latin1');
    await this.write(Buffer.concat([bytes, trailer]));
    await this.file.close();
    await rename(this.temporary, this.path);
  }

  async abandon(): Promise<void> {
    await this.file.close().catch(() => undefined);
    await unlink(this.temporary).catch(() => undefined);
  }

  private async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.file.write(bytes, done, bytes.length - done, this.at);
      done += bytesWritten;
      this.at += bytesWritten;
    }
  }
}

export class Container {
  private constructor(
    /** As it was given to `finish`. */
    readonly directory: unknown,
    readonly path: string,
    private file: number | undefined,
  ) {}

  /** For who knows its sections already, and reads few: it is opened for each. What stands in its place by then has other checksums. */
  static unopened(path: string): Container {
    return new Container(undefined, path, undefined);
  }

  /** Undefined where there is none, or it is damaged, or of another version. What it holds is kept until `close`, even if it is deleted. */
  static open(path: string): Container | undefined {
    let file: number | undefined;
    try {
      file = openSync(path, READ_ONLY);
      const container = new Container(readDirectory(file), path, file);
      file = undefined;
      return container;
    } catch {
      return undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /**
   * The bytes of a section, in memory that threads can share; undefined where they are damaged, or gone.
   * @param into memory that is large enough; new memory where absent
   */
  read({ at, bytes, crc }: Section, into?: SharedArrayBuffer): SharedArrayBuffer | undefined {
    const transient = this.file === undefined;
    let file = this.file;
    try {
      file ??= openSync(this.path, READ_ONLY);
      const buffer = into ?? new SharedArrayBuffer(bytes);
      const view = new Uint8Array(buffer, 0, bytes);
      return readAt(file, view, at) && crc32(view) === crc ? buffer : undefined;
    } catch {
      return undefined;
    } finally {
      if (transient && file !== undefined) closeSync(file);
    }
  }

  /** Fills memory of just its length with a section, while others work; false where it is damaged, or gone. */
  async readInto({ at, crc }: Section, bytes: Uint8Array): Promise<boolean> {
    // Where it is closed meanwhile, whatever is read instead has another checksum.
    const held = this.file;
    try {
      const file = held ?? openSync(this.path, READ_ONLY);
      try {
        for (let done = 0; done < bytes.length; ) {
          const { bytesRead } = await readSome(file, bytes, done, bytes.length - done, at + done);
          if (bytesRead === 0) return false;
          done += bytesRead;
        }
      } finally {
        if (held === undefined) closeSync(file);
      }
      return crc32(bytes) === crc;
    } catch {
      return false;
    }
  }

  /** Holds no descriptor any more; what is read from now on is there only as long as nothing newer stands in its place. */
  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }
}

/** False where the file ends before. */
function readAt(file: number, bytes: Uint8Array, at: number): boolean {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done, at + done);
    if (read === 0) return false;
    done += read;
  }
  return true;
}

/** @throws where there is none that can be used */
function readDirectory(file: number): unknown {
  const { size } = fstatSync(file);
  const end = Buffer.alloc(Math.min(size, FIRST_READ));
  if (end.length < TRAILER_BYTES || !readAt(file, end, size - end.length)) throw new Error('too short');
  const trailer = end.subarray(-TRAILER_BYTES);
  if (trailer.toString('latin1', 8) !== FORMAT) throw new Error('another format');
  const length = trailer.readUInt32LE(0);
  if (length > Math.min(size - TRAILER_BYTES, MAX_DIRECTORY_BYTES)) throw new Error('damaged');
  let bytes = end.subarray(0, -TRAILER_BYTES);
  if (length <= bytes.length) bytes = bytes.subarray(bytes.length - length);
  else {
    bytes = Buffer.alloc(length);
    if (!readAt(file, bytes, size - TRAILER_BYTES - length)) throw new Error('damaged');
  }
  if (crc32(bytes) !== trailer.readUInt32LE(4)) throw new Error('damaged');
  return deserialize(bytes);
}
