/** How the reading engine's cost grows: the same measurements on trees of several sizes, each in a process of its own. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GzipSource } from '../../server/src/index/gzipSource.ts';
import { IndexCache } from '../../server/src/index/indexCache.ts';
import { Threads } from '../../server/src/index/threads.ts';
import { NO_LAYOUTS } from '../../server/src/record/layoutRules.ts';
import { readPage } from '../../server/src/timeline/page.ts';
import { Timeline } from '../../server/src/timeline/timeline.ts';
import type { View } from '../../server/src/timeline/view.ts';
import { percentile, randomNumbers, sharedTree } from './makeTree.ts';

/** SAFELOG_BENCH_SIZES=1000000,10000000,40000000: the largest takes 5 GB of disk for its logs and its index. */
const sizes = (process.env.SAFELOG_BENCH_SIZES ?? '1000000,4000000').split(',').map(Number);
/** As the extension has it by default. */
const MEMORY = 1 << 30;
const PAGES = 200;

/** In ms, but for `columns`, `loaded` and `resident`, in bytes. */
interface Growth {
  newest: number;
  load: number;
  processor: number;
  columns: number;
  loaded: number;
  reopen: number;
  filter: number;
  search: number;
  pages: number;
  pages99: number;
  resident: number;
}

const [, , given] = process.argv;
if (given === undefined) compare();
else process.stdout.write(JSON.stringify(await measure(Number(given))));

function compare(): void {
  const all = sizes.map((records): Growth => {
    // Here, so that what makes it is not in the process that is measured.
    sharedTree(records);
    const { stdout, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), String(records)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 1 << 20,
    });
    if (status !== 0) throw new Error(`the process for ${records} records ended with ${status}`);
    return JSON.parse(stdout) as Growth;
  });
  row('records', (_, i) => (sizes[i] ?? 0).toLocaleString('en'));
  row('newest page, cold, ms', ({ newest }) => newest.toFixed(0));
  row('index and order, cold, ms', ({ load }) => load.toFixed(0));
  row('  processor, ns a record', ({ processor }, i) => ((processor * 1e6) / (sizes[i] ?? 1)).toFixed(0));
  row('columns in memory, MB', ({ columns }) => (columns / 1e6).toFixed(0));
  row('resident after that, MB', ({ loaded }) => (loaded / 1e6).toFixed(0));
  row('  B a record', ({ loaded }, i) => (loaded / (sizes[i] ?? 1)).toFixed(1));
  row('warm reopen to the newest page, ms', ({ reopen }) => reopen.toFixed(0));
  row('filter by level, ms', ({ filter }) => filter.toFixed(0));
  row('search of a literal, ms', ({ search }) => search.toFixed(0));
  row('page of 200 anywhere, p50, ms', ({ pages }) => pages.toFixed(1));
  row('  p99', ({ pages99 }) => pages99.toFixed(1));
  row('resident at the end, MB', ({ resident }) => (resident / 1e6).toFixed(0));

  function row(name: string, cell: (growth: Growth, index: number) => string): void {
    console.log(name.padEnd(38) + all.map((growth, i) => cell(growth, i).padStart(14)).join(''));
  }
}

async function measure(records: number): Promise<Growth> {
  const caches = mkdtempSync(join(tmpdir(), 'safelog-bench-cache-'));
  const threads = new Threads({ file: join(process.cwd(), 'server/dist/readingWorker.js') });
  const open = (): Timeline =>
    new Timeline({ kind: 'tree', root: sharedTree(records) }, NO_LAYOUTS, {
      threads,
      memory: MEMORY,
      cache: new IndexCache(caches, { diskSize: 64 * 2 ** 30 }),
    });
  // Building checkpoints keeps no process alive.
  const alive = setInterval(() => undefined, 1000);
  try {
    return { ...(await measureCold(open())), ...(await measureWarm(open())) };
  } finally {
    clearInterval(alive);
    rmSync(caches, { recursive: true, force: true });
    await threads.close();
  }
}

type Warm = 'reopen' | 'filter' | 'search' | 'pages' | 'pages99' | 'resident';

async function measureCold(timeline: Timeline): Promise<Omit<Growth, Warm>> {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const loading = timeline.load({ newestFirst: true });
  timeline.follow();
  await newestPage(timeline);
  const newest = performance.now() - begun;
  await loading;
  const load = performance.now() - begun;
  say('in order', load);
  const { user, system } = process.cpuUsage(cpu);
  const columns = timeline.library.store.residentBytes;
  // What it keeps on disk is written, and what it has freed is given back.
  await timeline.library.save(timeline.rows.all());
  say('kept on disk', performance.now() - begun);
  await wait(2000);
  const loaded = resident();
  await timeline.close();
  return { newest, load, processor: (user + system) / 1000, columns, loaded };
}

async function measureWarm(timeline: Timeline): Promise<Pick<Growth, Warm>> {
  const begun = performance.now();
  const loading = timeline.load({ newestFirst: true });
  const view = await newestPage(timeline);
  const reopen = performance.now() - begun;
  await loading;
  say('opened again', performance.now() - begun);
  const filtered = timeline.openView({}, () => undefined);
  const asked = performance.now();
  await filtered.setFilter({ level: 40 });
  const filter = performance.now() - asked;
  say('filtered', filter);
  timeline.closeView(filtered);
  const found = timeline.openView({ text: 'no such text' }, () => undefined);
  const searched = performance.now();
  await found.settled();
  const search = performance.now() - searched;
  say('searched', search);
  timeline.closeView(found);
  const random = randomNumbers(2);
  const times: number[] = [];
  for (let i = 0; i < 2 * PAGES; i++) {
    const at = performance.now();
    await readPage(view, { view: 1, anchor: { rank: Math.floor(random() * timeline.rows.length) }, before: 100, after: 100 });
    // The first half has what is read for the first time.
    if (i >= PAGES) times.push(performance.now() - at);
    await GzipSource.settled();
  }
  say('pages read', performance.now() - begun);
  const end = resident();
  await timeline.close();
  return { reopen, filter, search, pages: percentile(times, 0.5), pages99: percentile(times, 0.99), resident: end };
}

/** Large trees take minutes: which step they are at. */
function say(step: string, ms: number): void {
  process.stderr.write(`  ${step}: ${ms.toFixed(0)} ms, ${(resident() / 1e6).toFixed(0)} MB resident\n`);
}

async function newestPage(timeline: Timeline): Promise<View> {
  const view = timeline.openView({}, () => undefined);
  await readPage(view, { view: 1, anchor: { at: 'end' }, before: 200, after: 0 });
  return view;
}

function resident(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
