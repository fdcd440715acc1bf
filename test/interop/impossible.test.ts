/** Writing is impossible for a while, for the package as programs use it: the caller goes on, is told, and loses nothing. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';

const project = join(import.meta.dirname, '../..');
let folder: string;
let logs: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-impossible-'));
  // Other users may not be let into the project's folder.
  chmodSync(folder, 0o755);
  const modules = join(folder, 'node_modules');
  for (const name of ['koffi', '@koromix']) cpSync(join(project, 'node_modules', name), join(modules, name), { recursive: true });
  for (const name of ['package.json', 'dist']) cpSync(join(project, 'server', name), join(modules, 'safelog', name), { recursive: true });
  logs = join(folder, 'logs');
  mkdirSync(logs);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a program that logs 0 to COUNT - 1, one each 5 ms, and then prints the errors that it was told and its slowest call. */
function start(name: string, id: string, count: number, options: string, uid?: number): { pid: number; ended: Promise<Outcome> } {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { renameSync } from 'node:fs';
     import { ConcurrentRotatingFileHandler, getLogger } from 'safelog';
     const handler = new ConcurrentRotatingFileHandler(${JSON.stringify(join(logs, 'app.log'))}, ${options});
     const codes = [];
     handler.handleError = (_, error) => codes.push(error.code ?? String(error));
     const logger = getLogger('test');
     logger.addHandler(handler);
     logger.setLevel('DEBUG');
     let slowest = 0;
     for (let i = 0; i < ${count}; i++) {
       const before = performance.now();
       logger.info('${id} %d', i);
       slowest = Math.max(slowest, performance.now() - before);
       await new Promise((resolve) => setTimeout(resolve, 5));
     }
     const alive = setInterval(() => {}, 1000);
     await handler.flush();
     clearInterval(alive);
     console.log(JSON.stringify({ codes, slowest }));`,
  );
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'], ...(uid === undefined ? {} : { uid, gid: uid }) });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  return { pid: child.pid ?? 0, ended: once(child, 'close').then(() => JSON.parse(text) as Outcome) };
}
interface Outcome {
  codes: string[];
  slowest: number;
}

const names = () => readdirSync(logs).filter((name) => !name.startsWith('.'));
const lines = () => names().flatMap((name) => readFileSync(join(logs, name), 'utf8').trimEnd().split('\n'));
const all = (id: string, count: number) => Array.from({ length: count }, (_, i) => `${id} ${i}`);
async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition() && Date.now() < end; ) await sleep(10);
}
const has = (text: string) => names().includes('app.log') && lines().some((line) => line.startsWith(text));

test.runIf(process.getuid?.() === 0)('permissions that are taken from another user, and given back', async () => {
  chownSync(logs, 65_534, 65_534);
  const { ended } = start('revoked', 'a', 100, '{ keepFileOpen: false }', 65_534);
  await until(() => has('a 20'));
  chmodSync(join(logs, 'app.log'), 0);
  await sleep(150);
  chmodSync(join(logs, 'app.log'), 0o600);
  expect((await ended).codes).toEqual(['EACCES']);
  expect(lines()).toEqual(all('a', 100));
});

test('a writer that is stopped while it holds the lock', async () => {
  // It stops itself in its first rotation.
  const stopping = `{ maxBytes: 60, backupCount: 900, lockLimitMs: 20_000, rotator: (source, destination) => {
    if (destination.endsWith('.1') && !globalThis.hasStopped) { globalThis.hasStopped = true; process.kill(process.pid, 'SIGSTOP'); }
    renameSync(source, destination);
  } }`;
  const stopped = start('stopped', 's', 40, stopping);
  const isStopped = () => /^State:\s+T/m.test(readFileSync(`/proc/${stopped.pid}/status`, 'utf8'));
  try {
    await until(isStopped);
    expect(isStopped()).toBe(true);
    const other = start('other', 'o', 60, '{ maxBytes: 60, backupCount: 900, lockLimitMs: 100 }');
    await sleep(800);
    expect(has('o ')).toBe(false);
    process.kill(stopped.pid, 'SIGCONT');
    const { codes, slowest } = await other.ended;
    expect(codes).toEqual(['ELOCKTIMEOUT']);
    expect(slowest).toBeLessThan(600);
    await stopped.ended;
    expect(lines().sort()).toEqual([...all('s', 40), ...all('o', 60)].sort());
  } finally {
    try {
      process.kill(stopped.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
});
