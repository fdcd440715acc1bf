/** Takes what no handler takes, from WARNING on, to stderr (https://docs.python.org/3/library/logging.html#logging.lastResort). */

import type { Handler } from './handler.ts';
import { WARNING } from './levels.ts';
import { StreamHandler } from './streamHandler.ts';

export const lastResort: { handler: Handler | null } = { handler: new StreamHandler(null, { level: WARNING }) };

export function getLastResort(): Handler | null {
  return lastResort.handler;
}

/** null: what no handler takes is not shown. */
export function setLastResort(handler: Handler | null): void {
  lastResort.handler = handler;
}
