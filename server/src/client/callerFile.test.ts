import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCallerFile, originalSource } from './callerFile.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-caller-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
/** One generated line, whose column 0 comes from line 1 of the first source, and column 10 from the second. */
const map = { version: 3, sources: ['src/a.ts', 'src/b.ts'], names: [], mappings: 'AAAA,UCAA' };

test('the caller of a function that has been called through others', () => {
  const outer = (): ReturnType<typeof findCallerFile> => inner(outer);
  const inner = (entry: typeof outer): ReturnType<typeof findCallerFile> => findCallerFile(entry);
  const before = Error.prepareStackTrace;
  expect(outer()).toEqual({ kind: 'file', path: import.meta.filename });
  expect(Error.prepareStackTrace).toBe(before);
});

test('code made by eval belongs to the file that made it', () => {
  const outer = (): ReturnType<typeof findCallerFile> => findCallerFile(outer);
  Object.assign(globalThis, { safelogTestOuter: outer });
  // biome-ignore lint/security/noGlobalEval: what is tested
  const found = globalThis.eval('safelogTestOuter()') as ReturnType<typeof findCallerFile>;
  expect(found).toEqual({ kind: 'file', path: import.meta.filename });
});

test('a map beside the file, within it, and below a sourceRoot; each place has its own source', () => {
  file('beside.js.map', JSON.stringify(map));
  const beside = file('beside.js', '0123456789();\n//# sourceMappingURL=beside.js.map\n');
  expect(originalSource(beside, 1, 1)).toBe(join(folder, 'src/a.ts'));
  expect(originalSource(beside, 1, 12)).toBe(join(folder, 'src/b.ts'));
  const inline = Buffer.from(JSON.stringify({ ...map, sourceRoot: '../root' })).toString('base64');
  const within = file('within.js', `0123456789();\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,${inline}`);
  expect(originalSource(within, 1, 12)).toBe(join(folder, '../root/src/b.ts'));
});

test.each([
  ['no map', 'a();'],
  ['a map that is not there', 'a();\n//# sourceMappingURL=missing.js.map'],
  ['a map that is none', 'a();\n//# sourceMappingURL=data:application/json,nonsense'],
  [
    'a source that is no file',
    `a();\n//# sourceMappingURL=data:application/json,${encodeURIComponent(JSON.stringify({ ...map, sources: ['webpack://app/a.ts'] }))}`,
  ],
])('%s: the file itself', (name, text) => {
  const path = file(`${name.replaceAll(' ', '-')}.js`, text);
  expect(originalSource(path, 1, 1)).toBe(path);
});
