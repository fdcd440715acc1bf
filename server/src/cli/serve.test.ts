import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, optionOf, readConfig, SETTINGS, type SettingName } from '../service/config.ts';
import { encodeSafelog } from '../wire/safelog.ts';
import { parseServe } from './serve.ts';
import { buildCommand, type TestCommand } from './testCommand.ts';
import { isUsageError } from './usage.ts';

let command: TestCommand;
let trees = 0;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.close());

const newRoot = () => join(command.folder, `tree${trees++}`);

async function until<T>(value: () => T | null | undefined | false): Promise<T> {
  const start = performance.now();
  for (;;) {
    const found = value();
    if (found) return found;
    if (performance.now() - start > 60_000) throw new Error('did not happen within 60 s');
    await sleep(10);
  }
}

async function serve(args: string[], env?: Record<string, string>) {
  const started = command.start(['serve', ...args], env);
  const [line, port] = await until(() => /^listening on 127\.0\.0\.1:(\d+), root .*$/m.exec(started.output.stdout));
  return { ...started, line, port: Number(port) };
}

function send(port: number, text: string, basename = 'demo.log'): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.end(encodeSafelog('alice', basename, text)));
    socket
      .on('error', reject)
      .resume()
      .once('close', () => resolve());
  });
}

test('says where it listens, takes entries in, and ends on SIGTERM with 0', async () => {
  const root = newRoot();
  const { process: service, line, port, ended } = await serve(['--root', root, '--port', '0']);
  expect(line).toBe(`listening on 127.0.0.1:${port}, root ${root}`);
  await send(port, 'hello\n');
  service.kill('SIGTERM');
  expect(await ended).toEqual({
    code: 0,
    stdout: `${line}\n`,
    stderr: 'safelog serve: stopped: 1 written, 0 failed, 0 refused, 0 dropped\n',
  });
  expect(readFileSync(join(root, 'alice/demo.log'), 'utf8')).toBe('hello\n');
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s: what clients had sent is written', async (signal) => {
  const root = newRoot();
  const { process: service, port, ended } = await serve([], { SAFELOG_ROOT: root, SAFELOG_PORT: '0' });
  // The service is held while the clients send, so that everything still waits in the kernel when it is told to end.
  service.kill('SIGSTOP');
  const script = `
import socket, sys
for i in range(1000):
    with socket.create_connection(('127.0.0.1', int(sys.argv[1]))) as s:
        s.sendall(b'alice\\x01demo.log\\x01%d\\n' % i)
`;
  execFileSync('python3', ['-c', script, String(port)]);
  service.kill(signal);
  service.kill('SIGCONT');
  expect((await ended).code).toBe(0);
  expect(readFileSync(join(root, 'alice/demo.log'), 'utf8')).toBe([...Array(1000).keys()].map((i) => `${i}\n`).join(''));
});

test('killed while it writes: whole entries, and the next service goes on behind them', async () => {
  const root = newRoot();
  const first = await serve(['--root', root, '--port', '0']);
  const text = 'x'.repeat(500);
  const sending = (async () => {
    for (let i = 0; ; i++) await send(first.port, `${i} ${text}\n`);
  })().catch(() => {});
  await until(() => existsSync(join(root, 'alice/demo.log')) && readFileSync(join(root, 'alice/demo.log')).length > 20_000);
  first.process.kill('SIGKILL');
  await Promise.all([sending, first.ended]);
  const second = await serve(['--root', root, '--port', '0']);
  await send(second.port, `last ${text}\n`);
  second.process.kill('SIGTERM');
  await second.ended;
  const lines = readFileSync(join(root, 'alice/demo.log'), 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.pop()).toBe(`last ${text}`);
  expect(lines).toEqual(lines.map((_, i) => `${i} ${text}`));
});

test('goes on when nobody reads its output any more', async () => {
  const root = newRoot();
  const { process: service, port, ended } = await serve(['--root', root, '--port', '0']);
  service.stdout?.destroy();
  service.stderr?.destroy();
  await send(port, 'x\n', '../x');
  await send(port, 'hello\n');
  service.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  expect(readFileSync(join(root, 'alice/demo.log'), 'utf8')).toBe('hello\n');
});

test('says what was wrong, without control characters', async () => {
  const root = newRoot();
  const { process: service, port, output, ended } = await serve(['--root', root, '--port', '0']);
  await send(port, 'x\n', 'a\x1b[2J\x9b.log');
  await until(() => output.stderr.includes('refused'));
  service.kill('SIGTERM');
  const { stderr } = await ended;
  expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  expect(stderr).toContain('1 refused');
});

test.runIf(process.platform === 'linux')(
  'few open files: connections are refused with a word, and the logs can still be written',
  async () => {
    const root = newRoot();
    const args = [`'${process.execPath}'`, 'dist/cli.mjs', 'serve', '--root', root, '--port', '0', '--socket', '-', '--identity', 'off'];
    const service = spawn('sh', ['-c', `ulimit -n 96; exec ${args.join(' ')}`], { cwd: command.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [service.stdout, service.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    const ended = new Promise((resolve) => service.once('close', resolve));
    const [, found] = await until(() => /:(\d+), root /.exec(output));
    const port = Number(found);
    const held = Array.from({ length: 120 }, () => connect({ port, host: '127.0.0.1' }).on('error', () => {}));
    await until(() => held.filter(({ closed }) => closed).length > 40 && output.includes('too many connections are open'));
    const [first] = held;
    first?.end(encodeSafelog('alice', 'demo.log', 'hello\n'));
    await until(() => existsSync(join(root, 'alice/demo.log')));
    for (const socket of held) socket.destroy();
    await until(() => held.every(({ closed }) => closed));
    await send(port, 'again\n');
    service.kill('SIGTERM');
    await ended;
    expect(output).toMatch(/stopped: 2 written, 0 failed, 0 refused, \d+ dropped/);
    expect(readFileSync(join(root, 'alice/demo.log'), 'utf8')).toBe('hello\nagain\n');
  },
);

describe('cannot start', () => {
  test('a port in use: 1', async () => {
    const { process: service, port, ended } = await serve(['--root', newRoot(), '--port', '0']);
    const { code, stdout, stderr } = await command.run(['serve', '--root', newRoot(), '--port', String(port)]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `safelog serve: cannot listen on 127.0.0.1:${port}: the port is in use, perhaps by another Safelog service; choose another port\n`,
    );
    service.kill();
    await ended;
  });

  test('a root that is a file: 1', async () => {
    const root = newRoot();
    writeFileSync(root, '');
    const { code, stderr } = await command.run(['serve', '--root', root, '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^safelog serve: cannot use the root /);
  });

  test.each([
    ['--port', 'x'],
    ['--port', '65536'],
    ['--port', '-1'],
    ['--colour'],
    ['extra'],
    ['--write-for', '{}'],
    ['--require-identity', '--identity=off'],
    ['--interval', '0'],
    ['--config', '.'],
    ['--config', '/dev/zero'],
  ])('bad usage %j %j: 2', async (...args) => {
    const { code, stdout, stderr } = await command.run(['serve', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^safelog serve: .+\nTry 'safelog serve --help'\.\n$/s);
  });
});

test('any config file: bad usage that names the file, and not a word more', async () => {
  const path = join(command.folder, 'bad.json');
  writeFileSync(path, '{"port": 0, "maxBytes": "10 apples"}');
  expect(await command.run(['serve', '--root', newRoot(), '--config', path])).toEqual({
    code: 2,
    stdout: '',
    stderr: `safelog serve: ${path}: maxBytes: "10 apples" is not a size (1000, 10M, 1G)\nTry 'safelog serve --help'.\n`,
  });
});

test('any arguments are settings, all of them, or bad usage that names one of them', () => {
  const names = Object.keys(SETTINGS) as SettingName[];
  const value = fc.oneof(fc.string(), fc.constantFrom('0', '1', '10M', '1d', 'midnight', 'off', '-', '--gzip', '99999999999', '../x', 'ü'));
  const word = fc.oneof(
    fc
      .constantFrom(...names, 'requireIdentity' as const)
      .map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`),
    value,
  );
  const words = fc.tuple(word, value, fc.boolean()).map(([option, given, isOne]) => (isOne ? [`${option}=${given}`] : [option, given]));
  fc.assert(
    fc.property(fc.array(words, { maxLength: 4 }), (parts) => {
      const args = parts.flat();
      try {
        const { given, file } = parseServe(args);
        readConfig({ options: given, environment: {}, file: file ?? null });
        for (const name of Object.keys(given))
          expect(args.join(' ')).toMatch(name === 'identity' ? /identity/ : `--${optionOf(name as SettingName)}`);
      } catch (error) {
        if (!isUsageError(error) && !(error instanceof ConfigError)) throw error;
        expect(error.message).toMatch(/--|['"]/);
      }
    }),
    { numRuns: 500 },
  );
});

test('the help names every option, and is not taken for one of a text', async () => {
  const { code, stdout } = await command.run(['serve', '--help']);
  expect(code).toBe(0);
  for (const option of ['--root', '--host', '--port', 'SAFELOG_ROOT', 'SAFELOG_HOST', 'SAFELOG_PORT', '8534'])
    expect(stdout).toContain(option);
});

test('the command: help, version, bad usage', async () => {
  const overview = await command.run(['--help']);
  expect(overview).toMatchObject({ code: 0, stderr: '' });
  const listed = [...overview.stdout.matchAll(/^ {2}([a-z]+) {2}/gm)].map(([, name]) => name);
  expect(listed).toContain('serve');
  for (const name of listed) {
    const { code, stdout } = await command.run([String(name), '--help']);
    expect({ name, code, stdout }).toEqual({ name, code: 0, stdout: expect.stringMatching(new RegExp(`^Usage: safelog ${name} `)) });
  }
  expect(await command.run(['help', 'serve'])).toEqual(await command.run(['serve', '--help']));
  expect(await command.run(['--version'])).toEqual({ code: 0, stdout: expect.stringMatching(/^safelog \d+\.\d+\.\d+\n$/), stderr: '' });
  expect(await command.run([])).toEqual({ code: 2, stdout: '', stderr: overview.stdout });
  expect(await command.run(['nonsense'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('no such command: nonsense'),
  });
});

test('a reader of the output that goes away is no error', async () => {
  const child = spawn('sh', ['-c', `'${process.execPath}' dist/cli.mjs --help | true; echo done`], { cwd: command.folder });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  expect(output).toBe('done\n');
});
