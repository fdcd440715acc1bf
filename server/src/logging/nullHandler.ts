import { Handler } from './handler.ts';

/** Does nothing with records: what a library adds to its logger, so that a program without logging hears nothing of it. */
export class NullHandler extends Handler {
  override handle(): boolean {
    return true;
  }
  override emit(): void {}
}
