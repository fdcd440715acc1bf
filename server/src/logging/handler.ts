/** Takes records to a place (https://docs.python.org/3/library/logging.html#handler-objects). */

import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { Filterer } from './filterer.ts';
import { Formatter } from './formatter.ts';
import { checkLevel, type Level, NOTSET } from './levels.ts';
import type { LogRecord } from './logRecord.ts';

const defaultFormatter = new Formatter();

export class Handler extends Filterer {
  level: number;
  formatter: Formatter | null = null;
  name: string | null = null;

  constructor(level: Level = NOTSET) {
    super();
    this.level = checkLevel(level);
    handlers.add(this);
    forbidSending(this);
  }

  /** Records below it are not handled. Throws for a level that there is not. */
  setLevel(level: Level): void {
    this.level = checkLevel(level);
  }

  setFormatter(formatter: Formatter | null): void {
    this.formatter = formatter;
  }

  format(record: LogRecord): string {
    return (this.formatter ?? defaultFormatter).format(record);
  }

  /** Emits a record that the filters let through, and tells whether they did. */
  handle(record: LogRecord): boolean {
    if (!this.filter(record)) return false;
    this.acquire();
    try {
      this.emit(record);
    } finally {
      this.release();
    }
    return true;
  }

  /** What a kind of handler does with a record. Errors go to handleError, never to the caller. */
  emit(record: LogRecord): void {
    throw new Error(`${this.constructor.name} has no emit for ${record.name}`);
  }

  /** Told what went wrong, and with which record where it was one alone. Says it on stderr, as Python does. */
  handleError(record: LogRecord | null, error: unknown): void {
    const about = record ? `\nMessage: ${inspect(record.msg)}\nArguments: ${inspect(record.args ?? [])}` : '';
    try {
      writeSync(2, `--- Logging error ---\n${inspect(error)}${about}\n`);
    } catch {
      // There is no stderr left to say it on.
    }
  }

  /** Nothing to do here: threads share no handler in Node, and a call is never interrupted by another of its thread. */
  acquire(): void {}
  release(): void {}

  /** Has everything written that was taken; of handlers that write later, a promise. */
  flush(): void | Promise<void> {}

  /** Gives back what it holds. Records that come all the same are handled still, where that is possible. */
  close(): void {
    handlers.delete(this);
  }

  /** A handler as JSON is a mistake, like one that is sent. */
  toJSON(): never {
    throw notSent(this);
  }
}

/** All that are open, the oldest first. */
const handlers = new Set<Handler>();

/** Flushes and closes all handlers, the newest first, as at the end of the program, where it is called by itself. They can be used on. */
export function shutdown(): void {
  for (const handler of [...handlers].reverse()) {
    try {
      void handler.flush();
    } catch (error) {
      handler.handleError(null, error);
    }
    try {
      handler.close();
    } catch (error) {
      handler.handleError(null, error);
    }
  }
}
process.on('exit', shutdown);

/**
 * A copy of a handler in another thread or process would be an empty shell. The structured clone (postMessage, workerData, fork with
 * advanced serialization) reads all properties: this one tells what to do instead.
 */
function forbidSending(handler: Handler): void {
  Object.defineProperty(handler, 'cannotBeSent', {
    enumerable: true,
    get: () => {
      throw notSent(handler);
    },
  });
}

function notSent(handler: Handler): TypeError {
  return new TypeError(
    `a ${handler.constructor.name} cannot be sent to a worker or another process: make one there, with the same arguments; writers of one file find each other by its lock file`,
  );
}
