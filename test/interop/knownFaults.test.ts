/**
 * The faults that are known of Python's concurrent-log-handler, and the test that shows ours without it:
 *
 * | fault | test |
 * | --- | --- |
 * | by time, with maxBytes and more rollovers than backupCount in a period: the newest data is lost | here |
 * | a forked child that inherits the handler loses records; corrupt lines after a fork; threads lose records | here; stress.test.ts |
 * | a crash in a rotation strands `.rotate.*` | here; killed.test.ts: between any two system calls |
 * | a gap in the chain strands older files | here |
 * | compression under the lock: every writer waits for it | here |
 * | permissions race between users | here |
 * | permission errors in folders that are synchronised, files that others hold | faults.test.ts: rename fails with EACCES and EBUSY |
 * | "I/O operation on closed file", NameError at the end of the program | here: calls after close, at and after the end |
 * | by time with gzip nothing is ever deleted | here |
 * | a suffix of one's own breaks retention | here |
 * | files dated 1969-12-31 | here |
 * | the rollover is missed after a restart | here |
 */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const project = join(import.meta.dirname, '../..');
let tools: string;
let folder: string;
beforeEach(() => {
  // Inside of the project, so that programs find the package.
  tools = mkdtempSync(join(project, 'node_modules/.safelog-interop-'));
  folder = mkdtempSync(join(tmpdir(), 'safelog-faults-'));
});
afterEach(() => {
  for (const path of [tools, folder]) rmSync(path, { recursive: true, force: true });
});

const PRELUDE = `import * as safelog from 'safelog';
const { ConcurrentRotatingFileHandler, ConcurrentTimedRotatingFileHandler, Formatter, getLogger, shutdown } = safelog;
const [path] = process.argv.slice(2);
const logger = getLogger('test');
logger.setLevel('DEBUG');
const use = (handler) => (logger.addHandler(handler), handler);
`;
function program(body: string, name = 'program.mjs'): string {
  const file = join(tools, name);
  writeFileSync(file, PRELUDE + body);
  return file;
}
const path = () => join(folder, 'app.log');
const run = (body: string, options: object = {}) => promisify(execFile)(process.execPath, [program(body), path()], options);
const names = () =>
  readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();
const content = (name = 'app.log') => {
  const bytes = readFileSync(join(folder, name));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
};
const lines = () => names().flatMap((name) => content(name).trimEnd().split('\n'));

describe('by time', () => {
  test('more rollovers by size in one period than are kept: the newest data stays', async () => {
    await run(`use(new ConcurrentTimedRotatingFileHandler(path, { when: 'd', interval: 1, maxBytes: 8, backupCount: 3 }));
      for (let i = 0; i < 30; i++) logger.info('%07d', i);`);
    expect(lines().sort()).toEqual([26, 27, 28, 29].map((i) => String(i).padStart(7, '0')));
  });

  test('with gzip as many files stay as are to be kept', async () => {
    await run(`const handler = use(new ConcurrentTimedRotatingFileHandler(path, { when: 's', useGzip: true, backupCount: 2 }));
      for (let i = 0; i < 45; i++) { logger.info('%d', i); await new Promise((resolve) => setTimeout(resolve, 100)); }`);
    const rotated = names().slice(1);
    expect(rotated.length).toBe(2);
    for (const name of rotated) expect(name).toMatch(/^app\.log\.\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.gz$/);
    const numbers = lines().map(Number);
    expect(Math.max(...numbers)).toBe(44);
    expect(new Set(numbers).size).toBe(numbers.at(-1) === undefined ? 0 : 45 - Math.min(...numbers));
  });

  test('a suffix of its own is sorted by its date, and its oldest files go', async () => {
    const old = [
      'app.log.30-12-2024',
      'app.log.01-02-2026',
      'app.log.15-01-2026',
      'app.log.15-01-2026.1.gz',
      'app.log.99',
      'other.log.01-01-2020',
    ];
    for (const name of old) writeFileSync(join(folder, name), name);
    writeFileSync(path(), 'yesterday\n');
    writeFileSync(join(folder, '.__app.lock'), '1700000000');
    await run(`use(new ConcurrentTimedRotatingFileHandler(path, { when: 'd', suffix: '%d-%m-%Y', utc: true, backupCount: 3 }));
      logger.info('today');`);
    // The period that ended in 2023 is the oldest of all.
    expect(names()).toEqual(
      ['app.log', 'app.log.01-02-2026', 'app.log.15-01-2026', 'app.log.15-01-2026.1.gz', 'app.log.99', 'other.log.01-01-2020'].sort(),
    );
  });

  test('after a restart a rollover that came due meanwhile is made once, named by its period', async () => {
    writeFileSync(path(), 'before\n');
    writeFileSync(join(folder, '.__app.lock'), String(Date.UTC(2026, 0, 15, 11) / 1000));
    // Periods so long that none ends between the two.
    const body = `use(new ConcurrentTimedRotatingFileHandler(path, { when: 'd', interval: 100, utc: true })); logger.info('after');`;
    await run(body);
    await run(body);
    expect(names()).toEqual(['app.log', 'app.log.2025-10-07']);
    expect([content('app.log.2025-10-07'), content()]).toEqual(['before\n', 'after\nafter\n']);
    expect(Number(readFileSync(join(folder, '.__app.lock'), 'utf8'))).toBeGreaterThan(Date.now() / 1000);
  });

  test.each(['0', '', '-3600', 'rubbish', '1'])('a lock file that says %j dates no file before the epoch', async (text) => {
    writeFileSync(path(), 'before\n');
    utimesSync(path(), Date.UTC(2026, 2, 4, 5) / 1000, Date.UTC(2026, 2, 4, 5) / 1000);
    writeFileSync(join(folder, '.__app.lock'), text);
    await run(`use(new ConcurrentTimedRotatingFileHandler(path, { when: 'h', utc: true })); logger.info('after');`, {
      env: { ...process.env, TZ: 'America/New_York' },
    });
    expect(names()).toEqual(['app.log', 'app.log.2026-03-04_05']);
  });
});

describe('by size', () => {
  test('a gap in the chain strands nothing', async () => {
    for (const [name, text] of [
      ['app.log.1', 'c'],
      ['app.log.3', 'b'],
      ['app.log.4.gz', 'a'],
    ] as const)
      writeFileSync(join(folder, name), text);
    await run(`use(new ConcurrentRotatingFileHandler(path, { maxBytes: 3, backupCount: 5 }));
      for (let i = 0; i < 3; i++) logger.info('%d%d', i, i);`);
    // The gap is filled first, then all move on.
    expect(names()).toEqual(['app.log', 'app.log.1', 'app.log.2', 'app.log.3', 'app.log.4', 'app.log.5.gz']);
    expect(['app.log.4', 'app.log.3', 'app.log.2', 'app.log.1', 'app.log'].map((name) => content(name).trim())).toEqual([
      'b',
      'c',
      '00',
      '11',
      '22',
    ]);
    expect(readFileSync(join(folder, 'app.log.5.gz'), 'utf8')).toBe('a');
  });

  test('a program killed while it compresses: the next writer finishes its work, and leaves nothing behind', async () => {
    const file = program(`use(new ConcurrentRotatingFileHandler(path, { maxBytes: 4e6, backupCount: 5, useGzip: true }));
      for (let i = 0; i < 40; i++) logger.info('%d %s', i, 'x'.repeat(1e5) + Math.random());
      logger.info('the next');
      process.stdout.write('rotated');
      for (;;) {}`);
    const child = spawn(process.execPath, [file, path()], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await ended;
    expect(names().some((name) => name.includes('.rotate.'))).toBe(true);
    await run(`use(new ConcurrentRotatingFileHandler(path, { maxBytes: 4e6, backupCount: 5, useGzip: true })); logger.info('last');`);
    expect(names()).toEqual(['app.log', 'app.log.1.gz']);
    expect(lines().length).toBe(42);
  });

  test('nobody waits for a compression', async () => {
    const { stdout } = await run(`
      const { Worker, isMainThread } = await import('node:worker_threads');
      const handler = use(new ConcurrentRotatingFileHandler(path, { maxBytes: 6e7, backupCount: 2, useGzip: true }));
      logger.info('x'.repeat(6e7));
      // It rotates, and 60 MB are compressed in the thread pool.
      logger.info('next');
      let calls = 0;
      let isDone = false;
      handler.flush().then(() => { isDone = true; });
      while (!isDone) {
        logger.info('%d', calls++);
        await new Promise((resolve) => setImmediate(resolve));
      }
      console.log(calls);`);
    expect(names()).toEqual(['app.log', 'app.log.1.gz']);
    // One that waits would be the last but one.
    expect(Number(stdout)).toBeGreaterThan(20);
  });

  test.runIf(process.getuid?.() === 0)('writers of several users, with umasks of their own: chmod lets all write, at once', async () => {
    chmodSync(folder, 0o777);
    // Other users may not be let into the project's folder.
    rmSync(tools, { recursive: true });
    tools = mkdtempSync(join(tmpdir(), 'safelog-program-'));
    const modules = join(tools, 'node_modules');
    for (const name of ['koffi', '@koromix']) cpSync(join(project, 'node_modules', name), join(modules, name), { recursive: true });
    for (const name of ['package.json', 'dist']) cpSync(join(project, 'server', name), join(modules, 'safelog', name), { recursive: true });
    const file = program(`process.umask(0o077);
      const handler = use(new ConcurrentRotatingFileHandler(path, { chmod: 0o666, maxBytes: 400, backupCount: 900, useGzip: true }));
      handler.handleError = (_, error) => { console.error(error); process.exitCode = 1; };
      for (let i = 0; i < 300; i++) logger.info('%d %d', process.getuid(), i);
      await handler.flush();`);
    chmodSync(tools, 0o755);
    const users = [0, 65_534, 12, 13];
    await Promise.all(users.map((uid) => promisify(execFile)(process.execPath, [file, path()], { uid, gid: uid })));
    const found = lines();
    expect(found.length).toBe(1200);
    expect(new Set(found)).toEqual(new Set(users.flatMap((uid) => Array.from({ length: 300 }, (_, i) => `${uid} ${i}`))));
    for (const name of [...names(), '.__app.lock']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o666);
  });
});

describe('processes and threads of one program', () => {
  const SETTINGS = '{ maxBytes: 2000, backupCount: 900, useGzip: true }';
  const expectAll = (ids: string[]) => {
    const found = lines();
    expect(found.length).toBe(ids.length * 500);
    expect(new Set(found)).toEqual(new Set(ids.flatMap((id) => Array.from({ length: 500 }, (_, i) => `${id} ${i}`))));
    expect(names().filter((name) => name.includes('rotate'))).toEqual([]);
  };
  const write = (id: string) => `for (let i = 0; i < 500; i++) logger.info('%s %d', ${id}, i);`;

  test('forked children that load the module with its handler, while the parent writes', async () => {
    writeFileSync(
      join(tools, 'logs.mjs'),
      `${PRELUDE}use(new ConcurrentRotatingFileHandler(path, ${SETTINGS}));\nexport { logger, path };`,
    );
    const file = join(tools, 'main.mjs');
    writeFileSync(
      file,
      `import { fork } from 'node:child_process';
       import { once } from 'node:events';
       import { logger, path } from './logs.mjs';
       const id = process.env.ID ?? 'parent';
       logger.debug; // Made before the fork, as a handler that is inherited.
       const children = process.env.ID ? [] : ['a', 'b', 'c'].map((ID) => fork(process.argv[1], [path], { env: { ...process.env, ID } }));
       ${write('id')}
       await Promise.all(children.map((child) => once(child, 'exit')));`,
    );
    await promisify(execFile)(process.execPath, [file, path()]);
    expectAll(['parent', 'a', 'b', 'c']);
  });

  test('worker threads and cluster workers', async () => {
    await run(`
      import cluster from 'node:cluster';
      import { once } from 'node:events';
      import { isMainThread, Worker, workerData } from 'node:worker_threads';
      use(new ConcurrentRotatingFileHandler(path, ${SETTINGS}));
      if (!isMainThread) { ${write('workerData')} }
      else {
        const id = process.env.ID ?? 'primary';
        const threads = [1, 2].map((n) => new Worker(process.argv[1], { argv: [path], workerData: id + n }));
        const workers = cluster.isPrimary ? ['x', 'y'].map((ID) => cluster.fork({ ID })) : [];
        ${write('id')}
        await Promise.all([...threads, ...workers].map((each) => once(each, 'exit')));
        if (cluster.isWorker) cluster.worker.disconnect();
      }`);
    expectAll(['primary', 'x', 'y'].flatMap((id) => [id, `${id}1`, `${id}2`]));
  });
});

describe('the end of a program', () => {
  const all = 'ran, exit before, exit after';
  test.each([
    ['by itself', '', `${all}`],
    ['by process.exit', `process.exit(0);`, all],
    ['by an exception', `throw new Error('bad');`, `ran, monitored, exit before, exit after`],
    [
      'after shutdown',
      `shutdown(); logger.info('after shutdown'); logger.info('again');`,
      `ran, after shutdown, again, exit before, exit after`,
    ],
    [
      'in a handler of uncaughtException',
      `process.on('uncaughtException', () => { logger.info('caught'); process.exit(1); }); setTimeout(() => { throw new Error('bad'); });`,
      `ran, monitored, caught, exit before, exit after`,
    ],
    [
      'in a handler of a signal',
      `process.on('SIGTERM', () => { logger.info('told to end'); process.exit(0); }); process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 1e4);`,
      `ran, told to end, exit before, exit after`,
    ],
  ])('%s: each call reaches the file, rotated and compressed ones too', async (_, end, expected) => {
    for (const options of ['{ batch: true }', '{ batch: true, maxBytes: 1, backupCount: 99, useGzip: true }']) {
      const body = `process.on('exit', () => logger.info('exit before'));
        use(new ConcurrentRotatingFileHandler(path, ${options}));
        process.on('exit', () => logger.info('exit after'));
        process.on('uncaughtExceptionMonitor', () => logger.info('monitored'));
        logger.info('ran');
        ${end}`;
      await run(body).catch(() => {});
      const age = (name: string) => Number(/\.(\d+)\.gz$/.exec(name)?.[1] ?? 0);
      const found = names()
        .sort((a, b) => age(b) - age(a))
        .flatMap((name) => content(name).trimEnd().split('\n'));
      expect(found.join(', ')).toBe(expected);
      for (const name of names().slice(1)) expect(name).toMatch(/^app\.log\.\d+\.gz$/);
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    }
  });

  test('a handler that was closed writes on', async () => {
    await run(`const handler = use(new ConcurrentRotatingFileHandler(path));
      logger.info('one'); handler.close(); logger.info('two'); handler.close(); logger.info('three'); await handler.flush();`);
    expect(content()).toBe('one\ntwo\nthree\n');
  });

  test('debug tells what is done, on stderr', async () => {
    const { stderr } = await run(`use(new ConcurrentRotatingFileHandler(path, { debug: true, maxBytes: 3, backupCount: 1 }));
      logger.info('one'); logger.info('two');`);
    expect(stderr.split('\n').map((line) => line.replace(/^ConcurrentRotatingFileHandler \d+ .*app\.log: /, ''))).toEqual([
      'opened, 0 bytes',
      'rotated',
      'opened, 0 bytes',
      '',
    ]);
  });
});
