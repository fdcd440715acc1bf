import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compressBlock } from '../../server/src/generation/memberGzip.ts';
import { ConcurrentFile } from '../../server/src/writer/concurrentFile.ts';
import { buildProgram } from './buildProgram.ts';
import { hasStrace } from './hasStrace.ts';

/** The calls that change what is on the disk: a kill in front of each leaves every state that a kill can leave. */
const CALLS = ['rename', 'unlink', 'write', 'pwrite64', 'ftruncate', 'openat'];
/** Two rotations. */
const RECORDS = 7;
const record = (i: number) => `${String(i).padStart(9, '0')}\n`;

let tools: string;
let writer: string;
beforeAll(async () => {
  ({ folder: tools, path: writer } = await buildProgram('killedWriter.ts'));
});
afterAll(() => rmSync(tools, { recursive: true, force: true }));

const canTrace = hasStrace('the kill tests');

/** strace stops the writer in the calls that are traced only, which is most of the time that a run takes. */
const FAST = ['-f', '--seccomp-bpf'];

/** Runs the writer under strace; resolves with the number of records that it was told are written. */
function traced(strace: string[], log: string, options: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('strace', [...FAST, ...strace, process.execPath, writer, log, String(RECORDS), JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let acknowledged = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      acknowledged += chunk.length;
    });
    child.stderr.resume();
    child.once('error', reject).once('close', () => resolve(acknowledged));
  });
}

/** The calls of CALLS that the writer's own thread makes on its files: [name, how many of that name were made until then]. */
async function callsOf(folder: string, options: object): Promise<[name: string, when: number][]> {
  const trace = join(tools, 'trace');
  await traced(['-o', trace, '-e', `trace=${CALLS.join(',')},flock`], join(folder, 'app.log'), options);
  const counts = new Map<string, number>();
  const found: [string, number][] = [];
  let hasBegun = false;
  const lines = readFileSync(trace, 'utf8').split('\n');
  const [own] = lines[0]?.split(' ') ?? [];
  for (const line of lines) {
    const [, thread, name = ''] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread !== own) continue;
    hasBegun ||= name === 'flock';
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (hasBegun && CALLS.includes(name) && (name !== 'openat' || line.includes('O_CREAT'))) found.push([name, count]);
  }
  return found;
}

/** Sorts generations, the oldest first: LOG.2, LOG.1, LOG; or LOG.DATE, LOG.DATE.1, LOG with dates of all but the same moment. */
function age(name: string): number {
  if (name === 'app.log') return Number.POSITIVE_INFINITY;
  const [, date, number] = /^app\.log(?:\.(\d{4}-\d\d-\d\d))?(?:\.(\d+))?(?:\.gz)?$/.exec(name) ?? [];
  return date ? Date.parse(date) + Number(number ?? 0) : -Number(number);
}

/** All records, the oldest generation first. */
function readAll(folder: string): { text: string; names: string[] } {
  const names = readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort((a, b) => age(a) - age(b));
  const text = names.map((name) => {
    const bytes = readFileSync(join(folder, name));
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  });
  return { text: text.join(''), names };
}

/** Kills the writer in front of each of its calls, beginning with the files of `initial`, the oldest first; then the next writer has to find all in order. */
async function killEverywhere(options: object, initial: Record<string, Buffer>, before: number): Promise<number> {
  const base = mkdtempSync(join(tmpdir(), 'safelog-killed-'));
  try {
    const start = join(base, 'start');
    mkdirSync(start);
    Object.entries(initial).forEach(([name, bytes], i) => {
      writeFileSync(join(start, name), bytes);
      utimesSync(join(start, name), 1e9 + i, 1e9 + i);
    });
    const fresh = (name: string): string => {
      const folder = join(base, name);
      cpSync(start, folder, { recursive: true, preserveTimestamps: true });
      return folder;
    };
    const calls = await callsOf(fresh('whole'), options);
    const check = async ([call, when]: [string, number]): Promise<void> => {
      const folder = fresh(`${call}${when}`);
      const acknowledged = await traced(
        ['-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${when}`],
        join(folder, 'app.log'),
        options,
      );
      const errors: unknown[] = [];
      const next = new ConcurrentFile({
        ...options,
        path: join(folder, 'app.log'),
        onRotationError: (error) => errors.push(error),
        onDiffer: (other) => errors.push(other),
      });
      next.append([Buffer.from('last\n')]);
      await next.close();
      const { text, names } = readAll(folder);
      const expected = (count: number) =>
        `${Array.from({ length: before + count }, (_, i) => record(i < before ? -1 - i : i - before)).join('')}last\n`;
      const where = `killed in front of ${call} ${when}, ${acknowledged} acknowledged, left: ${names.join(' ')}`;
      // The last record may be in the file although the writer could not say so any more.
      if (text !== expected(acknowledged) && text !== expected(acknowledged + 1)) throw new Error(`${where}\n${text}`);
      expect({ where, errors, stranded: names.filter((name) => name.includes('rotate')) }).toEqual({ where, errors: [], stranded: [] });
    };
    const queue = [...calls];
    const work = async () => {
      for (let call = queue.shift(); call; call = queue.shift()) await check(call);
    };
    await Promise.all([work(), work()]);
    return calls.length;
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

describe.runIf(canTrace)('killed in front of every call that changes a file, nothing is lost, doubled, torn or stranded', () => {
  test('plain rotation', async () => {
    expect(await killEverywhere({ maxBytes: 25, backupCount: 20 }, {}, 0)).toBeGreaterThan(22);
  });

  test('rotation with gzip', async () => {
    expect(await killEverywhere({ maxBytes: 25, backupCount: 20, useGzip: true }, {}, 0)).toBeGreaterThan(28);
  });

  test('rotation by time, long due, then by size', async () => {
    const options = { maxBytes: 25, useGzip: true, schedule: { when: 'd', interval: 3, utc: true } };
    // The lock's file says that the rotation was due in 1970; the log's only record is older than the writer's.
    const initial = { '.__app.lock': Buffer.from('1000000'), 'app.log': Buffer.from(record(-1)) };
    expect(await killEverywhere(options, initial, 1)).toBeGreaterThan(28);
  });

  test('rotation by time, plain', async () => {
    const options = { maxBytes: 25, schedule: { when: 'd', interval: 3, utc: true } };
    const initial = { '.__app.lock': Buffer.from('1000000'), 'app.log': Buffer.from(record(-1)) };
    expect(await killEverywhere(options, initial, 1)).toBeGreaterThan(22);
  });

  test('while it repairs what others have left', async () => {
    const text = (...numbers: number[]) => Buffer.from(numbers.map((number) => record(number)).join(''));
    const initial = {
      'app.log.1.gz': compressBlock(text(-1)),
      'app.log.rotate.a': text(-2),
      'app.log.rotate.b': compressBlock(text(-3)),
      'app.log.rotate.c': text(-4),
      'app.log.rotate.c.gz.tmp': Buffer.from('half'),
    };
    expect(await killEverywhere({ maxBytes: 60, backupCount: 20, useGzip: true }, initial, 4)).toBeGreaterThan(30);
  });
});
