import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeadReader } from '../record/layout.ts';
import { parseSource, type Source } from '../record/layouts/sourceBlock.ts';
import { levelName } from '../record/level.ts';
import { testing } from '../wire/testing/python.ts';
import { userName } from '../writer/root.ts';
import { type Service, type ServiceOptions, startService } from './service.ts';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
let folder: string;
let service: Service | null = null;
const problems: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-receivers-'));
  problems.length = 0;
});
afterEach(async () => {
  await service?.stop();
  service = null;
  rmSync(folder, { recursive: true });
});

const ALL = { pythonTcp: 0, pythonUdp: 0, http: 0, syslog: 0, otlp: 0, json: 0 };

async function start(options: Partial<ServiceOptions> = {}): Promise<Service> {
  service = await startService({
    root: join(folder, 'tree'),
    port: null,
    onProblem: ({ message }) => problems.push(message),
    ...ALL,
    ...options,
  });
  return service;
}

function port(kind: string): number {
  const { address = '' } = service?.listening.find((each) => each.kind === kind && each.address.includes(':')) ?? {};
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

interface Line extends Source {
  time: number;
  level: string;
  text: string;
}

/** A log as the index reads it. */
function read(name: string, user = userName()): Line[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(folder, 'tree', user, `${name}.log`));
  } catch {
    return [];
  }
  const reader = new HeadReader(name === 'master');
  reader.detect(bytes);
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    if (reader.read(bytes, start, end)) {
      const { time, level, blockStart, blockEnd } = reader.head;
      lines.push({
        time,
        level: level === -1 ? '' : levelName(level),
        text: reader.text(bytes, end),
        ...parseSource(bytes, blockStart, blockEnd),
      });
    } else {
      const last = lines.at(-1);
      if (last) last.text += `\n${bytes.toString('utf8', start, end)}`;
    }
    start = end + 1;
  }
  return lines;
}

/** The last words of a request's answer. */
function ask(
  kind: string,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: port(kind), method: 'POST', path: '/', ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    sent.once('error', reject);
    sent.end(options.body);
  });
}

function sendTcp(to: number | string, ...chunks: (Buffer | string)[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = typeof to === 'number' ? connect(to, '127.0.0.1') : connect(to);
    socket.once('close', () => resolve());
    socket.on('error', () => {});
    for (const chunk of chunks) socket.write(chunk);
    socket.end();
  });
}

test('every handler of the installed Python', async () => {
  const syslogSocket = join(folder, 'syslog.sock');
  await start({ syslogSocket });
  const ports = Object.fromEntries(['python-tcp', 'python-udp', 'http', 'syslog'].map((kind) => [kind, port(kind)]));
  await run('/usr/bin/python3', [join(here, 'testing/log_everywhere.py'), JSON.stringify({ ...ports, syslogSocket })], {
    env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' },
  });
  const of = (name: string): Line[] => read(`app.${name}`).filter(({ text }) => !text.startsWith('thread'));
  await expect
    .poll(() => ['tcp', 'udp', 'get', 'post', 'sysudp', 'systcp', 'sysunix'].map((name) => [name, of(name).length]))
    .toEqual(['tcp', 'udp', 'get', 'post', 'sysudp', 'systcp', 'sysunix'].map((name) => [name, 7]));
  await expect.poll(() => read('log_everywhere')).toHaveLength(1);
  await service?.stop();

  for (const name of ['tcp', 'udp', 'get', 'post', 'sysudp', 'systcp', 'sysunix']) {
    const [debug, info, warning, forged, between, exception, long] = of(name);
    const isSyslog = name.startsWith('sys');
    expect(debug).toMatchObject({ level: 'DEBUG', text: 'a debug one', logger: `app.${name}` });
    expect(info).toMatchObject({ level: 'INFO', text: 'user alice did 42 things in 1.500 s' });
    expect(warning).toMatchObject({ level: 'WARNING', text: 'café 日本語 😀' });
    expect(forged?.text).toBe('[- - - -] forged\n\t2026-01-01 00:00:00+00:00 ERROR forged');
    expect(between).toMatchObject({ level: isSyslog ? 'WARNING' : 'Level 35', text: 'between' });
    expect(exception?.level).toBe('ERROR');
    if (name === 'get' || name === 'post') expect(exception?.extras?.exc_info).toMatch(/KeyError\('missing'\)/);
    else expect(exception?.text).toMatch(/^lookup failed\n\tTraceback \(most recent call last\):\n[\s\S]*KeyError: 'missing'$/);
    expect(long?.text).toBe('x'.repeat(20_000));
    if (isSyslog) continue;
    expect(warning).toMatchObject({ thread: 'MainThread', file: join(here, 'testing/log_everywhere.py'), line: 30 });
    expect(warning?.pid).toBeGreaterThan(1);
    if (name === 'tcp' || name === 'udp')
      expect(warning?.extras).toEqual({ k: 1, tags: ['a', { b: null }], who: expect.stringMatching(/^<(builtins|__builtin__)\.object>$/) });
    else expect(warning?.extras).toEqual({ k: '1', tags: "['a', {'b': None}]", who: "<class 'object'>" });
    expect(Math.abs((info?.time ?? 0) - Date.now() * 1000)).toBeLessThan(600e6);
  }
  for (const name of ['tcp', 'get', 'post', 'systcp', 'sysunix']) {
    const texts = read(`app.${name}`).flatMap(({ text }) => (text.startsWith('thread') ? [text] : []));
    const all = [0, 1, 2, 3].flatMap((i) => Array.from({ length: 20 }, (_, n) => `thread ${i} record ${n}`));
    expect([...texts].sort()).toEqual(all.sort());
    for (const i of [0, 1, 2, 3])
      expect(texts.filter((text) => text.startsWith(`thread ${i} `)).map((text) => Number(text.split(' ').at(-1)))).toEqual(
        Array.from({ length: 20 }, (_, n) => n),
      );
  }
  expect(read('log_everywhere')[0]).toMatchObject({ level: 'WARNING', text: 'from the root', logger: 'root' });
  expect(read('master').length).toBe(7 * 7 + 5 * 80 + 1);
  expect(service?.counts).toMatchObject({ written: 450, failed: 0, webPages: 0 });
  // The datagrams; and, on a busy machine, whoever had hung up before it could be asked for.
  expect(service?.counts.unknown).toBeGreaterThanOrEqual(14);
});

test('web pages and names that are not this machine’s are refused, whatever they send', async () => {
  await start();
  const body = '{"msg":"owned"}';
  for (const kind of ['http', 'otlp']) {
    const path = kind === 'otlp' ? '/v1/logs' : '/';
    const json = { 'content-type': 'application/json' };
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { host: 'evil.example' },
      { host: 'localhost.evil.example:80' },
      { host: '10.0.0.1' },
    ]) {
      expect(await ask(kind, { path, headers: { ...json, ...headers }, body }), JSON.stringify(headers)).toMatchObject({ status: 403 });
      expect((await ask(kind, { method: 'GET', path: `${path}?msg=owned&levelno=20`, headers })).status).toBe(403);
    }
  }
  expect((await ask('http', { headers: { host: 'localhost:1', 'content-type': 'application/json' }, body: '{"msg":"fine"}' })).status).toBe(
    200,
  );
  // A form that a page sends to a port of another protocol.
  const page = `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n\r\n${body}\n<14>owned\n`;
  for (const kind of ['json', 'syslog', 'python-tcp']) await sendTcp(port(kind), page);
  await service?.stop();
  expect(read('master').map(({ text }) => text)).toEqual(['fine']);
  expect(service?.counts.webPages).toBe(28);
  expect(service?.counts.dropped.malformed).toBeGreaterThanOrEqual(2);
});

test('JSON by POST: one, a list, a line each; compressed; and what is none', async () => {
  await start();
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    ask('http', { body, headers: { 'content-type': 'application/json', ...headers } });
  expect(await post('{"level":"warn","msg":"one","name":"web"}')).toEqual({ status: 200, body: '' });
  // Acknowledged is written.
  expect(read('web')).toMatchObject([{ level: 'WARNING', text: 'one', logger: 'web' }]);
  expect((await post('[{"msg":"two","name":"web"},{"msg":"three","name":"web"}]')).status).toBe(200);
  expect(
    (await post('{"msg":"four","name":"web"}\n{"msg":"five","name":"web"}\n', { 'content-type': 'application/x-ndjson' })).status,
  ).toBe(200);
  expect((await post('{\n "msg": "six",\n "name": "web"\n}')).status).toBe(200);
  expect((await post(gzipSync('{"msg":"seven","name":"web"}'), { 'content-encoding': 'gzip' })).status).toBe(200);
  expect(read('web').map(({ text }) => text)).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven']);
  for (const [body, headers, status] of [
    ['nothing', {}, 400],
    ['', {}, 400],
    ['[1]', {}, 400],
    ['{"msg":', {}, 400],
    ['x', { 'content-encoding': 'gzip' }, 400],
    ['x', { 'content-encoding': 'br' }, 400],
    ['msg=1', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
  ] as const)
    expect((await post(body, headers)).status, body).toBe(status);
  expect((await ask('http', { method: 'PUT', body: '{}' })).status).toBe(405);
  expect(read('web')).toHaveLength(7);
});

test('names lead nowhere else, and lines cannot be forged', async () => {
  await start();
  await sendTcp(
    port('json'),
    ['../../etc/x', 'master', 'a/b c', '.hidden', 'x'.repeat(5000), 'é\u0000\u001b[31m']
      .map((name) => `${JSON.stringify({ name, msg: 'x\n2026-01-01 00:00:00+00:00 ERROR forged' })}\n`)
      .join(''),
    'Trace of a crash\n',
  );
  await service?.stop();
  const names = read('master').map(({ text }) => text);
  expect(names).toHaveLength(7);
  for (const name of ['etc_x', 'master_', 'a_b_c', 'hidden'])
    expect(read(name).map(({ text }) => text)).toEqual(['x\n\t2026-01-01 00:00:00+00:00 ERROR forged']);
});

test('extras that are too much for a line’s head follow the message', async () => {
  await start();
  await sendTcp(port('json'), `${JSON.stringify({ name: 'web', msg: 'large', pid: 5, big: 'y'.repeat(10_000) })}\n`);
  await service?.stop();
  const [line] = read('web');
  expect(line).toMatchObject({ logger: 'web', pid: 5 });
  expect(line?.text).toBe(`large\n\t{"big":"${'y'.repeat(10_000)}"}`);
});

test('what is malformed, too long, one too many or unfinished is dropped and counted; the rest goes on', async () => {
  await start({ messageBytes: 20_000, connections: 2, idleMs: 100 });
  const frame = readFileSync(join(testing.fixtures, 'pylogging/socket_tcp/01-plain.bin'));
  const broken = Buffer.concat([frame.subarray(0, 7), Buffer.from([0xff]), frame.subarray(8)]);
  await sendTcp(port('python-tcp'), broken, frame);
  await expect.poll(() => read('wire.tcp').length).toBe(1);
  expect(service?.counts.dropped.malformed).toBe(1);
  await sendTcp(port('python-tcp'), Buffer.from([0x7f, 0xff, 0xff, 0xff]), frame);
  await expect.poll(() => service?.counts.dropped.oversized).toBe(1);
  expect((await ask('http', { headers: { 'content-type': 'application/json' }, body: `{"msg":"${'x'.repeat(30_000)}"}` })).status).toBe(
    413,
  );
  expect(
    (
      await ask('http', {
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body: gzipSync(Buffer.alloc(5_000_000, 0x20)),
      })
    ).status,
  ).toBe(413);
  expect(service?.counts.dropped.oversized).toBe(3);
  const half = connect(port('python-tcp'), '127.0.0.1').on('error', () => {});
  half.write(frame.subarray(0, 50));
  await new Promise((resolve) => half.once('close', resolve));
  expect(service?.counts.dropped.idle).toBe(1);
  const open = [1, 2].map(() => connect(port('json'), '127.0.0.1').on('error', () => {}));
  await expect.poll(() => service?.status().receivers.find(({ kind }) => kind === 'json')?.connections).toBe(2);
  await sendTcp(port('json'), '{"msg":"one too many"}\n');
  await expect.poll(() => service?.counts.dropped.count).toBe(1);
  for (const socket of open) socket.destroy();
  const udp = createSocket('udp4');
  for (const datagram of [Buffer.from('rubbish'), broken, frame]) udp.send(datagram, port('python-udp'), '127.0.0.1');
  await expect.poll(() => read('wire.tcp').length).toBe(2);
  udp.close();
  expect(service?.counts.dropped.malformed).toBe(3);
  expect(problems.join('\n')).toMatch(/python-udp has been dropped/);
});

test('records that cannot be written are told to be rejected, in the request’s own format', async () => {
  await start();
  mkdirSync(join(folder, 'tree', userName(), 'blocked.log'), { recursive: true });
  const logs = (...names: string[]): string =>
    JSON.stringify({
      resourceLogs: names.map((name) => ({
        resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] },
        scopeLogs: [{ logRecords: [1, 2, 3].map((n) => ({ body: { stringValue: `record ${n}` } })) }],
      })),
    });
  const send = (...names: string[]): Promise<{ status: number; body: string }> =>
    ask('otlp', { path: '/v1/logs', headers: { 'content-type': 'application/json' }, body: logs(...names) });
  const rejected = { partialSuccess: { rejectedLogRecords: '3', errorMessage: expect.stringContaining('directory') } };
  const { status, body } = await send('blocked');
  expect([status, JSON.parse(body)]).toEqual([200, rejected]);
  // Others’ records in the same transaction are written, and those of the same request.
  const [mixed, free] = await Promise.all([send('first', 'blocked', 'last'), send('free')]);
  expect([mixed.status, JSON.parse(mixed.body)]).toEqual([200, rejected]);
  expect(free).toEqual({ status: 200, body: '{}' });
  for (const name of ['first', 'last', 'free']) expect(read(name).map(({ text }) => text)).toEqual(['record 1', 'record 2', 'record 3']);
  expect(read('master')).toHaveLength(9);
  expect(service?.counts).toMatchObject({ written: 9, failed: 6 });
  const { status: failed } = await ask('http', { headers: { 'content-type': 'application/json' }, body: '{"name":"blocked","msg":"x"}' });
  expect(failed).toBe(500);
});

test('a connection that sends more records a second than it may waits, others do not; datagrams are dropped', async () => {
  await start({ recordsPerSecond: 10 });
  const hasty = connect(port('json'), '127.0.0.1').on('error', () => {});
  hasty.write('{"name":"hasty","msg":"x"}\n'.repeat(500));
  await expect.poll(() => read('hasty').length).toBe(500);
  hasty.write('{"name":"hasty","msg":"too early"}\n');
  await sendTcp(port('json'), '{"name":"patient","msg":"y"}\n');
  await expect.poll(() => read('patient').length).toBe(1);
  expect(read('hasty')).toHaveLength(500);
  hasty.destroy();
  const udp = createSocket('udp4');
  for (let i = 0; i < 50; i++) udp.send('<14>app: hello', port('syslog'), '127.0.0.1');
  await expect.poll(() => service?.counts.dropped.rate ?? 0).toBeGreaterThan(30);
  await expect.poll(() => read('app').length).toBeGreaterThanOrEqual(10);
  udp.close();
});

test('where identity is required, datagrams are refused and known peers are not', async () => {
  await start({ identity: 'require' });
  const udp = createSocket('udp4');
  udp.send('<14>app: hello', port('syslog'), '127.0.0.1');
  await expect.poll(() => service?.counts.unidentified).toBe(1);
  udp.close();
  if (process.platform !== 'linux') return;
  expect((await ask('http', { headers: { 'content-type': 'application/json' }, body: '{"msg":"known","name":"web"}' })).status).toBe(200);
  expect(read('web')).toHaveLength(1);
  expect(service?.counts.unknown).toBe(0);
});

test('all are off until they are asked for, and what cannot be had is said', async () => {
  service = await startService({ root: join(folder, 'tree'), port: null });
  expect(service.listening).toEqual([]);
  await service.stop();
  await start();
  const taken = port('json');
  await expect(startService({ root: join(folder, 'other'), port: null, http: taken })).rejects.toThrow(
    `cannot listen on 127.0.0.1:${taken} (http): the port is in use`,
  );
  const path = join(folder, 'none/x.sock');
  await expect(startService({ root: join(folder, 'third'), port: null, syslogSocket: path })).rejects.toMatchObject({
    setting: 'syslogSocket',
    address: path,
    message: expect.stringContaining('cannot listen on'),
  });
});
