/**
 * npm run soak -- stress: without flags all configurations, the mixed runs with Python's concurrent-log-handler, and one with a loss that
 * has to be noticed. With flags one run of that kind:
 *   --num-processes N --log-calls N --threads N --python N --max-size BYTES --backup-count N --gzip --batch --no-keep-file-open
 *   --use-timed --when S --interval N --encoding NAME --unicode-error-policy P --lock-dir DIR --sleep-min MS --sleep-max MS
 *   --log-dir DIR (kept afterwards) --induce-failure
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { UnicodeErrorPolicy } from '../../server/src/logging/encoding.ts';
import { configurations } from './stressConfigurations.ts';
import { runStress, type StressOptions } from './stressRun.ts';

const programs = {
  writer: join(import.meta.dirname, 'stressWriter.mjs'),
  pythonWriter: join(import.meta.dirname, '../../soak/clh_stress.py'),
};
const { values } = parseArgs({
  options: {
    'num-processes': { type: 'string', default: '10' },
    'log-calls': { type: 'string', default: '1000' },
    threads: { type: 'string', default: '1' },
    python: { type: 'string', default: '0' },
    'max-size': { type: 'string', default: '10240' },
    'backup-count': { type: 'string', default: '2000' },
    gzip: { type: 'boolean', default: false },
    batch: { type: 'boolean', default: false },
    'no-keep-file-open': { type: 'boolean', default: false },
    'use-timed': { type: 'boolean', default: false },
    when: { type: 'string', default: 's' },
    interval: { type: 'string', default: '1' },
    encoding: { type: 'string', default: 'utf-8' },
    'unicode-error-policy': { type: 'string', default: 'ignore' },
    'lock-dir': { type: 'string' },
    'sleep-min': { type: 'string', default: '0' },
    'sleep-max': { type: 'string', default: '0' },
    'log-dir': { type: 'string' },
    'induce-failure': { type: 'boolean', default: false },
  },
});

async function run(title: string, options: StressOptions): Promise<boolean> {
  const folder = values['log-dir'] ?? mkdtempSync(join(tmpdir(), 'safelog-stress-'));
  const { lockFileDirectory } = options.handler;
  // One folder for a run's locks, not one for all runs.
  const locks = lockFileDirectory ? { lockFileDirectory: join(folder, lockFileDirectory) } : {};
  const { records, rollovers, seconds, faults } = await runStress(programs, folder, {
    ...options,
    handler: { ...options.handler, ...locks },
  });
  const verdict = faults.length === 0 ? 'ok' : `${faults.length} faults\n  ${faults.slice(0, 10).join('\n  ')}`;
  console.log(`${title}: ${records} records, ${rollovers} rollovers, ${seconds.toFixed(1)} s: ${verdict}`);
  if (values['log-dir'] === undefined) rmSync(folder, { recursive: true, force: true });
  return faults.length === 0;
}

async function runAll(): Promise<boolean> {
  const results: boolean[] = [];
  for (const [title, options] of Object.entries(configurations)) {
    for (const keepFileOpen of [true, false]) {
      const name = `${title}${keepFileOpen ? '' : ', closed after each record'}`;
      results.push(await run(name, { ...options, handler: { ...options.handler, keepFileOpen } }));
    }
  }
  const mixed = { maxBytes: 10_240, backupCount: 2000 };
  for (const useGzip of [false, true]) {
    const title = `4 with 4 of Python's concurrent-log-handler${useGzip ? ', gzip' : ''}`;
    results.push(await run(title, { handler: { ...mixed, useGzip }, processes: 4, python: 4, logCalls: 2500, leastRollovers: 70 }));
  }
  results.push(!(await run('with a loss that has to be noticed', { handler: mixed, induceFailure: true })));
  return results.every(Boolean);
}

const single: StressOptions = {
  handler: {
    maxBytes: Number(values['max-size']),
    backupCount: Number(values['backup-count']),
    useGzip: values.gzip,
    batch: values.batch,
    keepFileOpen: !values['no-keep-file-open'],
    encoding: values.encoding,
    unicodeErrorPolicy: values['unicode-error-policy'] as UnicodeErrorPolicy,
    lockFileDirectory: values['lock-dir'],
  },
  timed: values['use-timed'] ? { when: values.when, interval: Number(values.interval) } : undefined,
  processes: Number(values['num-processes']),
  logCalls: Number(values['log-calls']),
  threads: Number(values.threads),
  python: Number(values.python),
  sleepMin: Number(values['sleep-min']),
  sleepMax: Number(values['sleep-max']),
  induceFailure: values['induce-failure'],
};
const isPassed = process.argv.length > 2 ? await run('stress', single) : await runAll();
process.exitCode = isPassed ? 0 : 1;
