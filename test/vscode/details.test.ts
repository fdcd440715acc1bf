import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { pythonTraceback, safelogTree, stamp } from './logs.ts';
import { spec } from './spec.ts';
import { openTimeline, type Timeline } from './timeline.ts';

const run = promisify(execFile);

const logs = {
  ...safelogTree([
    { seconds: 1, user: 'alice', module: 'shop', level: 'INFO', text: 'opened' },
    { seconds: 2, user: 'bob', module: 'orders', level: 'WARNING', text: 'few teapots left' },
    { seconds: 3.25, user: 'alice', module: 'shop', level: 'ERROR', text: pythonTraceback('shop.py', 23) },
    { seconds: 65, user: 'alice', module: 'shop', level: 'INFO', text: 'closed' },
  ]),
  'alice/db.log': `${stamp(70)} ERROR [shop.db 4711 MainThread shop.py:7 {"table":"cups"}] no connection\n`,
};
const files = { 'shop.py': Array.from({ length: 40 }, (_, index) => `# line ${index + 1}`).join('\n') };

const field = (timeline: Timeline, name: string) =>
  timeline.frame
    .locator('.fields > div')
    .filter({ has: timeline.frame.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
    .locator('dd');
const times = (timeline: Timeline) => timeline.rows.locator('[part=time]').allTextContents();

spec('the details show the whole entry, its fields and what its log says around it', { logs, files }, async ({ workbench, page }) => {
  const timeline = await openTimeline(workbench);
  const { frame } = timeline;
  await timeline.row('Traceback').locator('[part=time]').click();
  await frame.getByRole('grid').press('Enter');
  const details = frame.getByRole('region', { name: 'Details' });
  await expect.poll(() => details.locator('pre').textContent()).toBe(pythonTraceback('shop.py', 23).trimEnd());
  await expect.poll(() => field(timeline, 'Time').textContent()).toBe('2026-11-20 10:00:03.250001+00:00');
  expect(await field(timeline, 'File').textContent()).toBe('alice/shop.log:2');
  expect(await details.locator('.neighbours li').allTextContents()).toEqual([
    expect.stringMatching(/-2\.250\s+INFO\s+opened/),
    expect.stringMatching(/\+0\.000\s+ERROR\s+Traceback/),
    expect.stringMatching(/\+1:01\.750\s+INFO\s+closed/),
  ]);
  // By keys: the pane follows the row with the focus, gets the focus, and gives it back.
  await frame.getByRole('grid').press('End');
  await expect.poll(() => field(timeline, 'logger').textContent()).toBe('shop.db');
  expect(await field(timeline, 'table').textContent()).toBe('cups');
  await frame.getByRole('grid').press('Enter');
  const text = frame.getByRole('region', { name: 'Text of the entry' });
  await expect.poll(() => text.evaluate((element) => element === document.activeElement)).toBe(true);
  await text.press('Escape');
  await details.waitFor({ state: 'detached' });
  await expect.poll(() => frame.getByRole('grid').evaluate((element) => element === document.activeElement)).toBe(true);
  // By mouse: a neighbour that the filter hides is shown in the pane alone; the border can be dragged.
  await frame.getByLabel('Filter text').fill('Traceback');
  await expect.poll(() => timeline.texts()).toHaveLength(1);
  await timeline.row('Traceback').locator('[part=time]').click();
  await frame.getByRole('button', { name: 'Show Details (Enter)' }).click();
  await details.getByRole('button', { name: /opened/ }).click();
  await expect.poll(() => details.locator('pre').textContent()).toBe('opened');
  const sash = frame.getByRole('separator', { name: 'Height of the details' });
  const height = Number(await sash.getAttribute('aria-valuenow'));
  await sash.press('Shift+ArrowUp');
  await expect.poll(() => sash.getAttribute('aria-valuenow').then(Number)).toBe(height + 50);
  await timeline.row('Traceback').locator('[part=time]').click();
  await details.locator('.neighbours li').nth(2).waitFor();
  await details.locator('a', { hasText: 'line 25' }).click();
  await page.locator('.tab', { hasText: 'shop.py' }).waitFor();
  await expect.poll(() => workbench.cursor()).toContain('Ln 25');
});

spec('columns: other times, hidden and wider ones, and all of it is kept', { logs }, async ({ workbench, page, screenshot }) => {
  const timeline = await openTimeline(workbench);
  const { frame } = timeline;
  await expect.poll(() => timeline.texts()).toHaveLength(5);
  const choose = async (...names: (string | RegExp)[]) => {
    for (const name of names) {
      await frame.getByRole('button', { name: 'Columns' }).click();
      await frame.getByRole('menu', { name: 'Columns' }).getByText(name, { exact: true }).click();
    }
  };
  await choose('Since Previous');
  await expect.poll(() => times(timeline)).toEqual(['', '+1.000', '+1.250', '+1:01.750', '+4.999']);
  await choose('From Selected');
  await timeline.row('few teapots').locator('[part=time]').click();
  await expect.poll(() => times(timeline)).toEqual(['-1.000', '+0.000', '+1.250', '+1:03.000', '+1:07.999']);
  // The sum over a selection, by keys.
  await frame.getByRole('grid').press('Shift+ArrowDown');
  await frame.getByRole('grid').press('Shift+ArrowDown');
  await expect.poll(() => timeline.status()).toContain('3 selected over 1 min 3 s');
  // The header's menu by keys: Shift+F10 is the key of context menus.
  await frame.getByRole('button', { name: 'Columns' }).focus();
  await frame.getByRole('button', { name: 'Columns' }).press('Enter');
  await frame.getByRole('menuitemradio', { name: 'Time' }).press('u');
  await frame.getByRole('menuitemcheckbox', { name: 'User' }).press('Enter');
  await expect.poll(() => frame.locator('.row [part=user]').first().isVisible()).toBe(false);
  const edge = frame.getByRole('separator', { name: 'Width of Module' });
  const width = Number(await edge.getAttribute('aria-valuenow'));
  await edge.press('Shift+ArrowRight');
  await expect.poll(() => edge.getAttribute('aria-valuenow').then(Number)).toBe(width + 50);
  await screenshot('columns');
  // Kept for every timeline.
  await workbench.command('View: Close All Editors');
  await expect.poll(() => page.locator('.tabs-container .tab').count()).toBe(0);
  const again = await openTimeline(workbench);
  await expect.poll(() => again.texts()).toHaveLength(5);
  await expect
    .poll(() => again.frame.getByRole('separator', { name: 'Width of Module' }).getAttribute('aria-valuenow').then(Number))
    .toBe(width + 50);
  expect(await again.frame.locator('.row [part=user]').first().isVisible()).toBe(false);
  await again.frame.getByRole('button', { name: 'Columns' }).click();
  await again.frame.getByRole('menuitem', { name: 'Reset Columns' }).click();
  await expect.poll(() => times(again)).toContain('10:00:01.000');
});

const shop = `import logging, logging.handlers, sys
handler = logging.handlers.SocketHandler('127.0.0.1', int(sys.argv[1]))
logging.getLogger().addHandler(handler)
logging.getLogger('shop.cups').warning('few %s left', 'teapots')
handler.close()
`;

spec(
  'what the service in VS Code writes with a format of the settings shows its fields, and leads to the statement',
  {
    files: { 'shop.py': shop },
    settings: {
      'safelog.service.enabled': true,
      'safelog.service.port': 0,
      'safelog.service.pythonTcp': 0,
      'safelog.service.format': '%(asctime)s | %(levelname)s | %(name)s | %(pathname)s:%(lineno)d | %(message)s',
    },
  },
  async ({ workbench, page, root, folder }) => {
    const timeline = await openTimeline(workbench);
    const serving = async () => (await readFile(join(root, '.safelog/service'), 'utf8').catch(() => '')).match(/python-tcp [\d.]+:(\d+)/);
    await expect.poll(serving).not.toBeNull();
    await run('python3', [join(folder, 'shop.py'), (await serving())?.[1] ?? '']);
    await timeline.row('few teapots left').locator('[part=time]').click();
    expect(await readFile(join(root, userInfo().username, 'shop.cups.log'), 'utf8')).toMatch(
      /^\S+ \S+ \| WARNING \| shop\.cups \| .*shop\.py:4 \| few teapots left\n$/,
    );
    await timeline.frame.getByRole('grid').press('Enter');
    await expect.poll(() => field(timeline, 'logger').textContent()).toBe('shop.cups');
    await timeline.frame.locator('.fields button', { hasText: 'shop.py:4' }).click();
    await page.locator('.tab', { hasText: 'shop.py' }).waitFor();
    await expect.poll(() => workbench.cursor()).toContain('Ln 4');
  },
);
