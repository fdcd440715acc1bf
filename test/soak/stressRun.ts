/** A stress run: processes of ours, and of Python's where they are wanted, write to one log; then every record is looked for. */

import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { ConcurrentHandlerOptions } from '../../server/src/logging/concurrentHandler.ts';
import type { ConcurrentTimedHandlerOptions } from '../../server/src/logging/concurrentTimedRotatingFileHandler.ts';
import { makeEncoder } from '../../server/src/logging/encoding.ts';
import { stressRecord } from './stressRecord.ts';

export interface StressOptions {
  handler: ConcurrentHandlerOptions;
  /** Rotated by time. */
  timed?: ConcurrentTimedHandlerOptions | undefined;
  processes?: number | undefined;
  /** Records of each process or thread. */
  logCalls?: number | undefined;
  threads?: number | undefined;
  /** Processes of Python's concurrent-log-handler besides. */
  python?: number | undefined;
  /** Between calls, ms. */
  sleepMin?: number | undefined;
  sleepMax?: number | undefined;
  /** Rotated files get another form of name. */
  namer?: boolean | undefined;
  /** A writer leaves records out. */
  induceFailure?: boolean | undefined;
  /** Fewer rollovers than these are a failure. */
  leastRollovers?: number | undefined;
}

export interface StressReport {
  records: number;
  rollovers: number;
  seconds: number;
  /** What was wrong; empty where nothing was. */
  faults: string[];
}

/** How long the processes get to start before all begin. */
const START_MS = 1500;
const PYTHON = '/usr/bin/python3';

/** stressWriter.ts, built, and clh_stress.py. */
export interface StressPrograms {
  writer: string;
  pythonWriter: string;
}

/** `folder` is made where it is missing, and gets the log. */
export async function runStress(programs: StressPrograms, folder: string, options: StressOptions): Promise<StressReport> {
  const { processes = 10, logCalls = 1000, threads = 1, python = 0 } = options;
  const path = join(folder, 'stress.log');
  mkdirSync(folder, { recursive: true });
  const beginAt = Date.now() + START_MS;
  const env = { ...process.env, BEGIN_AT: String(beginAt) };
  const start = (program: string, script: string, id: string) =>
    promisify(execFile)(program, [script, path, id, String(logCalls), JSON.stringify(options)], { env, maxBuffer: 1 << 26 });
  const ids = Array.from({ length: processes }, (_, i) => `node${i}`);
  const pythonIds = Array.from({ length: python }, (_, i) => `python${i}`);
  const results = await Promise.allSettled([
    ...ids.map((id) => start(process.execPath, programs.writer, id)),
    ...pythonIds.map((id) => start(PYTHON, programs.pythonWriter, id)),
  ]);
  const seconds = (Date.now() - beginAt) / 1000;
  const faults = results.flatMap((result) => (result.status === 'rejected' ? [`a writer failed: ${String(result.reason)}`] : []));
  const writers = [...ids.flatMap((id) => (threads > 1 ? Array.from({ length: threads }, (_, i) => `${id}t${i}`) : [id])), ...pythonIds];
  return { ...check(folder, options, writers, logCalls, faults), seconds };
}

function check(
  folder: string,
  options: StressOptions,
  writers: string[],
  logCalls: number,
  faults: string[],
): Omit<StressReport, 'seconds'> {
  const { encoding, unicodeErrorPolicy, terminator = '\n', backupCount = 0 } = options.handler;
  const { encode } = makeEncoder(encoding ?? undefined, unicodeErrorPolicy);
  // Bytes that are no text of the encoding are a fault.
  const decode = (bytes: Uint8Array) => new TextDecoder(encoding ?? 'utf-8', { fatal: true }).decode(bytes);
  const expected = new Map<string, number>();
  for (const id of writers) for (let i = 0; i < logCalls; i++) expected.set(decode(encode(stressRecord(id, i))), 0);

  const files = readdirSync(folder).filter((file) => !file.startsWith('.'));
  let records = 0;
  for (const file of files) {
    const raw = readFileSync(join(folder, file));
    const text = decode(file.endsWith('.gz') ? gunzipSync(raw) : raw);
    const lines = text.split(terminator);
    if (lines.pop() !== '') faults.push(`${file}: does not end with a whole record`);
    for (const line of lines) {
      const count = expected.get(line);
      if (count === undefined) faults.push(`${file}: torn: ${JSON.stringify(line)}`);
      else expected.set(line, count + 1);
      records++;
    }
  }
  for (const [line, count] of expected) if (count !== 1) faults.push(`${count} times: ${JSON.stringify(line)}`);
  const rollovers = Math.max(0, files.length - 1);
  if (rollovers < (options.leastRollovers ?? 0)) faults.push(`${rollovers} rollovers`);
  if (!options.timed && backupCount > 0 && rollovers > backupCount) faults.push(`${files.length} files`);
  const isTimed = options.timed !== undefined;
  faults.push(
    ...files.filter((file) => file.includes('.rotate.') || (!isTimed && /\.\d+\.\d+/.test(file))).map((file) => `stray: ${file}`),
  );
  return { records, rollovers, faults };
}
