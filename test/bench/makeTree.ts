/** A log tree out of a seed, for benchmarks: users with and without master.log, four generations a log, half of them gzipped. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

/** A tree of `records` rows that all benchmarks share; made where it is missing. */
export function sharedTree(records: number): string {
  const root = join(tmpdir(), `safelog-bench-${records}`);
  if (existsSync(root)) return root;
  // Whole or not there: one that was broken off is not measured by the next run.
  makeTree(`${root}.part`, records);
  renameSync(`${root}.part`, root);
  return root;
}

/** Makes `records` rows under `root` (what was there is removed); alice, who has a quarter of them, has a master.log too. */
function makeTree(root: string, records: number): void {
  rmSync(root, { recursive: true, force: true });
  // Twice from the same seed: a log's generations can be told apart only when its lines are counted, and they do not fit in memory.
  const counts = new Map<string, number>();
  forEachLine(records, (log) => counts.set(log, (counts.get(log) ?? 0) + 1));
  const logs = new Map([...counts].map(([name, lines]) => [name, new Generations(join(root, name), Math.ceil(lines / 4))]));
  forEachLine(records, (log, line) => logs.get(log)?.put(line()));
  for (const log of logs.values()) log.close();
}

/** Calls `put` with each line of the tree and the log that it is in; the line's text is made where it is asked for. */
function forEachLine(records: number, put: (log: string, line: () => string) => void): void {
  const random = randomNumbers(1);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  let time = Date.UTC(2026, 10, 20, 10) * 1000;
  for (let i = 0; i < records; i++) {
    time += 1 + Math.floor(random() * 900);
    const user = i % 4 === 0 ? 'alice' : `bob${i % 3}`;
    const module = pick(modules);
    const level = pick(levels);
    const text =
      i % 500 === 0
        ? `Traceback (most recent call last):\n  File "/srv/app/demo.py", line 41, in <module>\n    boom()\nValueError: bad ${i}\n`
        : `request ${i} took=${Math.floor(random() * 900)} ms path=/api/v1/items/${Math.floor(random() * 99999)} status=${pick([200, 200, 404, 500])}`;
    put(join(user, `${module}.log`), () => `${formatSafelog(time)} ${level} ${text}\n`);
    if (user === 'alice') put(join(user, 'master.log'), () => `${formatSafelog(time + 40)} ${module}.log ${level} ${text}\n`);
  }
}

/** Four generations of one log, of `size` lines each, oldest first; the two oldest are gzipped. */
class Generations {
  readonly #log: string;
  readonly #size: number;
  #lines = 0;
  #waiting: string[] = [];

  constructor(log: string, size: number) {
    this.#log = log;
    this.#size = size;
    mkdirSync(dirname(log), { recursive: true });
  }

  put(line: string): void {
    this.#waiting.push(line);
    this.#lines++;
    if (this.#lines % this.#size === 0) this.#end();
    else if (this.#waiting.length === 5000) this.#flush();
  }

  close(): void {
    if (this.#lines % this.#size !== 0) this.#end();
  }

  #end(): void {
    this.#flush();
    const path = this.#path;
    if (path.endsWith('.gz')) writeFileSync(path, gzipSync(readFileSync(path)));
  }

  get #path(): string {
    const age = 3 - Math.floor((this.#lines - 1) / this.#size);
    return age === 0 ? this.#log : `${this.#log}.${age}${age === 1 ? '' : '.gz'}`;
  }

  #flush(): void {
    if (this.#waiting.length > 0) appendFileSync(this.#path, this.#waiting.join(''));
    this.#waiting = [];
  }
}

/** The value below which a part of the values lies. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
