/** From `console` to a logger, and back. */

import { Console } from 'node:console';
import { format } from 'node:util';
import type { EntryPoint } from '../../record/callSites.ts';
import { DEBUG, ERROR, INFO, WARNING } from '../levels.ts';
import type { Logger } from '../logger.ts';
import { getLogger } from '../manager.ts';

const LEVELS = { debug: DEBUG, log: INFO, info: INFO, warn: WARNING, error: ERROR, trace: DEBUG } as const;
type Method = keyof typeof LEVELS;
const METHODS = Object.keys(LEVELS) as Method[];

/**
 * Has `console.log` and its kin log to a logger (by default `console`) instead of printing. Gives a function that takes it back. A handler
 * that writes to the console itself would go round in a circle: StreamHandler does not.
 */
export function captureConsole(logger: Logger = getLogger('console')): () => void {
  const before = METHODS.map((method) => [method, console[method]] as const);
  for (const method of METHODS) {
    const write = (...args: unknown[]): void => logFrom(write, logger, method, args);
    console[method] = write;
  }
  return () => {
    for (const [method, original] of before) console[method] = original;
  };
}

/** A console whose methods log to a logger: for a library that takes one. */
export function consoleOf(logger: Logger): Console {
  const made = new Console({ stdout: process.stdout, stderr: process.stderr });
  for (const method of METHODS) {
    const write = (...args: unknown[]): void => logFrom(write, logger, method, args);
    made[method] = write;
  }
  return made;
}

function logFrom(entry: EntryPoint, logger: Logger, method: Method, args: readonly unknown[]): void {
  const level = LEVELS[method];
  if (!logger.isEnabledFor(level)) return;
  logger.logFrom(entry, level, '%s', [format(...args)], { stackInfo: method === 'trace' });
}
