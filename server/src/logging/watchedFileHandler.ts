import { fstatSync, statSync } from 'node:fs';
import { FileHandler } from './fileHandler.ts';
import type { LogRecord } from './logRecord.ts';

/**
 * Opens its file anew where another program (logrotate, say) has moved it away (https://docs.python.org/3/library/logging.handlers.html#watchedfilehandler).
 * Not for Windows, where open files cannot be moved.
 */
export class WatchedFileHandler extends FileHandler {
  override emit(record: LogRecord): void {
    try {
      this.reopenIfNeeded();
    } catch (error) {
      this.handleError(record, error);
      return;
    }
    super.emit(record);
  }

  /** Opens the file that now has the name, where it is another one than the open one, or none. Throws the system's error. */
  reopenIfNeeded(): void {
    if (this.fd === null) return;
    const named = statSync(this.baseFilename, { bigint: true, throwIfNoEntry: false });
    const open = fstatSync(this.fd, { bigint: true });
    if (named?.dev === open.dev && named.ino === open.ino) return;
    this.closeFile();
    this.openFile();
  }
}
