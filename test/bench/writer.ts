/**
 * npm run bench -- writer: records of 100 bytes from 1, 2, 4 and 8 processes into one log of at most 10 MB with 5 generations. Ours, with
 * the lock and the path checked for every record and in batches; Debian's concurrent-log-handler; Python's FileHandler; and bare appending
 * without lock or rotation, which is the limit. Every record of those that rotate is looked for afterwards.
 */

import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { ConcurrentFile } from '../../server/src/writer/concurrentFile.ts';

const PYTHON = '/usr/bin/python3';
const BATCH = 64;
/** All processes together; they fit into the log and its 5 generations. */
const RECORDS = 240_000;
const START_MS = 1500;

interface Result {
  seconds: number;
  /** ms since the epoch. */
  end: number;
  /** µs. */
  p999: number;
}

/** One writing process: KIND PATH ID COUNT BEGIN_AT. */
async function write(kind: string, path: string, id: string, count: number, beginAt: number): Promise<Result> {
  const pad = 'x'.repeat(84);
  const record = (i: number) => Buffer.from(`${id} ${String(i).padStart(12, '0')} ${pad}\n`);
  const file =
    kind === 'raw'
      ? null
      : new ConcurrentFile({ path, maxBytes: 10_000_000, backupCount: 5, useGzip: kind.endsWith('gzip'), lockLimitMs: 60_000 });
  const fd = kind === 'raw' ? openSync(path, 'a') : -1;
  const batch = kind.startsWith('batch') ? BATCH : 1;
  const times = new Float64Array(Math.ceil(count / batch));
  await new Promise((resolve) => setTimeout(resolve, beginAt - Date.now()));
  const start = performance.now();
  for (let i = 0, call = 0; i < count; i += batch, call++) {
    const before = performance.now();
    const records = Array.from({ length: Math.min(batch, count - i) }, (_, k) => record(i + k));
    if (file) file.append(records);
    else writeSync(fd, record(i));
    times[call] = performance.now() - before;
  }
  const seconds = (performance.now() - start) / 1000;
  const end = Date.now();
  await file?.close();
  if (fd >= 0) closeSync(fd);
  times.sort();
  return { seconds, end, p999: (times[Math.floor(times.length * 0.999)] ?? 0) * 1000 };
}

async function measure(kind: string, processes: number, share: number): Promise<{ perSecond: number; p999: number; missing: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'safelog-bench-'));
  try {
    const path = join(folder, 'app.log');
    const count = Math.floor((RECORDS * share) / processes);
    const beginAt = Date.now() + START_MS;
    const program = ['clh', 'clh-gzip', 'file'].includes(kind)
      ? [PYTHON, join(import.meta.dirname, '../../bench/writers.py')]
      : [process.execPath, import.meta.filename, 'write'];
    const runs = Array.from({ length: processes }, (_, id) =>
      promisify(execFile)(program[0] ?? '', [...program.slice(1), kind, path, String(id), String(count), String(beginAt)]),
    );
    const results = (await Promise.all(runs)).map(({ stdout }) => JSON.parse(stdout) as Result);
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
    for (const line of (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1').split('\n')) {
      if (/^\d \d{12} x{84}$/.test(line)) seen.add(line.slice(0, 14));
    }
  }
  return seen.size;
}

const kinds: [kind: string, title: string, share: number][] = [
  ['record', 'ours, per record', 1],
  ['clh', "Debian's CLH", 0.2],
  ['batch', `ours, ${BATCH} a batch`, 2],
  ['record-gzip', 'ours, per record, gzip', 1],
  ['clh-gzip', "Debian's CLH, gzip", 0.2],
  ['file', "Python's FileHandler", 1],
  ['raw', 'bare append, no lock', 1],
];

if (process.argv[2] === 'write') {
  const [kind = '', path = '', id = '', count = '0', beginAt = '0'] = process.argv.slice(3);
  console.log(JSON.stringify(await write(kind, path, id, Number(count), Number(beginAt))));
} else {
  const counts = [1, 2, 4, 8];
  const perSecond = new Map<string, number[]>();
  const p999 = new Map<string, number>();
  console.log(`${'records/s'.padEnd(26)}${counts.map((count) => `${count}`.padStart(12)).join('')}${'p99.9 at 8, µs'.padStart(18)}`);
  for (const [kind, title, share] of kinds) {
    const results = [];
    for (const processes of counts) results.push(await measure(kind, processes, share));
    perSecond.set(
      kind,
      results.map((result) => result.perSecond),
    );
    p999.set(kind, results.at(-1)?.p999 ?? 0);
    const missing = results.reduce((sum, result) => sum + result.missing, 0);
    const cells = results.map((result) => Math.round(result.perSecond).toLocaleString('en').padStart(12));
    console.log(
      `${title.padEnd(26)}${cells.join('')}${Math.round(p999.get(kind) ?? 0)
        .toLocaleString('en')
        .padStart(18)}${missing ? `   ${missing} MISSING` : ''}`,
    );
    if (missing > 0) process.exitCode = 1;
  }
  const ratio = (kind: string, to: string) =>
    counts.map((_, i) => `${((perSecond.get(kind)?.[i] ?? 0) / (perSecond.get(to)?.[i] ?? 1)).toFixed(1)}`.padStart(12)).join('');
  console.log(`\n× CLH, per record (goal 5)${ratio('record', 'clh')}`);
  console.log(`× CLH, batches (goal 40)  ${ratio('batch', 'clh')}`);
  console.log(`× CLH, gzip               ${ratio('record-gzip', 'clh-gzip')}`);
  console.log(`p99.9 at 8 processes: ${((p999.get('record') ?? 0) / (p999.get('clh') ?? 1)).toFixed(2)} of CLH's (goal 0.25)`);
}
