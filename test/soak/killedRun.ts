/**
 * Clients send records without a pause while the service is killed (SIGKILL) and started again, many times. In the end every record is in
 * its module's log, and in master.log, exactly once, in its client's order.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { compareAge, parseName } from '../../server/src/generation/name.ts';
import type { ServiceOptions } from '../../server/src/service/service.ts';
import { StreamClient } from '../../server/src/service/testing/streamClient.ts';

export interface KilledRun {
  /** The built killedService. */
  program: string;
  kills: number;
  clients: number;
  /** The logs are rotated and compressed meanwhile. */
  rotates: boolean;
  /** Records of a batch, at most. */
  batch: number;
}

export interface KilledResult {
  sent: number;
  lost: number;
  doubled: number;
  disordered: number;
  torn: number;
  /** What the services have said. */
  stderr: string;
}

const AHEAD = 2000;

export async function runKilled({ program, kills, clients: count, rotates, batch }: KilledRun): Promise<KilledResult> {
  const folder = mkdtempSync(join(tmpdir(), 'safelog-killed-'));
  const root = join(folder, 'root');
  const socket = join(folder, 's');
  const rotation = rotates ? { maxBytes: 2_000_000, backupCount: 100_000, useGzip: true } : {};
  const options: ServiceOptions = { root, socket, rotation };
  let stderr = '';
  let service: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'pipe'] });
    service = child;
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', () => reject(new Error(`the service ended: ${stderr}`)));
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const child = service;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  const clients = Array.from({ length: count }, (_, i) => new StreamClient({ path: socket }, { module: `m${i}` }));
  let isOver = false;
  const run = async (client: StreamClient): Promise<void> => {
    while (!isOver || client.acknowledged < client.last) {
      if (client.isClosed) {
        await client.connect().catch(() => sleep(5));
        continue;
      }
      if (isOver || client.last - client.acknowledged > AHEAD) {
        const { acknowledged } = client;
        await client.until(() => client.acknowledged > acknowledged || client.isClosed);
      } else {
        const first = client.last + 1;
        const size = 1 + Math.floor(Math.random() * batch);
        client.send(Array.from({ length: size }, (_, i) => ({ text: `${first + i} ${'x'.repeat((first + i) % 200)}` })));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    client.close();
  };
  try {
    await start();
    const running = Promise.all(clients.map(run));
    for (let i = 0; i < kills; i++) {
      const goal = Math.min(...clients.map(({ acknowledged }) => acknowledged)) + 1;
      while (Math.min(...clients.map(({ acknowledged }) => acknowledged)) < goal) await sleep(1);
      await sleep(Math.random() * 30);
      await end('SIGKILL');
      await start();
    }
    isOver = true;
    await running;
    await end('SIGTERM');
    return { ...(await check(join(root, userInfo().username), clients)), stderr };
  } finally {
    isOver = true;
    await end('SIGKILL');
    for (const client of clients) client.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function check(folder: string, clients: readonly StreamClient[]): Promise<Omit<KilledResult, 'stderr'>> {
  const result = { sent: 0, lost: 0, doubled: 0, disordered: 0, torn: 0 };
  const seen = clients.map(() => ({ module: [] as number[], master: [] as number[] }));
  for (const log of ['master.log', ...clients.map((_, i) => `m${i}.log`)]) {
    for await (const line of linesOf(folder, log)) {
      const [, own = '', name = own, number = '', filler = ''] =
        /^\S+ \S+ (?:(m\d+)\.log )?INFO ()(\d+) (x*)$/.exec(line)?.map((part) => part ?? '') ?? [];
      const module = log === 'master.log' ? own || name : log.slice(0, -4);
      const lists = seen[Number(module.slice(1))];
      if (!lists || number === '' || filler.length !== Number(number) % 200) result.torn++;
      else lists[log === 'master.log' ? 'master' : 'module'].push(Number(number));
    }
  }
  clients.forEach(({ last }, i) => {
    result.sent += last;
    for (const numbers of [seen[i]?.module ?? [], seen[i]?.master ?? []]) {
      const unique = new Set(numbers);
      result.lost += last - unique.size;
      result.doubled += numbers.length - unique.size;
      numbers.forEach((number, at) => {
        if (number <= (numbers[at - 1] ?? 0)) result.disordered++;
      });
    }
  });
  return result;
}

/** Of all generations, the oldest first; as a stream: a long run's logs fit into no string. */
async function* linesOf(folder: string, log: string): AsyncGenerator<string, void, void> {
  const generations = readdirSync(folder)
    .flatMap((name) => {
      const parsed = parseName(name);
      return parsed?.log === log ? [{ name, ...parsed }] : [];
    })
    .sort((a, b) => compareAge(a.age, b.age));
  for (const { name, compressed } of generations) {
    const file = createReadStream(join(folder, name));
    yield* createInterface(compressed ? file.pipe(createGunzip()) : file);
  }
}
