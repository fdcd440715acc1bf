import { describe, expect, it } from 'vitest';
import { candidatePaths, mappingOf, parseMappings, withMapping } from './places.ts';

describe('candidatePaths', () => {
  it('tries an absolute path first, then its ends in the workspace, never by the bare file name', () => {
    expect(candidatePaths('/app/src/db/query.py', ['/home/me/proj'], [])).toEqual([
      '/app/src/db/query.py',
      '/home/me/proj/app/src/db/query.py',
      '/home/me/proj/src/db/query.py',
      '/home/me/proj/db/query.py',
    ]);
    expect(candidatePaths('/app/main.py', ['/w'], [])).toEqual(['/app/main.py', '/w/app/main.py']);
  });
  it('looks for a relative path in every folder', () => {
    expect(candidatePaths('src/a.ts', ['/one', '/two'], [])).toEqual(['/one/src/a.ts', '/two/src/a.ts']);
    expect(candidatePaths('./a.ts', ['/one'], [])).toEqual(['/one/a.ts']);
  });
  it('reads file URLs with their escapes', () => {
    expect(candidatePaths('file:///srv/a%20b/c.mjs', [], [])).toEqual(['/srv/a b/c.mjs']);
  });
  it('finds the ends of a Windows path on another system', () => {
    expect(candidatePaths('C:\\build\\src\\a.js', ['/w'], [])).toEqual(['/w/build/src/a.js', '/w/src/a.js']);
  });
  it.each([
    'http://evil.example/x.js',
    'command:workbench.action.terminal.new',
    'vscode://x/y',
    'node:internal/modules/run_main',
    'file://host/share/x.py',
    'file:///a%2Fb',
    '\\\\host\\share\\x.py',
    '//host/share/x.py',
    '<string>',
    '[eval]',
    '',
    '/a\0b',
  ])('takes nothing from %j', (path) => {
    expect(candidatePaths(path, ['/w'], [])).toEqual([]);
  });
});

describe('mappings', () => {
  it('learns the folders of a pick, so that siblings follow', () => {
    const mapping = mappingOf('/app/src/db/query.py', '/home/me/proj/src/db/query.py');
    expect(mapping).toEqual({ from: '/app', to: '/home/me/proj' });
    expect(candidatePaths('/app/src/web/view.py', [], [mapping])).toContain('/home/me/proj/src/web/view.py');
    expect(candidatePaths('/apple/src/web/view.py', [], [mapping])).toEqual(['/apple/src/web/view.py']);
  });
  it('maps one file only where the names differ', () => {
    const mapping = mappingOf('/app/old.py', '/w/new.py');
    expect(candidatePaths('/app/old.py', [], [mapping])).toEqual(['/app/old.py', '/w/new.py']);
    expect(candidatePaths('/app/other.py', [], [mapping])).toEqual(['/app/other.py']);
  });
  it('learns from relative paths and from Windows', () => {
    expect(candidatePaths('src/b.ts', [], [mappingOf('src/a.ts', '/p/src/a.ts')])).toEqual(['/p/src/b.ts']);
    expect(candidatePaths('C:\\b\\src\\y.js', [], [mappingOf('C:\\b\\src\\x.js', '/p/src/x.js')])).toEqual(['/p/src/y.js']);
  });
  it('keeps the newest of two for the same paths', () => {
    const first = withMapping([], { from: '/app', to: '/one' });
    expect(withMapping(first, { from: '/app', to: '/two' })).toEqual([{ from: '/app', to: '/two' }]);
  });
  it('takes only mappings from what was stored', () => {
    expect(parseMappings([{ from: 'a', to: 'b' }, { from: 1, to: 'b' }, null, 'x'])).toEqual([{ from: 'a', to: 'b' }]);
    expect(parseMappings('x')).toEqual([]);
  });
});
