/** The reading engine on a tree of a million records, with lnav and ripgrep beside it in the same run, where they are installed. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { GzipSource } from '../../server/src/index/gzipSource.ts';
import { IndexCache } from '../../server/src/index/indexCache.ts';
import { Threads } from '../../server/src/index/threads.ts';
import type { Filter } from '../../server/src/protocol.ts';
import { NO_LAYOUTS } from '../../server/src/record/layoutRules.ts';
import { formatSafelog } from '../../server/src/record/timestamp.ts';
import { countRows } from '../../server/src/timeline/histogram.ts';
import { readPage } from '../../server/src/timeline/page.ts';
import { Timeline } from '../../server/src/timeline/timeline.ts';
import { percentile, randomNumbers, sharedTree } from './makeTree.ts';

const RECORDS = Number(process.env.SAFELOG_BENCH_RECORDS ?? 1_000_000);
const root = sharedTree(RECORDS);
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const mb = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

interface Cost {
  wall: number;
  processor: number;
}

/** `m` minutes and `s` seconds, as the shell's `times` prints them, in ms. */
function shellTimes(line: string): number {
  let sum = 0;
  for (const [, minutes, seconds] of line.matchAll(/(\d+)m([\d.]+)s/g)) sum += Number(minutes) * 60_000 + Number(seconds) * 1000;
  return sum;
}

/** What a whole process costs, the median of three after one that warms the system's cache of files. */
function timed(command: string, args: string[], environment: () => NodeJS.ProcessEnv = () => ({})): Cost | undefined {
  if (spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0) return undefined;
  const costs: Cost[] = [];
  for (let run = 0; run < 4; run++) {
    const env = { ...process.env, TERM: 'xterm', ...environment() };
    const begun = performance.now();
    // The last line of `times` is what the shell's children used.
    const { status, stdout } = spawnSync('sh', ['-c', '"$0" "$@" > /dev/null 2>&1; code=$?; times; exit $code', command, ...args], {
      env,
      encoding: 'utf8',
    });
    const wall = performance.now() - begun;
    // 1: nothing was found.
    if (status !== 0 && status !== 1) throw new Error(`${command} ended with ${status}`);
    costs.push({ wall, processor: shellTimes(stdout.trim().split('\n').at(-1) ?? '') });
  }
  const median = (of: (cost: Cost) => number): number => percentile(costs.slice(1).map(of), 0.5);
  return { wall: median(({ wall }) => wall), processor: median(({ processor }) => processor) };
}

const folders = mkdtempSync(join(tmpdir(), 'safelog-bench-cache-'));
/** A cache folder that nothing has been kept in. The one before goes: what a run leaves to be written to disk is no other run's cost. */
function empty(): NodeJS.ProcessEnv {
  const folder = join(folders, 'cold');
  rmSync(folder, { recursive: true, force: true });
  return { XDG_CACHE_HOME: folder };
}
const kept = { XDG_CACHE_HOME: join(folders, 'kept') };

function compare(what: string, ours: Cost | undefined, peer: string, theirs: Cost | undefined, goal: number): void {
  if (ours === undefined) return;
  say(`${what}: ${ms(ours.wall)} (processor: ${ms(ours.processor)})`);
  if (theirs === undefined) {
    say(`${peer} is not installed`);
    return;
  }
  const ratio = (ours.wall / theirs.wall).toFixed(2);
  const processor = (ours.processor / theirs.processor).toFixed(2);
  say(`  ${peer}: ${ms(theirs.wall)} (processor: ${ms(theirs.processor)}); ratio ${ratio} (processor: ${processor}) (goal ${goal})`);
}

const safelog = [join('server', 'bin', 'safelog.js'), 'cat', '--root', root, '--count'];
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.log/.test(name))
  .map((name) => join(root, name));
say(`${RECORDS} records in ${files.length} files, half of the rotations gzipped`);
const lnav = timed('lnav', ['-n', '-q', '-c', ';select count(*) from all_logs', ...files]);
compare('index, order and pairing, as a process, cold', timed(process.execPath, safelog, empty), 'lnav, index and count', lnav, 0.35);
const warm = timed(process.execPath, safelog, () => kept);
if (warm !== undefined) say(`the same with a kept index: ${ms(warm.wall)} (processor: ${ms(warm.processor)})`);
const rg = timed('rg', ['-z', '-c', 'status=404', root]);
compare(
  'literal over all, as a process',
  timed(process.execPath, [...safelog, '--text', 'status=404'], () => kept),
  'rg -z -c of the same',
  rg,
  1,
);
rmSync(folders, { recursive: true });

const pageFaults = (): number => process.resourceUsage().minorPageFault;

/** ms for the first touch of a page of memory: a fraction of a microsecond on most machines, many of them on some virtual ones. */
function costOfPageFault(): number {
  const memory = Buffer.allocUnsafeSlow(64 << 20);
  const faults = pageFaults();
  const begun = performance.now();
  for (let at = 0; at < memory.length; at += 4096) memory[at] = 1;
  return (performance.now() - begun) / (pageFaults() - faults);
}
const pageFault = costOfPageFault();
say(`a page fault costs ${(pageFault * 1000).toFixed(1)} µs on this machine`);

/** ms, those of the processor (others may be at work on this machine), and how much of them went into first touches of memory. */
async function measured<T>(run: () => Promise<T> | T): Promise<{ result: T; time: string }> {
  const cpu = process.cpuUsage();
  const faults = pageFaults();
  const begun = performance.now();
  const result = await run();
  const wall = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  return {
    result,
    time: `${ms(wall)} (processor: ${ms((user + system) / 1000)}, page faults: ${ms((pageFaults() - faults) * pageFault)})`,
  };
}

// In functions, so that what they have opened is not in the memory that is measured at the end.
await openCold();
await openWarm();

async function openCold(): Promise<void> {
  const newest = new Timeline({ kind: 'tree', root });
  const newestView = newest.openView({}, () => undefined);
  const shown = await measured(() => {
    newest.load({ newestFirst: true }).catch(() => undefined);
    return readPage(newestView, { view: 1, anchor: { at: 'end' }, before: 200, after: 0 });
  });
  say(`newest page, cold: ${shown.time} (goal 200), ${shown.result.total} rows known by then`);
  await newest.close();
}

async function openWarm(): Promise<void> {
  const caches = mkdtempSync(join(tmpdir(), 'safelog-bench-cache-'));
  const before = new Timeline({ kind: 'tree', root }, NO_LAYOUTS, { cache: new IndexCache(caches) });
  await before.load();
  await before.close();
  for (let i = 0; i < 3; i++) {
    const again = new Timeline({ kind: 'tree', root }, NO_LAYOUTS, { cache: new IndexCache(caches) });
    const againView = again.openView({}, () => undefined);
    const { result, time } = await measured(() => {
      again.load({ newestFirst: true }).catch(() => undefined);
      return readPage(againView, { view: 1, anchor: { at: 'end' }, before: 200, after: 0 });
    });
    say(`warm reopen, to its newest page: ${time} (goal 150), ${result.total} rows`);
    await again.close();
  }
  rmSync(caches, { recursive: true });
}

// The bundle's own, which is not beside this.
const threads = new Threads({ file: join(process.cwd(), 'server/dist/readingWorker.js') });
const timeline = new Timeline({ kind: 'tree', root }, NO_LAYOUTS, { threads });
const loaded = await measured(() => timeline.load());
say(
  `load in process: ${loaded.time}, ${timeline.rows.length} rows, ${(timeline.library.store.residentBytes / RECORDS).toFixed(1)} B of index each`,
);
for (const filter of [{ level: 40 }, { modules: ['web*'] }, { users: ['alice'] }, { since: 1, until: 2e15 }] satisfies Filter[]) {
  const filtered = timeline.openView({}, () => undefined);
  const { time } = await measured(() => filtered.setFilter(filter));
  say(`filter ${JSON.stringify(filter)}: ${time} (goal 100), ${filtered.rows.length} rows`);
  timeline.closeView(filtered);
}
for (const [filter, pattern, goal] of [
  [{ text: 'status=404' }, 'status=404', 1],
  [{ text: 'no such text' }, 'no such text', 1],
  [{ regex: 'took=4\\d\\d' }, 'took=4\\d\\d', 1.5],
] as const) {
  const found = timeline.openView(filter, () => undefined);
  const begun = performance.now();
  const { time } = await measured(() => found.settled());
  const own = performance.now() - begun;
  const other = timed('rg', ['-z', '-c', pattern, root]);
  const ratio = other === undefined ? '' : `; rg -z -c: ${ms(other.wall)}, ratio ${(own / other.wall).toFixed(2)} (goal ${goal})`;
  say(`search ${JSON.stringify(filter)}: ${time}, ${found.rows.length} rows${ratio}`);
  timeline.closeView(found);
}
let wake: () => void = () => undefined;
const view = timeline.openView({}, () => wake());
let stall = 0;
let last = performance.now();
const ticks = setInterval(() => {
  stall = Math.max(stall, performance.now() - last - 1);
  last = performance.now();
}, 1);
const counted = await measured(() => countRows(view, { view: 1, buckets: 200 }, () => false));
clearInterval(ticks);
say(`histogram of all: ${counted.time}, ${counted.result?.total} rows; others waited ${ms(stall)} at most (goal 30)`);
const random = randomNumbers(2);
/** The first touch of a gz file has its checkpoints built, which takes a moment. */
async function readAtRandom(name: string, count: number): Promise<void> {
  const pages: number[] = [];
  const { time } = await measured(async () => {
    for (let i = 0; i < count; i++) {
      const rank = Math.floor(random() * timeline.rows.length);
      const start = performance.now();
      await readPage(view, { view: 1, anchor: { rank }, before: 100, after: 100 });
      pages.push(performance.now() - start);
    }
  });
  say(`${count} pages of 200 at random, ${name}: p50 ${ms(percentile(pages, 0.5))}, p99 ${ms(percentile(pages, 0.99))}; all ${time}`);
}
await readAtRandom('first touch', 100);
const alive = setInterval(() => undefined, 1000);
await GzipSource.settled();
clearInterval(alive);
await readAtRandom('goal p99 16 ms', 600);
globalThis.gc?.();
say(`resident memory: ${mb(process.memoryUsage().rss)} (goal 250 for a million records)`);

timeline.follow();
await wait(1500);
mkdirSync(join(root, 'live'), { recursive: true });
const live = join(root, 'live', 'now.log');
const latencies: number[] = [];
for (let i = 0; i < 200; i++) {
  const before = timeline.rows.length;
  const start = performance.now();
  appendFileSync(live, `${formatSafelog(Date.now() * 1000)} INFO live ${i}\n`);
  while (timeline.rows.length === before && performance.now() - start < 5000) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, 1000);
    });
  }
  await readPage(view, { view: 1, anchor: { at: 'end' }, before: 50, after: 0 });
  latencies.push(performance.now() - start);
  await wait(5);
}
say(`append → its page at the server: p50 ${ms(percentile(latencies, 0.5))}, p99 ${ms(percentile(latencies, 0.99))}`);
await timeline.close();
process.exit(0);
