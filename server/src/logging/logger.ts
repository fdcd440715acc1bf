/** Loggers with dotted names (https://docs.python.org/3/library/logging.html#logger-objects). */

import { writeSync } from 'node:fs';
import type { EntryPoint } from '../record/callSites.ts';
import { findCaller, stackText } from './caller.ts';
import { Filterer } from './filterer.ts';
import { Handler } from './handler.ts';
import { CRITICAL, checkLevel, DEBUG, ERROR, INFO, type Level, NOTSET, WARNING } from './levels.ts';
import { LogRecord } from './logRecord.ts';

/** The last argument of a logging call, where it is an object with no other keys than these. */
export interface LogOptions {
  /** An error whose stack follows the message; `true` takes the one among the arguments. */
  excInfo?: unknown;
  /** The stack of the call follows the message. */
  stackInfo?: boolean | undefined;
  /** 2 names the caller of the function that calls the logger, and so on. */
  stackLevel?: number | undefined;
  /** More attributes of the record, for the format. */
  extra?: Readonly<Record<string, unknown>> | undefined;
}

const OPTIONS: readonly string[] = ['excInfo', 'stackInfo', 'stackLevel', 'extra'];

/** Grows with every logger and every change of a level: what loggers keep of their parents is then looked up anew. */
let version = 0;

export class Logger extends Filterer {
  readonly name: string;
  level: number;
  /** Records go to the parents' handlers as well. */
  propagate = true;
  disabled = false;
  readonly handlers: Handler[] = [];
  #version = -1;
  #parent: Logger | null = null;
  #effectiveLevel = NOTSET;

  /** Use getLogger: a logger that is made so has no parent but the root. */
  constructor(name: string, level: Level = NOTSET) {
    super();
    this.name = name;
    this.level = checkLevel(level);
  }

  /** The nearest logger above that somebody has asked for; null for the root. */
  get parent(): Logger | null {
    this.#refresh();
    return this.#parent;
  }

  setLevel(level: Level): void {
    this.level = checkLevel(level);
    version++;
  }

  /** Its own level, or that of the nearest parent that has one. */
  getEffectiveLevel(): number {
    this.#refresh();
    return this.#effectiveLevel;
  }

  isEnabledFor(level: Level): boolean {
    return !this.disabled && checkLevel(level) >= this.getEffectiveLevel();
  }

  /** The logger of this name below this one. */
  getChild(suffix: string): Logger {
    return getLogger(this === root ? suffix : `${this.name}.${suffix}`);
  }

  addHandler(handler: Handler): void {
    if (!this.handlers.includes(handler)) this.handlers.push(handler);
  }

  removeHandler(handler: Handler): void {
    const at = this.handlers.indexOf(handler);
    if (at >= 0) this.handlers.splice(at, 1);
  }

  /** Whether a record of this logger reaches a handler. */
  hasHandlers(): boolean {
    for (let logger: Logger | null = this; logger; logger = logger.propagate ? logger.parent : null) {
      if (logger.handlers.length > 0) return true;
    }
    return false;
  }

  /** `msg` is filled with the arguments as Python's `%` does, only when a handler takes the record; LogOptions may come last. */
  debug(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(DEBUG)) this.#log(DEBUG, msg, args, this.debug);
  }
  info(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(INFO)) this.#log(INFO, msg, args, this.info);
  }
  warning(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(WARNING)) this.#log(WARNING, msg, args, this.warning);
  }
  warn(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(WARNING)) this.#log(WARNING, msg, args, this.warn);
  }
  error(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(ERROR)) this.#log(ERROR, msg, args, this.error);
  }
  /** As error, with the error's stack: that of `excInfo`, or the one that is the message or among the arguments. */
  exception(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(ERROR)) this.#log(ERROR, msg, args, this.exception, true);
  }
  critical(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(CRITICAL)) this.#log(CRITICAL, msg, args, this.critical);
  }
  fatal(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(CRITICAL)) this.#log(CRITICAL, msg, args, this.fatal);
  }
  log(level: Level, msg: unknown, ...args: unknown[]): void {
    const number = checkLevel(level);
    if (this.#isOn(number)) this.#log(number, msg, args, this.log);
  }

  /** Gives a record to the handlers, whatever its level, if the filters let it through. */
  handle(record: LogRecord): void {
    if (!this.disabled && this.filter(record)) this.callHandlers(record);
  }

  callHandlers(record: LogRecord): void {
    let found = false;
    for (let logger: Logger | null = this; logger; logger = logger.propagate ? logger.parent : null) {
      for (const handler of logger.handlers) {
        found = true;
        if (record.levelno >= handler.level) handler.handle(record);
      }
    }
    if (!found && record.levelno >= lastResort.level) lastResort.handle(record);
  }

  #isOn(level: number): boolean {
    return level >= (this.#version === version ? this.#effectiveLevel : this.getEffectiveLevel()) && !this.disabled;
  }

  #log(level: number, msg: unknown, args: unknown[], entry: EntryPoint, wantsError = false): void {
    const last = args.at(-1);
    const options: LogOptions = isOptions(last) ? last : {};
    const values = options === last ? args.slice(0, -1) : args;
    const { excInfo = wantsError, stackInfo, stackLevel, extra } = options;
    const record = new LogRecord(this.name, level, msg, values, {
      findCaller: () => findCaller(entry, stackLevel),
      excInfo: excInfo ? toError(excInfo, msg, values) : undefined,
      stackInfo: stackInfo ? stackText(entry) : undefined,
    });
    if (extra) addExtra(record, extra);
    try {
      this.handle(record);
    } finally {
      record.forgetCall();
    }
  }

  #refresh(): void {
    if (this.#version === version) return;
    this.#version = version;
    this.#parent = this === root ? null : nearest(this.name);
    this.#effectiveLevel = this.level !== NOTSET ? this.level : (this.#parent?.getEffectiveLevel() ?? NOTSET);
  }
}

/** Writes what no handler takes, from WARNING on, to stderr, as Python does. */
class LastResort extends Handler {
  override emit(record: LogRecord): void {
    try {
      writeSync(2, `${this.format(record)}\n`);
    } catch (error) {
      this.handleError(record, error);
    }
  }
}

const root = new Logger('root', WARNING);
const lastResort = new LastResort(WARNING);
const loggers = new Map<string, Logger>();

/** The logger of a name, always the same; those of `a.b` and `a` are its parents for `a.b.c`. Without a name, the root. */
export function getLogger(name = ''): Logger {
  if (name === '' || name === root.name) return root;
  let logger = loggers.get(name);
  if (!logger) {
    logger = new Logger(name);
    loggers.set(name, logger);
    version++;
  }
  return logger;
}

function nearest(name: string): Logger {
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const found = loggers.get(name.slice(0, dot));
    if (found) return found;
  }
  return root;
}

function isOptions(value: unknown): value is LogOptions {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => OPTIONS.includes(key));
}

function toError(excInfo: unknown, msg: unknown, args: readonly unknown[]): Error | undefined {
  return [excInfo, msg, ...args].find((value) => value instanceof Error);
}

/** Throws an Error for a key that the record has already. */
function addExtra(record: LogRecord, extra: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(extra)) {
    if (key in record) throw new Error(`extra: the record has a ${JSON.stringify(key)} of its own`);
    Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
  }
}
