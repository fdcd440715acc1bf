/** Safelog's own way of logging: `log('…')`, with one log for each source file. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { braceFormat } from '../record/braceFormat.ts';
import { levelName, parseLevel } from '../record/level.ts';
import { toText } from '../record/pythonText.ts';
import type { Access } from '../writer/access.ts';
import { nowAfter } from '../writer/clock.ts';
import { lookUpOwner } from '../writer/owner.ts';
import { findCallerFile } from './callerFile.ts';
import { Delivery } from './delivery.ts';
import { callStack, errorOnlyText, errorText } from './errorText.ts';
import { moduleOfFile, moduleOfName } from './moduleName.ts';
import { type ClientSettings, readSettings } from './settings.ts';
import { type ClientEntry, emptyLog, OwnFile } from './treeFiles.ts';

/** A level's name, in any case, or its number, as Python has them. */
export type LogLevel = string | number;

export interface GetLogOptions {
  /** `.log` is added where it is missing. An absolute path is written by this program itself. Without it the calling source file names the log. */
  filename?: string | null | undefined;
  /** The folder of `filename`, which this program then writes itself. */
  dirname?: string | null | undefined;
  /** A group, by name or number, that owns a log with an absolute path, and may write it. */
  group?: string | number | null | undefined;
  /** Empties the log. */
  recreate?: boolean | undefined;
  /** Prints what is logged to stdout as well. */
  verbose?: boolean | undefined;
  /** Entries below it are not logged; else $SAFELOG_LEVEL, else DEBUG. */
  level?: LogLevel | undefined;
}

export interface LogCallOptions {
  /** Prints the entry to stdout as well, or does not, whatever the log does. */
  verbose?: boolean | undefined;
  /** Rings the terminal's bell. */
  audible?: boolean | undefined;
  /** An error whose stack follows the text; true takes the active one. */
  exception?: unknown;
}

/** A log that can be called: `log('text')` logs at DEBUG. Errors are logged with their stacks. */
export interface Log {
  (message: unknown, options?: LogCallOptions): void;
  (level: LogLevel, message: unknown, ...args: unknown[]): void;
  /** The arguments are merged into the message as by Python's str.format; without any it is taken as it is. A bad format is thrown. */
  debug(message: unknown, ...args: unknown[]): void;
  info(message: unknown, ...args: unknown[]): void;
  warning(message: unknown, ...args: unknown[]): void;
  warn(message: unknown, ...args: unknown[]): void;
  error(message: unknown, ...args: unknown[]): void;
  critical(message: unknown, ...args: unknown[]): void;
  log(level: LogLevel, message: unknown, ...args: unknown[]): void;
  /** A text without a level. */
  write(message: unknown, options?: LogCallOptions): void;
  /** An error with its stack, its causes and all errors of an AggregateError; without one the active error of `exceptions`. */
  exception(error?: unknown): void;
  /** The same without stacks. */
  exceptionOnly(error?: unknown): void;
  /** Where the program is. */
  stacktrace(message?: unknown): void;
  /** Runs a function, or what an asynchronous one promises: what it throws is logged and thrown on. */
  exceptions<T>(body: () => T): T;
  /** Resolves when everything that this thread has logged is written. */
  flush(): Promise<void>;
  /** Whether it is the log of all entries, master.log. */
  isMaster(): boolean;
  setLevel(level: LogLevel): void;
  /** The log's file name: `web.server.log`. */
  readonly filename: string;
  readonly dirname: string;
  readonly pathname: string;
  readonly user: string;
  readonly group: string | number | null;
  readonly level: number;
  verbose: boolean;
}

const DEBUG = 10;
const INFO = 20;
const WARNING = 30;
const ERROR = 40;
const CRITICAL = 50;

/** Longest wait at the program's end for what the service has not acknowledged. */
const EXIT_MS = 3000;

/** Read when the first log is asked for: a program may set its environment before. */
let read: ClientSettings | null = null;
const logs = new Map<string, Log>();
const ownFiles = new Map<string, OwnFile>();
const scopes = new AsyncLocalStorage<{ error: unknown }>();
/** The last error that `exceptions` has thrown on where no other one was around it. */
let lastError: unknown;
let delivery: Delivery | null = null;
let lastTime = 0;

/** The log of a name, or of the calling source file; always the same for the same path. `getLog(name, options)` or `getLog(options)`. */
export function getLog(filename?: string | GetLogOptions | null, options: GetLogOptions = {}): Log {
  const settings = theSettings();
  const given = typeof filename === 'object' && filename !== null ? filename : { ...options, ...(filename ? { filename } : {}) };
  const name = given.filename || (settings.module ?? callerModule());
  const isOwn = isAbsolute(name) || Boolean(given.dirname);
  const isNamed = Boolean(given.filename || settings.module);
  const cleaned = moduleOfName(basename(name));
  // A source file of this name has a log of its own.
  const module = cleaned === 'master' && !isNamed ? 'master_' : cleaned;
  const base = `${module}.log`;
  const ownPath = isOwn ? resolve(given.dirname ?? '', isAbsolute(name) ? dirname(name) : '', base) : null;
  const known = logs.get(ownPath ?? module);
  if (known) {
    if (given.verbose !== undefined) known.verbose = given.verbose;
    if (given.level !== undefined) known.setLevel(given.level);
    if (given.recreate) recreate(known, isOwn, given.group);
    return known;
  }
  const log = makeLog(module, ownPath, given);
  logs.set(ownPath ?? module, log);
  if (given.recreate) recreate(log, isOwn, given.group);
  return log;
}

/** As the original is called. */
export { getLog as get, getLog as Log };

function callerModule(): string {
  const caller = findCallerFile(getLog);
  if (caller.kind === 'file') return moduleOfFile(caller.path);
  return caller.kind === 'stdin' ? '__stdin__' : '<string>';
}

function theSettings(): ClientSettings {
  read ??= readSettings();
  return read;
}

function theDelivery(): Delivery {
  if (delivery) return delivery;
  const program = `${basename(process.argv[1] ?? 'node')} ${process.pid}${isMainThread ? '' : ' (worker)'}`;
  const made = new Delivery({ ...theSettings(), program, onProblem: warn });
  delivery = made;
  process.on('exit', () => made.close(EXIT_MS));
  return made;
}

function warn(message: string): void {
  process.emitWarning(message, { type: 'SafelogWarning', code: 'SAFELOG' });
}

function recreate(log: Pick<Log, 'pathname'>, isOwn: boolean, group: GetLogOptions['group']): void {
  try {
    emptyLog(log.pathname, accessOf(group), isOwn ? undefined : theDelivery().findRoot());
  } catch (error) {
    warn(`cannot empty ${log.pathname}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function accessOf(group: GetLogOptions['group']): Access {
  return group === null || group === undefined ? {} : { chmod: 0o664, owner: lookUpOwner(null, group) };
}

/** Everything that this thread has logged is written when it resolves. */
export function flushDeliveries(): Promise<void> {
  return theDelivery().flush();
}

/** For those that make entries of their own: brings one away as `getLog` does its entries. */
export function deliver(entry: ClientEntry): void {
  theDelivery().log(entry);
}

/** `ownPath`: of a log that lies elsewhere; null: it is the tree's. */
function makeLog(module: string, ownPath: string | null, given: GetLogOptions): Log {
  const settings = theSettings();
  let level = given.level === undefined ? settings.level : toLevel(given.level);
  const ownFile = ownPath === null ? null : openOwnFile(ownPath, given.group);
  const pathname = (): string => ownPath ?? join(theDelivery().findRoot(), settings.user, `${module}.log`);

  /** `threshold`: an entry of a level that is not shown, such as a stack, is filtered as if it had this one. */
  const emit = (word: string, text: string, { verbose = log.verbose, audible = false }: LogCallOptions, threshold: number): void => {
    if (threshold < level) return;
    if (verbose) process.stdout.write(`${text}\n`);
    if (audible && process.stderr.isTTY) process.stderr.write('\x07');
    lastTime = nowAfter(lastTime);
    const entry: ClientEntry = { module, level: word, text, time: lastTime };
    if (!ownFile) {
      theDelivery().log(entry);
      return;
    }
    ownFile.append(entry);
    // The line that the log would have in master.log.
    theDelivery().log({ module: 'master', level: '', text: `${module}.log ${word === '' ? '' : `${word} `}${text}`, time: entry.time });
  };

  const logAt = (number: number, message: unknown, args: readonly unknown[]): void => {
    const last = args.at(-1);
    const options = isCallOptions(last) ? last : {};
    const values = options === last ? args.slice(0, -1) : args;
    if (number < level) {
      // A bad format is found all the same: it is the program's error, whatever is logged.
      if (values.length > 0) fillMessage(message, values);
      return;
    }
    const text = values.length > 0 ? fillMessage(message, values) : message instanceof Error ? `${errorText(message)}\n` : toText(message);
    emit(levelName(number), withException(text, options.exception), options, number);
  };

  const logException = (error: unknown, show: (error: unknown) => string, end: string): void => {
    const active = error ?? activeError();
    emit('DEBUG', active === undefined ? 'no error is active' : show(active) + end, {}, ERROR);
  };

  const call = (first: unknown, ...rest: unknown[]): void => {
    if (rest.length > 0 && !isCallOptions(rest[0]) && isLevel(first)) {
      logAt(toLevel(first), rest[0], rest.slice(1));
      return;
    }
    const options = isCallOptions(rest[0]) ? rest[0] : {};
    if (first instanceof Error) emit('DEBUG', withException(`${errorText(first)}\n`, options.exception), options, ERROR);
    else emit('DEBUG', withException(toText(first), options.exception), options, options.exception ? ERROR : DEBUG);
  };

  const stacktrace = (message?: unknown): void => {
    const title = message === undefined || message === null ? '' : `${toText(message)}: `;
    emit('DEBUG', `${title}Call stack:\n${callStack(stacktrace)}\n`, {}, DEBUG);
  };

  const log: Log = Object.assign(call, {
    debug: (message: unknown, ...args: unknown[]) => logAt(DEBUG, message, args),
    info: (message: unknown, ...args: unknown[]) => logAt(INFO, message, args),
    warning: (message: unknown, ...args: unknown[]) => logAt(WARNING, message, args),
    warn: (message: unknown, ...args: unknown[]) => logAt(WARNING, message, args),
    error: (message: unknown, ...args: unknown[]) => logAt(ERROR, message, args),
    critical: (message: unknown, ...args: unknown[]) => logAt(CRITICAL, message, args),
    log: (at: LogLevel, message: unknown, ...args: unknown[]) => logAt(toLevel(at), message, args),
    write: (message: unknown, options: LogCallOptions = {}) =>
      emit('', withException(toText(message), options.exception), options, CRITICAL),
    exception: (error?: unknown) => logException(error, errorText, '\n'),
    exceptionOnly: (error?: unknown) => logException(error, errorOnlyText, ''),
    stacktrace,
    exceptions: <T>(body: () => T): T => runLogged(body, (error) => logException(error, errorText, '\n')),
    flush: flushDeliveries,
    isMaster: () => module === 'master',
    setLevel: (at: LogLevel) => {
      level = toLevel(at);
    },
    filename: `${module}.log`,
    dirname: '',
    pathname: '',
    user: settings.user,
    group: given.group ?? null,
    verbose: given.verbose ?? false,
    level,
  });
  return Object.defineProperties(log, {
    level: { get: () => level, enumerable: true },
    pathname: { get: pathname, enumerable: true },
    dirname: { get: () => dirname(pathname()), enumerable: true },
  });
}

/** One file for each path: two logs of one name would wait for each other's lock. */
function openOwnFile(path: string, group: GetLogOptions['group']): OwnFile {
  const known = ownFiles.get(path);
  if (known) return known;
  theDelivery();
  const file = new OwnFile(path, accessOf(group), warn);
  ownFiles.set(path, file);
  return file;
}

/** Throws what str.format would. An Error that the message has no field for is shown with its stack. */
function fillMessage(message: unknown, values: readonly unknown[]): string {
  const format = toText(message);
  const last = values.at(-1);
  if (!(last instanceof Error)) return braceFormat(format, values);
  let text: string;
  try {
    text = braceFormat(format, values.slice(0, -1));
  } catch {
    return braceFormat(format, values);
  }
  return withException(text, last);
}

function withException(text: string, exception: unknown): string {
  if (exception === undefined || exception === null || exception === false) return text;
  const error = exception === true ? activeError() : exception;
  return error === undefined ? text : `${text}\n${errorText(error)}`;
}

function runLogged<T>(body: () => T, logError: (error: unknown) => void): T {
  const around = scopes.getStore();
  const note = (error: unknown): never => {
    if (around) around.error = error;
    else lastError = error;
    logError(error);
    throw error;
  };
  let result: T;
  try {
    result = scopes.run({ error: undefined }, body);
  } catch (error) {
    return note(error);
  }
  // The rejection is passed on in the promise that takes the result's place.
  return isThenable(result) ? (result.then(undefined, note) as T) : result;
}

const activeError = (): unknown => scopes.getStore()?.error ?? lastError;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function isLevel(value: unknown): value is LogLevel {
  return typeof value === 'number' || (typeof value === 'string' && /^[a-z]+$/i.test(value) && parseLevel(value) !== undefined);
}

/** Throws a RangeError for what is no level. */
function toLevel(level: LogLevel): number {
  const number = typeof level === 'number' ? level : parseLevel(level);
  if (number === undefined || !Number.isInteger(number) || number < 0) throw new RangeError(`${JSON.stringify(level)} is not a level`);
  return number;
}

const CALL_OPTIONS: readonly string[] = ['verbose', 'audible', 'exception'];

function isCallOptions(value: unknown): value is LogCallOptions {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => CALL_OPTIONS.includes(key));
}
