import type { Handler } from './handler.ts';
import { checkLevel, type Level } from './levels.ts';
import type { Logger } from './logger.ts';
import { LogQueue } from './logQueue.ts';
import type { LogRecord } from './logRecord.ts';
import { allLoggers, getLogger } from './manager.ts';
import { QueueHandler } from './queueHandler.ts';
import { QueueListener } from './queueListener.ts';

export interface LoggingQueuesOptions {
  /** Records of this level and above are handled before the call returns, behind those that wait; by default none are. */
  syncLevel?: Level | undefined;
}

/**
 * Has all loggers' handlers, as they are configured now, work in a later turn of the event loop, and when the program ends: a logging call
 * then costs no more than its record. Handlers keep their levels. As concurrent-log-handler's setup_logging_queues. Gives the listeners,
 * which a program may stop.
 */
export function setupLoggingQueues({ syncLevel }: LoggingQueuesOptions = {}): QueueListener[] {
  const sync = syncLevel === undefined ? Number.POSITIVE_INFINITY : checkLevel(syncLevel);
  return [getLogger(), ...allLoggers().values()].flatMap((logger) => {
    const handlers = logger.handlers.filter((handler) => !(handler instanceof QueueHandler));
    return handlers.length === 0 ? [] : [queueUp(logger, handlers, sync)];
  });
}

function queueUp(logger: Logger, handlers: readonly Handler[], syncLevel: number): QueueListener {
  const queue = new LogQueue();
  const listener = new QueueListener(queue, ...handlers, { respectHandlerLevel: true });
  const handler = new DeferringHandler(queue, syncLevel);
  handler.listener = listener;
  for (const each of handlers) logger.removeHandler(each);
  logger.addHandler(handler);
  listener.start();
  return listener;
}

class DeferringHandler extends QueueHandler {
  readonly #queue: LogQueue;
  readonly #syncLevel: number;

  constructor(queue: LogQueue, syncLevel: number) {
    super(queue);
    this.#queue = queue;
    this.#syncLevel = syncLevel;
  }

  override emit(record: LogRecord): void {
    super.emit(record);
    if (record.levelno >= this.#syncLevel) this.#queue.drain();
  }

  override async flush(): Promise<void> {
    this.#queue.drain();
    await Promise.all(this.listener?.handlers.map((handler) => handler.flush()) ?? []);
  }
}
