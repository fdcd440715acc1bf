/** What the server knows of the log trees. */

import type { ServerAbout, Source, TreeState } from '../../server/src/protocol.ts';
import type { Server } from './server.ts';
import { moreRoots } from './settings.ts';

export interface LogTree {
  source: Extract<Source, { kind: 'tree' }>;
  state: TreeState;
}

export interface LogTrees {
  about: ServerAbout;
  /** That of the root in force first, then those of `safelog.roots`. */
  trees: LogTree[];
}

/** The trees, once their files are known; what stands in them may still be being read (`state.progress`). */
export async function readTrees(server: Server): Promise<LogTrees> {
  const about = await server.request('safelog/about', null);
  const roots = new Set([about.root, ...moreRoots()]);
  const trees = await Promise.all(
    [...roots].map(async (root): Promise<LogTree> => {
      const source = { kind: 'tree', root } as const;
      return { source, state: await server.request('safelog/tree', { source }) };
    }),
  );
  return { about, trees };
}
