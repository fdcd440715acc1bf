/** What both kinds of configuration do with loggers and classes. */

import type { Filterer } from '../filterer.ts';
import { Handler, shutdown } from '../handler.ts';
import type { Logger } from '../logger.ts';
import { allLoggers, getLogger } from '../manager.ts';
import { toArguments } from './parameters.ts';

/** Closes the handlers that there are, as each new configuration does. */
export function closeHandlers(): void {
  void shutdown();
}

export function removeHandlers(logger: Logger): void {
  for (const handler of [...logger.handlers]) logger.removeHandler(handler);
}

export function removeFilters(holder: Filterer): void {
  for (const filter of [...holder.filters]) holder.removeFilter(filter);
}

/** Calls a class or a function of the table with Python's arguments. Throws a TypeError for what is neither. */
export function make(made: unknown, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): unknown {
  if (typeof made !== 'function') throw new TypeError(`${String(made)} is neither a class nor a function`);
  return call(made, toArguments(made, args, kwargs));
}

/** The same with the arguments that it has here. */
export function call(made: unknown, values: readonly unknown[]): unknown {
  if (typeof made !== 'function') throw new TypeError(`${String(made)} is neither a class nor a function`);
  return isClass(made) ? new made(...values) : (made as (...values: unknown[]) => unknown)(...values);
}

export function makeHandler(made: unknown, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): Handler {
  const handler = make(made, args, kwargs);
  if (!(handler instanceof Handler)) throw new TypeError('what was to be a handler is none');
  return handler;
}

/** The loggers that the configuration does not name: they are disabled, but not those below one that it names, which start afresh. */
export function leaveOthers(before: ReadonlySet<string>, named: readonly string[], disableExisting: boolean): void {
  const isNamed = new Set(named);
  for (const name of before) {
    if (isNamed.has(name)) continue;
    const logger = getLogger(name);
    if (named.some((each) => name.startsWith(`${each}.`))) {
      logger.setLevel(0);
      removeHandlers(logger);
      logger.propagate = true;
    } else logger.disabled = disableExisting;
  }
}

export const loggersBefore = (): ReadonlySet<string> => new Set(allLoggers().keys());

// biome-ignore lint/complexity/noBannedTypes: any function may be a class.
function isClass(value: Function): value is new (...values: unknown[]) => unknown {
  return /^class\b/.test(Function.prototype.toString.call(value));
}
