import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConcurrentFile } from './concurrentFile.ts';
import { LockFile } from './lockFile.ts';
import { RecordWriter, type RecordWriterOptions } from './recordWriter.ts';

let folder: string;
let log: string;
let errors: unknown[];
let writer: RecordWriter;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-records-'));
  mkdirSync(join(folder, 'logs'));
  log = join(folder, 'logs/app.log');
  errors = [];
});
afterEach(() => {
  writer.closeSync();
  rmSync(folder, { recursive: true, force: true });
});

const LOCK_LIMIT_MS = 40;
function open(options: Partial<RecordWriterOptions> = {}): RecordWriter {
  const file = new ConcurrentFile({ path: log, lockLimitMs: LOCK_LIMIT_MS });
  writer = new RecordWriter({ file, onError: (error) => errors.push(error), ...options });
  return writer;
}

const record = (i: number) => Buffer.from(`${String(i).padStart(9, '0')}\n`);
const records = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => record(from + i).toString()).join('');
const content = () => readFileSync(log, 'utf8');
const write = (from: number, to: number, isUrgent?: boolean) => {
  for (let i = from; i < to; i++) writer.write(record(i), isUrgent);
};
/** Makes writing impossible until it is called. */
function takeAway(): () => void {
  // The lock's file is looked for every 50 ms only.
  renameSync(join(folder, 'logs'), join(folder, 'away'));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
  return () => renameSync(join(folder, 'away'), join(folder, 'logs'));
}

test('on return a record is in the file', () => {
  open();
  write(0, 3);
  expect(content()).toBe(records(0, 3));
});

describe('in batches', () => {
  test('a turn of the event loop is written together; flush resolves when it is in the file', async () => {
    open({ batch: true });
    write(0, 3, false);
    expect(writer.queuedBytes).toBe(30);
    await new Promise((resolve) => setImmediate(resolve));
    expect(content()).toBe(records(0, 3));
    write(3, 5, false);
    await writer.flush();
    expect(content()).toBe(records(0, 5));
  });

  test('an urgent record is written at once, behind those before it', () => {
    open({ batch: true });
    write(0, 3, false);
    write(3, 4, true);
    expect(content()).toBe(records(0, 4));
    expect(writer.queuedBytes).toBe(0);
  });

  test('a loop that never lets the event loop turn is written by and by', () => {
    open({ batch: true });
    write(0, 100_000, false);
    expect(writer.queuedBytes).toBeLessThan(300_000);
    expect(content().length).toBeGreaterThan(700_000);
    writer.flushSync();
    expect(content()).toBe(records(0, 100_000));
  });
});

describe('while writing is impossible', () => {
  test('records wait in their order, the error is said once, and they are written by themselves afterwards', async () => {
    open();
    write(0, 1);
    const giveBack = takeAway();
    write(1, 4);
    expect(errors.length).toBe(1);
    expect(errors[0]).toMatchObject({ code: 'ENOENT' });
    giveBack();
    await expect.poll(() => (existsSync(log) ? content() : '')).toBe(records(0, 4));
    write(4, 5);
    expect(content()).toBe(records(0, 5));
    const giveBackAgain = takeAway();
    write(5, 6);
    expect(errors.length).toBe(2);
    giveBackAgain();
    await writer.flush();
    expect(content()).toBe(records(0, 6));
  });

  test('a lock that is kept is waited for once, not by every record', async () => {
    open();
    const other = new LockFile({ log });
    other.acquire(0);
    const start = performance.now();
    write(0, 1000);
    expect(performance.now() - start).toBeLessThan(1000 * LOCK_LIMIT_MS);
    expect(errors.length).toBe(1);
    other.release();
    await writer.flush();
    expect(content()).toBe(records(0, 1000));
    other.close();
  });

  test('more than fits is dropped, counted and said in its place', async () => {
    open({ maxQueuedBytes: 50, dropped: (count) => Buffer.from(`dropped ${count}\n`) });
    const giveBack = takeAway();
    write(0, 8);
    expect(writer.queuedBytes).toBe(50);
    giveBack();
    await writer.flush();
    write(8, 9);
    expect(content()).toBe(`${records(0, 5)}dropped 3\n${records(8, 9)}`);
  });

  test('closing tells how many could not be written', () => {
    open({ maxQueuedBytes: 50 });
    takeAway();
    write(0, 8);
    expect(writer.closeSync()).toBe(8);
    expect(writer.closeSync()).toBe(0);
  });
});

describe('a program that ends', () => {
  let tools: string;
  beforeAll(async () => {
    // Inside of the project, so that the program finds koffi.
    tools = mkdtempSync(join(import.meta.dirname, '../../../node_modules/.safelog-records-'));
    const contents = `
      import { ConcurrentFile } from './concurrentFile.ts';
      import { RecordWriter } from './recordWriter.ts';
      const say = (text) => writer.write(Buffer.from(text + '\\n'), false);
      process.on('exit', () => say('listener before'));
      const writer = new RecordWriter({ file: new ConcurrentFile({ path: process.argv[2] }), batch: true });
      process.on('exit', () => say('listener after'));
      say('first');
      if (process.argv[3] === 'exit') process.exit(0);
      if (process.argv[3] === 'throw') {
        process.on('uncaughtExceptionMonitor', () => say('caught'));
        throw new Error('bad');
      }
      setTimeout(() => say('second'), 20);
    `;
    await build({
      stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
      outfile: join(tools, 'program.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['koffi'],
    });
  });
  afterAll(() => rmSync(tools, { recursive: true, force: true }));

  test.each([
    ['by itself', 'end', ['first', 'second', 'listener before', 'listener after']],
    ['by process.exit', 'exit', ['first', 'listener before', 'listener after']],
    ['by an error', 'throw', ['first', 'caught', 'listener before', 'listener after']],
  ])('%s: every record is in the file, those of its last listeners too', (_, how, expected) => {
    spawnSync(process.execPath, [join(tools, 'program.mjs'), log, how]);
    expect(content().trimEnd().split('\n')).toEqual(expected);
    open();
  });
});
