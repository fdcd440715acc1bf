import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchdPlist, systemdUnit } from './serviceFiles.ts';
import { buildCommand, type TestCommand } from './testCommand.ts';

let command: TestCommand;
let home: string;
let path: string;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.close());
beforeEach(() => {
  home = mkdtempSync(join(command.folder, 'home-'));
  path = join(home, '.config/systemd/user/safelog.service');
});
const service = (args: string[], env: Record<string, string> = {}) =>
  command.run(['service', args[0] ?? '', '--for', 'systemd', ...args.slice(1)], { env: { HOME: home, XDG_RUNTIME_DIR: home, ...env } });

test('install, twice, and remove leaves nothing', async () => {
  const first = await service(['install', '--', '--max-bytes', '10M']);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain(`wrote ${path}\n\nTo start it now and at each login:\n  systemctl --user daemon-reload\n`);
  const unit = readFileSync(path, 'utf8');
  expect(unit).toMatch(/^ExecStart="\/.*" "\/.*\/cli\.mjs" "serve" "--max-bytes" "10M"$/m);
  expect(unit).toContain('\nEnvironment="SAFELOG_IDENTITY=off"\n');
  expect((await service(['install', '--', '--max-bytes', '10M'])).stdout).toContain(`${path} is there already\n`);

  const link = join(home, '.config/systemd/user/default.target.wants/safelog.service');
  mkdirSync(join(link, '..'));
  symlinkSync(path, link);
  expect(await service(['status'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`installed: ${path}\nstarts at each login: ${link}\n`),
  });
  expect((await service(['remove', '--dry-run'])).stdout).toContain(`would remove ${path}\n`);
  expect(existsSync(path)).toBe(true);
  expect((await service(['remove'])).stdout).toContain(`removed ${link}\nremoved ${path}\n`);
  expect(existsSync(path)).toBe(false);
  expect(await service(['status'])).toMatchObject({ code: 1, stdout: expect.stringContaining(`not installed: there is no ${path}\n`) });
  expect(await service(['remove'])).toMatchObject({ code: 0, stdout: `there is no ${path}\n` });
});

test('--dry-run prints the file, and writes none', async () => {
  const { stdout } = await service(['install', '--dry-run']);
  expect(stdout).toContain('WantedBy=default.target\n');
  expect(existsSync(path)).toBe(false);
  expect((await service(['install', '--system', '--dry-run'])).stdout).toContain('WantedBy=multi-user.target\n');
});

test('a file that is another one is left alone, unless --force is given', async () => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, 'mine');
  expect(await service(['install'])).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('is another one') });
  expect(await service(['remove'])).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('not written by safelog') });
  expect(readFileSync(path, 'utf8')).toBe('mine');
  expect((await service(['install', '--force'])).stdout).toContain(`kept ${path}.old\nwrote ${path}\n`);
  expect(readFileSync(`${path}.old`, 'utf8')).toBe('mine');
});

test.each([
  ['--bogus', "Unknown option '--bogus'"],
  ['--max-bytes=ten', '--max-bytes: "ten" is not a size'],
  ['--write-for={}', '--write-for is for the service itself'],
  ['--root=logs', '"logs" is not an absolute path'],
  ['--config=/nowhere.json', 'cannot read /nowhere.json'],
  ['logs', "Unexpected argument 'logs'"],
])('options that the service would not take are refused before they stand in a file: %s', async (option, message) => {
  const { code, stderr } = await service(['install', '--', option]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`behind --: ${message}`) });
  expect(existsSync(path)).toBe(false);
});

test.each([[], ['start'], ['install', 'x'], ['install', '--for', 'upstart']])('bad usage %j %j: 2', async (...args) => {
  const { code, stderr } = await command.run(['service', ...args], { env: { HOME: home } });
  expect(code).toBe(2);
  expect(stderr).toContain("Try 'safelog service --help'.");
});

test('names that mean something to systemd or XML are taken as they are; line breaks are refused', () => {
  const file = { command: ['/a b/n$ode', '100%', 'q"\\'], environment: { SAFELOG_ROOT: '/l<&>%n' }, isSystem: false };
  expect(systemdUnit(file)).toContain('\nExecStart="/a b/n$$ode" "100%%" "q\\"\\\\"\nEnvironment="SAFELOG_ROOT=/l<&>%%n"\n');
  expect(launchdPlist(file)).toContain('<key>SAFELOG_ROOT</key><string>/l&lt;&amp;&gt;%n</string>');
  const hostile = { ...file, environment: { SAFELOG_ROOT: '/x\nExecStartPre=/bin/evil' } };
  expect(() => systemdUnit(hostile)).toThrow(RangeError);
  expect(() => launchdPlist(hostile)).toThrow(RangeError);
});
