/** Writing is impossible for a while, for the package as programs use it: the caller goes on, is told, and loses nothing. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Starts a program that logs `ID 0`, `ID 1` …, one each 5 ms, until it is ended; it tells what it has done. */
function start(id: string, options: string, uid?: number): Program {
  const file = join(folder, `${id}.mjs`);
  writeFileSync(
    file,
    `import { existsSync, renameSync } from 'node:fs';
     import { ConcurrentRotatingFileHandler, getLogger } from 'safelog';
     const handler = new ConcurrentRotatingFileHandler(${JSON.stringify(join(logs, 'app.log'))}, ${options});
     handler.handleError = (_, error) => console.log(error.code ?? String(error));
     const logger = getLogger('test');
     logger.addHandler(handler);
     logger.setLevel('DEBUG');
     for (let i = 0; !existsSync('${file}.end'); i++) {
       logger.info('${id} %d', i);
       console.log(i);
       await new Promise((resolve) => setTimeout(resolve, 5));
     }
     const alive = setInterval(() => {}, 1000);
     await handler.flush();
     clearInterval(alive);`,
  );
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'], ...(uid === undefined ? {} : { uid, gid: uid }) });
  const closed = once(child, 'close');
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  const told = () => text.split('\n').slice(0, -1);
  const records = () => told().filter((line) => /^\d+$/.test(line));
  return {
    pid: child.pid ?? 0,
    calls: () => records().length,
    errors: () => told().filter((line) => !/^\d+$/.test(line)),
    end: async () => {
      writeFileSync(`${file}.end`, '');
      await closed;
      return records().map((number) => `${id} ${number}`);
    },
  };
}

interface Program {
  pid: number;
  /** How many calls have returned. */
  calls(): number;
  /** What it was told, in order. */
  errors(): string[];
  /** Ends it when it has written everything; gives the records that it has logged. */
  end(): Promise<string[]>;
}

const names = () => readdirSync(logs).filter((name) => !name.startsWith('.'));
const lines = () => names().flatMap((name) => readFileSync(join(logs, name), 'utf8').trimEnd().split('\n'));
const until = (condition: () => boolean) => expect.poll(condition).toBe(true);

test.runIf(process.getuid?.() === 0)('permissions that are taken from another user, and given back', async () => {
  chownSync(logs, 65_534, 65_534);
  const log = join(logs, 'app.log');
  const program = start('a', '{ keepFileOpen: false }', 65_534);
  await until(() => existsSync(log) && lines().includes('a 20'));
  chmodSync(log, 0);
  await until(() => program.errors().length > 0);
  chmodSync(log, 0o600);
  const calls = program.calls();
  await until(() => lines().includes(`a ${calls + 20}`));
  const records = await program.end();
  expect(program.errors()).toEqual(['EACCES']);
  expect(lines()).toEqual(records);
});

test('a writer that is stopped while it holds the lock', async () => {
  // It stops itself in its first rotation.
  const stopping = `{ maxBytes: 60, backupCount: 9000, lockLimitMs: 60_000, rotator: (source, destination) => {
    if (destination.endsWith('.1') && !globalThis.hasStopped) { globalThis.hasStopped = true; process.kill(process.pid, 'SIGSTOP'); }
    renameSync(source, destination);
  } }`;
  const stopped = start('s', stopping);
  try {
    await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${stopped.pid}/status`, 'utf8')));
    const other = start('o', '{ maxBytes: 60, backupCount: 9000, lockLimitMs: 100 }');
    // It is told, and goes on.
    await until(() => other.errors().length > 0);
    const calls = other.calls();
    await until(() => other.calls() > calls + 20);
    expect(other.errors()).toEqual(['ELOCKTIMEOUT']);
    expect(lines().filter((line) => line.startsWith('o '))).toEqual([]);
    process.kill(stopped.pid, 'SIGCONT');
    const records = (await Promise.all([stopped.end(), other.end()])).flat();
    expect(lines().sort()).toEqual(records.sort());
  } finally {
    try {
      process.kill(stopped.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
});
