/**
 * npm run bench -- writer: records of 100 bytes from 1, 2, 4 and 8 processes into one log of at most 10 MB with 5 generations. Ours, with
 * the lock and the path checked for every record and in batches; Debian's concurrent-log-handler; Python's FileHandler; bare appending
 * without lock or rotation, which is the limit; and, from one process, what programs for Node have: pino, which waits for each write, and
 * winston, which does not. Every record of every run is looked for afterwards.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { ConcurrentFile } from '../../server/src/writer/concurrentFile.ts';

const PYTHON = '/usr/bin/python3';
const BATCH = 64;
/** All processes together; they fit into the log and its 5 generations. */
const RECORDS = 240_000;
/** From when all are ready until they begin. */
const START_MS = 50;
const COUNTS = [1, 2, 4, 8];

interface Kind {
  title: string;
  /** Of RECORDS. */
  share: number;
  /** Runs, each after one of every other kind: what else the machine does meanwhile hits all of them. The median counts. */
  runs: (processes: number) => number;
  program?: 'python';
}

const often = (processes: number): number => (processes === 8 ? 3 : 2);
const justOnce = (): number => 1;
const alone = (processes: number): number => (processes === 1 ? 1 : 0);

const kinds = {
  record: { title: 'ours, per record', share: 1, runs: often },
  clh: { title: "Debian's CLH", share: 0.2, runs: often, program: 'python' },
  batch: { title: `ours, ${BATCH} a batch`, share: 2, runs: often },
  'record-gzip': { title: 'ours, per record, gzip', share: 1, runs: justOnce },
  'clh-gzip': { title: "Debian's CLH, gzip", share: 0.2, runs: justOnce, program: 'python' },
  'batch-gzip': { title: `ours, ${BATCH} a batch, gzip`, share: 2, runs: justOnce },
  file: { title: "Python's FileHandler", share: 1, runs: justOnce, program: 'python' },
  raw: { title: 'bare append, no lock', share: 1, runs: justOnce },
  pino: { title: 'pino, sync', share: 1, runs: alone },
  winston: { title: 'winston', share: 0.5, runs: alone },
} as const satisfies Record<string, Kind>;
type KindName = keyof typeof kinds;

/** What one process has measured. */
interface Result {
  /** ms since the epoch. */
  end: number;
  /** µs. */
  p999: number;
}

interface Sink {
  /** Records of one call. */
  batch: number;
  write: (lines: string[]) => void;
  /** Lets what is written asynchronously be written. */
  turn?: () => Promise<void>;
  /** Resolves when all is in the file. */
  flush?: () => Promise<void>;
  close: () => unknown;
}

async function open(kind: string, path: string): Promise<Sink> {
  if (kind === 'raw') {
    const fd = openSync(path, 'a');
    return { batch: 1, write: ([line]) => void writeSync(fd, `${line}\n`), close: () => closeSync(fd) };
  }
  if (kind === 'pino') {
    const { default: pino } = await import('pino');
    const destination = pino.destination({ dest: path, sync: true });
    const logger = pino(destination);
    return { batch: 1, write: ([line]) => logger.info(line), close: () => destination.end() };
  }
  if (kind === 'winston') {
    const { createLogger, format, transports } = await import('winston');
    const logger = createLogger({
      format: format.printf(({ message }) => String(message)),
      transports: new transports.File({ filename: path }),
    });
    return {
      batch: 1,
      write: ([line]) => void logger.info(line ?? ''),
      turn: () => new Promise((resolve) => setImmediate(resolve)),
      flush: () => new Promise((resolve) => logger.transports[0]?.once('finish', resolve) && logger.end()),
      close: () => {},
    };
  }
  const file = new ConcurrentFile({ path, maxBytes: 10_000_000, backupCount: 5, useGzip: kind.endsWith('gzip'), lockLimitMs: 60_000 });
  return {
    batch: kind.startsWith('batch') ? BATCH : 1,
    write: (lines) => file.append(lines.map((line) => Buffer.from(`${line}\n`))),
    close: () => file.close(),
  };
}

/** One writing process: KIND PATH ID COUNT; says that it is ready, and is told when to begin, ms since the epoch. */
async function write(kind: string, path: string, id: string, count: number): Promise<Result> {
  const pad = 'x'.repeat(84);
  const line = (i: number) => `${id} ${String(i).padStart(12, '0')} ${pad}`;
  const sink = await open(kind, path);
  const { batch } = sink;
  const times = new Float64Array(Math.ceil(count / batch));
  // Compiled by Node before it counts: Python has nothing of the kind.
  const trial = await open(kind, join(dirname(path), `.trial-${id}`));
  for (let i = 0; i < 1000; i++) {
    trial.write(Array.from({ length: trial.batch }, (_, k) => line(i + k)));
    if (i % 10 === 0) await trial.turn?.();
  }
  await trial.flush?.();
  await trial.close();
  console.log('ready');
  const beginAt = Number(await text(process.stdin));
  await new Promise((resolve) => setTimeout(resolve, beginAt - Date.now()));
  for (let i = 0, call = 0; i < count; i += batch, call++) {
    const before = performance.now();
    sink.write(Array.from({ length: Math.min(batch, count - i) }, (_, k) => line(i + k)));
    times[call] = performance.now() - before;
    if (sink.turn && call % 100 === 0) await sink.turn();
  }
  await sink.flush?.();
  const end = Date.now();
  await sink.close();
  times.sort();
  return { end, p999: (times[Math.floor(times.length * 0.999)] ?? 0) * 1000 };
}

interface Measurement {
  perSecond: number;
  p999: number;
  missing: number;
}

async function measure(name: KindName, processes: number): Promise<Measurement> {
  const kind: Kind = kinds[name];
  const folder = mkdtempSync(join(tmpdir(), 'safelog-bench-'));
  try {
    const path = join(folder, 'app.log');
    const count = Math.floor((RECORDS * kind.share) / processes);
    const [program, ...args] =
      kind.program === 'python'
        ? ([PYTHON, join(import.meta.dirname, '../../bench/writers.py')] as const)
        : ([process.execPath, import.meta.filename, 'write'] as const);
    const children = Array.from({ length: processes }, (_, id) =>
      spawn(program, [...args, name, path, String(id), String(count)], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
    const beginAt = Date.now() + START_MS;
    const results = await Promise.all(
      children.map(async ({ stdin, stdout }) => {
        stdin.end(String(beginAt));
        return JSON.parse(await text(stdout)) as Result;
      }),
    );
    const seconds = (Math.max(...results.map(({ end }) => end)) - beginAt) / 1000;
    return {
      perSecond: (count * processes) / seconds,
      p999: Math.max(...results.map(({ p999 }) => p999)),
      missing: count * processes - countRecords(folder),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whole records, each counted once. */
function countRecords(folder: string): number {
  const seen = new Set<string>();
  for (const name of readdirSync(folder).filter((each) => !each.startsWith('.'))) {
    const bytes = readFileSync(join(folder, name));
    // pino's lines are JSON.
    const content = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
    for (const [, id = ''] of content.matchAll(/(?:^|")(\d \d{12}) x{84}(?:"\}|$)/gm)) seen.add(id);
  }
  return seen.size;
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** Medians of the runs, and what was missing in all of them. */
async function measureAll(processes: number): Promise<Map<KindName, Measurement>> {
  const names = Object.keys(kinds) as KindName[];
  const runs = new Map<KindName, Measurement[]>(names.map((name) => [name, []]));
  for (let round = 0; round < often(processes); round++) {
    for (const name of names) {
      if (round < kinds[name].runs(processes)) runs.get(name)?.push(await measure(name, processes));
    }
  }
  return new Map(
    [...runs]
      .filter(([, each]) => each.length > 0)
      .map(([name, each]) => [
        name,
        {
          perSecond: median(each.map((run) => run.perSecond)),
          p999: median(each.map((run) => run.p999)),
          missing: each.reduce((sum, run) => sum + run.missing, 0),
        },
      ]),
  );
}

if (process.argv[2] === 'write') {
  const [kind = '', path = '', id = '', count = '0'] = process.argv.slice(3);
  console.log(JSON.stringify(await write(kind, path, id, Number(count))));
} else {
  const results: Map<KindName, Measurement>[] = [];
  for (const processes of COUNTS) {
    console.log(`Measuring with ${processes} …`);
    results.push(await measureAll(processes));
  }
  const format = (value: number | undefined, digits = 0): string =>
    (value === undefined ? '–' : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })).padStart(12);
  const cells = (cell: (result: Map<KindName, Measurement>) => string): string => results.map(cell).join('');

  console.log(`${'records/s'.padEnd(28)}${COUNTS.map((count) => format(count)).join('')}    p99.9 of a call, µs`);
  for (const [name, { title }] of Object.entries(kinds) as [KindName, Kind][]) {
    const missing = results.reduce((sum, result) => sum + (result.get(name)?.missing ?? 0), 0);
    if (missing > 0) process.exitCode = 1;
    const rates = cells((result) => format(result.get(name)?.perSecond));
    const slowest = cells((result) => format(result.get(name)?.p999));
    console.log(`${title.padEnd(28)}${rates}    ${slowest}${missing > 0 ? `   ${missing} MISSING` : ''}`);
  }
  const ratio = (title: string, name: KindName, to: KindName, of: 'perSecond' | 'p999' = 'perSecond', digits = 1): void =>
    console.log(title.padEnd(28) + cells((result) => format((result.get(name)?.[of] ?? 0) / (result.get(to)?.[of] ?? 1), digits)));
  console.log();
  ratio('× CLH, per record (goal 5)', 'record', 'clh');
  ratio('× CLH, batches (goal 40)', 'batch', 'clh');
  ratio('× CLH, per record, gzip', 'record-gzip', 'clh-gzip');
  ratio('× CLH, batches, gzip', 'batch-gzip', 'clh-gzip');
  ratio('× FileHandler, per record', 'record', 'file');
  ratio('× bare append, per record', 'record', 'raw', 'perSecond', 2);
  ratio("p99.9, of CLH's (goal .25)", 'record', 'clh', 'p999', 2);
  ratio("p99.9, of bare append's", 'record', 'raw', 'p999', 2);
  for (const name of ['pino', 'winston'] as const) {
    const of = (results[0]?.get('record')?.perSecond ?? 0) / (results[0]?.get(name)?.perSecond ?? 1);
    console.log(`1 process: ${of.toFixed(2)} × ${name} per record`);
  }
}
