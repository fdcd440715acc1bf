import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { safelogTree, stamp } from './logs.ts';
import { spec } from './spec.ts';
import { openTimeline } from './timeline.ts';

const ENTRIES = 60;

spec(
  'what is appended is drawn while one follows; how long it took is printed',
  { logs: safelogTree([{ seconds: 1, user: 'alice', module: 'web', level: 'INFO', text: 'first' }]) },
  async ({ workbench, root, page }) => {
    // So high that all entries fit: where many come at once, those above the screen are never drawn.
    await page.setViewportSize({ width: 1280, height: 40 * ENTRIES });
    const timeline = await openTimeline(workbench);
    await timeline.row('first').waitFor();
    // In the page itself: asking from outside would be measured with it.
    const viewport = timeline.frame.locator('.viewport');
    await viewport.evaluate((element) => {
      const drawn: Record<string, number> = {};
      Object.assign(globalThis, { drawn });
      const look = (): void => {
        const now = performance.timeOrigin + performance.now();
        for (const match of (element.textContent ?? '').matchAll(/entry (\d+);/g)) drawn[match[1] ?? ''] ??= now;
      };
      new MutationObserver(look).observe(element, { subtree: true, childList: true, characterData: true });
    });
    const written: number[] = [];
    for (let i = 0; i < ENTRIES; i++) {
      written.push(performance.timeOrigin + performance.now());
      await appendFile(join(root, 'alice', 'web.log'), `${stamp(2 + i)} INFO entry ${i};\n`);
      await wait(25);
    }
    const drawn = () => viewport.evaluate(() => (globalThis as unknown as { drawn: Record<string, number> }).drawn);
    await expect.poll(async () => Object.keys(await drawn()).length).toBe(ENTRIES);
    const at = await drawn();
    const latencies = written.map((time, i) => (at[i] ?? Number.NaN) - time).sort((a, b) => a - b);
    const percentile = (part: number): string => `${(latencies[Math.floor(ENTRIES * part)] ?? Number.NaN).toFixed(0)} ms`;
    console.log(
      `append → row on screen: p50 ${percentile(0.5)}, p90 ${percentile(0.9)}, longest ${(latencies.at(-1) ?? Number.NaN).toFixed(0)} ms`,
    );
  },
);
