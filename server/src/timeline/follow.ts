/** Follows one file's text as it grows, through rename and create, copytruncate, truncation and refill, deletion and creation. */
import { watch as watchFolder } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { TextDecoder } from 'node:util';
import { compareAge, parseName } from '../generation/name.ts';
import type { ByteSource } from '../index/byteSource.ts';
import { GzipSource } from '../index/gzipSource.ts';
import { isMoved } from '../index/moved.ts';
import { PlainSource } from '../index/plainSource.ts';
import type { TailAppended } from '../protocol.ts';
import type { LogFile } from '../tree/scan.ts';
import { errorCode, isGzip, scan } from '../tree/scan.ts';

const POLL_MS = 500;
const PIECE = 1 << 20;
/** So many bytes from its beginning on tell one generation's text from another's. */
export const LEAD = 256;
const LF = 0x0a;
/** So many bytes before the end are compared: a file that was truncated and has grown past the old end already is found by them. */
const SEAM = 256;
/** Files may be renamed again while they are being read: so often they are looked for. */
const ATTEMPTS = 20;
/** Some compressors keep a file's time only to the second (ms). */
const TIME_STEP = 1000;

/** Where a part of the text begins: its offset in the generation that has it, and its first bytes, by which that generation is found again. */
export interface Beginning {
  offset: number;
  lead: Buffer;
}

export class Follower {
  private file: FileHandle | undefined;
  private ino = 0;
  private offset = 0;
  private seam = Buffer.alloc(0);
  /** When what was read so far was last changed. */
  private mtimeMs = 0;
  private decoder: TextDecoder;
  /** What was read and not told yet, and where it begins. */
  private text = '';
  private beginning: Beginning | undefined;
  private timer: NodeJS.Timeout | undefined;
  private watcher: { close(): void } | undefined;
  private queue: Promise<void> = Promise.resolve();
  private closed = false;
  private restarted: TailAppended['restarted'];

  /**
   * @param onText new text and where it begins; `restarted` where it is no continuation
   * @param encoding a label of the Encoding Standard, of an encoding in which LF is one byte
   */
  constructor(
    private readonly path: string,
    private readonly onText: (text: string, restarted: TailAppended['restarted'], beginning: Beginning | undefined) => void,
    private readonly encoding = 'utf-8',
  ) {
    this.decoder = new TextDecoder(encoding);
  }

  /** The last bytes of the file, from a line's beginning on; empty where it is not there. What comes after goes to `onText`. */
  async start(bytes: number): Promise<{ text: string; beginning: Beginning | undefined }> {
    if (/\.gz$/i.test(this.path)) return { text: (await readEnd(this.path, bytes, this.encoding)).text, beginning: undefined };
    if (await this.reopen()) {
      const { size, mtimeMs } = (await this.file?.stat()) ?? { size: 0, mtimeMs: 0 };
      this.mtimeMs = mtimeMs;
      this.offset = Math.max(0, size - bytes);
      if (this.offset > 0) this.offset = await this.lineStart(this.offset, size);
      await this.readOn(size);
    }
    const { text, beginning } = this;
    this.text = '';
    this.beginning = undefined;
    try {
      const name = basename(this.path);
      const watcher = watchFolder(dirname(this.path), (_event, changed) => {
        if (changed === null || changed === name) this.look();
      });
      watcher.on('error', () => watcher.close());
      this.watcher = watcher;
    } catch {
      // No folder yet, or no watches left: the poll finds it.
    }
    this.poll();
    return { text, beginning };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.watcher?.close();
    await this.queue;
    await this.file?.close();
    this.file = undefined;
  }

  /** Where the first line begins at or after an offset; the offset itself where none does. */
  private async lineStart(from: number, end: number): Promise<number> {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE, end - from + 1));
    for (let at = from - 1; at < end; at += buffer.length) {
      const { bytesRead = 0 } = (await this.file?.read(buffer, 0, buffer.length, at)) ?? {};
      const lf = buffer.subarray(0, bytesRead).indexOf(LF);
      if (lf !== -1) return at + lf + 1;
      if (bytesRead === 0) break;
    }
    return from;
  }

  private poll(): void {
    this.timer = setTimeout(() => {
      this.look();
      void this.queue.then(() => {
        if (!this.closed) this.poll();
      });
    }, POLL_MS);
  }

  private look(): void {
    this.queue = this.queue.then(() => (this.closed ? undefined : this.lookNow())).catch(() => undefined);
  }

  private async lookNow(): Promise<void> {
    const found = await stat(this.path).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
      return undefined;
    });
    if (this.file !== undefined && (found === undefined || found.ino !== this.ino)) {
      // What its writer still appended before it let go.
      await this.readOn();
      this.tell();
      await this.file.close();
      this.file = undefined;
      this.restarted = found === undefined ? 'deleted' : 'rotated';
    }
    if (found === undefined) {
      this.tell();
      return;
    }
    if (this.file === undefined) {
      const known = this.ino !== 0;
      if (!(await this.reopen())) return;
      if (known) await this.readRotated();
      this.startOver();
      this.restarted = this.restarted === 'rotated' ? 'rotated' : 'created';
    } else if (found.size < this.offset || !(await this.continues())) {
      await this.readRotated();
      this.startOver();
      this.restarted = 'truncated';
    }
    this.mtimeMs = ((await this.file?.stat()) ?? found).mtimeMs;
    await this.readOn();
    this.tell();
  }

  /** What was written since the last look and has been rotated away: the rest of what was read, and the generations after it. */
  private async readRotated(): Promise<void> {
    if (parseName(basename(this.path))?.live !== true) return;
    const { restarted } = this;
    // What comes first still continues what was read.
    this.restarted = undefined;
    await this.readUnread();
    this.tell();
    this.restarted = restarted;
  }

  private async readUnread(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        for (const [file, from] of await this.unread()) await this.readGeneration(file, from);
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || !isMoved(error)) return;
      }
    }
  }

  /** Rotated generations that hold what was not read, the oldest first, and from where on. */
  private async unread(): Promise<[LogFile, number][]> {
    const { files } = await scan({ kind: 'file', path: this.path });
    const since = this.seam.length > 0 ? this.mtimeMs - TIME_STEP : this.mtimeMs + 0.001;
    const rotated = files
      .filter(({ name, ino, mtimeMs }) => !name.live && ino !== this.ino && mtimeMs >= since)
      .sort((a, b) => compareAge(b.name.age, a.name.age) || Number(a.name.compressed) - Number(b.name.compressed))
      // While one is compressed both are there.
      .filter(({ name }, index, all) => index === 0 || compareAge(name.age, all[index - 1]?.name.age ?? []) !== 0);
    const found: [LogFile, number][] = [];
    for (const file of rotated) {
      if (this.seam.length > 0 && (await this.holds(file))) return [[file, this.offset], ...found.reverse()];
      found.push([file, 0]);
    }
    // What was read is not there any more; what came after it cannot be told from what came before, unless nothing was read.
    return this.seam.length > 0 ? [] : found.reverse();
  }

  /** Whether the bytes before the end of what was read are the same there. */
  private async holds(file: LogFile): Promise<boolean> {
    const source = await sourceOf(file);
    try {
      return (await source.read(this.offset - this.seam.length, this.seam.length)).equals(this.seam);
    } finally {
      if (source instanceof GzipSource) source.close();
    }
  }

  private async readGeneration(file: LogFile, from: number): Promise<void> {
    const source = await sourceOf(file);
    let isBegun = from > 0;
    for await (const piece of source.pieces(from)) {
      if (!isBegun) {
        this.startOver();
        this.restarted = 'rotated';
        isBegun = true;
      }
      this.take(piece);
    }
    this.mtimeMs = file.mtimeMs;
    this.tell();
  }

  /** A piece that comes next. A burst goes out in parts, which begin at lines: no string grows without bound. */
  private take(piece: Buffer): void {
    const lf = this.text.length + piece.length > PIECE ? piece.lastIndexOf(LF) : -1;
    if (lf === -1) {
      this.add(piece);
      return;
    }
    this.add(piece.subarray(0, lf + 1));
    this.tell();
    if (lf + 1 < piece.length) this.add(piece.subarray(lf + 1));
  }

  private add(bytes: Buffer): void {
    this.beginning ??= { offset: this.offset, lead: Buffer.alloc(0) };
    const { lead } = this.beginning;
    if (lead.length < LEAD) this.beginning.lead = Buffer.concat([lead, bytes.subarray(0, LEAD - lead.length)]);
    this.offset += bytes.length;
    this.seam = Buffer.concat([this.seam, bytes.subarray(-SEAM)]).subarray(-SEAM);
    this.text += this.decoder.decode(bytes, { stream: true });
  }

  private async reopen(): Promise<boolean> {
    try {
      this.file = await open(this.path, 'r');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
    this.ino = (await this.file.stat()).ino;
    return true;
  }

  private startOver(): void {
    this.offset = 0;
    this.seam = Buffer.alloc(0);
    this.decoder = new TextDecoder(this.encoding);
  }

  /** Whether the bytes before the end are still those that were read. */
  private async continues(): Promise<boolean> {
    const { length } = this.seam;
    if (length === 0 || this.file === undefined) return true;
    const { buffer, bytesRead } = await this.file.read(Buffer.alloc(length), 0, length, this.offset - length);
    return bytesRead === length && buffer.equals(this.seam);
  }

  /** @param end an offset beyond which nothing is read */
  private async readOn(end = Number.POSITIVE_INFINITY): Promise<void> {
    const buffer = Buffer.allocUnsafe(PIECE);
    while (this.offset < end) {
      const { bytesRead = 0 } = (await this.file?.read(buffer, 0, Math.min(PIECE, end - this.offset), this.offset)) ?? {};
      if (bytesRead === 0) return;
      const piece = buffer.subarray(0, bytesRead);
      // What a start reads is its answer, whole.
      if (end === Number.POSITIVE_INFINITY) this.take(piece);
      else this.add(piece);
    }
  }

  private tell(): void {
    const { text, beginning, restarted } = this;
    if (text === '' && restarted === undefined) return;
    this.text = '';
    this.beginning = undefined;
    this.restarted = undefined;
    this.onText(text, restarted, beginning);
  }
}

/** Of that file and no other that its name may lead to meanwhile. */
export async function sourceOf({ path, ino, name }: LogFile): Promise<ByteSource> {
  return ((await isGzip(path)) ?? name.compressed) ? new GzipSource(path, ino) : new PlainSource(path, ino);
}

/** The end of a log as text. */
export interface LogEnd {
  text: string;
  /** Bytes of the whole, uncompressed. */
  size: number;
  /** Bytes before the text. */
  cut: number;
  /** The line in the file that the text begins with, 1-based. */
  firstLine: number;
}

/** The last bytes of a log, plain or gz, from a line's beginning on. `encoding` is a label of the Encoding Standard. */
export async function readEnd(path: string, bytes: number, encoding = 'utf-8'): Promise<LogEnd> {
  const compressed = /\.gz$/i.test(path);
  const source = compressed ? new GzipSource(path) : new PlainSource(path, (await stat(path)).ino);
  let size = 0;
  let firstLine = 1;
  let kept: Buffer[] = [];
  let length = 0;
  const drop = (): void => {
    const all = Buffer.concat(kept);
    const cut = Math.max(0, all.length - bytes);
    for (let at = all.indexOf(LF); at !== -1 && at < cut; at = all.indexOf(LF, at + 1)) firstLine++;
    kept = [Buffer.from(all.subarray(cut))];
    length = all.length - cut;
  };
  try {
    for await (const piece of source.pieces(0)) {
      size += piece.length;
      kept.push(Buffer.from(piece));
      length += piece.length;
      if (length > 2 * bytes + PIECE) drop();
    }
  } catch (error) {
    // Damaged at its end: what could be read is shown.
    if (size === 0) throw error;
  }
  drop();
  const end = kept[0] ?? Buffer.alloc(0);
  const cut = size - end.length;
  const decoder = new TextDecoder(encoding);
  if (cut === 0) return { text: decoder.decode(end), size, cut, firstLine };
  const start = end.indexOf(LF) + 1;
  return { text: decoder.decode(end.subarray(start)), size, cut: cut + start, firstLine: start > 0 ? firstLine + 1 : firstLine };
}
