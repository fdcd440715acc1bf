import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { moduleOfFile, moduleOfName } from './moduleName.ts';

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'safelog-module-'));
  mkdirSync(join(home, 'app/tools'), { recursive: true });
  writeFileSync(join(home, 'app/package.json'), '{}');
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

test.each([
  ['app/server.js', 'server'],
  ['app/src/server.ts', 'server'],
  ['app/src/web/db/pool.mts', 'web.db.pool'],
  ['app/dist/web/server.cjs', 'web.server'],
  ['app/lib/build/tools/run.js', 'tools.run'],
  ['app/src/web/index.ts', 'web'],
  ['app/index.js', 'app'],
  ['app/src/index.js', 'app'],
  ['app/tools/my.tool.js', 'tools.my.tool'],
  ['app/bin/start', 'bin.start'],
])('%s is %s', (path, module) => {
  expect(moduleOfFile(join(home, path))).toBe(module);
});

test('a file that belongs to no package has its own name', () => {
  expect(moduleOfFile(join(home, 'alone/src/job.mjs'))).toBe('job');
  expect(moduleOfFile(join(home, 'alone/index.mjs'))).toBe('alone');
  expect(basename(home)).toContain('safelog-module-');
});

test.each([
  ['job', 'job'],
  ['job.log', 'job'],
  ['job.py', 'job'],
  ['job.pyc', 'job'],
  ['job.mjs', 'job'],
  ['shop.orders', 'shop.orders'],
  ['two words', 'two_words'],
  ['a/b', 'a_b'],
  ['..', '_.'],
  ['.hidden', '_hidden'],
  ['\ud800x', '_x'],
  ['new\nline\0', 'new_line_'],
  ['', 'unnamed'],
  ['.log', 'unnamed'],
  ['é'.repeat(150), 'é'.repeat(100)],
])('the name %j is the module %j', (name, module) => {
  expect(moduleOfName(name)).toBe(module);
});
