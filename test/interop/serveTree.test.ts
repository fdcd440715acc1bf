/** What `safelog serve` does with the tree as a whole, by the real command: rotation by time, retention, and who is let in. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeSafelog } from '../../server/src/wire/safelog.ts';

const command = join(import.meta.dirname, '../../server/bin/safelog.js');
let root: string;
let service: { process: ChildProcess; port: number; output: { stdout: string; stderr: string }; ended: Promise<unknown> };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-serve-'));
});
afterEach(() => {
  service.process.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

async function serve(...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [command, 'serve', '--root', root, '--port', '0', '--socket', '-', ...args], {
    env: { PATH: process.env.PATH, HOME: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  service = { process: child, port: 0, output, ended };
  await expect.poll(() => output.stdout, { timeout: 60_000 }).toMatch(/:\d+, root /);
  service.port = Number(/:(\d+), root /.exec(output.stdout)?.[1]);
}

async function stop(): Promise<void> {
  service.process.kill('SIGTERM');
  await service.ended;
}

/** Resolves when it is written, or refused. */
function send(user: string, basename: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: service.port, host: '127.0.0.1' }, () => socket.end(encodeSafelog(user, basename, text)));
    socket
      .on('error', reject)
      .resume()
      .once('close', () => resolve());
  });
}

const shown = (user: string): string[] => readdirSync(join(root, user)).filter((name) => !name.startsWith('.'));
const generations = (user: string, log: string): string[] => shown(user).filter((name) => name.startsWith(log) && name !== log);

/** All lines of a log, the oldest generation first. */
function allLines(user: string, log: string): string[] {
  // By their dates, and the number of those of one date: no date comes without one before it that has.
  const names = [...generations(user, log).sort((a, b) => (a.replace('.gz', '') < b.replace('.gz', '') ? -1 : 1)), log];
  return names.flatMap((name) => {
    const bytes = readFileSync(join(root, user, name));
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n').slice(0, -1);
  });
}

test('rotation by time, of all logs of all users, with gzip: every entry once, in its order', async () => {
  await serve('--when', 'S', '--gzip', '--identity', 'off');
  const logs = [
    ['ann', 'web.log'],
    ['ann', 'master.log'],
    ['bob', 'db.log'],
  ] as const;
  const isRotated = ([user, log]: (typeof logs)[number]): boolean =>
    generations(user, log).filter((name) => name.endsWith('.gz')).length >= 2;
  let sent = 0;
  do {
    await Promise.all(logs.map(([user, log]) => send(user, log, `entry ${sent}\n`)));
    sent++;
  } while (!logs.every(isRotated));
  await stop();
  for (const [user, log] of logs) {
    expect(shown(user).filter((name) => name.includes('.rotate.'))).toEqual([]);
    expect(generations(user, log).every((name) => /\.log\.\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(\.\d+)?\.gz$/.test(name))).toBe(true);
    expect(allLines(user, log)).toEqual(Array.from({ length: sent }, (_, i) => `entry ${i}`));
  }
  expect(service.output.stderr).toContain(`stopped: ${3 * sent} written, 0 failed, 0 refused, 0 dropped`);
}, 120_000);

test('retention by age and by the size of the whole tree: the oldest generations go, live logs never', async () => {
  const day = 86_400;
  const age = (user: string, name: string, days: number, bytes: number): void => {
    mkdirSync(join(root, user), { recursive: true });
    writeFileSync(join(root, user, name), 'x'.repeat(bytes));
    const seconds = Date.now() / 1000 - days * day;
    utimesSync(join(root, user, name), seconds, seconds);
  };
  age('ann', 'web.log', 100, 3000);
  age('ann', 'web.log.1', 2, 400);
  age('ann', 'web.log.2.gz', 40, 400);
  age('bob', 'db.log.2026-01-02', 3, 400);
  age('bob', 'db.log.2026-01-01', 31, 400);
  age('bob', 'notes.txt', 100, 5000);
  await serve('--keep-for', '30d');
  expect([shown('ann').sort(), shown('bob').sort()]).toEqual([
    ['web.log', 'web.log.1'],
    ['db.log.2026-01-02', 'notes.txt'],
  ]);
  await stop();
  // All files count, live logs and others too: the older one of the two generations has to go.
  await serve('--keep-bytes', '8500');
  expect([shown('ann').sort(), shown('bob').sort()]).toEqual([['web.log', 'web.log.1'], ['notes.txt']]);
  await stop();
}, 120_000);

test('--require-identity: whom nobody knows is refused, and counted; who is known is not', async () => {
  await serve('--require-identity');
  // Held meanwhile, so that the clients have closed before anybody can ask who they are.
  service.process.kill('SIGSTOP');
  execFileSync('python3', [
    '-c',
    `
import socket, sys
for i in range(20):
    with socket.create_connection(('127.0.0.1', ${service.port})) as s:
        s.sendall(b'root\\x01gone.log\\x01%d\\n' % i)
`,
  ]);
  service.process.kill('SIGCONT');
  const me = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();
  await send(me, 'here.log', 'one\n');
  await expect.poll(() => service.output.stderr, { timeout: 60_000 }).toContain('cannot be identified');
  await stop();
  expect(service.output.stderr).toContain('stopped: 1 written, 0 failed, 20 refused, 0 dropped');
  expect(shown(me)).toEqual(['here.log']);
}, 120_000);
