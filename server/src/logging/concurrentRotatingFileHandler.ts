import { ConcurrentHandler, type ConcurrentHandlerOptions } from './concurrentHandler.ts';

/**
 * Appends records to a log that any number of threads, processes and programs write to at the same time, Python's with
 * concurrent-log-handler among them, and rotates it by size: `LOG.1` is the newest rotated file. They find each other by the lock's file;
 * nothing has to be set up, and no handler be handed to a worker: each makes its own, with the same arguments.
 */
export class ConcurrentRotatingFileHandler extends ConcurrentHandler {
  constructor(filename: string, options: ConcurrentHandlerOptions = {}) {
    super(filename, options);
  }

  protected override rotation(): Record<string, never> {
    return {};
  }
}
