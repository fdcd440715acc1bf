import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { safelogTree, stamp } from './logs.ts';
import { spec } from './spec.ts';

const logs = safelogTree([
  { seconds: 1, user: 'alice', module: 'web', level: 'INFO', text: 'from alice' },
  { seconds: 2, user: 'bob', module: 'batch', level: 'INFO', text: 'from bob' },
]);

/** In how many pages the text is drawn. */
async function pagesWith(page: Page, text: string): Promise<number> {
  const frames = await page.locator('iframe.webview.ready').all();
  const counts = await Promise.all(
    frames.map((frame) => frame.contentFrame().locator('iframe#active-frame').contentFrame().getByText(text, { exact: true }).count()),
  );
  return counts.filter((count) => count > 0).length;
}

spec(
  'two timelines side by side are both live, also after the server was restarted',
  { logs },
  async ({ workbench, page, root, screenshot }) => {
    await workbench.command('Safelog: Open Timeline');
    await expect.poll(() => pagesWith(page, 'from bob')).toBe(1);
    await workbench.command('Safelog: Open master.log');
    await expect.poll(() => workbench.picks()).toEqual(['alice', 'bob', 'All users']);
    await workbench.pick('alice');
    await workbench.tab('master.log — alice').waitFor();
    await workbench.command('View: Move Editor into Next Group');
    await expect.poll(() => pagesWith(page, 'from alice')).toBe(2);
    await expect.poll(() => pagesWith(page, 'from bob')).toBe(1);

    await appendFile(join(root, 'alice/web.log'), `${stamp(3, 1)} INFO while both look\n`);
    await expect.poll(() => pagesWith(page, 'while both look')).toBe(2);

    await workbench.command('Safelog: Restart the Language Server');
    await appendFile(join(root, 'alice/web.log'), `${stamp(4, 1)} INFO after the restart\n`);
    await expect.poll(() => pagesWith(page, 'after the restart')).toBe(2);
    await appendFile(join(root, 'alice/web.log'), `${stamp(5, 1)} INFO and live again\n`);
    await expect.poll(() => pagesWith(page, 'and live again')).toBe(2);
    await screenshot('two-timelines');

    // One that is open is shown again, not opened twice.
    await workbench.command('Safelog: Open Timeline');
    await expect.poll(() => workbench.activeTab()).toBe('Log Timeline');
    expect(await workbench.tab('Log Timeline').count()).toBe(1);
  },
);
