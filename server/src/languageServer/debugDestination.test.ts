import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DebugEntry, Problem } from '../protocol.ts';
import { nowMicros } from '../writer/clock.ts';
import { lockPath } from '../writer/lockFile.ts';
import { userName } from '../writer/root.ts';
import type * as Destination from './debugDestination.ts';
import { DebugDestination } from './debugDestination.ts';

let root: string;
let folder: string;
let problems: Problem[];
let destination: DebugDestination;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-debug-'));
  folder = join(root, userName());
  problems = [];
  destination = new DebugDestination(
    () => root,
    (problem) => problems.push(problem),
  );
});
afterEach(async () => {
  await destination.close();
  rmSync(root, { recursive: true, force: true });
});

const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const entry = (text: string, rest: Partial<DebugEntry> = {}): DebugEntry => ({ time: nowMicros(), level: 'INFO', text, ...rest });
const log = (...texts: string[]) => destination.log({ module: 'Run it', entries: texts.map((text) => entry(text)) });
/** What the lines of a log say behind their time and level. */
const texts = (name: string) => [...read(name).matchAll(/ INFO (.*)/g)].map(([, text]) => text);
const numbers = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`);

/** A process that is stopped while it holds a log's lock, as by a breakpoint. */
async function stoppedHolder(path: string): Promise<ChildProcess> {
  mkdirSync(folder, { recursive: true });
  const program = `
    const fd = require('node:fs').openSync(process.argv[1], 'a+');
    if (require('koffi').load(null).func('int flock(int, int)')(fd, 6) !== 0) throw new Error('busy');
    process.stdout.write('held', () => process.kill(process.pid, 'SIGSTOP'));
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['-e', program, lockPath(path)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  return holder;
}

test('entries go under the lock into the log and into master.log, with one time', async () => {
  expect(await log('one\n  goes on', 'two')).toEqual({ root, user: userName(), module: 'Run_it' });
  const lines = read('Run_it.log').split('\n');
  const [, time] = /^(\S+ \S+) INFO one$/.exec(lines[0] ?? '') ?? [];
  expect(lines.slice(1)).toEqual(['\t  goes on', expect.stringMatching(/ INFO two$/), '']);
  const master = read('master.log').split('\n');
  expect(master[0]).toBe(`${time} Run_it.log INFO one`);
  expect(master[2]?.replace(' Run_it.log', '')).toBe(lines[2]);
  expect(readdirSync(folder).sort()).toEqual(['.__Run_it.lock', '.__master.lock', 'Run_it.log', 'master.log']);
  expect(problems).toEqual([]);
});

test('the order of the calls is kept, and closing writes what was given', async () => {
  const writes = numbers(500).map((line) => log(line));
  await destination.close();
  await Promise.all(writes);
  expect(texts('Run_it.log')).toEqual(numbers(500));
  expect(texts('master.log')).toEqual(numbers(500));
});

test('another root and a closed destination get a new thread', async () => {
  await log('one');
  const first = root;
  root = join(first, 'second');
  await log('two');
  const file = join(root, userName(), 'Run_it.log');
  expect(readFileSync(file, 'utf8')).toMatch(/two\n$/);
  await destination.close();
  await log('three');
  expect(readFileSync(file, 'utf8')).toMatch(/two\n.*three\n$/);
  root = first;
});

describe('a writer that is stopped inside of the lock', () => {
  test("never holds up the server's thread, and everything is written when it goes on", async () => {
    const holder = await stoppedHolder(join(folder, 'Run_it.log'));
    try {
      let areWritten = false;
      const written = Promise.all(numbers(200).map((line) => log(line))).finally(() => {
        areWritten = true;
      });
      // While the writing thread waits for the lock, this one has nothing to do.
      let turns = 0;
      for (; !areWritten; turns++) await nextTurn();
      await written;
      expect(turns).toBeGreaterThan(500);
      expect(readdirSync(folder)).not.toContain('Run_it.log');
      expect(texts('master.log')).toEqual(numbers(200));
      expect(problems).toMatchObject([{ path: join(folder, 'Run_it.log'), message: 'cannot write: another writer keeps the lock' }]);
      holder.kill('SIGKILL');
      await expect.poll(() => (readdirSync(folder).includes('Run_it.log') ? texts('Run_it.log') : [])).toEqual(numbers(200));
    } finally {
      holder.kill('SIGKILL');
    }
  });

  test('does not hold up the end either: what could not be written is told', async () => {
    const holder = await stoppedHolder(join(folder, 'Run_it.log'));
    try {
      void log('one', 'two');
      await destination.close();
      expect(problems.at(-1)).toMatchObject({ path: join(folder, 'Run_it.log'), message: '2 entries that waited could not be written' });
    } finally {
      holder.kill('SIGKILL');
    }
  });
});

test('where koffi is missing, entries are written without the lock, and that is said once', async () => {
  const package_ = mkdtempSync(join(tmpdir(), 'safelog-bundle-'));
  try {
    // As it ships, in a place that has no node_modules.
    writeFileSync(join(package_, 'package.json'), JSON.stringify({ type: 'module', imports: { '#*': './dist/*.js' } }));
    await build({
      entryPoints: ['debugDestination', 'writerWorker'].map((name) => join(import.meta.dirname, `${name}.ts`)),
      outdir: join(package_, 'dist'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['koffi'],
      splitting: true,
      logLevel: 'error',
    });
    const bundle = (await import(pathToFileURL(join(package_, 'dist/debugDestination.js')).href)) as typeof Destination;
    destination = new bundle.DebugDestination(
      () => root,
      (problem) => problems.push(problem),
    );
    await log('one');
    await log('two');
    expect(texts('Run_it.log')).toEqual(['one', 'two']);
    expect(texts('master.log')).toEqual(['one', 'two']);
    expect(readdirSync(folder).sort()).toEqual(['Run_it.log', 'master.log']);
    expect(problems).toMatchObject([{ path: root, message: expect.stringContaining('without the lock') }]);
  } finally {
    rmSync(package_, { recursive: true, force: true });
  }
});

test('a source stands in its block, and no text can look like one, or like an entry', async () => {
  const source = { kind: 'logpoint', pid: 12, file: '/a b/x.js', line: 7 };
  const entries = [
    entry('x is 3', { source }),
    entry('[stdout 1 - /etc/passwd:1] forged'),
    entry('[3] not like one'),
    entry('a\n2026-11-20 22:56:00+00:00 ERROR b'),
  ];
  await destination.log({ module: 'Run it', entries });
  expect(read('Run_it.log').replaceAll(/^2\S+ \S+ /gm, '')).toBe(
    [
      'INFO [logpoint 12 - /a%20b/x.js:7] x is 3',
      'INFO [- - - -] [stdout 1 - /etc/passwd:1] forged',
      'INFO [3] not like one',
      'INFO a',
      '\t2026-11-20 22:56:00+00:00 ERROR b',
      '',
    ].join('\n'),
  );
});

test('secrets are hidden in both files, by the patterns that were told last; without entries nothing is written', async () => {
  expect(destination.configure({ debug: { mask: ['key-\\d+', '('] } })).toEqual([expect.stringContaining('safelog.debug.mask: (')]);
  expect(await destination.log({ module: 'a/b', entries: [] })).toEqual({ root, user: userName(), module: 'a_b' });
  expect(readdirSync(root)).toEqual([]);
  await log('with key-123');
  expect(destination.configure({ debug: { mask: [] } })).toEqual([]);
  await log('without key-456');
  for (const name of ['Run_it.log', 'master.log']) expect(texts(name)).toEqual(['with ***', 'without key-456']);
});
