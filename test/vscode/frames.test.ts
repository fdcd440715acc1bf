import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { spec } from './spec.ts';
import type { Workbench } from './workbench.ts';

const trace = (...files: string[]): string =>
  `2026-11-20 10:00:00.000001+00:00 DEBUG Traceback (most recent call last):\n${files
    .map((file, i) => `  File "${file}", line ${i + 2}, in f\n    x()\n`)
    .join('')}ValueError: bad\n\n`;

const pythonTrace = (file: string): string =>
  `Traceback (most recent call last):\n  File "${file}", line 5, in <module>\n    sell("teapot")\n  File "${file}", line 2, in sell\n    raise KeyError(article)\nKeyError: 'teapot'\n`;

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

const shop = 'def sell(article):\n    raise KeyError(article)\n\n\nsell("teapot")\n';

spec(
  'terminals: frames of Python and Node open; where several files fit, Peek shows all, and a click asks once',
  {
    files: {
      'old/app/shop.py': shop,
      'new/app/shop.py': shop,
      'src/till.js': '\nfunction pay() {\n  throw new Error("no money");\n}\npay();\n',
      'printed.txt': `${pythonTrace('/build/app/shop.py')}Error: no money\n    at pay (/build/src/till.js:3:9)\n`,
    },
    logs: { 'alice/web.log': trace('/build/app/shop.py') },
    // Its rows are elements then.
    settings: { 'terminal.integrated.gpuAcceleration': 'off' },
  },
  async ({ workbench, page, screenshot }) => {
    await workbench.command('Safelog: Tail in Editor');
    await expect.poll(() => workbench.picks()).toContain('web');
    await workbench.pick('web');
    await page.locator('.view-line', { hasText: 'shop.py' }).click();
    await page.keyboard.press('Control+Shift+F10');
    const peek = page.locator('.peekview-widget');
    await expect.poll(() => peek.locator('.monaco-list-row', { hasText: 'shop.py' }).count()).toBe(2);
    await screenshot('frame-peek');
    await page.keyboard.press('Escape');

    await workbench.command('Terminal: Create New Terminal');
    const rows = page.locator('.terminal-wrapper.active .xterm-rows > div');
    // The shell's prompt: before it, what is typed may be lost.
    await rows.filter({ hasText: /\S/ }).first().waitFor();
    await page.keyboard.type('cat printed.txt\n');
    const click = async (text: string, opened: Locator): Promise<void> => {
      await expect
        .poll(async () => {
          const box = await rows.getByText(text).last().boundingBox();
          if (box === null) return false;
          // Within the path, which stands in the line's first half.
          const [x, y] = [box.x + Math.min(box.width / 2, 150), box.y + box.height / 2];
          await page.keyboard.down('Control');
          try {
            await page.mouse.move(x - 9, y);
            await page.mouse.move(x, y, { steps: 3 });
            await page.locator('.terminal-wrapper.active .xterm-cursor-pointer').waitFor({ timeout: 5_000 });
            await page.mouse.click(x, y);
          } finally {
            await page.keyboard.up('Control');
          }
          await opened.waitFor({ timeout: 5_000 });
          return true;
        })
        .toBe(true);
    };
    await rows.getByText('till.js').first().waitFor();
    await screenshot('frame-terminal');
    await click('till.js', workbench.tab('till.js'));
    await expect.poll(() => workbench.cursor()).toBe('Ln 3, Col 9');
    await click('line 5', workbench.quickInput.getByText('Pick Another File…'));
    await screenshot('frame-choice');
    expect(await workbench.picks()).toEqual(['new/app/shop.py', 'old/app/shop.py', 'Pick Another File…']);
    await workbench.pick('old/app/shop.py');
    await workbench.tab('shop.py').waitFor();
    await expect.poll(() => workbench.cursor()).toBe('Ln 5, Col 1');
    await click('line 2', page.locator('[id="status.editor.selection"]', { hasText: 'Ln 2' }));
    expect(await workbench.quickInput.isVisible()).toBe(false);
  },
);
