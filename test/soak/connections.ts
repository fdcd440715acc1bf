/**
 * Ten thousand connections at once: `npm run soak -- connections [CONNECTIONS]`. Among those of the original protocol and the streams that log
 * something are half-open, slow, cut off, and oversized ones, and some that say nothing. Every whole entry and every record is counted
 * afterwards, and the service's memory is told. The limit of open files has to be twice as high in all.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StreamClient } from '../../server/src/service/testing/streamClient.ts';

const total = Number(process.argv[2] ?? 10_000);
const MESSAGE_BYTES = 64 * 1024;
const KINDS = ['whole', 'stream', 'halfOpen', 'slow', 'cut', 'oversized', 'silent', 'brokenStream'] as const;
type Kind = (typeof KINDS)[number];

const user = userInfo().username;
const root = mkdtempSync(join(tmpdir(), 'safelog-connections-'));
const service = await startService();
const problems: string[] = [];
const opened: { kind: Kind; socket: Socket }[] = [];
const streams: StreamClient[] = [];
try {
  const before = performance.now();
  let slowest = 0;
  for (let i = 0; i < total; i += 100) {
    const begun = performance.now();
    await Promise.all(Array.from({ length: Math.min(100, total - i) }, (_, j) => open(i + j)));
    slowest = Math.max(slowest, performance.now() - begun);
  }
  const seconds = (performance.now() - before) / 1000;
  console.log(`${total} connections in ${seconds.toFixed(1)} s, the slowest hundred in ${slowest.toFixed(0)} ms; service: ${memory()} MB`);

  // Somebody who comes now is served at once, whatever the others do.
  const late = performance.now();
  await logWhole('late');
  console.log(`one more, while they are open: ${(performance.now() - late).toFixed(0)} ms`);

  for (const stream of streams) stream.send([{ text: 'streamed' }]);
  for (const stream of streams) if (!(await stream.settled())) problems.push('a stream ended');
  for (const { kind, socket } of opened) finish(kind, socket);
  const count = (kind: Kind): number => opened.filter((each) => each.kind === kind).length;
  const expected = {
    'whole.log': count('whole') + count('halfOpen'),
    'slow.log': count('slow'),
    'late.log': 1,
    'stream.log': streams.length,
  };
  const limit = performance.now() + 300_000;
  const isThere = (): boolean => Object.entries(expected).every(([name, entries]) => lines(name) >= entries);
  while (!isThere() && performance.now() < limit) await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(`service when all have spoken: ${memory()} MB`);
  for (const { socket } of opened) socket.destroy();
  for (const stream of streams) stream.close();
  await end(service.process);
  for (const [name, entries] of Object.entries({ ...expected, 'cut.log': 0, 'oversized.log': 0, 'silent.log': 0 })) {
    console.log(`${name}: ${lines(name)} of ${entries}`);
    if (lines(name) !== entries) process.exitCode = 1;
  }
} finally {
  service.process.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
}
for (const problem of new Set(problems)) console.log(problem);
if (problems.length > 0) process.exitCode = 1;

function startService(): Promise<{ process: ChildProcess; port: number }> {
  const program = fileURLToPath(new URL('./connectionsService.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify({ root, messageBytes: MESSAGE_BYTES, idleMs: 600_000 })], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve({ process: child, port: Number(text) }));
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
  });
}

function entry(kind: string, text: string): string {
  return `${user}\x01${kind}.log\x012026-11-21 10:00:00.000001+00:00 INFO ${text}\n`;
}

/** What each does at once; the rest comes when all are open. */
async function open(number: number): Promise<void> {
  // Most are of the two kinds that log.
  const kind: Kind = number % 4 === 0 ? 'whole' : number % 4 === 1 ? 'stream' : (KINDS[2 + (Math.floor(number / 4) % 6)] ?? 'silent');
  if (kind === 'stream') {
    const client = new StreamClient({ port: service.port, host: '127.0.0.1' }, { module: 'stream' });
    await client.connect();
    streams.push(client);
    return;
  }
  const socket = await connected();
  opened.push({ kind, socket });
  if (kind === 'slow' || kind === 'cut') socket.write(entry(kind, 'text').slice(0, 20));
  else if (kind === 'oversized') socket.write(entry(kind, 'x'.repeat(MESSAGE_BYTES - 100)));
  else if (kind === 'halfOpen') socket.end(entry('whole', 'half-open'));
  else if (kind === 'brokenStream') socket.write(Buffer.from('\x1e\0\0\0\x01SFLG and then no hello at all', 'latin1'));
}

function finish(kind: Kind, socket: Socket): void {
  if (kind === 'whole') socket.end(entry('whole', 'text'));
  else if (kind === 'slow') for (const byte of entry('slow', 'text').slice(20)) socket.write(byte);
  if (kind === 'slow') socket.end();
  else if (kind === 'cut') socket.resetAndDestroy();
  else if (kind === 'oversized') socket.end('x'.repeat(MESSAGE_BYTES));
}

function connected(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: service.port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      socket.off('error', reject).on('error', () => {});
      resolve(socket);
    });
    socket.once('error', reject);
    socket.resume();
  });
}

async function logWhole(name: string): Promise<void> {
  const socket = await connected();
  const closed = new Promise((resolve) => socket.once('end', resolve));
  socket.end(entry(name, 'text'));
  await closed;
}

function lines(name: string): number {
  try {
    return readFileSync(join(root, user, name), 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}

function memory(): string {
  const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.process.pid}/status`, 'utf8'))?.[1]);
  return (kib / 1024).toFixed(0);
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
