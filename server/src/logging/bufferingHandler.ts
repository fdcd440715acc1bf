import { Handler } from './handler.ts';
import type { Level } from './levels.ts';
import type { LogRecord } from './logRecord.ts';

/** Keeps records until there are `capacity` of them; subclasses do something with them (https://docs.python.org/3/library/logging.handlers.html#memoryhandler). */
export class BufferingHandler extends Handler {
  readonly capacity: number;
  buffer: LogRecord[] = [];

  constructor(capacity: number, { level }: { level?: Level | undefined } = {}) {
    super(level);
    this.capacity = capacity;
  }

  /** Whether the buffer is to be flushed, with this record as its last. */
  shouldFlush(_record: LogRecord): boolean {
    return this.buffer.length >= this.capacity;
  }

  override emit(record: LogRecord): void {
    record.keepCall();
    this.buffer.push(record);
    if (this.shouldFlush(record)) void this.flush();
  }

  /** Empties the buffer. */
  override flush(): void | Promise<void> {
    this.buffer = [];
  }

  override close(): void {
    try {
      void this.flush();
    } finally {
      super.close();
    }
  }
}
