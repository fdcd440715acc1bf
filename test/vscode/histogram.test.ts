import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stamp } from './logs.ts';
import { spec } from './spec.ts';
import { useTheme } from './theme.ts';
import { openTimeline, type Timeline } from './timeline.ts';

/** An hour with an entry each 10 s; errors in the ten minutes from 10:30 on. */
const logs = {
  'alice/web.log': Array.from({ length: 360 }, (_, index) => {
    const level =
      index >= 180 && index < 240 && index % 3 === 0 ? 'ERROR' : index % 7 === 0 ? 'WARNING' : index % 2 === 0 ? 'INFO' : 'DEBUG';
    return `${stamp(index * 10)} ${level} request ${index}\n`;
  }).join(''),
};

const bars = (timeline: Timeline) => timeline.frame.getByRole('slider', { name: 'Entries over time' });
const narrowed = ['after:2026-11-20T10:30:00+00:00 before:2026-11-20T10:40:00+00:00'];

/** The pixel in the page where a share of the histogram's width is. */
async function pixel(timeline: Timeline, share: number): Promise<{ x: number; y: number }> {
  const box = await bars(timeline).boundingBox();
  if (!box) throw new Error('The histogram is not shown.');
  return { x: box.x + box.width * share, y: box.y + box.height / 3 };
}

spec(
  'the histogram says what there is when, narrows the timeline by mouse and keys, and keeps up',
  { logs },
  async ({ workbench, page, root }) => {
    const timeline = await openTimeline(workbench);
    await expect.poll(() => timeline.status()).toContain('360 entries');
    await expect.poll(() => bars(timeline).getAttribute('aria-valuemax').then(Number)).toBeGreaterThan(50);
    const last = Number(await bars(timeline).getAttribute('aria-valuemax'));
    // 10:30 is half way, and 10:40 two thirds; the last bar ends where the last entry does.
    const at = async (minutes: number) => pixel(timeline, (minutes * 2 + 0.5) / (last + 1));
    expect(last).toBe(119);
    const tip = timeline.frame.locator('.bar-tip');
    const first = await at(30);
    await page.mouse.move(first.x, first.y);
    await expect.poll(() => tip.textContent()).toContain('2026-11-20 10:30:00 – 10:30:30');
    await expect.poll(() => tip.textContent()).toContain('1 error');
    await page.mouse.down();
    const until = await at(39.5);
    await page.mouse.move(until.x, until.y, { steps: 4 });
    await expect.poll(() => tip.textContent()).toContain('20 errors');
    await page.mouse.up();
    await expect.poll(() => timeline.chips()).toEqual(narrowed);
    await expect.poll(() => timeline.status()).toContain('60 of 360 entries');
    await expect.poll(() => bars(timeline).getAttribute('aria-valuetext')).toContain('2026-11-20 10:30:00 – 10:30:05');
    await timeline.frame.getByRole('button', { name: 'Zoom Out' }).click();
    await expect.poll(() => timeline.status()).toContain('360 entries');
    await expect.poll(() => timeline.chips()).toEqual([]);

    // By keys, which say what it shows.
    const slider = bars(timeline);
    await expect.poll(() => slider.getAttribute('aria-valuemax')).toBe('119');
    await slider.focus();
    await slider.press('Home');
    for (let bar = 0; bar < 5; bar++) await slider.press('PageDown');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^2026-11-20 10:30:00 – 10:30:30: 3 entries, 1 error/);
    for (let bar = 1; bar < 20; bar++) await slider.press('Shift+ArrowRight');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^2026-11-20 10:30:00 – 10:40:00: 60 entries, 20 errors/);
    await slider.press('Enter');
    await expect.poll(() => timeline.chips()).toEqual(narrowed);
    await expect.poll(() => timeline.status()).toContain('60 of 360 entries');
    await slider.press('Escape');
    await expect.poll(() => timeline.chips()).toEqual([]);
    await expect.poll(() => timeline.status()).toContain('360 entries');

    // It keeps up with what is written and with the filter, and can be hidden.
    const sums = () => timeline.frame.locator('safelog-histogram table').textContent();
    await expect.poll(sums).toMatch(/errors\s*20(?!\d)/);
    await appendFile(join(root, 'alice/web.log'), `${stamp(3600)} ERROR one more\n`);
    await expect.poll(sums).toMatch(/errors\s*21(?!\d)/);
    await timeline.frame.getByLabel('Filter text').fill('one more');
    await expect.poll(sums).toMatch(/errors\s*1(?!\d)/);
    await timeline.frame.getByLabel('Filter text').fill('nothing like this');
    await timeline.frame.locator('safelog-histogram').getByText('No entries').waitFor();
    await timeline.frame.getByRole('button', { name: 'Show Entries over Time' }).click();
    await expect.poll(() => timeline.frame.locator('safelog-histogram').count()).toBe(0);
  },
);

spec('the histogram in every theme, and in a narrow page', { logs }, async ({ workbench, page, folder, screenshot }) => {
  const timeline = await openTimeline(workbench);
  await expect.poll(() => bars(timeline).getAttribute('aria-valuemax')).toBe('119');
  const { x, y } = await pixel(timeline, 0.55);
  await page.mouse.move(x, y);
  await expect.poll(() => timeline.frame.locator('.bar-tip').textContent()).toContain('1 error');
  for (const name of ['dark', 'light', 'high-contrast'] as const) {
    await useTheme(timeline, folder, name);
    await screenshot(`histogram-${name}`);
  }
  await page.setViewportSize({ width: 480, height: 600 });
  await page.keyboard.press('Control+B');
  await expect.poll(() => bars(timeline).getAttribute('aria-valuemax').then(Number)).toBeLessThan(100);
  await screenshot('histogram-narrow');
});
