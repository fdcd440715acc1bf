/**
 * The timeline's page in a real browser, drawn in software, over a tree of ten million rows: how even its frames are while one scrolls, and
 * while ten thousand entries a second arrive; and that it asks for nothing while nobody sees it.
 */
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { formatSafelog } from '../../server/src/record/timestamp.ts';
import { percentile, sharedTree } from './makeTree.ts';
import { openRealPage } from './rig/realPage.ts';

const RECORDS = Number(process.env.SAFELOG_BENCH_RECORDS ?? 10_000_000);
const root = sharedTree(RECORDS);
const RATE = 10_000;
const SECONDS = 8;
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

interface Watched {
  /** ms between two frames. */
  frames: number[];
  /** ms of tasks that took longer than 50. */
  long: number[];
}

/** Begins to watch frames and tasks in the page; what it gives tells what was seen since then. */
async function watch(page: Page): Promise<() => Promise<Watched>> {
  await page.evaluate(() => {
    const seen: Watched & { on: boolean } = { frames: [], long: [], on: true };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => seen.long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
    let last = 0;
    const tick = (now: number): void => {
      if (last > 0) seen.frames.push(now - last);
      last = now;
      if (seen.on) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  return () =>
    page.evaluate(() => {
      const { seen } = globalThis as unknown as { seen: Watched & { on: boolean } };
      seen.on = false;
      return { frames: seen.frames, long: seen.long };
    });
}

function tell(what: string, { frames, long }: Watched): void {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const longest = long.length === 0 ? 'none' : `${long.length}, the longest ${ms(Math.max(...long))}`;
  say(
    `${what}: ${frames.length} frames, median ${ms(percentile(frames, 0.5))} (goal 17), p95 ${ms(percentile(frames, 0.95))} (goal 34); tasks over 50 ms: ${longest} (goal none)`,
  );
}

const live = join(root, 'live');
rmSync(live, { recursive: true, force: true });
mkdirSync(live);

const { page, requests, close } = await openRealPage({ source: { kind: 'tree', root } });
const status = page.locator('footer.status');
await page.locator('.viewport .row:not(.placeholder):not(.ruler)').first().waitFor();
await page.waitForFunction(() => !/Indexing|Counting/.test(document.querySelector('footer.status')?.textContent ?? 'Indexing'), undefined, {
  timeout: 600_000,
});
say(`${(await status.textContent())?.replaceAll(/\s+/g, ' ').trim()}`);
const list = await page.locator('.viewport').boundingBox();
const bar = await page.locator('.scrollbar').boundingBox();
if (!list || !bar) throw new Error('The list is not shown.');

async function wheel(seconds: number): Promise<void> {
  for (const until = performance.now() + seconds * 1000; performance.now() < until; await wait(16)) await page.mouse.wheel(0, -200);
}

await page.mouse.move(list.x + list.width / 2, list.y + list.height / 2);
let seen = await watch(page);
await wheel(SECONDS / 2);
tell('scrolling by the wheel', await seen());

await page.mouse.move(bar.x + 5, bar.y + bar.height - 8);
await page.mouse.down();
seen = await watch(page);
for (let step = 0; step <= 200; step++) {
  await page.mouse.move(bar.x + 5, bar.y + 8 + (bar.height - 16) * Math.abs(1 - step / 100));
  await wait(20);
}
tell('dragging the scrollbar over all of it', await seen());
await page.mouse.up();

/** Appends the rate's share every 20 ms, to two logs. */
async function write(seconds: number): Promise<void> {
  let written = 0;
  const begun = performance.now();
  while (performance.now() - begun < seconds * 1000) {
    const due = Math.floor(((performance.now() - begun) * RATE) / 1000);
    const texts = ['', ''];
    for (; written < due; written++) {
      texts[written % 2] += `${formatSafelog(Date.now() * 1000)} INFO live ${written} took=${written % 900} ms\n`;
    }
    for (const [index, text] of texts.entries()) if (text !== '') appendFileSync(join(live, `now${index}.log`), text);
    await wait(20);
  }
}

await page.getByRole('grid').press('End');
await write(1);
seen = await watch(page);
await write(SECONDS);
tell(`following ${RATE.toLocaleString()} entries a second`, await seen());

await page.mouse.move(list.x + list.width / 2, list.y + list.height / 2);
seen = await watch(page);
await Promise.all([write(SECONDS / 2), wheel(SECONDS / 2)]);
tell('scrolling while they arrive', await seen());

// As a browser tells a page that nobody sees any more.
await page.evaluate(() => {
  Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
});
await wait(500);
const before = requests.length;
await write(2);
const asked = requests.slice(before);
say(`asked for while hidden, with ${RATE.toLocaleString()} entries a second: ${asked.length} (goal 0) ${[...new Set(asked)].join(' ')}`);
await close();
rmSync(live, { recursive: true, force: true });
if (asked.length > 0) process.exitCode = 1;
