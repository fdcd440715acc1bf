/**
 * npm run soak -- follow [RUNS] [SEED]: `safelog tail -f` beside a program that writes, rotates its logs several times a second (by renaming
 * them, or by copying and truncating) and is killed four times a run. Whatever is on disk afterwards must have been printed once, and `safelog
 * cat` must print it in its order.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const runs = Number(process.argv[2] ?? 10);
const seed = Number(process.argv[3] ?? Date.now() % 1e6);
const KILLS = 4;
const LIFE_MS = 5000;
/** What was written last is printed by then. */
const QUIET_MS = 4000;

const safelog = join(process.cwd(), 'server/bin/safelog.js');
const writer = fileURLToPath(new URL('./followWriter.mjs', import.meta.url));
for (let run = 0; run < runs; run++) {
  const kind = run % 2 === 0 ? 'copied' : 'renamed';
  const faults = await follow(seed + run, kind);
  console.log(`seed ${seed + run}, ${kind}: ${faults.length === 0 ? 'right' : faults.join('; ')}`);
  if (faults.length > 0) process.exitCode = 1;
}

async function follow(number: number, kind: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'safelog-follow-'));
  const root = join(folder, 'logs');
  const logs = join(root, 'alice');
  const output = join(folder, 'output');
  const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), XDG_STATE_HOME: join(folder, 'state') };
  mkdirSync(logs, { recursive: true });
  const file = openSync(output, 'w');
  const tail = spawn(process.execPath, [safelog, 'tail', '-f', '-n', '0', '--root', root], { env, stdio: ['ignore', file, 'inherit'] });
  closeSync(file);
  try {
    await wait(2000);
    for (let life = 0, first = 0; life < KILLS; life++) {
      const child = spawn(process.execPath, [writer, logs, String(first), String(number * KILLS + life), kind], { stdio: 'inherit' });
      await wait(LIFE_MS);
      await end(child, 'SIGKILL');
      first = Number(readFileSync(`${logs}.numbers`, 'utf8').trim().split('\n').at(-1)) + 1;
    }
    for (let size = -1; size !== statSync(output).size; await wait(QUIET_MS)) size = statSync(output).size;
    await end(tail, 'SIGTERM');
    const { stdout } = spawnSync(process.execPath, [safelog, 'cat', '--root', root], { env, encoding: 'utf8', maxBuffer: 2 ** 30 });
    return faultsIn(contentOf(logs), readFileSync(output, 'utf8'), stdout);
  } finally {
    tail.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

function contentOf(logs: string): string {
  const names = readdirSync(logs).filter((name) => /\.log/.test(name));
  return names
    .map((name) => (name.endsWith('.gz') ? gunzipSync(readFileSync(join(logs, name))) : readFileSync(join(logs, name))).toString())
    .join('');
}

function faultsIn(content: string, printed: string, sorted: string): string[] {
  // Of a writer that was killed within a line, the next one goes on in it: that line grew after it had been shown.
  const torn = new Set(content.split('\n').flatMap((line) => (numbersIn(line).length > 1 ? numbersIn(line) : [])));
  const written = new Set(numbersIn(content));
  const times = new Map<number, number>();
  for (const number of numbersIn(printed)) times.set(number, (times.get(number) ?? 0) + 1);
  const missed = [...written].filter((number) => !times.has(number));
  const repeated = [...times].flatMap(([number, count]) => (count > 1 && !torn.has(number) ? number : []));
  const some = (numbers: number[]): string => `${numbers.slice(0, 5).join(', ')} …`;
  const inOrder = numbersIn(sorted).filter((number) => !torn.has(number));
  const faults: string[] = [];
  if (written.size === 0) faults.push('nothing was written');
  if (missed.length > 0) faults.push(`${missed.length} of ${written.size} entries were not printed: ${some(missed)}`);
  if (repeated.length > 0) faults.push(`${repeated.length} entries were printed again: ${some(repeated)}`);
  const expected = [...written].filter((number) => !torn.has(number)).sort((a, b) => a - b);
  if (inOrder.join() !== expected.join()) faults.push('cat does not print all of them in their order');
  return faults;
}

function numbersIn(text: string): number[] {
  return Array.from(text.matchAll(/INFO #(\d+) /g), ([, number]) => Number(number));
}
