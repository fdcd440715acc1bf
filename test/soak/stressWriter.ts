/** One process of a stress run, with threads where it is told so. Usage: PATH ID COUNT OPTIONS (StressOptions, JSON). */

import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, Worker } from 'node:worker_threads';
import {
  type ConcurrentHandlerOptions,
  ConcurrentRotatingFileHandler,
  ConcurrentTimedRotatingFileHandler,
  getLogger,
} from '../../server/src/index.ts';
import { stressRecord } from './stressRecord.ts';
import type { StressOptions } from './stressRun.ts';

const [path = '', id = '', count = '0', json = '{}'] = process.argv.slice(2);
const { timed, handler: settings = {}, threads = 1, namer, sleepMin = 0, sleepMax = 0, induceFailure } = JSON.parse(json) as StressOptions;

if (isMainThread && threads > 1) {
  for (let i = 0; i < threads; i++) new Worker(process.argv[1] ?? '', { argv: [path, `${id}t${i}`, count, json] });
} else {
  const options: ConcurrentHandlerOptions = {
    ...settings,
    lockLimitMs: 60_000,
    namer: namer ? (name) => name.replace(/^(.*)\.log\.(.*)$/, '$1-$2.log') : null,
  };
  const handler = timed
    ? new ConcurrentTimedRotatingFileHandler(path, { ...options, ...timed })
    : new ConcurrentRotatingFileHandler(path, options);
  handler.handleError = (_, error) => {
    console.error(error);
    process.exitCode = 1;
  };
  const logger = getLogger('stress');
  logger.addHandler(handler);
  logger.setLevel('DEBUG');
  // All begin at the same moment, however long each took to start.
  await sleep(Number(process.env.BEGIN_AT ?? 0) - Date.now());
  for (let i = 0; i < Number(count); i++) {
    // What a writer that loses one record in the middle would leave: the check has to notice.
    if (!(induceFailure && i === Math.floor(Number(count) / 2))) logger.debug('%s', stressRecord(id, i));
    if (sleepMax > 0) await sleep(sleepMin + Math.random() * (sleepMax - sleepMin));
    else if (i % 200 === 0) await sleep(0);
  }
  await handler.flush();
}
