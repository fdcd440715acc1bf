/**
 * Python's functions that log to the root, which give it a handler where it has none
 * (https://docs.python.org/3/library/logging.html#module-level-functions).
 */

import type { EntryPoint } from '../record/callSites.ts';
import { basicConfig } from './basicConfig.ts';
import { CRITICAL, checkLevel, DEBUG, ERROR, INFO, type Level, WARNING } from './levels.ts';
import type { LogOptions } from './logger.ts';
import { getLogger } from './manager.ts';

export function debug(msg: unknown, ...args: unknown[]): void {
  logAt(debug, DEBUG, msg, args);
}
export function info(msg: unknown, ...args: unknown[]): void {
  logAt(info, INFO, msg, args);
}
export function warning(msg: unknown, ...args: unknown[]): void {
  logAt(warning, WARNING, msg, args);
}
export function warn(msg: unknown, ...args: unknown[]): void {
  logAt(warn, WARNING, msg, args);
}
export function error(msg: unknown, ...args: unknown[]): void {
  logAt(error, ERROR, msg, args);
}
export function exception(msg: unknown, ...args: unknown[]): void {
  logAt(exception, ERROR, msg, args, { excInfo: true });
}
export function critical(msg: unknown, ...args: unknown[]): void {
  logAt(critical, CRITICAL, msg, args);
}
export function fatal(msg: unknown, ...args: unknown[]): void {
  logAt(fatal, CRITICAL, msg, args);
}
export function log(level: Level, msg: unknown, ...args: unknown[]): void {
  logAt(log, checkLevel(level), msg, args);
}

function logAt(entry: EntryPoint, level: number, msg: unknown, args: readonly unknown[], defaults?: LogOptions): void {
  const root = getLogger();
  if (root.handlers.length === 0) basicConfig();
  if (root.isEnabledFor(level)) root.logFrom(entry, level, msg, args, defaults);
}
