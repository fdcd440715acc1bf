/** What both concurrent handlers have in common: from a record to bytes in a log that others write to as well. */

import { writeSync } from 'node:fs';
import { EOL } from 'node:os';
import { resolve } from 'node:path';
import { ConcurrentFile, type ConcurrentFileOptions } from '../writer/concurrentFile.ts';
import { makeFolder } from '../writer/makeFolder.ts';
import { lookUpOwner } from '../writer/owner.ts';
import type { Settings } from '../writer/peers.ts';
import { RecordWriter } from '../writer/recordWriter.ts';
import type { Rotator } from '../writer/rotation.ts';
import { type Encoder, makeEncoder, type UnicodeErrorPolicy } from './encoding.ts';
import { Handler } from './handler.ts';
import { checkLevel, ERROR, type Level, WARNING } from './levels.ts';
import { LogRecord } from './logRecord.ts';

/** Those of concurrent-log-handler, in camel case, and ours: `batch`, `syncLevel`, `lockLimitMs`, `maxQueuedBytes`, `level`. */
export interface ConcurrentHandlerOptions {
  /** 'a'; with 'w' the log is emptied before the first record, unless it is rotated by size. */
  mode?: 'a' | 'w' | undefined;
  /** The log is rotated before a record when it has so many bytes or more. 0: never. */
  maxBytes?: number | undefined;
  /** Rotated files that are kept. 0: with rotation by size the log is emptied instead; by time, all are kept. */
  backupCount?: number | undefined;
  /** By Python's names; utf-8 by default. */
  encoding?: string | null | undefined;
  /** What becomes of characters that the encoding does not have; 'ignore' by default. */
  unicodeErrorPolicy?: UnicodeErrorPolicy | undefined;
  /** Another name of unicodeErrorPolicy. */
  errors?: UnicodeErrorPolicy | null | undefined;
  /** Tells on stderr what it does. */
  debug?: boolean | undefined;
  /** Changes nothing: the log is always opened at the first record. */
  delay?: boolean | null | undefined;
  useGzip?: boolean | undefined;
  /** User and group by name or number, null for one that is not to be changed. Not on Windows. */
  owner?: readonly [user: string | number | null, group: string | number | null] | null | undefined;
  /** Permissions of the log, the lock and the rotated files. */
  chmod?: number | null | undefined;
  /** Instead of the process's own. */
  umask?: number | null | undefined;
  /** What a line feed becomes, as in Python's open(): nothing changes with '' and '\n'; null is the system's own. */
  newline?: '' | '\n' | '\r' | '\r\n' | null | undefined;
  /** What ends a record; '\n' by default, and where it is empty. */
  terminator?: string | undefined;
  /** Where the lock's file lies; beside the log by default. Made at once. */
  lockFileDirectory?: string | null | undefined;
  /** false closes the log after each record. */
  keepFileOpen?: boolean | undefined;
  /** Changes the name of a rotated file, before `.gz`. */
  namer?: ((name: string) => string) | null | undefined;
  /** Moves a rotated file to its place. */
  rotator?: Rotator | null | undefined;
  /** Records of one turn of the event loop are written together; on return they are not in the file yet. */
  batch?: boolean | undefined;
  /** Records of this level and above are written at once all the same; ERROR by default. */
  syncLevel?: Level | undefined;
  /** The longest that a call waits for other writers, ms; 1000 by default. */
  lockLimitMs?: number | undefined;
  /** Memory for records while writing is impossible, bytes; 8 MB by default. */
  maxQueuedBytes?: number | undefined;
  level?: Level | undefined;
}

export abstract class ConcurrentHandler extends Handler {
  /** The log's absolute path. */
  readonly baseFilename: string;
  readonly terminator: string;
  readonly #options: ConcurrentHandlerOptions;
  readonly #syncLevel: number;
  readonly #encoder: Encoder;
  readonly #newline: string;
  readonly #access: ConcurrentFileOptions['access'];
  #namer: ((name: string) => string) | null;
  #rotator: Rotator | null;
  #writer: RecordWriter | null = null;
  #isFinal = false;
  #isClosed = false;
  #hasWarned = false;
  #hasEmptied = false;
  /** The one that is being written, for handleError. */
  #record: LogRecord | null = null;

  /** Throws a RangeError for an argument that cannot be, and the system's error where lockFileDirectory cannot be made. */
  constructor(filename: string, options: ConcurrentHandlerOptions) {
    super(options.level);
    const { maxBytes = 0, backupCount = 0, mode = 'a', newline = null, terminator, owner, chmod, umask, lockFileDirectory } = options;
    for (const [name, value] of Object.entries({ maxBytes, backupCount })) {
      if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name}: ${value} is not a whole number from 0 on`);
    }
    if (mode !== 'a' && mode !== 'w') throw new RangeError(`mode: ${JSON.stringify(mode)} is neither "a" nor "w"`);
    if (!['', '\n', '\r', '\r\n', null].includes(newline)) throw new RangeError(`newline: ${JSON.stringify(newline)} is not a line's end`);
    this.baseFilename = resolve(filename);
    this.#options = { ...options, lockFileDirectory: lockFileDirectory ? resolve(lockFileDirectory) : undefined };
    this.terminator = terminator || '\n';
    this.#newline = newline === null ? EOL : newline || '\n';
    this.#syncLevel = checkLevel(options.syncLevel ?? ERROR);
    this.#encoder = makeEncoder(options.encoding ?? undefined, options.unicodeErrorPolicy ?? options.errors ?? undefined);
    this.#access = {
      chmod: chmod ?? undefined,
      umask: umask ?? undefined,
      owner: owner && process.platform !== 'win32' ? lookUpOwner(...owner) : undefined,
    };
    this.#namer = options.namer ?? null;
    this.#rotator = options.rotator ?? null;
    if (this.#options.lockFileDirectory) makeFolder(this.#options.lockFileDirectory);
  }

  get namer(): ((name: string) => string) | null {
    return this.#namer;
  }
  set namer(namer: ((name: string) => string) | null) {
    this.#namer = namer;
    this.reopen();
  }
  get rotator(): Rotator | null {
    return this.#rotator;
  }
  set rotator(rotator: Rotator | null) {
    this.#rotator = rotator;
    this.reopen();
  }
  get maxBytes(): number {
    return this.#options.maxBytes ?? 0;
  }
  get backupCount(): number {
    return this.#options.backupCount ?? 0;
  }

  /** For subclasses: the last chance to change what a configuration has set. Called once, before the first record. */
  finalizeHandlerConfiguration(): void {}

  /** On return the record is in the file, unless it is batched, or handleError was told why it is not there yet. */
  override emit(record: LogRecord): void {
    let bytes: Uint8Array;
    try {
      bytes = this.#toBytes(record);
    } catch (error) {
      this.handleError(record, error);
      return;
    }
    this.#record = record;
    try {
      this.#open().write(bytes, record.levelno >= this.#syncLevel);
      // What comes after the end (from listeners of 'exit', for example) leaves nothing open, and nothing unwritten.
      if (this.#isClosed) this.reopen();
    } catch (error) {
      this.handleError(record, error);
    } finally {
      this.#record = null;
    }
  }

  /** Resolves when all records are in the file, and rotated files compressed and in their places. */
  override async flush(): Promise<void> {
    await this.#writer?.flush();
  }

  /** Writes what waits, compresses what has been rotated, and closes the files. Later records are written all the same. */
  override close(): void {
    super.close();
    this.reopen();
    this.#isClosed = true;
  }

  /** How the subclass rotates. */
  protected abstract rotation(): Pick<ConcurrentFileOptions, 'schedule'>;

  /** Closes the files; the next record opens them, with the settings of then. */
  protected reopen(): void {
    const writer = this.#writer;
    this.#writer = null;
    const lost = writer?.closeSync() ?? 0;
    if (lost > 0) this.handleError(null, new Error(`${lost} records could not be written to ${this.baseFilename}`));
  }

  #toBytes(record: LogRecord): Uint8Array {
    const text = this.format(record) + this.terminator;
    return this.#encoder.encode(this.#newline === '\n' ? text : text.replaceAll('\n', this.#newline));
  }

  #open(): RecordWriter {
    if (this.#writer) return this.#writer;
    if (!this.#isFinal) {
      this.#isFinal = true;
      this.finalizeHandlerConfiguration();
    }
    const { maxBytes = 0, backupCount, useGzip, lockFileDirectory, keepFileOpen, mode, debug, lockLimitMs } = this.#options;
    const isEmptied = mode === 'w' && maxBytes === 0 && !this.#hasEmptied;
    const onError = (error: unknown): void => {
      this.#say(`failed: ${String(error)}`);
      this.handleError(this.#record, error);
    };
    const file = new ConcurrentFile({
      path: this.baseFilename,
      maxBytes,
      backupCount,
      useGzip,
      lockFileDirectory: lockFileDirectory ?? undefined,
      keepFileOpen,
      lockLimitMs,
      access: this.#access,
      preamble: this.#encoder.preamble,
      isEmptied,
      namer: this.#namer ?? undefined,
      rotator: this.#rotator ?? undefined,
      onRotationError: onError,
      onDiffer: (other) => this.#warnOf(other),
      onStep: debug ? (step) => this.#say(step) : undefined,
      ...this.rotation(),
    });
    this.#hasEmptied = true;
    const { batch, maxQueuedBytes } = this.#options;
    this.#writer = new RecordWriter({ file, batch, maxQueuedBytes, onError, dropped: (count) => this.#dropped(count) });
    return this.#writer;
  }

  #dropped(count: number): Uint8Array {
    const text = '%d records were dropped here: the log could not be written';
    try {
      return this.#toBytes(new LogRecord('safelog', WARNING, text, [count]));
    } catch {
      // A format may want what only the program's own records have.
      return Buffer.from(text.replace('%d', String(count)) + this.terminator);
    }
  }

  #warnOf(other: Settings): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const describe = ({ kind, maxBytes, backupCount }: Settings): string =>
      `rotation by ${kind}, maxBytes ${maxBytes}, backupCount ${backupCount}`;
    process.emitWarning(
      `writers of ${this.baseFilename} have different settings: one has ${describe(other)}. No record is lost, but all should have the same.`,
      { type: 'SafelogWarning', code: 'SAFELOG_WRITERS_DIFFER' },
    );
  }

  #say(step: string): void {
    if (!this.#options.debug) return;
    try {
      writeSync(2, `${this.constructor.name} ${process.pid} ${this.baseFilename}: ${step}\n`);
    } catch {
      // There is no stderr left to say it on.
    }
  }
}
