import { existsSync, renameSync } from 'node:fs';
import type { Rotator } from '../writer/rotation.ts';
import { FileHandler } from './fileHandler.ts';
import type { LogRecord } from './logRecord.ts';

/** A file that is rotated before a record, when a subclass says so (https://docs.python.org/3/library/logging.handlers.html#baserotatinghandler). */
export abstract class BaseRotatingHandler extends FileHandler {
  /** Changes the names of rotated files. */
  namer: ((name: string) => string) | null = null;
  /** Moves a file to its name; a rename by default. */
  rotator: Rotator | null = null;

  abstract shouldRollover(record: LogRecord): boolean;
  abstract doRollover(): void;

  override emit(record: LogRecord): void {
    try {
      if (this.shouldRollover(record)) this.doRollover();
    } catch (error) {
      this.handleError(record, error);
      return;
    }
    super.emit(record);
  }

  /** What a rotated file is called. */
  rotationFilename(name: string): string {
    return this.namer ? this.namer(name) : name;
  }

  /** Moves a file; one that is not there is left alone. */
  rotate(source: string, destination: string): void {
    if (this.rotator) this.rotator(source, destination);
    else if (existsSync(source)) renameSync(source, destination);
  }
}
