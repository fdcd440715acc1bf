/**
 * The service beside bare receivers that write the same two lines, in the same run with the same clients; the original protocol beside a
 * server that accepts, reads and closes; memory with 1,000 connections; and how long an acknowledgement takes at half load.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { cpus, setPriority, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectAlone } from '../../server/src/service/collectAlone.ts';
import { startService } from '../../server/src/service/service.ts';
import { StreamClient } from '../../server/src/service/testing/streamClient.ts';
import { BatchEncoder, MAX_FRAME_BYTES } from '../../server/src/wire/stream.ts';
import { percentile } from './makeTree.ts';
import { type BareOptions, startBareEntries, startBareStream } from './serviceBare.ts';

const CLIENTS = 8;
const RECORDS = 150_000;
const BATCH = 256;
const AHEAD = 32_768;
const ENTRIES = 2000;
/** Which do not count: meanwhile the programs are compiled, ours longer than the bare one. */
const FIRST_ENTRIES = 1000;
/** Of the original protocol beside the bare server, in turn: single rounds differ by a quarter. */
const ROUNDS = 5;
/** At half load: how long, and how much of its beginning does not count, while the programs are compiled. */
const CALM_SECONDS = 8;
const WARM_MS = 3000;
/** As setpriority(2) has it; only root may. */
const AHEAD_OF_CLIENTS = -10;
const text = 'x'.repeat(70);

type Role =
  | { role: 'service'; root: string; socket: string; priority?: number }
  | ({ role: 'bareStream' | 'bareEntries'; priority?: number } & BareOptions)
  | { role: 'stream'; socket: string; module: string; records: number; perSecond: number }
  | { role: 'bareClient'; socket: string; records: number }
  | { role: 'entries'; port: number; entries: number; module: string };
type Said = { ready: number } | { took: number; latencies?: number[]; slowest?: number };

const self = fileURLToPath(import.meta.url);
const [, , given] = process.argv;
if (given === undefined) await main();
else await play(JSON.parse(given));

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'safelog-bench-'));
  try {
    const user = userInfo().username;
    const total = CLIENTS * RECORDS;
    const bare = await streamed(
      folder,
      'bare',
      (socket) => ({ role: 'bareStream', socket, folder: join(folder, 'bare', user) }),
      (socket) => ({ role: 'bareClient', socket, records: RECORDS }),
    );
    const ours = await streamed(
      folder,
      'ours',
      (socket) => ({ role: 'service', socket, root: join(folder, 'ours') }),
      (socket, i) => ({ role: 'stream', socket, module: `m${i}`, records: RECORDS, perSecond: 0 }),
    );
    const written = countLines(join(folder, 'ours', user, 'master.log'));
    const rate = total / ours.seconds;
    console.log(
      `streaming, ${CLIENTS} clients: ${per(rate)} records/s, bare receiver ${per(total / bare.seconds)}: ${(bare.seconds / ours.seconds).toFixed(2)} ×, ${total - written} lost`,
    );
    rmSync(join(folder, 'ours'), { recursive: true, force: true });
    const perSecond = rate / CLIENTS / 2;
    const calmClient = (socket: string, i: number): Role => ({
      role: 'stream',
      socket,
      module: `m${i}`,
      records: perSecond * CALM_SECONDS,
      perSecond,
    });
    console.log(`acknowledged at half load, ${CLIENTS + 1} processes on ${cpus().length} processors:`);
    const calm: Role[] = [
      { role: 'service', socket: '', root: join(folder, 'calm') },
      { role: 'bareStream', socket: '', folder: join(folder, 'calmBare') },
    ];
    // Where every process waits for a processor, an acknowledgement is as late as the last of them: what is the server's own shows with the
    // server ahead of the clients.
    for (const priority of process.geteuid?.() === 0 ? [0, AHEAD_OF_CLIENTS] : [0]) {
      for (const server of calm) {
        const before = cpuTimes();
        const { latencies } = await streamed(folder, 'calm', (socket) => ({ ...server, socket, priority }) as Role, calmClient);
        const after = cpuTimes();
        const all = latencies.sort((a, b) => a - b);
        const busy = 1 - (after.idle - before.idle) / (after.all - before.all);
        const who = `${server.role === 'service' ? 'ours' : 'bare'}${priority === 0 ? '' : ', ahead of the clients'}`;
        console.log(
          `  ${who}: p50 ${at(all, 0.5)}, p99 ${at(all, 0.99)}, max ${at(all, 1)} ms, processors ${Math.round(busy * 100)} % busy`,
        );
      }
      rmSync(join(folder, 'calm'), { recursive: true, force: true });
    }
    const rounds: { bare: number; ours: number; slowest: number }[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const bareEntries = await entered({ role: 'bareEntries', socket: '', folder });
      const service = await entered({ role: 'service', root: join(folder, 'entries'), socket: join(folder, 'e') });
      rounds.push({ bare: bareEntries.rate, ours: service.rate, slowest: service.slowest });
    }
    const part = (pick: (round: (typeof rounds)[number]) => number): number => percentile(rounds.map(pick), 0.5);
    console.log(
      `original protocol, ${CLIENTS} clients: ${per(part(({ ours }) => ours))} connections/s, accept-read-close ${per(part(({ bare }) => bare))}: ${part(({ ours, bare }) => ours / bare).toFixed(2)} × (medians of ${ROUNDS}), slowest connect ${Math.max(...rounds.map(({ slowest }) => slowest)).toFixed(0)} ms`,
    );
    await memory(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function per(rate: number): string {
  return Math.round(rate).toLocaleString('en');
}

function at(sorted: readonly number[], part: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(2);
}

/** Of all processors, of whatever runs on the machine, ms. */
function cpuTimes(): { idle: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((each) => Object.values(each))) };
}

function countLines(path: string): number {
  const bytes = readFileSync(path);
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

async function streamed(folder: string, name: string, server: (socket: string) => Role, client: (socket: string, i: number) => Role) {
  const socket = join(folder, `${name}.s`);
  const serving = start(server(socket));
  await serving.said();
  const clients = Array.from({ length: CLIENTS }, (_, i) => start(client(socket, i)));
  for (const each of clients) await each.said();
  const before = performance.now();
  for (const each of clients) each.process.send('go');
  const latencies: number[] = [];
  for (const each of clients) {
    const said = await each.said();
    if ('latencies' in said) latencies.push(...(said.latencies ?? []));
  }
  const seconds = (performance.now() - before) / 1000;
  await serving.end();
  return { seconds, latencies };
}

async function entered(server: Role): Promise<{ rate: number; slowest: number }> {
  const serving = start(server);
  const ready = await serving.said();
  const port = 'ready' in ready ? ready.ready : 0;
  const clients = Array.from({ length: CLIENTS }, (_, i) => start({ role: 'entries', port, entries: ENTRIES, module: `m${i}` }));
  for (const each of clients) await each.said();
  const before = performance.now();
  for (const each of clients) each.process.send('go');
  let slowest = 0;
  for (const each of clients) {
    const said = await each.said();
    if ('slowest' in said) slowest = Math.max(slowest, said.slowest ?? 0);
  }
  const rate = (CLIENTS * ENTRIES) / ((performance.now() - before) / 1000);
  await serving.end();
  return { rate, slowest };
}

async function memory(folder: string): Promise<void> {
  const socket = join(folder, 'memory.s');
  const serving = start({ role: 'service', root: join(folder, 'memory'), socket });
  await serving.said();
  const clients = Array.from({ length: 1000 }, () => new StreamClient({ path: socket }));
  for (const client of clients) await client.connect();
  for (let round = 0; round < 20; round++) for (const client of clients) client.send([{ text }]);
  for (const client of clients) await client.settled();
  const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serving.process.pid}/status`, 'utf8'))?.[1]);
  console.log(`memory with 1,000 connections that each sent 20 records: ${(kib / 1024).toFixed(0)} MB`);
  for (const client of clients) client.close();
  await serving.end();
}

/** A process that plays a role; `said` gives its messages one by one. */
function start(role: Role): { process: ChildProcess; said: () => Promise<Said>; end: () => Promise<void> } {
  const child = fork(self, [JSON.stringify(role)]);
  const queue: Said[] = [];
  let wake = (): void => {};
  child.on('message', (message) => {
    queue.push(message as Said);
    wake();
  });
  return {
    process: child,
    said: async () => {
      while (queue.length === 0) {
        if (child.exitCode !== null) throw new Error(`${role.role} has ended`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return queue.shift() as Said;
    },
    end: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.send('end');
      await ended;
    },
  };
}

async function play(role: Role): Promise<void> {
  if ('priority' in role && role.priority) setPriority(role.priority);
  const say = (said: Said): void => void process.send?.(said);
  const told = (): Promise<unknown> => new Promise((resolve) => process.once('message', resolve));
  switch (role.role) {
    case 'service': {
      collectAlone();
      const service = await startService({ root: role.root, socket: role.socket, port: 0, identity: 'check', onProblem: console.error });
      say({ ready: service.address.port });
      await told();
      await service.stop();
      break;
    }
    case 'bareStream':
      await startBareStream(role);
      say({ ready: 0 });
      await told();
      break;
    case 'bareEntries':
      say({ ready: await startBareEntries() });
      await told();
      break;
    case 'stream': {
      const client = new StreamClient({ path: role.socket }, { module: role.module });
      await client.connect();
      say({ ready: 0 });
      await told();
      say(await stream(client, role.records, role.perSecond));
      client.close();
      break;
    }
    case 'bareClient': {
      const socket = connect(role.socket);
      await new Promise((resolve) => socket.once('connect', resolve));
      say({ ready: 0 });
      await told();
      const encoder = new BatchEncoder(MAX_FRAME_BYTES);
      for (let sent = 0; sent < role.records; sent += BATCH) {
        for (let i = 0; i < BATCH; i++) encoder.add({ user: '', module: 'm', level: 'INFO', time: Date.now() * 1000 + i, text });
        if (!socket.write(encoder.finish(sent + 1))) await new Promise((resolve) => socket.once('drain', resolve));
      }
      socket.end();
      // The receiver closes when it has written everything.
      await new Promise((resolve) => socket.resume().once('close', resolve));
      say({ took: 0 });
      break;
    }
    case 'entries':
      await enter(role.port, FIRST_ENTRIES, role.module);
      say({ ready: 0 });
      await told();
      say({ took: 0, slowest: await enter(role.port, role.entries, role.module) });
  }
  process.exit();
}

/** In batches as large at any rate. How long each waited for its acknowledgement is noted where the rate is given. */
async function stream(client: StreamClient, records: number, perSecond: number): Promise<Said> {
  const latencies: number[] = [];
  const begun = performance.now();
  const pending: { last: number; at: number }[] = [];
  const note = async (): Promise<void> => {
    for (let [first] = pending; first; [first] = pending) {
      const { last, at } = first;
      await client.until(() => client.acknowledged >= last);
      if (at - begun > WARM_MS) latencies.push(performance.now() - at);
      pending.shift();
    }
  };
  let noted = Promise.resolve();
  for (let sent = 0; sent < records; sent += BATCH) {
    const due = perSecond > 0 ? begun + (sent / perSecond) * 1000 : 0;
    for (let left = due - performance.now(); left > 0; left = due - performance.now())
      await new Promise((resolve) => setTimeout(resolve, left));
    // Who is late sends at once, but not before it has read what has come.
    if (perSecond > 0) await new Promise((resolve) => setImmediate(resolve));
    const time = Date.now() * 1000;
    const last = client.send(Array.from({ length: Math.min(BATCH, records - sent) }, (_, i) => ({ text, time: time + i })));
    if (perSecond > 0 && pending.push({ last, at: performance.now() }) === 1) noted = note();
    if (client.last - client.acknowledged > AHEAD) await client.until(() => client.last - client.acknowledged <= AHEAD / 2);
    else if (perSecond === 0 && sent % (BATCH * 16) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await client.settled();
  await noted;
  return { took: performance.now() - begun, latencies };
}

/** As the original client: one connection for each entry, one after the other. The slowest connect, ms. */
async function enter(port: number, entries: number, module: string): Promise<number> {
  let slowest = 0;
  const message = `${userInfo().username}\x01${module}.log\x012026-11-21 10:00:00.000001+00:00 INFO ${text}\n`;
  for (let i = 0; i < entries; i++) {
    const before = performance.now();
    await new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        slowest = Math.max(slowest, performance.now() - before);
        socket.end(message);
      });
      socket.on('error', reject);
      socket.resume().once('close', () => resolve());
    });
  }
  return slowest;
}
