import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Together } from './beginTogether.ts';
import { buildProgram } from './buildProgram.ts';
import { hasClh, PYTHON } from './hasClh.ts';

/** Runs a program that begins to write when `together` writers are ready. */
const run = (program: string, args: string[], together: number) => {
  const ready: Together = { READY_FOLDER: join(folder, '.ready'), READY_COUNT: String(together) };
  return promisify(execFile)(program, args, { env: { ...process.env, ...ready, PYTHONDONTWRITEBYTECODE: '1' } });
};
let tools: string;
let writer: string;
let folder: string;
let path: string;

beforeAll(async () => {
  ({ folder: tools, path: writer } = await buildProgram('concurrentWriter.ts'));
});
afterAll(() => rmSync(tools, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-concurrent-'));
  path = join(folder, 'app.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Options {
  maxBytes?: number;
  backupCount?: number;
  useGzip?: boolean;
  keepFileOpen?: boolean;
  batch?: number;
}

const WRITERS = 8;
const ours = (id: number, count: number, options: Options) =>
  run(process.execPath, [writer, path, `node${id}`, String(count), JSON.stringify(options)], WRITERS);
const clh = (id: number, count: number, options: Options) =>
  run(PYTHON, [join(import.meta.dirname, 'clh_writer.py'), path, `python${id}`, String(count), JSON.stringify(options)], WRITERS);

/**
 * How often each record is there, over all generations; a line that is no whole record fails. `outOfOrder`: records behind a later one of
 * their writer, read from the oldest generation on; `mixed`: generations with records of several.
 */
function countRecords(): { records: Map<string, number>; generations: string[]; outOfOrder: number; mixed: number } {
  let mixed = 0;
  const records = new Map<string, number>();
  const age = (name: string) => Number(/\.(\d+)(\.gz)?$/.exec(name)?.[1] ?? 0);
  const generations = readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort((a, b) => age(b) - age(a));
  let outOfOrder = 0;
  const newest = new Map<string, number>();
  for (const name of generations) {
    const bytes = readFileSync(join(folder, name));
    const lines = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n');
    expect({ name, last: lines.pop() }).toEqual({ name, last: '' });
    const here = new Set<string>();
    for (const line of lines) {
      const [, key, id, number] = /^(((?:node|python)\d) (\d+)) 😀 x{60}$/.exec(line) ?? [];
      if (!key || !id) throw new Error(`${name}: torn: ${JSON.stringify(line)}`);
      records.set(key, (records.get(key) ?? 0) + 1);
      if ((newest.get(id) ?? -1) > Number(number)) outOfOrder++;
      newest.set(id, Number(number));
      here.add(id);
    }
    if (here.size > 1) mixed++;
  }
  return { records, generations, outOfOrder, mixed };
}

function expectEachOnce(kind: 'node' | 'python', processes: number, count: number, records: Map<string, number>): void {
  for (let id = 0; id < processes; id++) {
    for (let i = 0; i < count; i++) {
      const key = `${kind}${id} ${i}`;
      if (records.get(key) !== 1) throw new Error(`${key} is there ${records.get(key) ?? 0} times`);
    }
  }
}

const configurations: [name: string, options: Options][] = [
  ['plain', { maxBytes: 10_240, backupCount: 2000 }],
  ['gzip, the file closed each time', { maxBytes: 10_240, backupCount: 2000, useGzip: true, keepFileOpen: false }],
  ['in batches', { maxBytes: 10_240, backupCount: 2000, batch: 64 }],
];

test.each(configurations)('8 processes of ours, %s', async (_, options) => {
  await Promise.all(Array.from({ length: 8 }, (_, id) => ours(id, 1000, options)));
  const { records, generations, outOfOrder, mixed } = countRecords();
  expect(mixed).toBeGreaterThan(0);
  expectEachOnce('node', 8, 1000, records);
  expect({ size: records.size, outOfOrder }).toEqual({ size: 8000, outOfOrder: 0 });
  if (options.maxBytes === 10_240) expect(generations.length).toBeGreaterThanOrEqual(60);
  expect(generations.filter((name) => !/^app\.log(\.\d+(\.gz)?)?$/.test(name))).toEqual([]);
});

test('threads of one process, and cluster workers', async () => {
  const program = join(tools, 'threads.mjs');
  writeFileSync(
    program,
    `import cluster from 'node:cluster';
     import { Worker } from 'node:worker_threads';
     const [writer, path, options] = process.argv.slice(2);
     const thread = (id) => new Promise((resolve, reject) => {
       new Worker(writer, { argv: [path, id, '1000', options] }).once('error', reject).once('exit', resolve);
     });
     if (cluster.isPrimary) {
       cluster.setupPrimary({ args: [writer, path, options] });
       const workers = [2, 4].map((id) => cluster.fork({ FIRST: id }));
       await Promise.all([thread('node0'), thread('node1'), ...workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)))]);
     } else {
       const first = Number(process.env.FIRST);
       await Promise.all([thread('node' + first), thread('node' + (first + 1))]);
       process.exit(0);
     }`,
  );
  await run(process.execPath, [program, writer, path, JSON.stringify({ maxBytes: 10_240, backupCount: 2000, useGzip: true })], 6);
  const { records, generations, mixed, outOfOrder } = countRecords();
  expectEachOnce('node', 6, 1000, records);
  expect(mixed).toBeGreaterThan(generations.length / 4);
  expect({ size: records.size, outOfOrder, stranded: generations.filter((name) => name.includes('rotate')) }).toEqual({
    size: 6000,
    outOfOrder: 0,
    stranded: [],
  });
});

describe.runIf(hasClh())("with Python's concurrent-log-handler on the same file", () => {
  test.each([
    ['plain', { maxBytes: 20_000, backupCount: 2000 }],
    ['gzip, large', { maxBytes: 400_000, backupCount: 50, useGzip: true }],
  ] satisfies [string, Options][])('4 + 4 processes, %s: every record once, none torn', async (_, options) => {
    const python = Array.from({ length: 4 }, (_, id) => clh(id, 2000, options));
    const node = Array.from({ length: 4 }, (_, id) => ours(id, 4000, options));
    await Promise.all([...python, ...node]);
    const { records, generations, outOfOrder, mixed } = countRecords();
    expect(mixed).toBeGreaterThan(generations.length / 4);
    expectEachOnce('python', 4, 2000, records);
    expectEachOnce('node', 4, 4000, records);
    expect({ size: records.size, outOfOrder }).toEqual({ size: 24_000, outOfOrder: 0 });
    expect(generations.filter((name) => !/^app\.log(\.\d+(\.gz)?)?$/.test(name))).toEqual([]);
  });
});

test.each([
  ['plain', { maxBytes: 20_000 }],
  ['gzip', { maxBytes: 20_000, useGzip: true }],
] satisfies [string, Options][])('by time and size, 4 + 4 processes with one in Python that follows the rules, %s', async (_, options) => {
  const judge = join(import.meta.dirname, 'timed_writer.py');
  const python = Array.from({ length: 4 }, (_, id) => run(PYTHON, [judge, path, `python${id}`, '800', JSON.stringify(options)], WRITERS));
  const schedule = { when: 's', interval: 1, utc: true };
  const node = Array.from({ length: 4 }, (_, id) =>
    run(process.execPath, [writer, path, `node${id}`, '800', JSON.stringify({ ...options, schedule, pauseMs: 3 })], WRITERS),
  );
  await Promise.all([...python, ...node]);
  const { records, generations, mixed } = countRecords();
  expectEachOnce('python', 4, 800, records);
  expectEachOnce('node', 4, 800, records);
  expect(records.size).toBe(6400);
  expect(mixed).toBeGreaterThan(generations.length / 4);
  const periods = new Set(
    generations.map((name) => /^app\.log(?:\.(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)(?:\.\d+)?(?:\.gz)?)?$/.exec(name)?.[1] ?? name),
  );
  expect([...periods].filter((period) => period.includes('rotate'))).toEqual([]);
  // 800 pauses of 3 ms: two seconds at least have passed, and app.log is there.
  expect(periods.size).toBeGreaterThan(2);
});

test('the count would notice: the same without the lock loses or tears records', async () => {
  // Two writers with locks of their own do not exclude each other.
  const options = { maxBytes: 2000, backupCount: 2000 };
  const apart = (id: number) =>
    run(
      process.execPath,
      [writer, path, `node${id}`, '4000', JSON.stringify({ ...options, lockFileDirectory: join(folder, `.locks${id}`) })],
      4,
    );
  await Promise.allSettled([apart(0), apart(1), apart(2), apart(3)]);
  expect(() => expectEachOnce('node', 4, 4000, countRecords().records)).toThrow();
});
