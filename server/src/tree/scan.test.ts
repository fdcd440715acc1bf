import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rescan, scan } from './scan.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-scan-'));
  mkdirSync(join(root, 'alice/sub'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));
const put = (...names: string[]): void => {
  for (const name of names) writeFileSync(join(root, name), '');
};

test('a log without .log is no part of the one with it', async () => {
  put('alice/x.log', 'alice/x.log.1', 'alice/x', 'alice/x.1', 'alice/y', 'alice/sub/y.log');
  const modules = (files: { file: string; module: string }[]) => files.map(({ file, module }) => `${file}: ${module}`).sort();
  const { files } = await scan({ kind: 'tree', root });
  const own = ['alice/x.1: x (no .log)', 'alice/x.log.1: x', 'alice/x.log: x', 'alice/x: x (no .log)', 'alice/y: y'];
  expect(modules(files)).toEqual([...own, 'alice/sub/y.log: sub/y'].sort());
  expect(modules(await rescan({ kind: 'tree', root }, join(root, 'alice')))).toEqual(own.sort());
});

test.skipIf(process.platform !== 'linux')('a name that is not UTF-8 is told', async () => {
  const name = (text: string): Buffer => Buffer.concat([Buffer.from(`${join(root, 'alice')}/`), Buffer.from(text, 'latin1')]);
  writeFileSync(name('caf\xe9.log'), '');
  mkdirSync(name('d\xe9'));
  put('alice/real \ufffd.log', 'alice/plain.log');
  const { files, problems } = await scan({ kind: 'tree', root });
  expect(files.map(({ file }) => file)).toEqual(['alice/plain.log', 'alice/real \ufffd.log']);
  const message = expect.stringContaining('not UTF-8');
  expect(problems.map(({ path }) => path).sort()).toEqual([join(root, 'alice/caf\ufffd.log'), join(root, 'alice/d\ufffd')]);
  expect(problems).toMatchObject([{ message }, { message }]);
});
