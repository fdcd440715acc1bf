import type { MessagePort } from 'node:worker_threads';
import { Handler } from './handler.ts';
import type { Level } from './levels.ts';
import type { RecordSink } from './logQueue.ts';
import type { LogRecord } from './logRecord.ts';
import type { QueueListener } from './queueListener.ts';
import { fieldsOf } from './recordFields.ts';

/** Puts records into a queue, from which a QueueListener takes them (https://docs.python.org/3/library/logging.handlers.html#queuehandler). */
export class QueueHandler extends Handler {
  readonly queue: RecordSink | MessagePort;
  /** The one that a configuration has made for it. */
  listener: QueueListener | null = null;

  /** `queue`: a LogQueue, a port of one (LogQueue.makePort) in another thread, or anything with `put`. */
  constructor(queue: RecordSink | MessagePort, { level }: { level?: Level | undefined } = {}) {
    super(level);
    this.queue = queue;
  }

  /** For subclasses: puts what `prepare` has made into the queue. */
  enqueue(record: unknown): void {
    if ('put' in this.queue) this.queue.put(record);
    else this.queue.postMessage(record);
  }

  /** For subclasses: what is sent of a record. The message is merged, the error a text: what a record refers to may change, or cannot be sent. */
  prepare(record: LogRecord): unknown {
    const text = this.format(record);
    return { ...fieldsOf(record), message: text, msg: text, args: null, excInfo: null, excText: null, stackInfo: null };
  }

  override emit(record: LogRecord): void {
    try {
      this.enqueue(this.prepare(record));
    } catch (error) {
      this.handleError(record, error);
    }
  }
}
