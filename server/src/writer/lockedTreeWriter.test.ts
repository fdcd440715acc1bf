import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Problem } from '../protocol.ts';
import { LockedTreeWriter, type LockedTreeWriterOptions } from './lockedTreeWriter.ts';
import { LockFile } from './lockFile.ts';

let root: string;
let problems: Problem[];
let writer: LockedTreeWriter;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-locked-'));
  problems = [];
});
afterEach(() => {
  writer.close();
  rmSync(root, { recursive: true, force: true });
});

const open = (options: Partial<LockedTreeWriterOptions> = {}): void => {
  writer = new LockedTreeWriter({ root, lockLimitMs: 30, onProblem: (problem) => problems.push(problem), ...options });
};
const log = (name: string) => join(root, 'alice', name);
const read = (name: string) => readFileSync(log(name), 'utf8');
const append = (basename: string, text: string) => writer.append('alice', basename, Buffer.from(`${text}\n`));

test('entries are in their logs after flushSync, with the lock beside each', () => {
  open();
  append('web.log', 'one');
  append('master.log', 'web.log one');
  append('web.log', 'two');
  expect(writer.flushSync()).toBe(true);
  expect(read('web.log')).toBe('one\ntwo\n');
  expect(read('master.log')).toBe('web.log one\n');
  expect(readdirSync(join(root, 'alice')).sort()).toEqual(['.__master.lock', '.__web.lock', 'master.log', 'web.log']);
});

test('a lock that is kept holds up its log alone, is told once, and the entries follow in their order', async () => {
  open();
  append('web.log', 'zero');
  writer.flushSync();
  const other = new LockFile({ log: log('web.log') });
  other.acquire(0);
  for (const text of ['one', 'two']) {
    append('web.log', text);
    append('master.log', text);
    expect(writer.flushSync()).toBe(false);
  }
  expect(read('web.log')).toBe('zero\n');
  expect(read('master.log')).toBe('one\ntwo\n');
  expect(problems).toMatchObject([{ path: log('web.log'), message: 'cannot write: another writer keeps the lock' }]);
  other.close();
  await expect.poll(() => read('web.log')).toBe('zero\none\ntwo\n');
});

test('what does not fit into memory is dropped and counted in the log; what is left at the end is told', async () => {
  open({ maxQueuedBytes: 8 });
  append('web.log', 'zero');
  writer.flushSync();
  const other = new LockFile({ log: log('web.log') });
  other.acquire(0);
  for (const text of ['one', 'two', 'three', 'four']) append('web.log', text);
  other.release();
  await expect.poll(() => read('web.log')).toMatch(/^zero\none\ntwo\n\S+ \S+ WARNING 2 entries were dropped here/);
  other.acquire(0);
  append('web.log', 'five');
  writer.close();
  expect(problems.at(-1)).toMatchObject({ path: log('web.log'), message: '1 entries that waited could not be written' });
  other.close();
});

test("a user's folder that was deleted is made again", () => {
  open();
  append('web.log', 'one');
  writer.flushSync();
  rmSync(join(root, 'alice'), { recursive: true });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60); // The lock's file is looked for every 50 ms only.
  append('web.log', 'two');
  expect(writer.flushSync()).toBe(true);
  expect(read('web.log')).toBe('two\n');
});

test('neither a link nor a name that leads out of the tree is written through', () => {
  open();
  const elsewhere = join(root, 'elsewhere');
  mkdirSync(elsewhere);
  mkdirSync(join(root, 'alice'));
  symlinkSync(elsewhere, join(root, 'bob'));
  symlinkSync(join(elsewhere, 'stolen'), log('web.log'));
  expect(writer.append('..', 'web.log', Buffer.from('three\n'))).toBe(false);
  append('web.log', 'one');
  writer.append('bob', 'web.log', Buffer.from('two\n'));
  writer.flushSync();
  expect(readdirSync(elsewhere)).toEqual([]);
  expect(existsSync(join(root, '../web.log'))).toBe(false);
  expect(problems.map(({ message }) => message)).toEqual([
    'cannot write: the name is not one of a log in the tree',
    'cannot write: it is a symbolic link, and these are not followed',
    "cannot write: the user's directory is a symbolic link or no directory",
  ]);
});

test('only so many logs are kept open, those with entries that wait among them', () => {
  open({ maxOpenFiles: 2 });
  const files = () => readdirSync('/proc/self/fd').length;
  const before = files();
  for (let i = 0; i < 20; i++) {
    append(`m${i}.log`, 'one');
    writer.flushSync();
  }
  if (process.platform === 'linux') expect(files() - before).toBeLessThanOrEqual(4);
  for (let i = 0; i < 20; i++) expect(read(`m${i}.log`)).toBe('one\n');
  for (let i = 0; i < 20; i++) append(`m${i}.log`, 'two');
  writer.flushSync();
  for (let i = 0; i < 20; i++) expect(read(`m${i}.log`)).toBe('one\ntwo\n');
});
