/**
 * Writes numbered entries to two logs and rotates them now and then, several times a second, until it is killed. Usage: FOLDER FIRST SEED KIND.
 * Before an entry is written its number goes to FOLDER.numbers.
 */

import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatSafelog } from '../../server/src/record/timestamp.ts';
import { randomNumbers } from '../bench/makeTree.ts';

const [, , folder = '', first = '0', seed = '1', kind = 'renamed'] = process.argv;
const random = randomNumbers(Number(seed));
const pick = <T>(choices: readonly [T, ...T[]]): T => choices[Math.floor(random() * choices.length)] ?? choices[0];
const beside = (log: string, age: number): [string, string] => [`${log}.${age}`, `${log}.${age}.gz`];

function rotate(log: string): void {
  if (!existsSync(log)) return;
  let free = 1;
  while (beside(log, free).some(existsSync)) free++;
  for (let age = free - 1; age > 0; age--) {
    for (const [i, path] of beside(log, age).entries()) if (existsSync(path)) renameSync(path, beside(log, age + 1)[i] ?? '');
  }
  const [plain, compressed] = beside(log, 1);
  if (kind === 'copied') {
    copyFileSync(log, plain);
    truncateSync(log);
  } else renameSync(log, plain);
  if (random() < 0.3) return;
  writeFileSync(compressed, gzipSync(readFileSync(plain)));
  rmSync(plain);
}

mkdirSync(folder, { recursive: true });
for (let number = Number(first); ; ) {
  const log = join(folder, pick(['a.log', 'b.log']));
  for (let burst = pick([1, 1, 5, 200]); burst > 0; burst--, number++) {
    appendFileSync(`${folder}.numbers`, `${number}\n`);
    const time = (performance.timeOrigin + performance.now()) * 1000;
    appendFileSync(log, `${formatSafelog(Math.floor(time))} INFO #${number} ${'x'.repeat(pick([0, 10, 3000]))}\n`);
  }
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pick([0, 1, 20, 100]));
  if (random() < 0.3) rotate(log);
}
