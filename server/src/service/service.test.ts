import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Problem } from '../protocol.ts';
import { PublishedRotation } from '../writer/treeRotation.ts';
import { type Service, type ServiceOptions, startService } from './service.ts';

const fixtures = join(import.meta.dirname, '../../../test/fixtures/safelog');
let root: string;
let service: Service;
let problems: Problem[];
const log = (name: string) => readFileSync(join(root, name), 'utf8');
const lines = (name: string) => log(name).split('\n').slice(0, -1);
/** Locks and journals are hidden. */
const shown = (folder: string) =>
  readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();
const packet = (text: string, name = 'demo.log', user = 'alice') => `${user}\x01${name}\x01${text}`;

async function start(options: Partial<ServiceOptions> = {}): Promise<void> {
  service = await startService({ root, port: 0, identity: 'off', onProblem: (problem) => problems.push(problem), ...options });
}

/** A connection to the service; its errors are the peer's to have. */
function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: service.address.port, host: service.address.host, allowHalfOpen: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
    socket.on('error', () => {});
  });
}

/** As the original client: connect, send, close. Resolves when the service has closed its half, which it does after writing. */
async function send(bytes: string | Buffer): Promise<void> {
  const socket = await open();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.resume();
  socket.end(bytes);
  await closed;
}

const until = (condition: () => boolean) => expect.poll(condition).toBe(true);
/** What is on its way between the two ends, both in this process, arrives. */
async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await nextTurn();
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-service-'));
  problems = [];
});
afterEach(async () => {
  await service?.stop();
  rmSync(root, { recursive: true, force: true });
});

test('where users have to be those of the system, nobody else has logs', async () => {
  await start({ refusesStrangers: true });
  await send(packet('2026-11-21 10:00:00.000001+00:00 INFO one\n', 'demo.log', 'slog-nobody-knows'));
  await send(packet('2026-11-21 10:00:00.000002+00:00 INFO two\n', 'demo.log', 'root'));
  expect(shown(root)).toEqual(['root']);
  expect(service.counts).toMatchObject({ written: 1, failed: 0, refused: { stranger: 1 } });
  expect(problems).toMatchObject([{ message: expect.stringContaining('the system knows no such user') }]);
});

test('a problem names the port that was picked', async () => {
  await start();
  await send('one field\x01');
  expect(problems).toMatchObject([{ path: `127.0.0.1:${service.address.port}`, message: expect.stringContaining('fields') }]);
});

test('the captured connections give the captured tree, byte for byte', async () => {
  await start();
  const wire = readdirSync(join(fixtures, 'wire')).sort();
  for (const file of wire) await send(readFileSync(join(fixtures, 'wire', file)));
  const expected = readdirSync(join(fixtures, 'tree/alice')).sort();
  expect(shown(root)).toEqual(['alice']);
  expect(shown(join(root, 'alice'))).toEqual(expected);
  for (const name of expected)
    expect(readFileSync(join(root, 'alice', name)).equals(readFileSync(join(fixtures, 'tree/alice', name)))).toBe(true);
  expect(service.counts).toMatchObject({ connections: wire.length, written: wire.length, failed: 0, blank: 0 });
  expect(problems).toEqual([]);
});

test('listens on the loopback only, unless told otherwise', async () => {
  await start();
  expect(service.address.host).toBe('127.0.0.1');
  expect(service.address.port).toBeGreaterThan(0);
});

test('200 clients at once: every entry once, whole', async () => {
  await start();
  const text = 'x'.repeat(2000);
  await Promise.all(Array.from({ length: 200 }, (_, i) => send(packet(`${i} ${text}\n`))));
  expect(
    lines('alice/demo.log')
      .map((line) => Number.parseInt(line, 10))
      .sort((a, b) => a - b),
  ).toEqual([...Array(200).keys()]);
  expect(lines('alice/demo.log').every((line) => line.endsWith(` ${text}`))).toBe(true);
});

test("the order of a client's entries is kept, though an earlier one is still being read when a later one has come", async () => {
  await start({ limits: { orderMs: 60_000 } });
  const [earlier, later] = await Promise.all([open(), open()]);
  earlier.write(packet(`earlier ${'x'.repeat(100_000)}`));
  await turns();
  later.end(packet('later\n'));
  await turns();
  expect(service.counts.written).toBe(0);
  earlier.end('\n');
  await until(() => service.counts.written === 2);
  expect(lines('alice/demo.log').map((line) => line.split(' ')[0])).toEqual(['earlier', 'later']);
  for (const socket of [earlier, later]) socket.destroy();
});

test('and so it is where the service is late: what has arrived is read before a client is given up', async () => {
  const orderMs = 1000;
  await start({ limits: { orderMs } });
  const [earlier, later] = await Promise.all([open(), open()]);
  earlier.write(packet('earlier'));
  await turns();
  later.end(packet('later\n'));
  await turns();
  expect(service.counts.written).toBe(0);
  earlier.end(' and its end\n');
  // The kernel has all of it now; the service is kept from reading it for longer than a client is waited for.
  for (const start = performance.now(); performance.now() - start < 1.5 * orderMs; );
  await until(() => service.counts.written === 2);
  expect(lines('alice/demo.log')).toEqual(['earlier and its end', 'later']);
  for (const socket of [earlier, later]) socket.destroy();
});

describe('clients that misbehave hold nobody up', () => {
  test('idle and slow ones', async () => {
    const orderMs = 500;
    await start({ limits: { orderMs } });
    const idle = await Promise.all(Array.from({ length: 20 }, open));
    const slow = await open();
    slow.write('alice\x01slow.log\x01begin');
    await turns();
    const before = performance.now();
    for (let i = 0; i < 20; i++) await send(packet(`${i}\n`));
    // The first may wait for the slow one, for the sake of order; the others do not.
    expect(performance.now() - before).toBeLessThan(19 * orderMs);
    expect(lines('alice/demo.log').length).toBe(20);
    slow.end(' and end\n');
    slow.resume();
    await new Promise((resolve) => slow.once('close', resolve));
    expect(log('alice/slow.log')).toBe('begin and end\n');
    for (const socket of idle) socket.destroy();
  });

  test('who says nothing more is given up; a whole entry is kept, a part is not', async () => {
    await start({ limits: { idleMs: 400 } });
    const [nothing, part, whole] = await Promise.all([open(), open(), open()]);
    part.write(packet('a part'));
    whole.write(packet('whole\n'));
    await Promise.all(
      [nothing, part, whole].map(
        (socket) =>
          new Promise((resolve) =>
            socket
              .resume()
              .once('close', resolve)
              .once('end', () => socket.end()),
          ),
      ),
    );
    expect(log('alice/demo.log')).toBe('whole\n');
    expect(service.counts).toMatchObject({ blank: 1, written: 1, dropped: { idle: 1 } });
  });

  test('who breaks off', async () => {
    await start();
    const [part, early] = await Promise.all([open(), open()]);
    part.write(packet('a part'));
    early.write('ali');
    await turns();
    part.resetAndDestroy();
    early.resetAndDestroy();
    await until(() => service.counts.dropped.reset === 2);
    await send(packet('next\n'));
    expect(log('alice/demo.log')).toBe('next\n');
  });

  test('who closes only the own half gets the end when the entry is written', async () => {
    await start();
    await send(packet('half\n'));
    expect(log('alice/demo.log')).toBe('half\n');
  });

  test('who sends too much, alone or together', async () => {
    await start({ limits: { messageBytes: 100_000, totalBytes: 250_000 } });
    const big = await open();
    big.write(packet('x'.repeat(300_000)));
    await until(() => service.counts.dropped.oversized === 1);
    const many = await Promise.all(Array.from({ length: 3 }, open));
    for (const socket of many) socket.write(packet('x'.repeat(90_000)));
    await until(() => service.counts.dropped.memory === 1);
    for (const socket of many) socket.end('\n');
    await until(() => service.counts.written === 2);
    await send(packet('next\n', 'next.log'));
    expect(log('alice/next.log')).toBe('next\n');
    expect(lines('alice/demo.log').map((line) => line.length)).toEqual([90_000, 90_000]);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('too long'), expect.stringContaining('too much')]);
  });
});

test('bad packets, hostile names and unwritable files are counted, said once, and stop nothing', async () => {
  mkdirSync(join(root, 'alice/locked.log'), { recursive: true });
  await start();
  for (let round = 0; round < 2; round++) {
    await send('');
    await send(' \n');
    await send('rubbish');
    await send('a\x01b\x01c\x01d');
    await send(packet('x\n', '../../../etc/cron.d/x'));
    await send(packet('x\n', '/etc/cron.d/x'));
    await send(packet('x\n', '..'));
    await send(packet('x\n', 'a\0b'));
    await send(packet('x\n', 'demo.log', '..'));
    await send(packet('x\n', 'x'.repeat(300)));
    await send(packet('x\n', ''));
    await send(packet('x\n', 'locked.log'));
    await send(packet('x\n', 'demo.log', 'nobody-knows-me'));
  }
  expect(service.counts).toMatchObject({
    connections: 26,
    written: 2,
    blank: 4,
    failed: 2,
    refused: { dot: 6, separator: 2, control: 2, long: 2, empty: 2 },
    dropped: { malformed: 4 },
  });
  expect(shown(root)).toEqual(['alice', 'nobody-knows-me']);
  expect(problems.filter(({ path }) => path.endsWith('locked.log')).length).toBe(1);
  expect(new Set(problems.map(({ message }) => message)).size).toBe(problems.length);
});

describe('stop', () => {
  test('writes what was sent before it, though nobody had read it yet', async () => {
    await start();
    const sockets = await Promise.all(Array.from({ length: 300 }, open));
    const finished = sockets.map((socket) => new Promise((resolve) => socket.resume().once('finish', resolve)));
    sockets.forEach((socket, i) => {
      socket.end(packet(`${i}\n`));
    });
    await Promise.all(finished);
    await service.stop();
    expect(lines('alice/demo.log').length).toBe(300);
  });

  test('keeps a whole entry of a client that did not close, and does not wait long for it', async () => {
    await start();
    const [whole, part, idle] = await Promise.all([open(), open(), open()]);
    whole.write(packet('whole\n'));
    part.write(packet('part'));
    await turns();
    await service.stop();
    expect(log('alice/demo.log')).toBe('whole\n');
    expect(service.counts).toMatchObject({ written: 1, blank: 1, dropped: { stop: 1 } });
    await expect(open()).rejects.toThrow('ECONNREFUSED');
    for (const socket of [whole, part, idle]) socket.destroy();
  });
});

describe('does not start', () => {
  test('on a port that is in use', async () => {
    await start();
    await expect(startService({ root: join(root, 'other'), port: service.address.port })).rejects.toThrow(/port is in use/);
  });

  test('on a root that is no directory', async () => {
    await start();
    writeFileSync(join(root, 'file'), '');
    await expect(startService({ root: join(root, 'file'), port: 0 })).rejects.toThrow(/cannot use the root/);
    await expect(startService({ root: join(root, 'file/sub'), port: 0 })).rejects.toThrow(/cannot use the root/);
  });
});

test('tells those who write the files themselves how the tree is locked and rotated, also when it has ended', async () => {
  const told = join(root, 'told');
  const rotation = { maxBytes: 1000, backupCount: 2, useGzip: true, lockFileDirectory: join(root, 'locks') };
  const other = await startService({ root: told, port: 0, rotation });
  await other.stop();
  expect(new PublishedRotation(told).current()).toEqual({ ...rotation, schedule: undefined });
  expect(statSync(join(told, '.safelog/rotation.json')).mode & 0o777).toBe(0o644);
});
