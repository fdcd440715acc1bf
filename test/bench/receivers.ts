/**
 * Each receiver beside Python's own and beside a bare one (Node takes the bytes in, and HTTP's answers out, and does nothing else) for the same
 * stream, made beforehand, from the same sender: the receiver's CPU time for a record, and records a second from the first byte to the last
 * record in the logs. Python's writes one line for each record, ours two. Of datagrams those count that arrive.
 */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer as createWebServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startService } from '../../server/src/service/service.ts';

/**
 * By kind, so many that either side has some seconds to do: a service runs for days, and its first second goes to its compiler. Python has
 * none, and the receiver of its cookbook hangs up when the four bytes of a length come in two pieces: it gets fewer.
 */
const KINDS: Record<string, { ours: number; python: number }> = {
  'python-tcp': { ours: 400_000, python: 20_000 },
  'python-udp': { ours: 400_000, python: 20_000 },
  'syslog-tcp': { ours: 400_000, python: 20_000 },
  'syslog-udp': { ours: 400_000, python: 20_000 },
  json: { ours: 400_000, python: 20_000 },
  http: { ours: 8000, python: 2000 },
  otlp: { ours: 400_000, python: 20_000 },
};
const PYTHON = fileURLToPath(new URL('../../bench/receivers.py', import.meta.url));
const QUIET_MS = 1000;
/** As in receivers.py. */
const OTLP_BATCH = 512;

const self = fileURLToPath(import.meta.url);

async function main(): Promise<void> {
  const asked = process.env.KINDS?.split(',') ?? Object.keys(KINDS);
  const folder = mkdtempSync(join(tmpdir(), 'safelog-bench-'));
  try {
    for (const [kind, counts] of Object.entries(KINDS)) {
      if (!asked.includes(kind)) continue;
      const python = await measure(
        kind,
        counts.python,
        spawn('/usr/bin/python3', [PYTHON, 'receive', kind, join(folder, `${kind}.log`), String(counts.python)], piped),
      );
      const node = (...args: string[]): ChildProcess => fork(self, args, { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
      const ours = await measure(kind, counts.ours, node('receive', kind, join(folder, kind), String(counts.ours)));
      const bare = await measure(kind, counts.ours, node('bare', kind));
      const times = (one: number, other: number): string => `${(one / other).toFixed(1)} ×`;
      console.log(
        `${kind}: CPU ${ours.cpu.toFixed(1)} µs a record, Python ${python.cpu.toFixed(1)} (${times(python.cpu, ours.cpu)}), bare Node ${bare.cpu.toFixed(1)}; ` +
          `${per(ours.rate)} records/s, Python ${per(python.rate)} (${times(ours.rate, python.rate)}), bare Node ${per(bare.rate)}` +
          (kind.endsWith('udp') ? `; arrived: ${[ours, python, bare].map(({ arrived }) => share(arrived)).join(', ')}` : ''),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const piped = { stdio: ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit'] };
const per = (rate: number): string => Math.round(rate).toLocaleString('en');
const share = (part: number): string => `${(part * 100).toFixed(0)} %`;

interface Measured {
  /** Records a second. */
  rate: number;
  /** The share that has arrived. */
  arrived: number;
  /** The receiver's own time for a record, µs. */
  cpu: number;
}

async function measure(kind: string, count: number, receiver: ChildProcess): Promise<Measured> {
  const receiving = new Lines(receiver);
  const port = await receiving.next();
  const sender = spawn('/usr/bin/python3', [PYTHON, 'send', kind, port, String(count)], piped);
  try {
    await new Lines(sender).next();
    const start = performance.now();
    sender.stdin.write('\n');
    const [, received = '0', micros = '0'] = (await receiving.next()).split(' ');
    const took = performance.now() - start - (kind.endsWith('udp') ? QUIET_MS : 0);
    return { rate: (Number(received) * 1000) / took, arrived: Number(received) / count, cpu: Number(micros) / Number(received) };
  } finally {
    receiver.stdin?.end('\n');
    sender.stdin.end();
    await new Promise((resolve) => (receiver.exitCode === null ? receiver.once('exit', resolve) : resolve(null)));
  }
}

class Lines {
  readonly #lines: AsyncIterator<string>;

  constructor({ stdout }: ChildProcess) {
    if (!stdout) throw new Error('no output');
    const lines: Interface = createInterface(stdout);
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async next(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('it ended too early');
    return String(value);
  }
}

/** Ours, in a process of its own. */
async function receive(kind: string, root: string, count: number): Promise<void> {
  mkdirSync(root, { recursive: true });
  const name = { 'python-tcp': 'pythonTcp', 'python-udp': 'pythonUdp', 'syslog-tcp': 'syslog', 'syslog-udp': 'syslog' }[kind] ?? kind;
  const service = await startService({ root, port: null, [name]: 0, onProblem: ({ message }) => console.error(message) });
  const [listening] = service.listening;
  console.log(listening?.address.slice(listening.address.lastIndexOf(':') + 1));
  const before = process.cpuUsage();
  let seen = -1;
  let since = performance.now();
  const timer = setInterval(() => {
    const { written, failed } = service.counts;
    const isQuiet = kind.endsWith('udp') && written > 0 && written === seen && performance.now() - since >= QUIET_MS;
    if (written !== seen) since = performance.now();
    seen = written;
    if (written + failed < count && !isQuiet) return;
    clearInterval(timer);
    tell(written, before);
  }, 2);
  await new Promise((resolve) => process.stdin.once('data', resolve));
  await service.stop();
  process.disconnect();
}

function tell(received: number, before: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(before);
  console.log(`done ${received} ${user + system}`);
}

/** Takes in what comes, and counts it: datagrams, requests, and of streams the records by their bytes. */
async function bare(kind: string): Promise<void> {
  let received = 0;
  let seen = -1;
  let before = process.cpuUsage();
  let after = before;
  const ready = (port: number): void => console.log(port);
  const begin = (): void => {
    if (received === 0) before = process.cpuUsage();
  };
  if (kind.endsWith('udp')) {
    const socket = createSocket('udp4', () => {
      begin();
      received++;
    });
    socket.bind(0, '127.0.0.1', () => {
      socket.setRecvBufferSize(8 * 2 ** 20);
      ready(socket.address().port);
    });
  } else if (kind === 'http' || kind === 'otlp') {
    const server = createWebServer((request, response) => {
      begin();
      request.resume().once('end', () => {
        received += kind === 'otlp' ? OTLP_BATCH : 1;
        response.setHeader('Content-Length', 0);
        response.end();
      });
    });
    server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => ready((server.address() as AddressInfo).port));
  } else {
    const ends =
      { 'python-tcp': Buffer.from('threadName'), json: Buffer.from('\n'), 'syslog-tcp': Buffer.from('\0') }[kind] ?? Buffer.alloc(0);
    const server = createServer((socket) =>
      socket.on('data', (chunk) => {
        begin();
        for (let at = chunk.indexOf(ends); at !== -1; at = chunk.indexOf(ends, at + 1)) received++;
      }),
    );
    server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port));
  }
  const timer = setInterval(() => {
    if (received !== seen) after = process.cpuUsage();
    const isQuiet = received > 0 && received === seen;
    seen = received;
    if (!isQuiet) return;
    clearInterval(timer);
    console.log(`done ${received} ${after.user + after.system - before.user - before.system}`);
  }, QUIET_MS);
  await new Promise((resolve) => process.stdin.once('data', resolve));
  process.exit();
}

const [, , what, kind = '', ...rest] = process.argv;
if (what === 'receive') await receive(kind, rest[0] ?? '', Number(rest[1]));
else if (what === 'bare') await bare(kind);
else await main();
