// A program with worker threads: each thread logs to a module of its own, all of them at once.

import { isMainThread, threadId, Worker } from 'node:worker_threads';
import { forEver, getLog } from './safelogClient.mjs';

if (isMainThread) {
  const log = getLog('alice', 'shop');
  for (let worker = 0; worker < 3; worker += 1) new Worker(new URL(import.meta.url));
  await forEver(['GET /', 'GET /teapots', 'GET /teapots/42', 'POST /cart', 'GET /cart', 'POST /checkout'], 700, async (request, round) => {
    const time = Math.round(5 + Math.random() * 120);
    if (time > 110) await log.warning(`${request} was slow: ${time} ms`);
    else await log.info(`${request} 200 in ${time} ms, round ${round}`);
  });
} else {
  const log = getLog('alice', `shop.worker${threadId}`);
  await forEver(['thumbnail', 'invoice', 'e-mail', 'backup'], 1500, async (job, round) => {
    await log.debug(`${job} #${round * 100 + threadId} begun`);
    if (job === 'backup' && round % 3 === 0) await log.error(`${job}: No space left on device`);
    else await log.info(`\x1b[32m✔\x1b[0m ${job} #${round * 100 + threadId} done`);
  });
}
