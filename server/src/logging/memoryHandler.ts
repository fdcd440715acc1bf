import { BufferingHandler } from './bufferingHandler.ts';
import type { Handler } from './handler.ts';
import { checkLevel, ERROR, type Level } from './levels.ts';
import type { LogRecord } from './logRecord.ts';

export interface MemoryHandlerOptions {
  /** A record of this level or above flushes the buffer; ERROR by default. */
  flushLevel?: Level | undefined;
  /** Where the records go. Without one they are kept, even beyond the capacity. */
  target?: Handler | null | undefined;
  /** false drops at the end what is in the buffer. */
  flushOnClose?: boolean | undefined;
  level?: Level | undefined;
}

/** Keeps records in memory until there are many, or one of them matters (https://docs.python.org/3/library/logging.handlers.html#memoryhandler). */
export class MemoryHandler extends BufferingHandler {
  readonly flushLevel: number;
  readonly flushOnClose: boolean;
  #target: Handler | null;

  constructor(capacity: number, { flushLevel = ERROR, target = null, flushOnClose = true, level }: MemoryHandlerOptions = {}) {
    super(capacity, { level });
    this.flushLevel = checkLevel(flushLevel);
    this.flushOnClose = flushOnClose;
    this.#target = target;
  }

  get target(): Handler | null {
    return this.#target;
  }

  setTarget(target: Handler | null): void {
    this.#target = target;
  }

  override shouldFlush(record: LogRecord): boolean {
    return super.shouldFlush(record) || record.levelno >= this.flushLevel;
  }

  override flush(): void | Promise<void> {
    const target = this.#target;
    if (!target) return;
    const records = this.buffer;
    this.buffer = [];
    for (const record of records) target.handle(record);
    return target.flush();
  }

  override close(): void {
    try {
      if (this.flushOnClose) void this.flush();
    } finally {
      this.#target = null;
      super.close();
    }
  }
}
