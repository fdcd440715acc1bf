/** One call of a logger, as handlers get it (https://docs.python.org/3/library/logging.html#logrecord-objects). */

import { basename, extname } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import type { Micros } from '../protocol.ts';
import { type FormatArguments, percentFormat } from '../record/percentFormat.ts';
import { toText } from '../record/pythonText.ts';
import { nowMicros } from '../writer/clock.ts';
import type { Caller } from './caller.ts';
import { getLevelName } from './levels.ts';
import { currentTaskName } from './taskName.ts';

export interface LogRecordOptions {
  /** Where the call stands; looked for only when something asks. */
  findCaller?: (() => Caller | undefined) | undefined;
  /** The error that is logged with the message. */
  excInfo?: Error | null | undefined;
  /** The stack of the call, as text. */
  stackInfo?: string | null | undefined;
  /** µs since the epoch; now by default. */
  time?: Micros | undefined;
}

const startedAt = performance.timeOrigin;
const threadName = isMainThread ? 'MainThread' : `Thread-${threadId}`;

export class LogRecord {
  /** The logger's name. */
  name: string;
  /** The format of the message; anything else is shown as `%s` shows it. */
  msg: unknown;
  /** What fills it. */
  args: FormatArguments | null;
  levelno: number;
  levelname: string;
  /** The message, once a formatter has merged it. */
  message = '';
  /** The time as text, once a formatter has written it. */
  asctime = '';
  /** Seconds since the epoch, UTC. */
  created: number;
  /** The part of `created` below a second, ms. */
  msecs: number;
  /** ms since the program started. */
  relativeCreated: number;
  /** The number of the worker thread; 0 in the main thread. */
  thread = threadId;
  threadName = threadName;
  process = process.pid;
  processName = 'MainProcess';
  /** The name that runTask has given. */
  taskName: string | null = currentTaskName();
  excInfo: Error | null;
  /** `excInfo` as text, once a formatter has written it. */
  excText: string | null = null;
  stackInfo: string | null;
  #findCaller: (() => Caller | undefined) | undefined;
  #caller: Partial<Caller> | undefined;

  constructor(name: string, level: number, msg: unknown, args: readonly unknown[] = [], options: LogRecordOptions = {}) {
    const { time = nowMicros() } = options;
    this.name = name;
    this.msg = msg;
    const [only] = args;
    // One mapping alone is for %(name)s, as in Python.
    this.args = args.length === 0 ? null : args.length === 1 && isMapping(only) ? only : args;
    this.levelno = level;
    this.levelname = getLevelName(level);
    this.created = time / 1e6;
    this.msecs = Math.floor((time % 1e6) / 1e3);
    this.relativeCreated = time / 1e3 - startedAt;
    this.excInfo = options.excInfo ?? null;
    this.stackInfo = options.stackInfo ?? null;
    this.#findCaller = options.findCaller;
  }

  /** The message with its arguments in it. Throws a TypeError or RangeError where they do not fit. */
  getMessage(): string {
    return this.args === null ? toText(this.msg) : percentFormat(toText(this.msg), this.args);
  }

  /** The file of the call. */
  get pathname(): string {
    return this.#place().path ?? UNKNOWN.path;
  }
  set pathname(path: string) {
    this.#caller = { ...this.#place(), path };
  }
  get filename(): string {
    return basename(this.pathname);
  }
  /** The file's name without its extension. */
  get module(): string {
    const { filename } = this;
    return filename.slice(0, filename.length - extname(filename).length);
  }
  get lineno(): number {
    return this.#place().line ?? UNKNOWN.line;
  }
  set lineno(line: number) {
    this.#caller = { ...this.#place(), line };
  }
  get funcName(): string {
    return this.#place().functionName ?? UNKNOWN.functionName;
  }
  set funcName(functionName: string) {
    this.#caller = { ...this.#place(), functionName };
  }

  /** For handlers that keep the record beyond the call: its place is looked for now. */
  keepCall(): void {
    this.#place();
  }

  /** The call has returned to the program: what nobody has asked for until now cannot be found any more. */
  forgetCall(): void {
    this.#findCaller = undefined;
  }

  #place(): Partial<Caller> {
    if (this.#findCaller) {
      const find = this.#findCaller;
      this.#findCaller = undefined;
      this.#caller = find();
    }
    return this.#caller ?? UNKNOWN;
  }
}

/** As Python names them. */
const UNKNOWN: Caller = { path: '(unknown file)', line: 0, functionName: '(unknown function)' };

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.keys(value).length > 0;
}
