/** The names of asynchronous tasks, which Node has no names for: what Python's `taskName` is for those of asyncio. */

import { AsyncLocalStorage } from 'node:async_hooks';

const names = new AsyncLocalStorage<string>();

/** Runs a function; what it logs, in all that it starts and awaits too, has this `taskName`. Gives what it gives. */
export function runTask<T>(name: string, task: () => T): T {
  return names.run(name, task);
}

/** The name of the task that runs; null outside of `runTask`. */
export function currentTaskName(): string | null {
  return names.getStore() ?? null;
}
