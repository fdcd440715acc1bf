/**
 * npm run soak -- engine [TREES] [SEED]: the reading engine against its slow reference on so many random trees, in rounds, each with a seed of
 * its own: trees that stand still, that are rotated while one looks, in every moment of every rotation, closed and opened again with damaged
 * caches, and read by threads. A round that fails names its seed: SEED=n npx vitest run FILE is the same again.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const trees = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Date.now() % 1e9);
/** Trees of a round: what npm test makes of them, TIMES times. */
const TIMES = 12;
const ROUND = TIMES * (50 + 25 + 10 + 8 + 12);
const files = ['timeline', 'warm', 'threads'].map((name) => `server/src/timeline/${name}.test.ts`);

let failed = 0;
for (let round = 0, made = 0; made < trees; round++, made += ROUND) {
  const env = { ...process.env, SAFELOG_TEST_TIMES: String(TIMES), SEED: String(seed + round) };
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const { status, stdout } = spawnSync(process.execPath, [vitest, 'run', '--no-file-parallelism', ...files], { env, encoding: 'utf8' });
  if (status !== 0) {
    failed++;
    console.log(stdout);
  }
  console.log(`${made + ROUND} trees, seed ${seed + round}: ${status === 0 ? 'right' : 'WRONG'}`);
}
process.exitCode = failed === 0 ? 0 : 1;
