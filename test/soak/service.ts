/** The long run of the killed service: `npm run soak -- service [KILLS]`. */

import { fileURLToPath } from 'node:url';
import { runKilled } from './killedRun.ts';

const kills = Number(process.argv[2] ?? 1000);
for (const rotates of [false, true]) {
  const program = fileURLToPath(new URL('./killedService.mjs', import.meta.url));
  const { stderr, ...result } = await runKilled({ program, kills: kills / 2, clients: 8, rotates, batch: 100 });
  console.log(`${kills / 2} kills${rotates ? ' with rotation' : ''}: ${JSON.stringify(result)}`);
  if (stderr !== '') console.log(stderr.slice(0, 2000));
  if (result.lost + result.doubled + result.disordered + result.torn > 0) process.exitCode = 1;
}
