/** Takes records to a place (https://docs.python.org/3/library/logging.html#handler-objects). */

import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { Filterer } from './filterer.ts';
import { defaultFormatter, type Formatter } from './formatter.ts';
import { checkLevel, type Level, NOTSET } from './levels.ts';
import type { LogRecord } from './logRecord.ts';
import { getRaiseExceptions } from './raiseExceptions.ts';

/** All that are open, the oldest first. */
const handlers = new Set<Handler>();
const named = new Map<string, Handler>();

export class Handler extends Filterer {
  level: number;
  formatter: Formatter | null = null;
  #name: string | null = null;

  constructor(level: Level = NOTSET) {
    super();
    this.level = checkLevel(level);
    handlers.add(this);
    this.createLock();
    forbidSending(this);
  }

  /** What getHandlerByName finds it by. */
  get name(): string | null {
    return this.#name;
  }
  set name(name: string | null) {
    this.#forgetName();
    this.#name = name;
    if (name !== null) named.set(name, this);
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
    const passed = this.filters.length === 0 ? record : this.filter(record);
    if (!passed) return false;
    this.acquire();
    try {
      this.emit(passed);
    } finally {
      this.release();
    }
    return true;
  }

  /** What a kind of handler does with a record. Errors go to handleError, never to the caller. */
  emit(record: LogRecord): void {
    throw new Error(`${this.constructor.name} has no emit for ${record.name}`);
  }

  /**
   * Told what went wrong, and with which record where it was one alone. Says it on stderr, as Python does, unless setRaiseExceptions(false)
   * was called.
   */
  handleError(record: LogRecord | null, error: unknown): void {
    if (!getRaiseExceptions()) return;
    const about = record ? `\nMessage: ${inspect(record.msg)}\nArguments: ${inspect(record.args ?? [])}` : '';
    try {
      writeSync(2, `--- Logging error ---\n${inspect(error)}${about}\n`);
    } catch {
      // There is no stderr left to say it on.
    }
  }

  /** Nothing to do in these three: threads share no handler in Node, and a call is never interrupted by another of its thread. */
  createLock(): void {}
  acquire(): void {}
  release(): void {}

  /** Has everything written that was taken; of handlers that write later, a promise. */
  flush(): void | Promise<void> {}

  /** Gives back what it holds. Records that come all the same are handled still, where that is possible. */
  close(): void {
    handlers.delete(this);
    this.#forgetName();
  }

  #forgetName(): void {
    if (this.#name !== null && named.get(this.#name) === this) named.delete(this.#name);
  }

  /** A handler as JSON is a mistake, like one that is sent. */
  toJSON(): never {
    throw notSent(this);
  }
}

/** The handler with this name; null where there is none. */
export function getHandlerByName(name: string): Handler | null {
  return named.get(name) ?? null;
}

/** The names of all handlers that have one. */
export function getHandlerNames(): ReadonlySet<string> {
  return new Set(named.keys());
}

/**
 * Flushes and closes all handlers, the newest first, as at the end of the program, where it is called by itself. They can be used on. All
 * that writes at once has done so on return; the promise resolves when those that write later have, too.
 */
export async function shutdown(): Promise<void> {
  const waiting: Promise<void>[] = [];
  for (const handler of [...handlers].reverse()) {
    const close = (): void => attempt(handler, () => handler.close());
    attempt(
      handler,
      () => {
        const flushed = handler.flush();
        if (flushed) waiting.push(flushed.catch((error: unknown) => handler.handleError(null, error)).then(close));
        else close();
      },
      close,
    );
  }
  await Promise.all(waiting);
}

/** The process ends: what cannot be written at once is lost, and told to handleError by the handlers that have it. */
process.on('exit', () => {
  for (const handler of [...handlers].reverse()) {
    attempt(handler, () => void handler.flush());
    attempt(handler, () => handler.close());
  }
});

function attempt(handler: Handler, action: () => void, otherwise?: () => void): void {
  try {
    action();
  } catch (error) {
    handler.handleError(null, error);
    otherwise?.();
  }
}

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
