import { appendFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { spec } from './spec.ts';

const line = (text: string): string => `2026-11-20 10:00:00.000001+00:00 INFO ${text}\n`;

spec(
  'a tail follows, lets go when one scrolls up, says what waits, and follows again',
  { logs: { 'alice/web.log': Array.from({ length: 200 }, (_, i) => line(`entry ${i}`)).join('') } },
  async ({ workbench, page, root, screenshot }) => {
    const log = join(root, 'alice/web.log');
    const status = page.locator('.statusbar').getByRole('button', { name: /ollow/ });
    await workbench.command('Safelog: Tail in Editor');
    await expect.poll(() => workbench.picks()).toContain('web');
    await workbench.pick('web');
    await expect.poll(async () => (await workbench.editorLines()).join()).toContain('entry 199');
    await status.filter({ hasText: 'Following' }).waitFor();

    await appendFile(
      log,
      '2026-11-20 10:00:01.000001+00:00 DEBUG Traceback (most recent call last):\n  File "/srv/app/demo.py", line 41, in boom\nValueError: bad thing\n\n',
    );
    await expect.poll(async () => (await workbench.editorLines()).join()).toContain('ValueError: bad thing');
    await screenshot('tail');

    await page.locator('.editor-instance .view-lines').hover();
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, -400);
        return status.textContent();
      })
      .toContain('Not following');
    const seen = await workbench.editorLines();
    await appendFile(log, line('while scrolled up'));
    await status.click();
    await expect.poll(async () => (await workbench.editorLines()).join()).toContain('while scrolled up');
    expect(seen.join()).not.toContain('while scrolled up');

    await rename(log, `${log}.1`);
    await writeFile(log, line('after the rotation'));
    await expect.poll(async () => (await workbench.editorLines()).join()).toContain('after the rotation');
    await page
      .locator('.statusbar')
      .getByText(/rotated|created anew/)
      .waitFor();
    await screenshot('tail-rotated');
  },
);

spec('a tail is there again after a reload', { logs: { 'alice/web.log': line('before') } }, async ({ workbench, page, root }) => {
  await workbench.command('Safelog: Tail in Editor');
  await expect.poll(() => workbench.picks()).toContain('web');
  await workbench.pick('web');
  await expect.poll(async () => (await workbench.editorLines()).join()).toContain('before');
  const loaded = page.waitForEvent('load');
  await workbench.command('Developer: Reload Window');
  await loaded;
  await workbench.ready();
  await expect.poll(async () => (await workbench.editorLines()).join()).toContain('before');
  await appendFile(join(root, 'alice/web.log'), line('after the reload'));
  await expect.poll(async () => (await workbench.editorLines()).join()).toContain('after the reload');
});
