/**
 * Each receiver beside Python's own for the same stream from the same sender: records a second, from the first byte to the last record in the
 * logs. Python's writes one line for each record, ours two. Of datagrams those count that arrive.
 */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startService } from '../../server/src/service/service.ts';

/** By kind, so many that either side has some seconds to do. */
const KINDS: Record<string, { ours: number; python: number }> = {
  'python-tcp': { ours: 120_000, python: 20_000 },
  'python-udp': { ours: 120_000, python: 20_000 },
  'syslog-tcp': { ours: 120_000, python: 20_000 },
  'syslog-udp': { ours: 120_000, python: 20_000 },
  json: { ours: 120_000, python: 20_000 },
  http: { ours: 5000, python: 1000 },
  otlp: { ours: 120_000, python: 20_000 },
};
const PYTHON = fileURLToPath(new URL('../../bench/receivers.py', import.meta.url));
const QUIET_MS = 1000;

const self = fileURLToPath(import.meta.url);

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'safelog-bench-'));
  try {
    for (const [kind, counts] of Object.entries(KINDS)) {
      const python = await measure(
        kind,
        counts.python,
        spawn('/usr/bin/python3', [PYTHON, 'receive', kind, join(folder, `${kind}.log`), String(counts.python)], piped),
      );
      const ours = await measure(
        kind,
        counts.ours,
        fork(self, [kind, join(folder, kind), String(counts.ours)], { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] }),
      );
      const lost = kind.endsWith('udp') ? `; arrived: ${share(ours.arrived)}, ${share(python.arrived)}` : '';
      console.log(`${kind}: ${per(ours.rate)} records/s, Python ${per(python.rate)}: ${(ours.rate / python.rate).toFixed(1)} ×${lost}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const piped = { stdio: ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit'] };
const per = (rate: number): string => Math.round(rate).toLocaleString('en');
const share = (part: number): string => `${(part * 100).toFixed(0)} %`;

/** Records a second, and the share that has arrived. */
async function measure(kind: string, count: number, receiver: ChildProcess): Promise<{ rate: number; arrived: number }> {
  const receiving = new Lines(receiver);
  const port = await receiving.next();
  const sender = spawn('/usr/bin/python3', [PYTHON, 'send', kind, port, String(count)], piped);
  try {
    await new Lines(sender).next();
    const start = performance.now();
    sender.stdin.write('\n');
    const [, received = '0'] = (await receiving.next()).split(' ');
    const took = performance.now() - start - (kind.endsWith('udp') ? QUIET_MS : 0);
    return { rate: (Number(received) * 1000) / took, arrived: Number(received) / count };
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
  let seen = -1;
  let since = performance.now();
  const timer = setInterval(() => {
    const { written, failed } = service.counts;
    const isQuiet = kind.endsWith('udp') && written > 0 && written === seen && performance.now() - since >= QUIET_MS;
    if (written !== seen) since = performance.now();
    seen = written;
    if (written + failed < count && !isQuiet) return;
    clearInterval(timer);
    console.log(`done ${written}`);
  }, 2);
  await new Promise((resolve) => process.stdin.once('data', resolve));
  await service.stop();
  process.disconnect();
}

const [, , given, ...rest] = process.argv;
if (given === undefined) await main();
else await receive(given, rest[0] ?? '', Number(rest[1]));
