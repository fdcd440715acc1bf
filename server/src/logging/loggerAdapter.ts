import type { EntryPoint } from '../record/callSites.ts';
import type { Handler } from './handler.ts';
import { CRITICAL, checkLevel, DEBUG, ERROR, INFO, type Level, WARNING } from './levels.ts';
import { type Logger, type LogOptions, splitOptions } from './logger.ts';

export interface LoggerAdapterOptions {
  /** The call's own `extra` is kept, and wins; by default the adapter's takes its place, as in Python. */
  mergeExtra?: boolean | undefined;
}

/** Logs to a logger with what belongs to the context (https://docs.python.org/3/library/logging.html#loggeradapter-objects). */
export class LoggerAdapter {
  readonly logger: Logger | LoggerAdapter;
  readonly extra: Readonly<Record<string, unknown>> | null;
  readonly #mergeExtra: boolean;

  constructor(
    logger: Logger | LoggerAdapter,
    extra: Readonly<Record<string, unknown>> | null = null,
    { mergeExtra = false }: LoggerAdapterOptions = {},
  ) {
    this.logger = logger;
    this.extra = extra;
    this.#mergeExtra = mergeExtra;
  }

  /** For subclasses: the message and the options of a call as the logger gets them. */
  process(msg: unknown, options: LogOptions): [msg: unknown, options: LogOptions] {
    const extra = this.#mergeExtra ? { ...this.extra, ...options.extra } : (this.extra ?? undefined);
    return [msg, { ...options, extra }];
  }

  debug(msg: unknown, ...args: unknown[]): void {
    this.logFrom(this.debug, DEBUG, msg, args);
  }
  info(msg: unknown, ...args: unknown[]): void {
    this.logFrom(this.info, INFO, msg, args);
  }
  warning(msg: unknown, ...args: unknown[]): void {
    this.logFrom(this.warning, WARNING, msg, args);
  }
  warn(msg: unknown, ...args: unknown[]): void {
    this.logFrom(this.warn, WARNING, msg, args);
  }
  error(msg: unknown, ...args: unknown[]): void {
    this.logFrom(this.error, ERROR, msg, args);
  }
  exception(msg: unknown, ...args: unknown[]): void {
    this.logFrom(this.exception, ERROR, msg, args, { excInfo: true });
  }
  critical(msg: unknown, ...args: unknown[]): void {
    this.logFrom(this.critical, CRITICAL, msg, args);
  }
  fatal(msg: unknown, ...args: unknown[]): void {
    this.logFrom(this.fatal, CRITICAL, msg, args);
  }
  log(level: Level, msg: unknown, ...args: unknown[]): void {
    this.logFrom(this.log, checkLevel(level), msg, args);
  }

  /** See Logger's. */
  logFrom(entry: EntryPoint, level: number, msg: unknown, args: readonly unknown[], defaults: LogOptions = {}): void {
    if (!this.isEnabledFor(level)) return;
    const { values, options } = splitOptions(args);
    const [text, changed] = this.process(msg, { ...defaults, ...options });
    this.logger.logFrom(entry, level, text, values, changed);
  }

  isEnabledFor(level: Level): boolean {
    return this.logger.isEnabledFor(level);
  }
  setLevel(level: Level): void {
    this.logger.setLevel(level);
  }
  getEffectiveLevel(): number {
    return this.logger.getEffectiveLevel();
  }
  hasHandlers(): boolean {
    return this.logger.hasHandlers();
  }
  get name(): string {
    return this.logger.name;
  }
  get handlers(): readonly Handler[] {
    return this.logger.handlers;
  }
}
