import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { spoolFolder } from '../generation/spoolPath.ts';
import { LockFile } from '../writer/lockFile.ts';
import { publishRotation } from '../writer/treeRotation.ts';
import { readSettings } from './settings.ts';
import { Spool } from './spool.ts';
import { type ClientEntry, emptyLog, OwnFile, TreeFiles } from './treeFiles.ts';

let root: string;
const TIME = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000;
const entry = (module: string, text: string, level = 'INFO'): ClientEntry => ({ module, level, text, time: TIME });
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-tree-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('each entry stands in both logs, with one time; continuation lines are marked; master is written once', () => {
  const files = new TreeFiles({ root, user: 'bob' });
  files.append([entry('a', 'one'), entry('b', 'two\n2026-01-01 00:00:00+00:00 ERROR forged\n\nend'), entry('master', 'own', '')]);
  files.close();
  const at = '2026-01-02 03:04:05+00:00';
  const two = 'INFO two\n\t2026-01-01 00:00:00+00:00 ERROR forged\n\n\tend\n';
  expect(read('bob/a.log')).toBe(`${at} INFO one\n`);
  expect(read('bob/b.log')).toBe(`${at} ${two}`);
  expect(read('bob/master.log')).toBe(`${at} a.log INFO one\n${at} b.log ${two}${at} own\n`);
});

test('all logs or none: master.log is locked by another', () => {
  const files = new TreeFiles({ root, user: 'bob', lockLimitMs: 5 });
  files.append([entry('a', 'before')]);
  const lock = new LockFile({ log: join(root, 'bob/master.log') });
  lock.acquire(0);
  expect(() => files.append([entry('a', 'during')])).toThrow(/lock/);
  lock.close();
  files.append([entry('a', 'after')]);
  files.close();
  expect(read('bob/a.log').match(/before|during|after/g)).toEqual(['before', 'after']);
  expect(read('bob/master.log').match(/before|during|after/g)).toEqual(['before', 'after']);
});

test('rotates and locks as the service has told, from the next entry on', () => {
  const files = new TreeFiles({ root, user: 'bob' });
  files.append([entry('a', 'one'.repeat(20))]);
  publishRotation(root, { maxBytes: 50, backupCount: 2, lockFileDirectory: join(root, 'locks') });
  mkdirSync(join(root, 'locks'));
  files.append([entry('a', 'two')]);
  files.append([entry('a', 'three')]);
  files.close();
  expect(readdirSync(join(root, 'locks')).sort()).toEqual(['.__a.lock', '.__master.lock']);
  expect(read('bob/a.log.1')).toContain('oneone');
  expect(read('bob/a.log')).toMatch(/two\n.*three\n$/);
});

test('links in the tree are not followed', () => {
  mkdirSync(join(root, 'elsewhere'));
  symlinkSync(join(root, 'elsewhere'), join(root, 'bob'));
  expect(() => new TreeFiles({ root, user: 'bob' }).append([entry('a', 'x')])).toThrow(/not a directory/);
  mkdirSync(join(root, 'eve'));
  symlinkSync(join(root, 'elsewhere/target'), join(root, 'eve/a.log'));
  expect(() => new TreeFiles({ root, user: 'eve' }).append([entry('a', 'x')])).toThrow();
  expect(readdirSync(join(root, 'elsewhere'))).toEqual([]);
});

test('a log of its own, wherever it lies, can be emptied', () => {
  const path = join(root, 'deep/er/own.log');
  const problems: string[] = [];
  const file = new OwnFile(path, { chmod: 0o664 }, (message) => problems.push(message));
  file.append(entry('own', 'first'));
  emptyLog(path);
  file.append(entry('own', 'second'));
  expect(read('deep/er/own.log')).toBe('2026-01-02 03:04:05+00:00 INFO second\n');
  expect(problems).toEqual([]);
});

test('a spool has its bound, and is told apart by tree', () => {
  const environment = { XDG_STATE_HOME: root };
  expect(spoolFolder('/var/local/log', environment)).toBe(join(root, 'safelog/spool/%2Fvar%2Flocal%2Flog'));
  expect(spoolFolder(`/${'x'.repeat(300)}`, environment)).toMatch(/\/[0-9a-f]{64}$/);
  const spool = new Spool({ folder: join(root, 'spool'), client: 'ab'.repeat(16), user: 'bob', program: 'test', maxBytes: 500 });
  spool.append([entry('a', 'fits')]);
  expect(() => spool.append([entry('a', 'x'.repeat(500))])).toThrow(/full/);
  spool.append([entry('a', 'fits too')]);
  spool.close();
  expect(read(`spool/${'ab'.repeat(16)}/tree/bob/a.log`).match(/INFO .*/g)).toEqual(['INFO fits', 'INFO fits too']);
});

test('what the environment says', () => {
  const base = { HOME: root, SAFELOG_USER: 'bob' };
  expect(readSettings({ ...base, XDG_RUNTIME_DIR: '/run/user/7' })).toMatchObject({
    addresses: [{ path: '/run/user/7/safelog.sock' }, { path: '/run/safelog.sock' }],
    isRootBinding: false,
    user: 'bob',
    module: undefined,
    level: 10,
  });
  expect(readSettings({ ...base, SAFELOG_ROOT: '/r', SAFELOG_LEVEL: 'warning', SAFELOG_MODULE: 'm' })).toMatchObject({
    root: '/r',
    isRootBinding: true,
    module: 'm',
    level: 30,
  });
  expect(readSettings({ ...base, SAFELOG_ROOT: '/r', SAFELOG_SOCKET: '/s' })).toMatchObject({
    addresses: [{ path: '/s' }],
    isRootBinding: false,
  });
  expect(readSettings({ ...base, SAFELOG_PORT: '99' }).addresses).toEqual([{ host: '127.0.0.1', port: 99 }]);
  expect(readSettings({ ...base, SAFELOG_HOST: '::1', SAFELOG_PORT: 'nonsense', SAFELOG_LEVEL: 'loud' })).toMatchObject({
    addresses: [{ host: '::1', port: 8534 }],
    level: 10,
  });
});
