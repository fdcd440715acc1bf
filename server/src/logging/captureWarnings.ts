import { getLogger } from './manager.ts';
import { NullHandler } from './nullHandler.ts';

/** The logger that gets Node's warnings. */
const NAME = 'node.warnings';
let before: ((...args: unknown[]) => void)[] | null = null;

/**
 * Has Node's process warnings (process.emitWarning, deprecations) logged by the logger `node.warnings`, at WARNING, instead of printed; or
 * not any more (https://docs.python.org/3/library/logging.html#logging.captureWarnings).
 */
export function captureWarnings(capture: boolean): void {
  if (capture === (before !== null)) return;
  if (capture) {
    before = process.listeners('warning') as ((...args: unknown[]) => void)[];
    process.removeAllListeners('warning');
    process.on('warning', logWarning);
    return;
  }
  process.removeListener('warning', logWarning);
  for (const listener of before ?? []) process.on('warning', listener);
  before = null;
}

function logWarning(warning: Error & { code?: string; detail?: string }): void {
  const logger = getLogger(NAME);
  if (logger.handlers.length === 0) logger.addHandler(new NullHandler());
  const code = warning.code === undefined ? '' : `[${warning.code}] `;
  const detail = warning.detail === undefined ? '' : `\n${warning.detail}`;
  logger.warning('%s', `${warning.name}: ${code}${warning.message}${detail}`);
}
