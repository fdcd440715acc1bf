/** What the server knows of the log tree. */

import type { ServerAbout, Source, TreeState } from '../../server/src/protocol.ts';
import type { Server } from './server.ts';

export interface LogTree {
  about: ServerAbout;
  source: Source;
  state: TreeState;
}

/** The tree of the root in force, once its files are known; what stands in them may still be being read (`state.progress`). */
export async function readTree(server: Server): Promise<LogTree> {
  const about = await server.request('safelog/about', null);
  const source: Source = { kind: 'tree', root: about.root };
  return { about, source, state: await server.request('safelog/tree', { source }) };
}
