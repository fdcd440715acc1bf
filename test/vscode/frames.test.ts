import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { spec } from './spec.ts';
import type { Workbench } from './workbench.ts';

const trace = (...files: string[]): string =>
  `2026-11-20 10:00:00.000001+00:00 DEBUG Traceback (most recent call last):\n${files
    .map((file, i) => `  File "${file}", line ${i + 2}, in f\n    x()\n`)
    .join('')}ValueError: bad\n\n`;

const files = { 'src/app/one.py': 'a\nb\nc\nd\n', 'src/app/two 100%.py': 'a\nb\nc\nd\n' };

/**
 * Opens the tail; clicks there on a frame until what that opens is seen. With Control held VS Code draws the link anew, so that an element
 * that was found before is gone: the mouse goes to its place, and clicks when the link says that it would act.
 */
async function tailOf(workbench: Workbench, page: Page): Promise<(text: string, opened: Locator) => Promise<void>> {
  await workbench.command('Safelog: Tail in Editor');
  await expect.poll(() => workbench.picks()).toContain('web');
  await workbench.pick('web');
  const links = page.locator('.editor-instance .detected-link');
  const click = async (text: string): Promise<void> => {
    const box = await links.filter({ hasText: text }).first().boundingBox();
    const [x, y] = box === null ? [0, 0] : [box.x + box.width / 2, box.y + box.height / 2];
    await page.keyboard.down('Control');
    try {
      await page.mouse.move(x, y, { steps: 2 });
      await page.locator('.detected-link-active', { hasText: text }).first().waitFor({ timeout: 5_000 });
      await page.mouse.click(x, y);
    } finally {
      await page.keyboard.up('Control');
    }
  };
  return async (text, opened) => {
    await expect
      .poll(async () => {
        await click(text);
        await opened.waitFor({ timeout: 10_000 });
        return true;
      })
      .toBe(true);
  };
}

spec(
  'a frame opens its file at the line; the root of the trace may be another than that of the folder',
  { files, logs: { 'alice/web.log': trace('/build/src/app/one.py', '/build/src/app/two 100%.py') } },
  async ({ workbench, page }) => {
    const click = await tailOf(workbench, page);
    await click('two', workbench.tab('two 100%.py'));
    await expect.poll(() => workbench.cursor()).toBe('Ln 3, Col 1');
    await click('one.py', workbench.tab('one.py'));
    await expect.poll(() => workbench.cursor()).toBe('Ln 2, Col 1');
  },
);

spec(
  'a frame whose file is not here says so, lets one pick it, and remembers it for its siblings',
  { files, logs: { 'alice/web.log': trace('/elsewhere/one.py', '/elsewhere/two 100%.py') } },
  async ({ workbench, page, folder, screenshot }) => {
    const click = await tailOf(workbench, page);
    const missing = page.locator('.notifications-toasts', { hasText: '/elsewhere/one.py is not here.' });
    await click('one.py', missing);
    const pick = missing.getByRole('button', { name: 'Pick the File…' });
    await pick.hover();
    await screenshot('frame-missing');
    await pick.click();
    await workbench.pickFile(folder, join(folder, 'src/app/one.py'));
    await workbench.tab('one.py').waitFor();
    await expect.poll(() => workbench.cursor()).toBe('Ln 2, Col 1');
    await click('two', workbench.tab('two 100%.py'));
    await expect.poll(() => workbench.cursor()).toBe('Ln 3, Col 1');
    await workbench.command('Safelog: Forget Picked Files and Past Filters');
    await click('one.py', missing);
  },
);
