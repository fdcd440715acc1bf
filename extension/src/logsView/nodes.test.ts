import { describe, expect, it } from 'vitest';
import type { GenerationState, TreeState } from '../../../server/src/protocol.ts';
import { newestOf, nodesOf, totalsOf, usersOf } from './nodes.ts';

function generation(file: string, part: Partial<GenerationState>): GenerationState {
  return { path: `/r/${file}`, file, size: 10, compressed: false, live: false, records: 1, last: null, errors: 0, ...part };
}

const state: TreeState = {
  source: { kind: 'tree', root: '/r' },
  root: '/r',
  exists: true,
  problems: [],
  progress: { readBytes: 0, totalBytes: 0, done: true },
  modules: [
    {
      user: 'alice',
      module: 'demo',
      generations: [
        generation('alice/demo.log.1', { last: 5, errors: 1 }),
        generation('alice/demo.log', { live: true, last: 7, errors: 2 }),
      ],
    },
    { user: 'alice', module: 'master', generations: [generation('alice/master.log', { live: true, last: 8, errors: 3 })] },
    { user: 'bob', module: 'master', generations: [generation('bob/master.log', { live: true, last: 4, errors: 6 })] },
  ],
};

describe('the Logs view', () => {
  it('groups modules by user, master.log first', () => {
    expect(usersOf(state).map(({ user, modules }) => [user, modules.map(({ module }) => module)])).toEqual([
      ['alice', ['master', 'demo']],
      ['bob', ['master']],
    ]);
  });
  it("counts a user's errors once, though master.log repeats them", () => {
    const [alice, bob] = usersOf(state);
    expect(totalsOf(alice!)).toEqual({ size: 30, last: 7, errors: 3 });
    expect(totalsOf(bob!)).toEqual({ size: 10, last: 4, errors: 6 });
  });
  it('has its trees above them where there are several', () => {
    expect(nodesOf([state]).map(({ kind }) => kind)).toEqual(['user', 'user']);
    const [, second] = nodesOf([state, { ...state, root: '/s' }]);
    expect(second).toMatchObject({ kind: 'root', root: '/s' });
    expect(totalsOf(second!)).toEqual({ size: 40, last: 7, errors: 9 });
  });
  it('knows the generation that is being written', () => {
    const [alice] = usersOf(state);
    expect(newestOf(alice!.modules[1]!)?.state.file).toBe('alice/demo.log');
  });
});
