/** Python's logging.conf (https://docs.python.org/3/library/logging.config.html#logging-config-fileformat). */

import { existsSync, readFileSync } from 'node:fs';
import type { FormatStyle } from '../../record/formatStyle.ts';
import { Formatter } from '../formatter.ts';
import type { Handler } from '../handler.ts';
import { getLogger } from '../manager.ts';
import { MemoryHandler } from '../memoryHandler.ts';
import { closeHandlers, leaveOthers, loggersBefore, make, makeHandler, removeHandlers } from './apply.ts';
import './builtIns.ts';
import { IniError, IniFile } from './iniFile.ts';
import { parseArgs, parseKwargs } from './literals.ts';
import { allNames, type Names } from './names.ts';

export interface FileConfigOptions {
  /** Values that the file may name, as in its section DEFAULT. */
  defaults?: Readonly<Record<string, string>> | undefined;
  /** Loggers that there are and that the file does not name are disabled; true by default. */
  disableExistingLoggers?: boolean | undefined;
  /** Of the file; utf-8 by default. */
  encoding?: BufferEncoding | undefined;
  /** Whose names the file may use; by default what this package has and what registerName has made known. */
  names?: Names | undefined;
}

/**
 * Configures logging from a file (its path, or its text as `{ text }`). Handlers that there were are closed. `args` and `kwargs` are read
 * as literals and names (see registerName), never evaluated. Throws what is wrong with it; nothing is changed then but for the handlers
 * that were closed.
 */
export function fileConfig(file: string | { text: string }, options: FileConfigOptions = {}): void {
  const { defaults = {}, disableExistingLoggers = true, encoding = 'utf8', names = allNames } = options;
  const text = typeof file === 'string' ? readConfig(file, encoding) : file.text;
  const ini = new IniFile(text, { ...defaults });
  const formatters = makeFormatters(ini, names);
  const before = loggersBefore();
  const loggers = keysOf(ini, 'loggers');
  for (const key of loggers) ini.raw(`logger_${key}`, 'handlers');
  closeHandlers();
  const handlers = makeHandlers(ini, formatters, names);
  installLoggers(ini, loggers, handlers);
  const named = loggers.filter((key) => key !== 'root').map((key) => ini.require(`logger_${key}`, 'qualname'));
  leaveOthers(before, named, disableExistingLoggers);
}

function readConfig(path: string, encoding: BufferEncoding): string {
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  const text = readFileSync(path, encoding);
  if (text.trim() === '') throw new IniError(`${path} is empty`);
  return text;
}

function keysOf(ini: IniFile, section: string): string[] {
  return listOf(ini.require(section, 'keys'));
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function makeFormatters(ini: IniFile, names: Names): Map<string, Formatter> {
  const formatters = new Map<string, Formatter>();
  for (const key of keysOf(ini, 'formatters')) {
    const section = `formatter_${key}`;
    const made = ini.get(section, 'class');
    const format = ini.raw(section, 'format');
    const options: Record<string, unknown> = { style: (ini.raw(section, 'style') ?? '%') as FormatStyle };
    const datefmt = ini.raw(section, 'datefmt');
    if (datefmt !== undefined) options.datefmt = datefmt;
    const defaults = ini.raw(section, 'defaults');
    if (defaults !== undefined) options.defaults = parseKwargs(defaults, names);
    const formatter = make(made ? names.resolve(made) : Formatter, [], { fmt: format, ...options });
    if (!(formatter instanceof Formatter)) throw new TypeError(`[${section}]: the class is no Formatter`);
    formatters.set(key, formatter);
  }
  return formatters;
}

function makeHandlers(ini: IniFile, formatters: ReadonlyMap<string, Formatter>, names: Names): Map<string, Handler> {
  const handlers = new Map<string, Handler>();
  const targets: [MemoryHandler, string][] = [];
  for (const key of keysOf(ini, 'handlers')) {
    const section = `handler_${key}`;
    const args = parseArgs(ini.get(section, 'args') ?? '()', names);
    const kwargs = parseKwargs(ini.get(section, 'kwargs') ?? '{}', names);
    const handler = makeHandler(names.resolve(ini.require(section, 'class')), args, kwargs);
    handler.name = key;
    const level = ini.get(section, 'level');
    if (level) handler.setLevel(level);
    const formatter = ini.get(section, 'formatter');
    if (formatter) handler.setFormatter(known(formatters, formatter, section));
    const target = ini.get(section, 'target');
    if (target && handler instanceof MemoryHandler) targets.push([handler, target]);
    handlers.set(key, handler);
  }
  for (const [handler, target] of targets) handler.setTarget(known(handlers, target, 'handlers'));
  return handlers;
}

function installLoggers(ini: IniFile, keys: readonly string[], handlers: ReadonlyMap<string, Handler>): void {
  if (!keys.includes('root')) throw new IniError('section [loggers] has no root among its keys');
  for (const key of keys) {
    const section = `logger_${key}`;
    const logger = getLogger(key === 'root' ? '' : ini.require(section, 'qualname'));
    const level = ini.get(section, 'level');
    if (level) logger.setLevel(level);
    removeHandlers(logger);
    if (key !== 'root') {
      logger.propagate = Number(ini.get(section, 'propagate') ?? 1) !== 0;
      logger.disabled = false;
    }
    for (const name of listOf(ini.require(section, 'handlers'))) logger.addHandler(known(handlers, name, section));
  }
}

function known<T>(made: ReadonlyMap<string, T>, key: string, section: string): T {
  const found = made.get(key);
  if (found === undefined) throw new IniError(`[${section}] names ${key}, which is not among the keys`);
  return found;
}
