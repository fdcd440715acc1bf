import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatSource } from '../record/layouts/sourceBlock.ts';
import { encodeHello, encodeWelcome } from '../wire/stream.ts';
import { askStatus } from './askStatus.ts';
import { type Service, type ServiceOptions, startService } from './service.ts';
import { StreamClient } from './testing/streamClient.ts';

let folder: string;
let root: string;
let socket: string;
let service: Service;
let clients: StreamClient[];
const own = userInfo().username;

const read = (name: string, user = own) => readFileSync(join(root, user, name), 'utf8');
const texts = (name: string) =>
  read(name)
    .split('\n')
    .slice(0, -1)
    .map((line) => line.slice(line.indexOf('INFO ') + 5));

async function start(options: Partial<ServiceOptions> = {}): Promise<void> {
  service = await startService({ root, socket, port: null, streamPort: 0, ...options });
}

function client(hello = {}, where: { path: string } | { port: number } = { path: socket }): StreamClient {
  const made = new StreamClient(where, hello);
  clients.push(made);
  return made;
}

const tcp = () => ({ port: Number(service.listening.at(-1)!.address.split(':').at(-1)), host: '127.0.0.1' });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-stream-'));
  root = join(folder, 'root');
  socket = join(folder, 's');
  clients = [];
});

afterEach(async () => {
  for (const each of clients) each.close();
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('one record in, one line in the log and one in master.log, with one time', async () => {
  await start();
  const web = client();
  expect(await web.connect()).toMatchObject({ user: own, root });
  const time = Date.UTC(2026, 10, 21) * 1000;
  web.send([
    { text: 'first', time: time + 406_171 },
    { text: 'exact', time, level: 'WARNING' },
    { text: 'no level', time: time + 20, level: '', module: 'db' },
    { text: 'to all', time: time + 3, module: 'master' },
    { text: '', time: time + 999_999, source: formatSource({ logger: 'l', pid: 3, extras: { k: ']' } }) },
    { text: 'x'.repeat(100), time: time + 1_000_001, source: 'no block' },
  ]);
  expect(await web.settled()).toBe(true);
  const day = '2026-11-21 00:00';
  const long = `${day}:01.000001+00:00 INFO ${'x'.repeat(100)}\n`;
  expect(read('web.log')).toBe(
    `${day}:00.406171+00:00 INFO first\n${day}:00+00:00 WARNING exact\n${day}:00.999999+00:00 INFO [l 3 - - {"k":"]"}] \n${long}`,
  );
  expect(read('db.log')).toBe(`${day}:00.000020+00:00 no level\n`);
  expect(read('master.log')).toBe(
    [
      `${day}:00.406171+00:00 web.log INFO first\n`,
      `${day}:00+00:00 web.log WARNING exact\n`,
      `${day}:00.000020+00:00 db.log no level\n`,
      `${day}:00.000003+00:00 INFO to all\n`,
      `${day}:00.999999+00:00 web.log INFO [l 3 - - {"k":"]"}] \n`,
      long.replace(' INFO', ' web.log INFO'),
    ].join(''),
  );
});

test('a message cannot forge an entry, and comes out of its marks as it was', async () => {
  await start();
  const web = client();
  await web.connect();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom('\n', '\t', 'a', '2026-11-21 00:00:00+00:00 ERROR forged') }), { minLength: 1 }),
      async (all) => {
        rmSync(join(root, own, 'forge.log'), { force: true });
        web.send(all.map((text) => ({ text, time: 1_000_000_000_000_000, module: 'forge' })));
        await web.settled();
        const head = '2001-09-09 01:46:40+00:00 INFO ';
        const entries = read('forge.log').split(head).slice(1);
        expect(entries.map((entry) => entry.slice(0, -1).replaceAll('\n\t', '\n'))).toEqual(all);
        expect(
          read('forge.log')
            .split('\n')
            .filter((line) => line.startsWith('2')),
        ).toHaveLength(all.length);
      },
    ),
    { numRuns: 30 },
  );
});

test('what is sent again after a broken connection is written once, and what was not is not lost', async () => {
  await start();
  const web = client();
  for (let round = 0; round < 10; round++) {
    await web.connect(round % 2 === 0 ? { path: socket } : tcp());
    for (let i = 0; i < 20; i++) web.send(Array.from({ length: 10 }, (_, k) => ({ text: String(web.last + k + 1) })));
    if (round < 9) await web.until(() => web.acknowledged > round * 100);
  }
  await web.settled();
  expect(texts('web.log')).toEqual(Array.from({ length: 2000 }, (_, i) => String(i + 1)));
  expect(texts('master.log')).toEqual(Array.from({ length: 2000 }, (_, i) => String(i + 1)));
});

test('a service that stops acknowledges all it has taken; the next one goes on', async () => {
  await start();
  const web = client();
  await web.connect();
  for (let i = 0; i < 100; i++) web.send([{ text: String(i + 1) }]);
  await service.stop();
  await web.until(() => web.isClosed);
  expect(web.said).toEqual([expect.objectContaining({ kind: 'bye', isFinal: false })]);
  await start();
  web.send([{ text: '101' }]);
  await web.connect();
  expect(await web.settled()).toBe(true);
  expect(texts('web.log')).toEqual(Array.from({ length: 101 }, (_, i) => String(i + 1)));
});

test('goodbye is answered when all is stored', async () => {
  await start();
  const web = client();
  await web.connect();
  web.send([{ text: 'last' }]);
  web.goodbye();
  await web.until(() => web.isClosed);
  expect(web.acknowledged).toBe(1);
  expect(web.said).toEqual([{ kind: 'bye', isFinal: false, reason: 'goodbye' }]);
});

test('names that lead out of the tree are refused, the rest of the batch is written', async () => {
  await start();
  const web = client();
  await web.connect();
  web.send([{ text: 'one' }, { text: 'x', module: '../x' }, { text: 'x', module: 'a/b' }, { text: 'x', level: 'a\nb' }, { text: 'two' }]);
  expect(await web.settled()).toBe(true);
  expect(texts('web.log')).toEqual(['one', 'two']);
  expect(web.said).toMatchObject([
    { kind: 'refused', first: 2, last: 2, isFinal: true },
    { kind: 'refused', first: 3, last: 3, isFinal: true },
    { kind: 'refused', first: 4, last: 4, isFinal: true },
  ]);
  expect(service.counts).toMatchObject({ written: 2, refused: { dot: 1, separator: 1, level: 1 } });
});

test('one service for each tree', async () => {
  await start();
  await expect(startService({ root, port: 0 })).rejects.toThrow(`another service serves ${root}, process ${process.pid} (stream ${socket}`);
  await service.stop();
  await start();
});

test('the socket of a dead service is taken over, a living one not', async () => {
  writeFileSync(join(folder, 'file'), '');
  await start();
  await expect(startService({ root: join(folder, 'other'), socket, port: null })).rejects.toThrow(/another service listens there/);
  await expect(startService({ root: join(folder, 'other'), socket: join(folder, 'file'), port: null })).rejects.toThrow(
    /something else has that name/,
  );
  const problems: string[] = [];
  const other = await startService({
    root: join(folder, 'other'),
    socket,
    port: null,
    isSocketOptional: true,
    onProblem: ({ message }) => problems.push(message),
  });
  expect(problems).toHaveLength(1);
  await other.stop();
});

describe('peers that misbehave', () => {
  const hello = () => encodeHello({ version: 1, client: 'a'.repeat(32), program: '', user: '', module: 'm' });

  /** Sends bytes, and waits until the service closes. */
  function throwAt(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      const peer = connect(socket, () => peer.end(bytes));
      peer.on('error', () => {});
      peer.resume().once('close', () => resolve());
    });
  }

  test('any bytes: the service goes on', async () => {
    await start();
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.boolean(),
        fc.constantFrom(1, 2, 3, 4, 0x41, 0x81),
        async (bytes, isWelcome, type) => {
          const frame = Buffer.concat([Buffer.from([bytes.length + 1, 0, 0, 0, type]), bytes]);
          await throwAt(isWelcome ? Buffer.concat([hello(), frame]) : frame);
          await throwAt(bytes);
        },
      ),
      { numRuns: 50 },
    );
    await throwAt(encodeWelcome({ version: 1, stored: 0, user: '', windowRecords: 1, windowBytes: 1, frameBytes: 1, root: '' }));
    const web = client();
    await web.connect();
    web.send([{ text: 'still there' }]);
    expect(await web.settled()).toBe(true);
    expect(service.counts.brokenStreams).toBeGreaterThan(0);
  });

  test('who says nothing, or half a frame, is given up; who says nothing between frames is not', async () => {
    await start({ idleMs: 100 });
    const web = client();
    await web.connect();
    const silent = connect(socket).resume();
    const half = connect(socket, () => half.write(Buffer.concat([hello(), Buffer.from([9, 0, 0])]))).resume();
    await Promise.all([silent, half].map((peer) => new Promise((resolve) => peer.once('end', resolve))));
    for (const peer of [silent, half]) peer.destroy();
    web.send([{ text: 'late' }]);
    expect(await web.settled()).toBe(true);
    expect(service.counts.brokenStreams).toBe(2);
  });

  test('who sends too much at once, and never reads, holds up nobody and fills no memory', async () => {
    await start({ totalBytes: 1 << 20 });
    const greedy = client();
    await greedy.connect();
    greedy.socket.pause();
    for (let i = 0; i < 40; i++) greedy.send([{ text: 'x'.repeat(1 << 19), module: 'big' }]);
    const web = client();
    await web.connect();
    for (let i = 0; i < 50; i++) {
      web.send([{ text: String(i) }]);
      expect(await web.settled()).toBe(true);
    }
    greedy.socket.resume();
    expect(await greedy.settled()).toBe(true);
  });

  test('too many connections, another version', async () => {
    await start({ connections: 2 });
    const [first, second, third] = [client(), client(), client()];
    await first.connect();
    await second.connect();
    await expect(third.connect()).rejects.toThrow();
    expect(third.said).toMatchObject([{ kind: 'bye', isFinal: false, reason: 'too many connections' }]);
    first.send([{ text: 'one' }]);
    await first.settled();
    const frame = hello();
    frame[9] = 7;
    second.close();
    await expect.poll(() => service.status().receivers[0]?.connections).toBe(1);
    await throwAt(frame);
    expect(service.counts.rejectedStreams).toBe(1);
  });

  test('the rate of one connection is bounded, and nothing is lost by that', async () => {
    await start({ recordsPerSecond: 1000 });
    const web = client();
    await web.connect();
    const before = performance.now();
    for (let i = 0; i < 5; i++) web.send(Array.from({ length: 100 }, (_, k) => ({ text: String(i * 100 + k) })));
    expect(await web.settled()).toBe(true);
    // The last 100 need not have had their time.
    expect(performance.now() - before).toBeGreaterThan(350);
    expect(texts('web.log')).toHaveLength(500);
  });
});

test('the status tells what goes on', async () => {
  await start();
  const web = client();
  await web.connect();
  web.send([{ text: 'one' }, { text: 'two' }]);
  await web.settled();
  // Who asks is not counted.
  expect(JSON.parse(await askStatus(socket))).toMatchObject({
    pid: process.pid,
    root,
    receivers: [
      { kind: 'stream', address: socket, connections: 1 },
      { kind: 'stream', connections: 0 },
    ],
    counts: { written: 2, streams: 1 },
    clients: [{ program: 'test', user: own, records: 2 }],
  });
});
