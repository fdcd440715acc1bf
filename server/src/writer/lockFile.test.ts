import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LockFile, lockPath } from './lockFile.ts';
import { waitFor } from './waitFor.ts';

let folder: string;
let log: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-lock-'));
  log = join(folder, 'app.log');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Python with the lock's file open: answers `lock`, `try` and `unlock`. */
function python() {
  const child = spawn('python3', [
    '-c',
    `
import fcntl, sys
with open(sys.argv[1], 'a+') as file:
    for line in sys.stdin:
        try:
            fcntl.flock(file, {'lock': fcntl.LOCK_EX, 'try': fcntl.LOCK_EX | fcntl.LOCK_NB, 'unlock': fcntl.LOCK_UN}[line.strip()])
            print('done', flush=True)
        except BlockingIOError:
            print('busy', flush=True)
`,
    lockPath(log),
  ]);
  children.push(child);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    kill: () => new Promise((resolve) => child.once('exit', resolve) && child.kill('SIGKILL')),
    ask: async (command: 'lock' | 'try' | 'unlock'): Promise<unknown> => {
      child.stdin.write(`${command}\n`);
      return (await answers.next()).value;
    },
  };
}

test.each([
  ['/x/app.log', '/x/.__app.lock'],
  ['/x/app.txt', '/x/.__app.txt.lock'],
  ['/x/a.LOG', '/x/.__a.LOG.lock'],
  ['/x/app.log.log', '/x/.__app.log.lock'],
  ['/x/app', '/x/.__app.lock'],
])('the lock of %s is %s', (path, lock) => {
  expect(lockPath(path)).toBe(lock);
  expect(lockPath(path, '/locks')).toBe(lock.replace('/x/', '/locks/'));
});

describe('the lock', () => {
  test('is made empty, with the permissions asked for, and stays', () => {
    const lock = new LockFile({ log, directory: join(folder, 'deep/locks'), access: { chmod: 0o640 } });
    expect(existsSync(lock.path)).toBe(false);
    expect(lock.acquire(0)).toBe(true);
    expect(lock.isHeld).toBe(true);
    lock.release();
    lock.close();
    expect(readFileSync(join(folder, 'deep/locks/.__app.lock'), 'utf8')).toBe('');
    expect(statSync(lock.path).mode & 0o777).toBe(0o640 & ~process.umask());
  });

  test('excludes another handle, in this thread and in another', async () => {
    const one = new LockFile({ log });
    const two = new LockFile({ log });
    expect(one.acquire(0)).toBe(true);
    expect(two.acquire(0)).toBe(false);
    expect(() => one.acquire(0)).toThrow('held already');
    const inWorker = () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(
          `const koffi = require('koffi');
           const fd = require('fs').openSync(require('worker_threads').workerData, 'r+');
           require('worker_threads').parentPort.postMessage(koffi.load(null).func('int flock(int, int)')(fd, 6));`,
          { eval: true, workerData: one.path },
        );
        worker.once('message', resolve).once('error', reject);
      });
    expect(await inWorker()).toBe(-1);
    one.release();
    expect(await inWorker()).toBe(0);
    expect(two.acquire(1000)).toBe(true);
    two.close();
  });

  test("excludes Python's flock, both ways, and is free when its holder is killed", async () => {
    const lock = new LockFile({ log });
    lock.acquire(0);
    const other = python();
    expect(await other.ask('try')).toBe('busy');
    lock.release();
    expect(await other.ask('try')).toBe('done');
    expect(lock.acquire(0)).toBe(false);
    const before = performance.now();
    expect(lock.acquire(60)).toBe(false);
    expect(performance.now() - before).toBeGreaterThanOrEqual(59);
    expect(await other.ask('unlock')).toBe('done');
    expect(lock.acquire(0)).toBe(true);
    lock.release();
    expect(await other.ask('lock')).toBe('done');
    const died = other.kill();
    expect(lock.acquire(30_000)).toBe(true);
    await died;
    lock.close();
  });

  test('is taken anew when its file was deleted', async () => {
    const old = new LockFile({ log });
    expect(old.acquire(0)).toBe(true);
    old.release();
    rmSync(old.path);
    const young = new LockFile({ log });
    expect(young.acquire(0)).toBe(true);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    expect(old.acquire(0)).toBe(false);
    young.release();
    expect(old.acquire(0)).toBe(true);
    old.close();
    young.close();
  });

  test('says why it cannot be taken', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => new LockFile({ log, directory: join(folder, 'file') }).acquire(0)).toThrow(/ENOTDIR/);
    expect(() => new LockFile({ log: join(folder, 'absent/app.log') }).acquire(0)).toThrow(/ENOENT/);
    symlinkSync(join(folder, 'nowhere/x'), lockPath(log));
    expect(() => new LockFile({ log }).acquire(0)).toThrow(/EEXIST/);
  });
});

test('waitFor sleeps from 50 µs to 1 ms between rows of attempts, and no longer than the limit', () => {
  const times: number[] = [];
  const attempt = () => {
    times.push(performance.now());
    return false;
  };
  expect(waitFor(attempt, 400)).toBe(false);
  const sleeps = times.filter((time, i) => time - (times[i - 1] ?? time) >= 0.05);
  // Where others use the processor too, each sleep is longer.
  expect(sleeps.length).toBeGreaterThan(4);
  expect(times.length).toBeGreaterThan(2 * sleeps.length);
  expect(times.length).toBeLessThan(8 * 410);
  let left = 30;
  expect(waitFor(() => left-- === 0, 1000)).toBe(true);
  times.length = 0;
  expect(waitFor(attempt, 0)).toBe(false);
  expect(times.length).toBe(1);
});
