/** The tree of loggers of this thread (https://docs.python.org/3/library/logging.html#logging.getLogger). */

import { lastResort } from './lastResort.ts';
import { CRITICAL, checkLevel, type Level, WARNING } from './levels.ts';
import { Logger, type LoggerTree } from './logger.ts';

export type LoggerClass = new (name: string) => Logger;

const loggers = new Map<string, Logger>();
let loggerClass: LoggerClass = Logger;

const tree: LoggerTree = {
  version: 0,
  disabled: 0,
  getLogger,
  parentOf: (logger) => (logger === root ? null : nearest(logger.name)),
  lastResort: () => lastResort.handler,
};
Logger.tree = tree;

const root = new Logger('root', WARNING);

/** The logger of a name, always the same; those of `a.b` and `a` are its parents for `a.b.c`. Without a name, the root. */
export function getLogger(name = ''): Logger {
  if (name === '' || name === root.name) return root;
  let logger = loggers.get(name);
  if (!logger) {
    logger = new loggerClass(name);
    loggers.set(name, logger);
    tree.version++;
  }
  return logger;
}

/** Nothing of this level or below is logged by any logger, until another level is given; NOTSET takes it back. CRITICAL by default. */
export function disable(level: Level = CRITICAL): void {
  tree.disabled = checkLevel(level);
  tree.version++;
}

/** What getLogger makes from now on: a subclass of Logger, whose constructor wants no more than the name. Throws a TypeError for another class. */
export function setLoggerClass(made: LoggerClass): void {
  if (made !== Logger && !(made.prototype instanceof Logger)) throw new TypeError(`the class ${made.name} does not extend Logger`);
  loggerClass = made;
}

export function getLoggerClass(): LoggerClass {
  return loggerClass;
}

/** The loggers that there are, by name, without the root. */
export function allLoggers(): ReadonlyMap<string, Logger> {
  return loggers;
}

/** The loggers right below one, as in Python 3.12. */
export function childrenOf(logger: Logger): ReadonlySet<Logger> {
  return new Set([...loggers.values()].filter((each) => each.parent === logger));
}

function nearest(name: string): Logger {
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const found = loggers.get(name.slice(0, dot));
    if (found) return found;
  }
  return root;
}
