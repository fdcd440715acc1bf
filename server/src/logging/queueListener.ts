import { Handler } from './handler.ts';
import type { LogQueue } from './logQueue.ts';
import { LogRecord } from './logRecord.ts';
import { makeLogRecord } from './recordFields.ts';

export interface QueueListenerOptions {
  /** Handlers get only what their levels let through; by default everything. */
  respectHandlerLevel?: boolean | undefined;
}

/** Takes records out of a queue and gives them to handlers (https://docs.python.org/3/library/logging.handlers.html#queuelistener). */
export class QueueListener {
  readonly queue: LogQueue;
  readonly handlers: readonly Handler[];
  readonly respectHandlerLevel: boolean;

  /** The handlers, and behind them options. */
  constructor(queue: LogQueue, ...handlers: [...Handler[], QueueListenerOptions] | Handler[]) {
    this.queue = queue;
    const all: readonly (Handler | QueueListenerOptions)[] = handlers;
    this.handlers = all.filter((each) => each instanceof Handler);
    this.respectHandlerLevel = all.some((each) => !(each instanceof Handler) && each.respectHandlerLevel);
  }

  /** Handles what waits in the queue, and what comes from now on. */
  start(): void {
    this.queue.listen((record) => this.handle(record));
  }

  /** For subclasses: may change a record before handlers get it. */
  prepare(record: LogRecord): LogRecord {
    return record;
  }

  handle(sent: unknown): void {
    const record = this.prepare(sent instanceof LogRecord ? sent : makeLogRecord(toFields(sent)));
    for (const handler of this.handlers) {
      if (!this.respectHandlerLevel || record.levelno >= handler.level) handler.handle(record);
    }
  }

  /** Handles what is in the queue, and leaves there what comes from now on. Resolves when the handlers have written it. */
  async stop(): Promise<void> {
    this.queue.drain();
    this.queue.listen(null);
    await Promise.all(this.handlers.map((handler) => handler.flush()));
  }
}

function toFields(sent: unknown): Readonly<Record<string, unknown>> {
  return typeof sent === 'object' && sent !== null ? { ...sent } : { msg: String(sent) };
}
