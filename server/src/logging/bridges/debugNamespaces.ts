/** The lines of the package `debug` (https://www.npmjs.com/package/debug) as records. */

import { format } from 'node:util';
import { DEBUG } from '../levels.ts';
import { getLogger } from '../manager.ts';

/** What `debug` exports, as far as it is needed. */
export interface DebugModule {
  log: (...args: unknown[]) => unknown;
  formatArgs: (this: never, args: unknown[]) => void;
}

/**
 * Has all namespaces of `debug` log at DEBUG to the loggers of their names: `app:db` to `debug.app.db`. Which are enabled is still for
 * `debug` to say. Gives a function that takes it back.
 */
export function captureDebug(debug: DebugModule, prefix = 'debug'): () => void {
  const { log, formatArgs } = debug;
  let namespace = '';
  // The namespace is not among what `log` gets; it is what formatArgs is called with, right before.
  debug.formatArgs = function remember(this: { namespace: string }): void {
    namespace = this.namespace;
  };
  const write = (...args: unknown[]): void => {
    const logger = getLogger([prefix, ...namespace.split(':')].filter((part) => part !== '').join('.'));
    if (logger.isEnabledFor(DEBUG)) logger.logFrom(write, DEBUG, '%s', [format(...args)]);
  };
  debug.log = write;
  return () => {
    debug.log = log;
    debug.formatArgs = formatArgs;
  };
}
