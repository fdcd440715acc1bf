/** A queue of records, within a thread or between threads. */

import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

/** What QueueHandler puts records into. */
export interface RecordSink {
  put(record: unknown): void;
}

/**
 * Takes records of this thread, and of others through ports: `new Worker(file, { workerData: port, transferList: [port] })` with
 * `port = queue.makePort()`, and there `new QueueHandler(port)`. One QueueListener takes them out, in a later turn of the event loop, or
 * when the program ends.
 */
export class LogQueue implements RecordSink {
  #waiting: unknown[] = [];
  readonly #ports = new Set<MessagePort>();
  #take: ((record: unknown) => void) | null = null;
  #isDue = false;

  put(record: unknown): void {
    this.#waiting.push(record);
    this.#schedule();
  }

  /** A port for another thread, to be transferred to it. It does not keep this thread alive. */
  makePort(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (record: unknown) => this.put(record));
    port1.once('close', () => this.#ports.delete(port1));
    port1.unref();
    this.#ports.add(port1);
    return port2;
  }

  /** Has `take` called with each record, those that wait first. null: they wait. */
  listen(take: ((record: unknown) => void) | null): void {
    this.#take = take;
    if (take) queues.add(this);
    else queues.delete(this);
    if (this.#waiting.length > 0) this.#schedule();
  }

  /** Hands over now what waits, here and in the ports. */
  drain(): void {
    for (const port of this.#ports) {
      for (let sent = receiveMessageOnPort(port); sent; sent = receiveMessageOnPort(port)) this.#waiting.push(sent.message);
    }
    while (this.#take && this.#waiting.length > 0) {
      const records = this.#waiting;
      this.#waiting = [];
      for (const record of records) this.#take(record);
    }
  }

  /** Records that nobody has taken. */
  get size(): number {
    return this.#waiting.length;
  }

  #schedule(): void {
    if (isEnding) this.drain();
    if (this.#isDue || !this.#take) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.drain();
    });
  }
}

/** No turn of the event loop comes any more. */
let isEnding = false;
/** Those that somebody listens to. */
const queues = new Set<LogQueue>();
// Before handlers are closed.
process.prependListener('exit', () => {
  isEnding = true;
  for (const queue of queues) queue.drain();
});
