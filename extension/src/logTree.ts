/** What the server knows of the log tree. */

import type { ServerAbout, Source, TreeState } from '../../server/src/protocol.ts';
import type { Server } from './server.ts';

export interface LogTree {
  about: ServerAbout;
  source: Source;
  state: TreeState;
}

/** A server that has only just been asked does not know yet what is there: it is asked again after this (ms) … */
const againMs = 50;
/** … for so long: a root on a slow disk, or a folder with very many others. */
const patienceMs = 10_000;

/** The tree of the root in force, once its files are known; what stands in them may still be being read (`state.progress`). */
export async function readTree(server: Server): Promise<LogTree> {
  const about = await server.request('safelog/about', null);
  const source: Source = { kind: 'tree', root: about.root };
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const state = await server.request('safelog/tree', { source });
    const isUnknown = state.exists && state.modules.length === 0 && !state.progress.done;
    if (!isUnknown || Date.now() > deadline) return { about, source, state };
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}
