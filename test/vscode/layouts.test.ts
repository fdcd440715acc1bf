import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished } from 'vitest';
import { spec } from './spec.ts';
import { openTimeline } from './timeline.ts';

/** A layout that nothing but a person or a configuration file can know: the level stands behind the time, in brackets of its own. */
const format = '<%(levelname)s> at %(asctime)s: %(message)s;datefmt=%Y.%m.%d %H.%M.%S';
const line = (second: number, text: string) => `<WARNING> at 2026.11.20 10.00.0${second}: ${text}\n`;
const logs = {
  'alice/odd.log': `${line(2, 'two')}  of two lines\n${line(4, 'four')}`,
  'alice/web.log': '2026-11-20 10:00:01+00:00 INFO one\n2026-11-20 10:00:03+00:00 INFO three\n',
};
const inOrder = ['one', 'two', 'three', 'four'];

spec(
  'a layout in the settings: it is read by at once, and what cannot be used is said',
  { logs },
  async ({ workbench, page, folder, root }) => {
    const timeline = await openTimeline(workbench);
    await expect.poll(() => timeline.rows.count()).toBeGreaterThanOrEqual(4);
    await writeFile(
      join(folder, '.vscode/settings.json'),
      JSON.stringify({ 'safelog.root': root, 'safelog.layouts': { 'odd.log': format, '*.csv': 'csv' } }),
    );
    await expect.poll(() => timeline.texts()).toEqual(inOrder);
    const said = page.locator('.notification-list-item-message', {
      hasText: 'safelog.layouts, *.csv: "csv" is no layout: it is one of safelog',
    });
    await said.waitFor();
  },
);

spec(
  'formats of the workspace’s logging configuration are found, and followed when they change',
  { logs, files: { 'conf/logging.yaml': 'formatters: {}\n' } },
  async ({ workbench, folder }) => {
    const timeline = await openTimeline(workbench);
    await expect.poll(() => timeline.rows.count()).toBeGreaterThanOrEqual(4);
    const [text = '', datefmt = ''] = format.split(';datefmt=');
    const yaml = `version: 1\nformatters:\n  odd:\n    format: ${JSON.stringify(text)}\n    datefmt: ${JSON.stringify(datefmt)}\n`;
    await writeFile(join(folder, 'conf/logging.yaml'), yaml);
    await expect.poll(() => timeline.texts()).toEqual(inOrder);
  },
);

spec('a layout is set for one log, with a preview of how it reads', { logs }, async ({ workbench, page, root, screenshot }) => {
  onTestFinished(forgetLayouts);
  const timeline = await openTimeline(workbench);
  // While the logs are still being read, a row may give way to another one.
  await expect.poll(() => timeline.status()).toMatch(/^5 entries(?!.*(Indexing|Counting))/);
  await timeline.row('at 2026.11.20').click({ button: 'right' });
  await workbench.chooseInMenu('Set Layout of This Log…');
  await expect.poll(() => workbench.picks()).toContain('JSON Lines');
  await page.keyboard.insertText(format);
  const typed = workbench.quickInput.getByRole('option', { name: format }).first();
  await expect.poll(() => typed.textContent()).toContain('2 of 3 lines begin an entry · 2026-11-20 10:00:02 UTC · WARNING · two');
  await screenshot('set-layout');
  await typed.click();
  await expect.poll(() => timeline.texts()).toEqual(inOrder);
  const { userSettings } = inject('setting');
  expect(JSON.parse(await readFile(userSettings, 'utf8'))['safelog.layouts']).toEqual({ [join(root, 'alice/odd.log')]: format });
});

spec(
  'any folder of logs is opened by a command',
  { files: { 'var/app.log': '2026-11-20 10:00:01 INFO one\n' } },
  async ({ workbench, page, folder }) => {
    await workbench.command('Safelog: Open Folder of Logs…');
    const input = workbench.quickInput.locator('input[type="text"]');
    // What is typed before the dialog has put its first folder into the box is overwritten.
    await expect.poll(() => input.inputValue()).toBe(`${folder}/`);
    await expect.poll(() => workbench.picks()).toEqual(['..', '.vscode', 'var']);
    await input.fill(`${join(folder, 'var')}/`);
    await expect.poll(() => workbench.picks()).toEqual(['..']);
    expect(await input.inputValue()).toBe(`${join(folder, 'var')}/`);
    await workbench.quickInput.getByRole('button', { name: 'Open Logs' }).click();
    await expect.poll(() => workbench.activeTab()).toContain('var');
    await workbench.webview().getByText('one').waitFor();
    await expect.poll(() => page.title()).toContain('var');
  },
);

/** What is set for a log stands in the user's settings, which all specs share. */
async function forgetLayouts(): Promise<void> {
  const { userSettings } = inject('setting');
  const { 'safelog.layouts': _, ...rest } = JSON.parse(await readFile(userSettings, 'utf8')) as Record<string, unknown>;
  await writeFile(userSettings, JSON.stringify(rest, null, 2));
}
