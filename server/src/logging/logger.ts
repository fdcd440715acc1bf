/** Loggers with dotted names (https://docs.python.org/3/library/logging.html#logger-objects). */

import type { EntryPoint } from '../record/callSites.ts';
import { type Caller, findCaller, stackText } from './caller.ts';
import { Filterer } from './filterer.ts';
import type { Handler } from './handler.ts';
import { CRITICAL, checkLevel, DEBUG, ERROR, INFO, type Level, NOTSET, WARNING } from './levels.ts';
import type { LogRecord, LogRecordOptions } from './logRecord.ts';
import { getLogRecordFactory } from './recordFactory.ts';

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

/** What a logger has to know of the others. */
export interface LoggerTree {
  /** Grows with every logger and every change of a level: what loggers keep of their parents is then looked up anew. */
  version: number;
  /** Of no logger anything is logged of this level or below. */
  disabled: number;
  getLogger(name: string): Logger;
  /** null for the root. */
  parentOf(logger: Logger): Logger | null;
  lastResort(): Handler | null;
}

const OPTIONS: readonly string[] = ['excInfo', 'stackInfo', 'stackLevel', 'extra'];

export class Logger extends Filterer {
  /** That of manager.ts, once it is loaded; until then each logger stands alone. */
  static tree: LoggerTree = {
    version: 0,
    disabled: NOTSET,
    getLogger: (name) => new Logger(name),
    parentOf: () => null,
    lastResort: () => null,
  };
  readonly name: string;
  level: number;
  /** Records go to the parents' handlers as well. */
  propagate = true;
  disabled = false;
  readonly handlers: Handler[] = [];
  #version = -1;
  #parent: Logger | null = null;
  #effectiveLevel = NOTSET;
  /** The lowest level that is logged. */
  #threshold = NOTSET;

  /** Use getLogger: a logger that is made so has no children. */
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

  get root(): Logger {
    return Logger.tree.getLogger('');
  }

  setLevel(level: Level): void {
    this.level = checkLevel(level);
    Logger.tree.version++;
  }

  /** Its own level, or that of the nearest parent that has one. */
  getEffectiveLevel(): number {
    this.#refresh();
    return this.#effectiveLevel;
  }

  isEnabledFor(level: Level): boolean {
    return this.#isOn(checkLevel(level));
  }

  /** The logger of this name below this one. */
  getChild(suffix: string): Logger {
    return Logger.tree.getLogger(this.parent ? `${this.name}.${suffix}` : suffix);
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
    if (this.#isOn(DEBUG)) this.logFrom(this.debug, DEBUG, msg, args);
  }
  info(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(INFO)) this.logFrom(this.info, INFO, msg, args);
  }
  warning(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(WARNING)) this.logFrom(this.warning, WARNING, msg, args);
  }
  warn(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(WARNING)) this.logFrom(this.warn, WARNING, msg, args);
  }
  error(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(ERROR)) this.logFrom(this.error, ERROR, msg, args);
  }
  /** As error, with the error's stack: that of `excInfo`, or the one that is the message or among the arguments. */
  exception(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(ERROR)) this.logFrom(this.exception, ERROR, msg, args, { excInfo: true });
  }
  critical(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(CRITICAL)) this.logFrom(this.critical, CRITICAL, msg, args);
  }
  fatal(msg: unknown, ...args: unknown[]): void {
    if (this.#isOn(CRITICAL)) this.logFrom(this.fatal, CRITICAL, msg, args);
  }
  /** Throws for a level that there is not. */
  log(level: Level, msg: unknown, ...args: unknown[]): void {
    const number = checkLevel(level);
    if (this.#isOn(number)) this.logFrom(this.log, number, msg, args);
  }

  /**
   * Makes a record and handles it, whatever its level. `entry`, which has to be running, is the function that the program has called:
   * its caller is the record's place. LogOptions may come last in `args`.
   */
  logFrom(entry: EntryPoint, level: number, msg: unknown, args: readonly unknown[], defaults: LogOptions = {}): void {
    const { values, options } = splitOptions(args);
    const { excInfo, stackInfo, stackLevel, extra } = { ...defaults, ...options };
    const record = this.makeRecord(
      level,
      msg,
      values,
      {
        findCaller: () => this.findCaller(entry, stackLevel),
        excInfo: excInfo ? toError(excInfo, msg, values) : undefined,
        stackInfo: stackInfo ? stackText(entry) : undefined,
      },
      extra,
    );
    try {
      this.handle(record);
    } finally {
      record.forgetCall();
    }
  }

  /** For subclasses: where `entry` was called; see findCaller in caller.ts. Called when something asks for the place, while the call runs. */
  findCaller(entry: EntryPoint, stackLevel?: number): Caller | undefined {
    return findCaller(entry, stackLevel);
  }

  /** For subclasses: the record of a call. Throws an Error where a key of `extra` is one of the record's own. */
  makeRecord(level: number, msg: unknown, args: readonly unknown[], options: LogRecordOptions, extra?: LogOptions['extra']): LogRecord {
    const record = getLogRecordFactory()(this.name, level, msg, args, options);
    if (extra) addExtra(record, extra);
    return record;
  }

  /** Gives a record to the handlers, whatever its level, if the filters let it through. */
  handle(record: LogRecord): void {
    if (this.disabled) return;
    const passed = this.filters.length === 0 ? record : this.filter(record);
    if (passed) this.callHandlers(passed);
  }

  callHandlers(record: LogRecord): void {
    let found = false;
    for (let logger: Logger | null = this; logger; logger = logger.propagate ? logger.parent : null) {
      for (const handler of logger.handlers) {
        found = true;
        if (record.levelno >= handler.level) handler.handle(record);
      }
    }
    if (found) return;
    const last = Logger.tree.lastResort();
    if (last && record.levelno >= last.level) last.handle(record);
  }

  #isOn(level: number): boolean {
    if (this.#version !== Logger.tree.version) this.#refresh();
    return level >= this.#threshold && !this.disabled;
  }

  #refresh(): void {
    const { tree } = Logger;
    if (this.#version === tree.version) return;
    this.#version = tree.version;
    this.#parent = tree.parentOf(this);
    this.#effectiveLevel = this.level !== NOTSET ? this.level : (this.#parent?.getEffectiveLevel() ?? NOTSET);
    this.#threshold = Math.max(this.#effectiveLevel, tree.disabled + 1);
  }
}

/** The options among the arguments of a logging call, which are its last one, and the arguments without them. */
export function splitOptions(args: readonly unknown[]): { values: readonly unknown[]; options: LogOptions } {
  const last = args.at(-1);
  return isOptions(last) ? { values: args.slice(0, -1), options: last } : { values: args, options: {} };
}

function isOptions(value: unknown): value is LogOptions {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => OPTIONS.includes(key));
}

function toError(excInfo: unknown, msg: unknown, args: readonly unknown[]): Error | undefined {
  return [excInfo, msg, ...args].find((value) => value instanceof Error);
}

function addExtra(record: LogRecord, extra: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(extra)) {
    if (key in record) throw new Error(`extra: the record has a ${JSON.stringify(key)} of its own`);
    Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
  }
}
