import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Service, startService } from '../service/service.ts';
import { buildCommand, type TestCommand } from './testCommand.ts';

let command: TestCommand;
let service: Service;
let trees = 0;
beforeAll(async () => {
  command = await buildCommand();
  // For koffi, as where the package is installed.
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(command.folder, 'node_modules'));
});
afterAll(() => command.close());
beforeEach(async () => {
  service = await startService({ root: join(command.folder, `served${trees}`), port: 0, identity: 'off' });
});
afterEach(() => service.stop());

const STAMP = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?\+00:00`;
const newRoot = () => join(command.folder, `tree${trees++}`);

test('writes into the named root, both lines', async () => {
  const root = newRoot();
  expect(await command.run(['log', '--root', root, '--user', 'alice', '--module', 'demo', '--level', 'warning', 'two', 'words'])).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
  expect(readFileSync(join(root, 'alice/demo.log'), 'utf8')).toMatch(new RegExp(`^${STAMP} WARNING two words\n$`));
  expect(readFileSync(join(root, 'alice/master.log'), 'utf8')).toMatch(new RegExp(`^${STAMP} demo\\.log WARNING two words\n$`));
});

test('takes root, user and module from the environment, and DEBUG', async () => {
  const root = newRoot();
  const env = { SAFELOG_ROOT: root, SAFELOG_USER: 'bob', SAFELOG_MODULE: 'env.log' };
  expect((await command.run(['log', '--', '--help'], { env })).code).toBe(0);
  expect(readFileSync(join(root, 'bob/env.log'), 'utf8')).toMatch(new RegExp(`^${STAMP} DEBUG --help\n$`));
});

test('goes to the service that listens', async () => {
  const env = { SAFELOG_PORT: String(service.address.port), SAFELOG_ROOT: newRoot() };
  expect(await command.run(['log', '--module', 'demo', 'one\ntwo'], { env })).toMatchObject({ code: 0, stderr: '' });
  const user = userInfo().username;
  expect(readFileSync(join(service.root, user, 'demo.log'), 'utf8')).toMatch(new RegExp(`^${STAMP} DEBUG one\n\ttwo\n$`));
  expect(service.counts.written).toBe(1);
});

test('writes into the files where no service listens', async () => {
  const { port } = service.address;
  await service.stop();
  const root = newRoot();
  expect((await command.run(['log', '--port', String(port), 'x'], { env: { SAFELOG_ROOT: root } })).code).toBe(0);
  expect(readFileSync(join(root, userInfo().username, 'shell.log'), 'utf8')).toMatch(new RegExp(`^${STAMP} DEBUG x\n$`));
});

test('--stdin: an entry a line, in their order', async () => {
  const env = { SAFELOG_PORT: String(service.address.port), SAFELOG_USER: 'alice' };
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`);
  expect((await command.run(['log', '--stdin', '--level', 'INFO'], { env, stdin: lines.join('\n') })).code).toBe(0);
  const written = readFileSync(join(service.root, 'alice/shell.log'), 'utf8').split('\n').slice(0, -1);
  expect(written.map((line) => line.replace(new RegExp(`^${STAMP} `), ''))).toEqual(lines.map((line) => `INFO ${line}`));
});

test.each([[], ['--level', 'loud', 'x'], ['--module', '../x', 'x'], ['--user', '..', 'x'], ['--stdin', 'x'], ['--nonsense', 'x']])(
  'bad usage %j %j: 2',
  async (...args) => {
    const { code, stderr } = await command.run(['log', ...args], { env: { SAFELOG_ROOT: newRoot() } });
    expect(code).toBe(2);
    expect(stderr).toContain("Try 'safelog log --help'.");
  },
);

test('below $SAFELOG_LEVEL nothing is logged; levels by number', async () => {
  const root = newRoot();
  const env = { SAFELOG_ROOT: root, SAFELOG_LEVEL: 'INFO', SAFELOG_USER: 'alice' };
  expect(await command.run(['log', 'x'], { env })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(existsSync(root)).toBe(false);
  expect((await command.run(['log', '--level', '35', 'x'], { env })).code).toBe(0);
  expect(readFileSync(join(root, 'alice/shell.log'), 'utf8')).toMatch(new RegExp(`^${STAMP} Level 35 x\n$`));
});

test('what cannot be written waits in the spool, which is said', async () => {
  const { code, stderr } = await command.run(['log', '--root', '/proc/nothing', 'x']);
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /^safelog log: cannot write \/proc\/nothing\/.*\nsafelog log: 1 entry waits in \/.*\/spool\/%2Fproc%2Fnothing until a service takes/,
  );
});

test('what is lost: 1, and why', async () => {
  const env = { XDG_STATE_HOME: '/proc/nothing' };
  const { code, stderr } = await command.run(['log', '--root', '/proc/nothing', 'x'], { env });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^safelog log: cannot write \/proc\/nothing\/.*\nsafelog log: entries are lost: they cannot be written or spooled: /,
  );
});

test('JSON lines of a program have their own level, time and logger; others are text', async () => {
  const root = newRoot();
  const stdin = [
    '{"level":50,"time":1795218637498,"pid":4,"name":"web","msg":"bad","order":7,"err":{"message":"x","stack":"Error: x\\n    at a.js:1"}}',
    'plain',
    '{"level":"info","message":"of winston"}',
    '{broken',
    '{"level":"debug","msg":"[a 1 b c:1] no block"}',
  ];
  expect(await command.run(['log', '--root', root, '--user', 'alice', '--stdin'], { stdin: `${stdin.join('\n')}\n` })).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect(readFileSync(join(root, 'alice/web.log'), 'utf8')).toBe(
    '2026-11-20 23:50:37.498000+00:00 ERROR [web 4 - - {"order":7}] bad\n\tError: x\n\t    at a.js:1\n',
  );
  expect(readFileSync(join(root, 'alice/shell.log'), 'utf8').replaceAll(new RegExp(`^${STAMP} `, 'gm'), '')).toBe(
    'DEBUG plain\nINFO of winston\nDEBUG {broken\nDEBUG [- - - -] [a 1 b c:1] no block\n',
  );
});
