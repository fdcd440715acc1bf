import { existsSync, fstatSync, renameSync, rmSync, statSync } from 'node:fs';
import { BaseRotatingHandler } from './baseRotatingHandler.ts';
import type { FileHandlerOptions } from './fileHandler.ts';
import type { LogRecord } from './logRecord.ts';

export interface RotatingFileHandlerOptions extends FileHandlerOptions {
  /** The file is rotated before a record with which it would have so many bytes or more (Python counts the record's characters). 0: never. */
  maxBytes?: number | undefined;
  /** Rotated files that are kept: FILE.1, the newest, to FILE.N. 0: never rotated, but opened anew. */
  backupCount?: number | undefined;
}

/**
 * Rotates by size (https://docs.python.org/3/library/logging.handlers.html#rotatingfilehandler). For one thread alone: where several
 * threads or processes write, take ConcurrentRotatingFileHandler.
 */
export class RotatingFileHandler extends BaseRotatingHandler {
  maxBytes: number;
  backupCount: number;

  constructor(filename: string, { maxBytes = 0, backupCount = 0, mode = 'a', ...options }: RotatingFileHandlerOptions = {}) {
    // What is emptied at each start would never grow.
    super(filename, { ...options, mode: maxBytes > 0 ? 'a' : mode });
    this.maxBytes = maxBytes;
    this.backupCount = backupCount;
  }

  override shouldRollover(record: LogRecord): boolean {
    if (this.maxBytes <= 0 || isNoFile(this.baseFilename)) return false;
    const { size } = fstatSync(this.openFile());
    return size + [...this.format(record)].length + 1 >= this.maxBytes;
  }

  override doRollover(): void {
    this.closeFile();
    if (this.backupCount > 0) {
      const path = (n: number): string => this.rotationFilename(`${this.baseFilename}.${n}`);
      for (let n = this.backupCount - 1; n > 0; n--) if (existsSync(path(n))) renameSync(path(n), path(n + 1));
      rmSync(path(1), { force: true });
      this.rotate(this.baseFilename, path(1));
    }
    if (!this.delay) this.openFile();
  }
}

/** A device or a pipe is never rotated. */
export function isNoFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
}
