import { Handler } from './handler.ts';
import type { LogRecord } from './logRecord.ts';

/** Does nothing with records: what a library adds to its logger, so that a program without logging hears nothing of it. */
export class NullHandler extends Handler {
  override handle(_record: LogRecord): boolean {
    return true;
  }
  override emit(_record: LogRecord): void {}
}
