/** A log tree out of a seed, for benchmarks: users with and without master.log, four generations a log, half of them gzipped. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatSafelog } from '../../server/src/record/timestamp.ts';

const modules = ['web', 'web.db', 'worker', 'auth', 'cache', 'mail', 'cron', 'api'];
const levels = ['DEBUG', 'INFO', 'INFO', 'INFO', 'WARNING', 'ERROR'];

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes `records` rows under `root` (what was there is removed); alice, who has a quarter of them, has a master.log too. */
export function makeTree(root: string, records: number): void {
  rmSync(root, { recursive: true, force: true });
  const random = randomNumbers(1);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const logs = new Map<string, { lines: string[] }>();
  let time = Date.UTC(2026, 10, 20, 10) * 1000;
  const put = (user: string, module: string, line: string): void => {
    const key = join(user, `${module}.log`);
    let log = logs.get(key);
    if (log === undefined) {
      log = { lines: [] };
      logs.set(key, log);
    }
    log.lines.push(line);
  };
  for (let i = 0; i < records; i++) {
    time += 1 + Math.floor(random() * 900);
    const user = i % 4 === 0 ? 'alice' : `bob${i % 3}`;
    const module = pick(modules);
    const level = pick(levels);
    const text =
      i % 500 === 0
        ? `Traceback (most recent call last):\n  File "/srv/app/demo.py", line 41, in <module>\n    boom()\nValueError: bad ${i}\n`
        : `request ${i} took=${Math.floor(random() * 900)} ms path=/api/v1/items/${Math.floor(random() * 99999)} status=${pick([200, 200, 404, 500])}`;
    put(user, module, `${formatSafelog(time)} ${level} ${text}\n`);
    if (user === 'alice') put(user, 'master', `${formatSafelog(time + 40)} ${module}.log ${level} ${text}\n`);
  }
  for (const [name, { lines }] of logs) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    const size = Math.ceil(lines.length / 4);
    for (let age = 0; age < 4; age++) {
      const part = lines.slice((3 - age) * size, (4 - age) * size).join('');
      const path = join(root, name);
      if (age === 0) writeFileSync(path, part);
      else if (age === 1) writeFileSync(`${path}.1`, part);
      else writeFileSync(`${path}.${age}.gz`, gzipSync(part));
    }
  }
}

/** The value below which a part of the values lies. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
