/** Programs that log by getLog, and the service that comes and goes: every entry once, in both logs, in the same order. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { deliverSpool } from '../../server/src/client/deliverSpool.ts';
import { buildPrograms, type TestPrograms } from '../../server/src/client/testPrograms.ts';
import { listSpools, spoolFolder } from '../../server/src/generation/spoolPath.ts';

const user = userInfo().username;
const STAMP = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})?\+00:00`;
let programs: TestPrograms;
let servicePath: string;
let test_ = 0;
let root: string;
let socket: string;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  programs = await buildPrograms(user);
  servicePath = join(programs.folder, 'service.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'serviceProgram.ts')],
    outfile: servicePath,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  });
  programs.write('app/package.json', '{}');
  // Numbered entries, with pauses of a few ms; it says when it begins, and how many there are.
  programs.write(
    'app/writer.mjs',
    `import { getLog } from 'safelog';
    const [, , name, count] = process.argv;
    const log = getLog(name);
    for (let i = 0; i < Number(count); i++) {
      log('entry ' + i);
      if (i === 0) console.log('begun');
      if (i % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    console.log('logged');`,
  );
});

afterAll(() => programs.close());

beforeEach(() => {
  test_++;
  root = join(programs.folder, `tree${test_}`);
  // Sockets' paths are short.
  socket = `/tmp/safelog-${process.pid}-${test_}.sock`;
});

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  rmSync(socket, { force: true });
});

const env = (more: Record<string, string> = {}): Record<string, string> => ({ SAFELOG_SOCKET: socket, SAFELOG_ROOT: root, ...more });

async function startService(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [servicePath, root, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
  });
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exited;
}

const read = (name: string): string => readFileSync(join(root, user, name), 'utf8');

/** Every entry of every program stands once in its log and in master.log, in its order and with its stamp. */
function expectExactly(counts: Record<string, number>): void {
  const master = read('master.log');
  let total = 0;
  for (const [name, count] of Object.entries(counts)) {
    const own = read(`${name}.log`);
    const numbers = [...own.matchAll(new RegExp(`^${STAMP} DEBUG entry (\\d+)$`, 'gm'))].map(([, number]) => Number(number));
    const sorted = [...numbers].sort((a, b) => a - b);
    expect(sorted, `${name}.log`).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(own.split('\n').length - 1, `lines of ${name}.log`).toBe(count);
    const inMaster = [...master.matchAll(new RegExp(`^(${STAMP}) ${name}\\.log (DEBUG entry \\d+)$`, 'gm'))];
    expect(inMaster.map(([, stamp, text]) => `${stamp} ${text}\n`).join('')).toBe(own);
    total += count;
  }
  expect(master.split('\n').length - 1, 'lines of master.log').toBe(total);
}

test('where its entries go, a log tells of the service’s tree, also after that has ended', async () => {
  const service = await startService();
  programs.write(
    'app/path.mjs',
    `import { getLog } from 'safelog';
    const log = getLog('where');
    console.log(log.pathname, log.dirname);
    process.stdin.once('data', () => { log('alone'); console.log(log.pathname); process.exit(); });`,
  );
  const { process: child, ended } = programs.start(['app/path.mjs'], { SAFELOG_SOCKET: socket });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  await end(service, 'SIGTERM');
  child.stdin?.end('go');
  const path = join(root, user, 'where.log');
  expect((await ended).stdout).toBe(`${path} ${join(root, user)}\n${path}\n`);
  expect(read('where.log')).toContain('alone');
});

test('programs through the service', async () => {
  const service = await startService();
  const ends = ['a', 'b', 'c'].map((name) => programs.run(['app/writer.mjs', name, '500'], { env: env() }));
  for (const { code, stderr } of await Promise.all(ends)) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(existsSync(join(root, user, '.safelog'))).toBe(true);
  expectExactly({ a: 500, b: 500, c: 500 });
  await end(service, 'SIGTERM');
});

test('the service is killed and started again, again and again, under its clients', { timeout: 120_000 }, async () => {
  let service = await startService();
  const counts = { a: 4000, b: 4000, c: 4000 };
  let isOver = false;
  const ends = Promise.all(
    Object.entries(counts).map(([name, count]) => programs.run(['app/writer.mjs', name, `${count}`], { env: env() })),
  ).finally(() => {
    isOver = true;
  });
  let kills = 0;
  for (; !isOver && kills < 60; kills++) {
    await sleep(20 + ((kills * 37) % 90));
    await end(service, kills % 5 === 4 ? 'SIGTERM' : 'SIGKILL');
    if (kills % 3 === 0) await sleep(60);
    service = await startService();
  }
  for (const { code } of await ends) expect(code).toBe(0);
  expect(kills).toBeGreaterThan(1);
  await end(service, 'SIGTERM');
  expect(listSpools(spoolFolder(root, { HOME: programs.folder }))).toEqual([]);
  expectExactly(counts);
});

test('a tree that may not be written: the spool, which a service takes in', async () => {
  // Not even the administrator makes a folder in a file.
  writeFileSync(join(programs.folder, 'blocked'), '');
  root = join(programs.folder, 'blocked', 'tree');
  const { code } = await programs.run(['app/writer.mjs', 'a', '100'], { env: env() });
  expect(code).toBe(0);
  const spool = spoolFolder(root, { HOME: programs.folder });
  const [client = ''] = listSpools(spool);
  // Meanwhile it can be read as logs.
  const shown = readFileSync(join(spool, client, 'tree', user, 'a.log'), 'utf8');
  expect(
    shown
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').at(-1)),
  ).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  rmSync(join(programs.folder, 'blocked'));
  mkdirSync(root, { recursive: true });
  const service = await startService();
  expect(await deliverSpool({ address: { path: socket }, root, environment: { HOME: programs.folder } })).toBe(100);
  expect(readdirSync(spool)).toEqual([]);
  expectExactly({ a: 100 });
  await end(service, 'SIGTERM');
});

test('a log that neither the service nor the program may write: the spool, until the service can', async () => {
  const service = await startService();
  // Not even the administrator writes into a folder.
  mkdirSync(join(root, user, 'a.log'), { recursive: true });
  const { code } = await programs.run(['app/writer.mjs', 'a', '100'], { env: env() });
  expect(code).toBe(0);
  programs.write(
    'app/both.mjs',
    `import { getLog } from 'safelog';
    // So many at once go in batches.
    for (let i = 0; i < 400; i++) for (const name of ['a', 'b']) getLog(name)('entry ' + (name === 'a' ? 100 + i : i));`,
  );
  expect((await programs.run(['app/both.mjs'], { env: env() })).code).toBe(0);
  const spool = spoolFolder(root, { HOME: programs.folder });
  const deliver = () => deliverSpool({ address: { path: socket }, root, environment: { HOME: programs.folder } });
  expect(await deliver()).toBe(0);
  const shown = listSpools(spool).map((client) => readFileSync(join(spool, client, 'tree', user, 'a.log'), 'utf8'));
  const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `entry ${from + i}`);
  expect(shown.map((log) => log.match(/entry \d+/g)).sort()).toEqual([numbers(0, 100), numbers(100, 500)].sort());
  expect(read('b.log').match(/entry \d+/g)).toEqual(numbers(0, 400));
  rmSync(join(root, user, 'a.log'), { recursive: true });
  expect(await deliver()).toBe(500);
  await end(service, 'SIGTERM');
  expectExactly({ a: 500, b: 400 });
});

test('safelog serve takes the spool in by itself', async () => {
  writeFileSync(join(programs.folder, 'barred'), '');
  root = join(programs.folder, 'barred', 'other');
  expect((await programs.run(['app/writer.mjs', 'a', '10'], { env: env() })).code).toBe(0);
  rmSync(join(programs.folder, 'barred'));
  const command = join(import.meta.dirname, '../../server/bin/safelog.js');
  const child = spawn(process.execPath, [command, 'serve', '--root', root, '--socket', socket, '--port', '0'], {
    env: { PATH: process.env.PATH, HOME: programs.folder },
    stdio: 'ignore',
  });
  running.add(child);
  await expect.poll(() => listSpools(spoolFolder(root, { HOME: programs.folder })).length).toBe(0);
  await end(child, 'SIGTERM');
  expectExactly({ a: 10 });
});

test('a service that stands still holds no program up for long, and nothing is written twice', { timeout: 60_000 }, async () => {
  const service = await startService();
  programs.write(
    'app/flusher.mjs',
    `import { getLog } from 'safelog';
    const log = getLog('b');
    log('entry 0');
    await log.flush();
    console.log('begun');
    process.stdin.once('data', async () => {
      log('entry 1');
      await log.flush();
      console.log('flushed');
      process.exit();
    });`,
  );
  const writer = programs.start(['app/writer.mjs', 'a', '3000'], env());
  const flusher = programs.start(['app/flusher.mjs'], env());
  await Promise.all([writer, flusher].map(({ process: { stdout } }) => new Promise((resolve) => stdout?.once('data', resolve))));
  service.kill('SIGSTOP');
  flusher.process.stdin?.end('go');
  expect((await writer.ended).code).toBe(0);
  // A flush ends, too.
  expect(await flusher.ended).toMatchObject({ code: 0, stdout: 'begun\nflushed\n' });
  expect(listSpools(spoolFolder(root, { HOME: programs.folder })).length).toBeGreaterThan(0);
  service.kill('SIGCONT');
  await deliverSpool({ address: { path: socket }, root, environment: { HOME: programs.folder } });
  expect(listSpools(spoolFolder(root, { HOME: programs.folder }))).toEqual([]);
  await end(service, 'SIGTERM');
  expectExactly({ a: 3000, b: 2 });
});

test('the port of the original protocol takes streams as well', async () => {
  const service = spawn(process.execPath, [servicePath, root, '-', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(service);
  const port = await new Promise<string>((resolve) =>
    service.stdout?.once('data', (text) => resolve(/ready (\d+)/.exec(String(text))?.[1] ?? '')),
  );
  const environment = { SAFELOG_SOCKET: '', SAFELOG_PORT: port, SAFELOG_ROOT: join(programs.folder, 'nowhere') };
  expect((await programs.run(['app/writer.mjs', 'a', '100'], { env: environment })).code).toBe(0);
  expect(existsSync(join(programs.folder, 'nowhere'))).toBe(false);
  await end(service, 'SIGTERM');
  expectExactly({ a: 100 });
});
