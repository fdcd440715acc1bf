/** The Logs view's items: users › modules › generations; below their trees, where there are several. Pure. */

import type { GenerationState, ModuleState, TreeState } from '../../../server/src/protocol.ts';

/** A tree, where several are shown. */
export interface RootNode {
  kind: 'root';
  root: string;
  users: UserNode[];
}

export interface UserNode {
  kind: 'user';
  root: string;
  user: string;
  modules: ModuleNode[];
}

export interface ModuleNode {
  kind: 'module';
  root: string;
  user: string;
  module: string;
  generations: GenerationNode[];
}

export interface GenerationNode {
  kind: 'generation';
  root: string;
  user: string;
  module: string;
  state: GenerationState;
}

export type LogNode = RootNode | UserNode | ModuleNode | GenerationNode;

export interface Totals {
  size: number;
  last: number | null;
  errors: number;
}

/** Of one tree its users; of several the trees. */
export function nodesOf(states: readonly TreeState[]): (RootNode | UserNode)[] {
  const [first] = states;
  if (first !== undefined && states.length === 1) return usersOf(first);
  return states.map((state) => ({ kind: 'root', root: state.root, users: usersOf(state) }));
}

/** Users in the server's order, each with a master.log's module first: it is the one that holds all. */
export function usersOf({ modules, root }: TreeState): UserNode[] {
  const users = new Map<string, UserNode>();
  for (const state of modules) {
    const user = users.get(state.user) ?? { kind: 'user' as const, root, user: state.user, modules: [] };
    users.set(state.user, user);
    const node = moduleNode(root, state);
    if (state.module === 'master') user.modules.unshift(node);
    else user.modules.push(node);
  }
  return [...users.values()];
}

function moduleNode(root: string, { user, module, generations }: ModuleState): ModuleNode {
  return {
    kind: 'module',
    root,
    user,
    module,
    generations: generations.map((state) => ({ kind: 'generation', root, user, module, state })),
  };
}

/** Of a user, master.log counts only where nothing else stands: its entries are those of the modules. */
export function totalsOf(node: LogNode): Totals {
  switch (node.kind) {
    case 'generation':
      return { size: node.state.size, last: node.state.last, errors: node.state.errors };
    case 'module':
      return sum(node.generations);
    case 'root':
      return sum(node.users);
    case 'user': {
      const others = node.modules.filter(({ module }) => module !== 'master');
      const { last, errors } = sum(others.length > 0 ? others : node.modules);
      return { size: sum(node.modules).size, last, errors };
    }
  }
}

function sum(nodes: readonly LogNode[]): Totals {
  const totals: Totals = { size: 0, last: null, errors: 0 };
  for (const node of nodes) {
    const { size, last, errors } = totalsOf(node);
    totals.size += size;
    totals.errors += errors;
    if (last !== null && (totals.last === null || last > totals.last)) totals.last = last;
  }
  return totals;
}

/** The generation that a module's programs write, or the newest where none is live. */
export function newestOf({ generations }: ModuleNode): GenerationNode | undefined {
  return generations.find(({ state }) => state.live) ?? generations[0];
}
