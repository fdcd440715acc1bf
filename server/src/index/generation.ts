/** One generation and its index: reads what is new, and the bytes of any record. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Problem, RecordId } from '../protocol.ts';
import { HeadReader } from '../record/layout.ts';
import { type Layouts, sameFormats } from '../record/layoutRules.ts';
import { publishedName } from '../record/layouts/published.ts';
import type { LogFile } from '../tree/scan.ts';
import { cannotRead } from '../tree/scan.ts';
import type { ByteSource } from './byteSource.ts';
import { Fingerprint, HEAD_BYTES } from './fingerprint.ts';
import { DamagedGzip } from './gunzip.ts';
import type { FoundCheckpoints } from './gzipSource.ts';
import { GzipSource } from './gzipSource.ts';
import type { KeptCheckpoints } from './keptCheckpoints.ts';
import { isMoved, Moved } from './moved.ts';
import type { KnownBytes } from './plainSource.ts';
import { PlainSource } from './plainSource.ts';
import { RecordColumn } from './recordColumn.ts';
import type { RecordNumber, RecordStore } from './recordStore.ts';
import type { GenerationState } from './savedIndex.ts';
import { SAMPLE_BYTES, Scanner } from './scanner.ts';

/** A busy log may be rotated again and again while its new name is looked for. */
const ATTEMPTS = 50;

/** Logs mostly compress better. */
const USUAL_RATIO = 4;

/** Bytes that have been indexed in this thread so far: tests bound the work by it. */
export const indexed = { bytes: 0 };

/** `stale`: the content is no longer what was indexed (truncated, refilled): index it anew. */
export type Update = 'unchanged' | 'changed' | 'stale';

/** What a generation's last record was when the timeline took it in: it may still grow. */
export interface Entered {
  record: RecordNumber;
  key: number;
  hash: number;
  flags: number;
}

export class Generation {
  readonly column: RecordColumn;
  readonly heads: HeadReader;
  problem: Problem | undefined;
  /** How many of its records the timeline knows, and the last of them; kept by the timeline. */
  entered = 0;
  lastEntered: Entered | undefined;
  /** So many of its records are no news: they were shown, as its own or as those of another generation, which is gone. */
  told = 0;
  /** What was told of its records was wrong: the index that was kept of it is damaged. */
  damaged = false;
  /** Its place among all generations: by user, module and age; kept by the timeline. */
  position = 0;
  /** False where only the end of the file was read: its lines count from there. */
  knowsLines = true;
  /** The file was not where it was said to be: it is being rotated. */
  moved = false;
  /** Looks at the files once more, because this one is not where it was; false when it is gone for good. Set by the library. */
  refresh: () => Promise<boolean> = async () => true;
  private readonly scanner: Scanner;
  private source: ByteSource;
  private bytesDone = 0;
  private readOnce = false;
  /** All has been read that was there at the last look, and the last record is whole. */
  private isSettled = false;
  private isStale = false;
  /** What was read last was not what is known. */
  private isDoubtful = false;
  private adopted = false;
  /** Of the content so far. */
  private print = Fingerprint.none;
  /** The content that this one's begins with, or is, and how much of it. */
  origin: { of: Generation; end: number } | undefined;
  /** That is so; until its own file has been looked at, it is only likely. */
  private isAssumed = false;
  /** Of the first record, while its columns may still be on disk only. */
  private first: { key: number; hash: number } | undefined;
  private knownIdentity: string | undefined;
  /** µs */
  private readonly modified = (): number => this.current.mtimeMs * 1000;

  constructor(
    readonly store: RecordStore,
    readonly slot: number,
    private current: LogFile,
    /** It is of a user's master.log, whose lines may name modules. */
    readonly master: boolean,
    /** As of when its layout was chosen. */
    public layouts: Layouts,
    /** What a person gave as its layout. */
    readonly layout: string | undefined,
    /** Where those of its file are kept, if it is a gz file. */
    private readonly checkpoints?: KeptCheckpoints,
  ) {
    this.column = new RecordColumn(store, slot, master);
    this.heads = new HeadReader(master, { layout, ...layouts, modified: this.modified });
    this.scanner = new Scanner(store, this.column, this.heads, () => Math.round(this.current.mtimeMs * 1000));
    this.source = this.open(current);
  }

  private open({ name, path, ino }: LogFile): ByteSource {
    if (!name.compressed) return new PlainSource(path, ino);
    const source = new GzipSource(path, ino);
    source.kept = this.checkpoints;
    return source;
  }

  /**
   * Whether its records are still the same when other layouts are given or expected.
   * @param given by a person for this file
   */
  async keepsLayout(layouts: Layouts, given: string | undefined): Promise<boolean> {
    if (given !== this.layout) return false;
    const { candidates, published = [] } = layouts;
    const mayBePublished = given === undefined && !this.master;
    if (mayBePublished && !sameFormats(published, this.heads.published)) return false;
    // What was kept of it may be older than what is published.
    const isOther = mayBePublished && published.length > 0 && this.scanner.layout !== publishedName(published);
    if (given === undefined && this.end > 0 && (isOther || !sameFormats(candidates, this.layouts.candidates))) {
      let sample: Buffer;
      try {
        // Not `read`: that would wait for the look at the files that this is a part of.
        sample = await this.readHere(0, Math.min(this.end, SAMPLE_BYTES));
      } catch {
        // It is being rotated, or cannot be read: the next look asks again.
        return true;
      }
      const heads = new HeadReader(this.master, { ...layouts, modified: this.modified });
      if (heads.detect(sample) !== this.scanner.layout) return false;
    }
    this.layouts = layouts;
    return true;
  }

  get file(): LogFile {
    return this.current;
  }

  /** Bytes of the file on disk that the index knows. */
  get readBytes(): number {
    return this.current.name.compressed ? this.bytesDone : Math.min(this.scanner.offset, this.current.size);
  }

  get runStarts(): readonly number[] {
    return this.scanner.runStarts;
  }

  /** Bytes of content that are indexed, uncompressed. */
  get end(): number {
    return this.scanner.offset;
  }

  /** CRC-32 of that content. */
  get crc(): number {
    return this.print.crc;
  }

  /** It has another name now, after a rotation; the content is the same. */
  private renamed(file: LogFile): void {
    // What a source knows of its file stays.
    if (file.dev === this.current.dev && file.ino === this.current.ino) this.source.path = file.path;
    else this.source = this.open(file);
    this.current = file;
  }

  /**
   * Another file has its content from now on: the compressed one, or the copy. What that has more is read.
   * @returns false where that one was not where it was said to be; nothing has changed then
   */
  async adopt(heir: Generation): Promise<boolean> {
    if (heir.end > this.end) {
      this.isSettled = false;
      try {
        for await (const piece of heir.source.pieces(this.end)) this.take(piece);
      } catch (error) {
        heir.moved = isMoved(error);
        // Of another problem has been told when it was read the first time.
        if (heir.moved) {
          this.scanner.finish();
          return false;
        }
      }
      this.scanner.finish();
      this.isSettled = true;
    }
    this.adopted = true;
    this.isStale = false;
    this.moved = false;
    this.problem = heir.problem;
    this.bytesDone = heir.file.size;
    this.source = heir.source;
    this.current = heir.file;
    return true;
  }

  /**
   * Reads what the file has more than the index.
   * @param cancelled asked between pieces
   */
  async update(file: LogFile, cancelled: () => boolean = () => false): Promise<Update> {
    // Once stale, always stale: whoever looks next has to hear it, too.
    const update = this.isStale ? 'stale' : await this.readMore(file, cancelled);
    this.isStale ||= update === 'stale';
    return this.isStale ? 'stale' : update;
  }

  private async readMore(file: LogFile, cancelled: () => boolean): Promise<Update> {
    const { current: before, moved, isAssumed, isSettled } = this;
    const isTouched = this.isDoubtful || isChanged(before, file);
    this.isDoubtful = false;
    this.renamed(file);
    this.moved = false;
    if (isAssumed && (await this.isClaimed())) {
      this.isAssumed = false;
      this.readOnce = true;
      this.bytesDone = file.size;
      return 'changed';
    }
    if (file.name.compressed || this.adopted) {
      if (!isTouched && file.size === before.size && this.bytesDone > 0) return 'unchanged';
      const isOther = file.size !== before.size || (file.name.compressed && !(await this.isClaimed()));
      if (isOther && (this.readOnce || this.adopted)) return 'stale';
      if (this.readOnce && file.name.compressed) return 'unchanged';
    } else if (file.size < this.scanner.offset) return 'stale';
    else if (this.readOnce && !moved && this.problem === undefined && file.size === before.size && !isTouched) return 'unchanged';
    // Written to, and no longer than it was: it may be another content of the same length. So may be what is only assumed.
    const isWhole = isAssumed || (this.readOnce && isTouched && file.size === before.size && this.knowsLines);
    this.problem = undefined;
    this.isSettled = false;
    const { offset } = this.scanner;
    const { head, seam, crc } = this.print;
    const from = file.name.compressed || isWhole ? 0 : offset - seam.length;
    // Of the bytes that are known: by their checksum where all are looked at.
    let left = offset - from;
    let sum = 0;
    this.column.expectedBytes = Math.max(0, file.size * (file.name.compressed ? USUAL_RATIO : 1) - offset);
    try {
      // Beside the seam, which is looked at with what follows.
      if (from > 0 && !(await this.source.read(0, head.length)).equals(head)) return 'stale';
      for await (const piece of this.source.pieces(from)) {
        if (cancelled()) return 'changed';
        const known = piece.subarray(0, left);
        const start = seam.length - left;
        left -= known.length;
        if (isWhole) {
          if (known.length > 0) sum = crc32(known, sum);
          if (left === 0 && sum !== crc) return 'stale';
          this.isAssumed &&= left > 0;
        } else if (!known.equals(seam.subarray(start, start + known.length))) return 'stale';
        const fresh = piece.subarray(known.length);
        if (fresh.length > 0) {
          // Lines without a stamp so far: the first one with a stamp shows the layout, and what stood before it belongs together.
          if (offset > 0 && this.scanner.settles(fresh)) return 'stale';
          this.take(fresh);
        }
      }
      if (left > 0) return 'stale';
    } catch (error) {
      this.moved = isMoved(error);
      // Found under its new name by who looks next.
      if (this.moved) {
        this.isSettled = isSettled && this.scanner.offset === offset;
        return 'unchanged';
      }
      if (this.isAssumed) return 'stale';
      this.problem =
        error instanceof DamagedGzip
          ? { path: file.path, message: `is damaged: ${error.message}`, advice: 'Everything before the damage is shown.' }
          : cannotRead(file.path, error);
    }
    // Shorter than it was when it was listed: another file has its inode now, or it was truncated.
    if (!file.name.compressed && this.problem === undefined && this.scanner.offset < file.size) this.moved = true;
    this.readOnce = true;
    this.bytesDone = this.problem === undefined || this.scanner.offset > 0 ? file.size : 0;
    this.isSettled = true;
    if (this.scanner.offset === offset) return 'unchanged';
    this.scanner.finish();
    return 'changed';
  }

  /** Whether a gz file says of itself that it holds just what is assumed. */
  private async isClaimed(): Promise<boolean> {
    const { source } = this;
    return source instanceof GzipSource && (await source.claims(this.end, this.crc).catch(() => false));
  }

  /**
   * The one of others whose content the file of this new one may hold, and more: it begins in the same way, and is to be read in the same
   * way. Undefined where it cannot be read: that is told by who indexes it.
   */
  async whatItContinues(others: readonly Generation[]): Promise<Generation | undefined> {
    const alike = others.filter(
      (other) =>
        other.isSettled &&
        !other.damaged &&
        other.print.head.length > 0 &&
        !other.scanner.uncertain &&
        other.master === this.master &&
        other.layout === this.layout &&
        other.layouts === this.layouts &&
        (this.current.name.compressed || other.end <= this.current.size),
    );
    const head = alike.length === 0 ? undefined : await this.readHead();
    return alike.filter(({ print }) => head?.subarray(0, print.head.length).equals(print.head)).sort((a, b) => b.end - a.end)[0];
  }

  /** The first bytes of its file's content, HEAD_BYTES or more where there are so many; undefined where they cannot be read. */
  async readHead(): Promise<Buffer | undefined> {
    let head = Buffer.alloc(0);
    try {
      for await (const piece of this.source.pieces(0)) {
        head = Buffer.concat([head, piece.subarray(0, HEAD_BYTES)]);
        if (head.length >= HEAD_BYTES) break;
      }
    } catch {
      return undefined;
    }
    return head;
  }

  /** Takes the records of another one for its own; `update` then tells whether the file holds them, and reads on from there. */
  assume(other: Generation): void {
    this.column.share(other.column);
    this.scanner.restore(other.scanner.save());
    this.print = other.print;
    this.first = other.first;
    this.origin = { of: other, end: other.end };
    this.isAssumed = true;
    this.isSettled = true;
  }

  /** What is known beside the records; undefined while it is not known well: it is being read, or its first lines did not tell the layout. */
  save(): GenerationState | undefined {
    const { scanner, current, bytesDone, problem, store, column } = this;
    const { head, seam, crc } = this.print;
    if (!this.isSettled || this.isStale || this.moved || scanner.uncertain) return undefined;
    const { size, mtimeMs, ctimeMs, file, name } = current;
    return {
      size,
      mtimeMs,
      ctimeMs,
      file,
      compressed: name.compressed,
      bytesDone,
      head: Uint8Array.from(head),
      seam: Uint8Array.from(seam),
      crc,
      problem,
      scanner: scanner.save(),
      first: column.length > 2 ? this.firstRecord() : undefined,
      modules: this.master ? store.names.modules.slice() : [''],
      levels: store.names.levels.slice(),
    };
  }

  /**
   * Takes in what `save` gave in another process; the columns have to be there already. `update` then tells whether the file still holds that.
   * @throws where it is not of this version
   */
  restore(saved: GenerationState): void {
    this.scanner.restore(saved.scanner);
    const { size, mtimeMs } = saved;
    const ctimeMs = saved.file === this.current.file ? saved.ctimeMs : this.current.ctimeMs;
    this.current = { ...this.current, size, mtimeMs, ctimeMs };
    this.bytesDone = saved.bytesDone;
    this.print = Fingerprint.from(saved);
    this.problem = saved.problem;
    this.first = saved.first;
    this.readOnce = true;
    this.isSettled = true;
  }

  /** The same of all before an offset, where only the bytes from there on, which are given, are indexed. */
  restoreEnd(saved: GenerationState, rest: Buffer): void {
    const { current } = this;
    this.restore(saved);
    this.knowsLines = false;
    this.column.expectedBytes = rest.length;
    this.take(rest);
    this.scanner.finish();
    this.current = current;
    this.bytesDone = current.size;
  }

  /** The same, where only its first bytes speak for the file holding that; it was another file's. */
  restoreAssumed(saved: GenerationState): void {
    const { current } = this;
    this.restore(saved);
    this.current = current;
    this.problem = undefined;
    this.bytesDone = 0;
    this.readOnce = false;
    this.isAssumed = true;
  }

  /** What was kept of it on disk is damaged: it is indexed anew with the next look. */
  forget(): void {
    this.isStale = true;
    this.damaged = true;
    void this.refresh();
  }

  /** All of its content is at hand. */
  get isShort(): boolean {
    return this.end === this.print.head.length;
  }

  /** Whether another one has the same first bytes. */
  beginsSame({ print }: Generation): boolean {
    const { head } = this.print;
    return print.head.subarray(0, head.length).equals(head);
  }

  /** By which most other content is told from its own. */
  firstRecord(): { key: number; hash: number } {
    const { store, column } = this;
    if (this.first !== undefined) return this.first;
    const first = column.at(0);
    return { key: store.key(first), hash: store.hash(first) };
  }

  private take(piece: Buffer): void {
    this.scanner.feed(piece);
    indexed.bytes += piece.length;
    this.print = this.print.and(piece);
  }

  /** Offset after a record's last byte. */
  endOf(record: RecordNumber): number {
    const next = this.store.index(record) + 1;
    return next < this.column.length ? this.store.offset(this.column.at(next)) : this.end;
  }

  /**
   * Content bytes [start, end), within what is indexed. After a rotation the file is looked for under its new name.
   * @throws Moved where the content is gone, or what the file system says
   */
  async read(start: number, end: number): Promise<Buffer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.readHere(start, end);
      } catch (error) {
        if (attempt === ATTEMPTS || !isMoved(error) || !(await this.refresh())) throw error;
      }
    }
  }

  /** The content from an offset to the end of what is indexed, in order. A piece is only valid until the next is asked for. */
  async *pieces(from: number): AsyncGenerator<Buffer, void, void> {
    const { end } = this;
    let at = from;
    for await (const piece of this.source.pieces(from, true)) {
      const wanted = piece.subarray(0, end - at);
      at += wanted.length;
      if (wanted.length > 0) yield wanted;
      if (at >= end) return;
    }
  }

  /**
   * By which a file is known to hold the content still. Long lines may end alike: two contents of one length are told apart by their
   * beginnings, where their times are. Only the live log is truncated and written anew.
   */
  private get knownBytes(): KnownBytes {
    const { head, seam } = this.print;
    const end = [this.end - seam.length, seam] as const;
    return this.current.name.live && this.end > seam.length ? [[0, head], end] : [end];
  }

  /** False where the file does not hold any more what is indexed. */
  async holds(): Promise<boolean> {
    const { source } = this;
    if (!(source instanceof PlainSource)) return true;
    return source.readKnown(0, 0, this.knownBytes).then(
      () => true,
      () => false,
    );
  }

  /** The same from where the last look has found it, for those that are in the timeline's turn: a look would wait for them. */
  async readHere(start: number, end: number): Promise<Buffer> {
    const { source } = this;
    if (source instanceof PlainSource) {
      return source.readKnown(start, end - start, this.knownBytes).catch((error: unknown) => {
        if (error instanceof Moved && error.holdsOther) this.isDoubtful = true;
        throw error;
      });
    }
    const bytes = await source.read(start, end - start);
    if (bytes.length < end - start) {
      // Something else than it said of itself: it is indexed as it is.
      this.isStale = true;
      throw new Moved(this.current.path);
    }
    return bytes;
  }

  /** Of the content, not of the name: stays while the file is renamed, compressed or copied away. Undefined while there is no record. */
  get identity(): string | undefined {
    if (this.knownIdentity === undefined && this.column.length > 0) {
      const { key, hash } = this.firstRecord();
      const { user, module } = this.current;
      this.knownIdentity = createHash('sha256').update(`${user}\0${module}\0${key}\0${hash}`).digest('base64url').slice(0, 12);
    }
    return this.knownIdentity;
  }

  recordId(record: RecordNumber): RecordId {
    return `${this.identity ?? ''}:${this.store.offset(record)}`;
  }

  /** Places in its gz file that the scan has found, for another thread's generation of the same file. */
  get foundCheckpoints(): FoundCheckpoints | undefined {
    return this.source instanceof GzipSource ? this.source.found : undefined;
  }

  learnCheckpoints(found: FoundCheckpoints): void {
    if (this.source instanceof GzipSource) this.source.learn(found);
  }

  /** Puts them on disk. */
  async keepCheckpoints(): Promise<void> {
    if (this.source instanceof GzipSource) await this.source.keepFound();
  }

  dispose(): void {
    if (this.source instanceof GzipSource) this.source.close();
    this.column.dispose();
  }
}

/** Written to since; or renamed, which is not told apart where its name is another, too. */
const isChanged = (before: LogFile, now: LogFile): boolean =>
  now.mtimeMs !== before.mtimeMs || (now.ctimeMs !== before.ctimeMs && now.path === before.path);
