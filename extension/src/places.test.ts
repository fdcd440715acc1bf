import { describe, expect, it } from 'vitest';
import { candidatePaths, fileName, longestSuffix, type Mapping, mappingOf, parseMappings, withMapping } from './places.ts';

const none = { configured: [], learned: [] };
const learned = (...mappings: Mapping[]) => ({ configured: [], learned: mappings });

describe('candidatePaths', () => {
  it('tries an absolute path first, then its ends in the workspace, never by the bare file name', () => {
    expect(candidatePaths('/app/src/db/query.py', ['/home/me/proj'], none)).toEqual([
      '/app/src/db/query.py',
      '/home/me/proj/app/src/db/query.py',
      '/home/me/proj/src/db/query.py',
      '/home/me/proj/db/query.py',
    ]);
    expect(candidatePaths('/app/main.py', ['/w'], none)).toEqual(['/app/main.py', '/w/app/main.py']);
  });
  it('looks for a relative path in every folder', () => {
    expect(candidatePaths('src/a.ts', ['/one', '/two'], none)).toEqual(['/one/src/a.ts', '/two/src/a.ts']);
    expect(candidatePaths('./a.ts', ['/one'], none)).toEqual(['/one/a.ts']);
  });
  it('reads file URLs with their escapes', () => {
    expect(candidatePaths('file:///srv/a%20b/c.mjs', [], none)).toEqual(['/srv/a b/c.mjs']);
  });
  it('finds the ends of a Windows path on another system', () => {
    expect(candidatePaths('C:\\build\\src\\a.js', ['/w'], none)).toEqual(['/w/build/src/a.js', '/w/src/a.js']);
  });
  it("looks for a URL's path in the folders only, without its query", () => {
    expect(candidatePaths('http://localhost:80/static/a%20b.js?v=3', ['/w'], none)).toEqual(['/w/static/a b.js']);
    expect(candidatePaths('webpack:///./src/a.ts', ['/w'], none)).toEqual(['/w/src/a.ts']);
    expect(candidatePaths('webpack://shop/src/a.ts', ['/w'], none)).toEqual(['/w/src/a.ts']);
    expect(candidatePaths('https://evil.example/etc/passwd', [], none)).toEqual([]);
  });
  it('never leads out of the folder of a mapping, or of the workspace', () => {
    const mapping = { from: '/app', to: '/home/me/proj' };
    expect(candidatePaths('/app/../../../etc/passwd', [], learned(mapping))).toEqual(['/app/../../../etc/passwd']);
    expect(candidatePaths('../../etc/x/passwd', ['/w'], none)).toEqual(['/w/etc/x/passwd']);
    expect(candidatePaths('http://x/../../etc/passwd', ['/w'], none)).toEqual(['/w/etc/passwd']);
  });
  it('tries what settings say before the path itself, and what was learned behind it', () => {
    const mappings = { configured: [{ from: '/app/', to: '/set' }], learned: [{ from: '/app', to: '/learned' }] };
    expect(candidatePaths('/app/a.py', [], mappings)).toEqual(['/set/a.py', '/app/a.py', '/learned/a.py']);
    const url = { configured: [{ from: 'http://localhost:80/static', to: '/w/dist' }], learned: [] };
    expect(candidatePaths('http://localhost:80/static/js/a.js?x', [], url)).toEqual(['/w/dist/js/a.js']);
    expect(candidatePaths('example.com/shop/till/till.go', [], learned({ from: 'example.com/shop', to: '/w/go' }))).toEqual([
      '/w/go/till/till.go',
    ]);
  });
  it.each([
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
    expect(candidatePaths(path, ['/w'], none)).toEqual([]);
  });
});

describe('longestSuffix', () => {
  const files = ['/w/one/db/query.py', '/w/two/db/query.py', '/w/three/query.py'];
  it('keeps the files that share the most names at the end, and says how many', () => {
    expect(longestSuffix('/app/two/db/query.py', files)).toEqual({ files: ['/w/two/db/query.py'], length: 3, whole: false });
    expect(longestSuffix('/app/db/query.py', files)).toEqual({ files: files.slice(0, 2), length: 2, whole: false });
    expect(longestSuffix('/app/query.py', files)).toEqual({ files, length: 1, whole: false });
    expect(longestSuffix('query.py', files.slice(2))).toEqual({ files: files.slice(2), length: 1, whole: true });
    expect(longestSuffix('/x/other.py', files)).toEqual({ files: [], length: 0, whole: false });
  });
  it.each([
    ['C:\\src\\shop.py', 'shop.py'],
    ['https://x/app.js?v=1', 'app.js'],
    ['com/acme/Shop.java', 'Shop.java'],
    ['<string>', undefined],
    ['/x/..', 'x'],
  ])('%j is the file %j', (path, name) => expect(fileName(path)).toBe(name));
});

describe('mappings', () => {
  it('learns the folders of a pick, so that siblings follow', () => {
    const mapping = mappingOf('/app/src/db/query.py', '/home/me/proj/src/db/query.py');
    expect(mapping).toEqual({ from: '/app', to: '/home/me/proj' });
    expect(candidatePaths('/app/src/web/view.py', [], learned(mapping))).toContain('/home/me/proj/src/web/view.py');
    expect(candidatePaths('/apple/src/web/view.py', [], learned(mapping))).toEqual(['/apple/src/web/view.py']);
  });
  it('maps one file only where the names differ', () => {
    const mapping = mappingOf('/app/old.py', '/w/new.py');
    expect(candidatePaths('/app/old.py', [], learned(mapping))).toEqual(['/app/old.py', '/w/new.py']);
    expect(candidatePaths('/app/other.py', [], learned(mapping))).toEqual(['/app/other.py']);
  });
  it('learns from relative paths and from Windows', () => {
    expect(candidatePaths('src/b.ts', [], learned(mappingOf('src/a.ts', '/p/src/a.ts')))).toEqual(['/p/src/b.ts']);
    expect(candidatePaths('C:\\b\\src\\y.js', [], learned(mappingOf('C:\\b\\src\\x.js', '/p/src/x.js')))).toEqual(['/p/src/y.js']);
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
