import { closeSync, fstatSync, openSync } from 'node:fs';
import { EOL } from 'node:os';
import { resolve } from 'node:path';
import { writeWhole } from '../writer/writeWhole.ts';
import { type Encoder, makeEncoder, type UnicodeErrorPolicy } from './encoding.ts';
import type { Level } from './levels.ts';
import type { LogRecord } from './logRecord.ts';
import { StreamHandler } from './streamHandler.ts';

export interface FileHandlerOptions {
  /** As in open(): 'a' appends, 'w' empties the file when it is opened; 'a' by default. */
  mode?: string | undefined;
  /** By Python's names; utf-8 by default. */
  encoding?: string | null | undefined;
  /** Opens the file with the first record. */
  delay?: boolean | undefined;
  /** What becomes of characters that the encoding does not have; 'strict' by default: the record is told to handleError. */
  errors?: UnicodeErrorPolicy | null | undefined;
  level?: Level | undefined;
}

/** Writes records to a file, each with one write(2), before the call returns (https://docs.python.org/3/library/logging.handlers.html#filehandler). */
export class FileHandler extends StreamHandler {
  /** The file's absolute path. */
  readonly baseFilename: string;
  readonly mode: string;
  readonly delay: boolean;
  readonly encoding: string | null;
  readonly errors: UnicodeErrorPolicy | null;
  readonly #encoder: Encoder;
  #fd: number | null = null;
  #isClosed = false;

  /** Throws the system's error where the file cannot be opened (not with `delay`), a RangeError for an encoding that there is not. */
  constructor(filename: string, { mode = 'a', encoding = null, delay = false, errors = null, level }: FileHandlerOptions = {}) {
    super({ write: (text: string) => this.#write(text) }, { level });
    this.baseFilename = resolve(filename);
    this.mode = mode;
    this.delay = delay;
    this.encoding = encoding;
    this.errors = errors;
    this.#encoder = makeEncoder(encoding ?? undefined, errors ?? 'strict');
    if (!delay) this.openFile();
  }

  /** The file's descriptor; null while it is not open. */
  get fd(): number | null {
    return this.#fd;
  }

  /** For subclasses: opens the file as `mode` says, and gives its descriptor. Throws the system's error. */
  open(): number {
    return openSync(this.baseFilename, this.mode.replace(/[bt]/g, ''));
  }

  /** A file that is not open is opened; not one that was emptied when it was opened, and is closed, as it would be emptied once more. */
  override emit(record: LogRecord): void {
    if (this.#fd === null) {
      if (this.#isClosed && this.mode.startsWith('w')) return;
      try {
        this.openFile();
      } catch (error) {
        this.handleError(record, error);
        return;
      }
    }
    super.emit(record);
  }

  override flush(): void {}

  override close(): void {
    this.#isClosed = true;
    this.closeFile();
    super.close();
  }

  /** For subclasses: closes the file for now; the next record opens it anew. */
  closeFile(): void {
    const fd = this.#fd;
    this.#fd = null;
    if (fd !== null) closeSync(fd);
  }

  /** For subclasses: opens the file where it is not open. Throws the system's error. */
  openFile(): number {
    if (this.#fd !== null) return this.#fd;
    const fd = this.open();
    this.#fd = fd;
    const { preamble } = this.#encoder;
    if (preamble && fstatSync(fd).size === 0) writeWhole(fd, preamble);
    return fd;
  }

  #write(text: string): void {
    writeWhole(this.openFile(), this.#encoder.encode(EOL === '\n' ? text : text.replaceAll('\n', EOL)));
  }
}
