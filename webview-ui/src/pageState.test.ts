import { describe, expect, it } from 'vitest';
import type { PageState } from '../../server/src/protocol.ts';
import { parsePageState, sameSource } from './pageState.ts';

const whole: PageState = {
  source: { kind: 'tree', root: '/var/local/log' },
  filter: { users: ['alice'], level: 30, regex: 'x+', ignoreCase: true, exceptions: true, since: 0, until: 1, query: '-x', queryUtc: true },
  title: 'Log Timeline',
  anchor: { id: 'g:7' },
  pixelOffset: 12.5,
  following: false,
  selection: ['g:7'],
  unfolded: ['g:8'],
};

describe('the state of a page', () => {
  it('comes back as it was kept', () => {
    expect(parsePageState(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
    for (const source of [
      { kind: 'file' as const, path: '/a.log' },
      { kind: 'folder' as const, path: '/a' },
    ]) {
      expect(parsePageState({ ...whole, source })?.source).toEqual(source);
    }
  });

  it('is nothing without a source', () => {
    for (const value of [undefined, null, 7, 'state', {}, { source: { kind: 'tree' } }, { source: { kind: 'else', path: '/a' } }]) {
      expect(parsePageState(value)).toBeNull();
    }
  });

  it('loses only those parts that cannot be read', () => {
    const odd = {
      ...whole,
      filter: { users: 'alice', level: '30', text: 5, exceptions: 1, modules: ['web'] },
      anchor: {},
      selection: [7],
      pixelOffset: 'x',
    };
    expect(parsePageState(odd)).toEqual({ ...whole, filter: { modules: ['web'] }, anchor: { at: 'end' }, selection: [], pixelOffset: 0 });
  });

  it('belongs to one source', () => {
    expect(sameSource({ kind: 'tree', root: '/a' }, { kind: 'tree', root: '/a' })).toBe(true);
    expect(sameSource({ kind: 'tree', root: '/a' }, { kind: 'folder', path: '/a' })).toBe(false);
    expect(sameSource({ kind: 'file', path: '/a' }, { kind: 'file', path: '/b' })).toBe(false);
  });
});
