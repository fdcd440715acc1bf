import { appendFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { stamp } from './logs.ts';
import { spec } from './spec.ts';

const line = (second: number, text: string, level = 'INFO'): string => `${stamp(second, 1)} ${level} ${text}\n`;
const many = (from: number, count: number, text = 'entry'): string =>
  Array.from({ length: count }, (_, i) => line(from + i, `${text} ${from + i}`)).join('');
/** More than a tail begins with. */
const long = (from: number): string => many(from, 12_000, 'x'.repeat(80));

spec(
  'the merged log of a user as a tail: all modules in order, older ones above it, by mouse and by keyboard',
  {
    logs: {
      'alice/web.log.1.gz': gzipSync(long(0)),
      'alice/web.log': long(20_000),
      'alice/db.log': line(20_000.5, 'select') + line(31_999.5, 'commit'),
      'bob/other.log': line(31_999, 'of somebody else'),
    },
  },
  async ({ workbench, page, root, screenshot }) => {
    const text = async () => (await workbench.editorLines()).join('\n');
    await workbench.command('Safelog: Tail the Merged Log in Editor');
    await expect.poll(() => workbench.picks()).toEqual(expect.arrayContaining(['alice', 'bob', 'All users']));
    await workbench.pick('alice');
    await workbench.tab('alice (merged).log').waitFor();
    await expect.poll(text).toContain('db.log INFO commit');
    expect(await text()).toMatch(/web\.log INFO x+ 31999/);

    await appendFile(join(root, 'alice/db.log'), line(32_000, 'deadlock', 'ERROR'));
    await expect.poll(text).toContain('db.log ERROR deadlock');
    // One error.
    await page
      .locator('.statusbar')
      .getByText(/lines\/s\s*1$/)
      .waitFor();
    await screenshot('tail-merged');

    // To the top, and what is older above it: first the rest of what is there, then out of the rotated generation.
    await page.keyboard.press('Control+Home');
    const lens = page.locator('.codelens-decoration a', { hasText: 'Load Older' });
    await lens.waitFor();
    await screenshot('tail-load-older');
    await lens.click();
    const top = async () => {
      await page.keyboard.press('Control+Home');
      return text();
    };
    await expect.poll(top).toMatch(/web\.log INFO x+ [67]\d{3}\n/);
    await expect
      .poll(async () => {
        await page.keyboard.press('Control+Home');
        await page.keyboard.press('Alt+Home');
        return (await page.locator('.codelens-decoration').allInnerTexts()).join().replaceAll('\u00a0', ' ');
      })
      .toBe('The log begins here');
    await expect.poll(top).toMatch(/web\.log INFO x+ 0\n/);

    // The last error, and back to the end.
    await page
      .locator('.statusbar')
      .getByText(/lines\/s/)
      .click();
    await expect.poll(text).toContain('db.log ERROR deadlock');
    await page.keyboard.press('Alt+End');
    await appendFile(join(root, 'alice/web.log'), line(32_001, 'the newest'));
    await expect.poll(text).toContain('web.log INFO the newest');
  },
);

spec(
  'a tail is paused, cleared and filtered from its title bar and by keys; the filter is there again after a reload',
  { logs: { 'alice/web.log': line(0, 'fine') + line(1, 'worse', 'ERROR') } },
  async ({ workbench, page, root, screenshot }) => {
    const log = join(root, 'alice/web.log');
    const text = async () => (await workbench.editorLines()).join('\n');
    const title = (name: RegExp) => page.locator('.editor-actions').getByRole('button', { name });
    const status = page.locator('.statusbar');
    await workbench.command('Safelog: Tail in Editor');
    await workbench.pick('web');
    await expect.poll(text).toContain('ERROR worse');

    await title(/^Pause the Tail/).click();
    await status.getByText('Paused').waitFor();
    await appendFile(log, line(2, 'while paused'));
    await status.getByText('Paused, 1 new lines').waitFor();
    expect(await text()).not.toContain('while paused');
    await screenshot('tail-paused');
    await page.locator('.editor-instance .view-lines').click();
    await page.keyboard.press('Control+Alt+p');
    await expect.poll(text).toContain('while paused');
    await status.getByText('Following').waitFor();

    await title(/^Clear the Tail/).click();
    await expect.poll(text).toBe('');
    await appendFile(log, line(3, 'after clearing'));
    await expect.poll(text).toContain('after clearing');
    expect(await text()).not.toContain('while paused');
    await page.locator('.codelens-decoration a', { hasText: 'Load Older' }).click();
    await expect.poll(text).toMatch(/fine[\s\S]*while paused[\s\S]*after clearing/);

    await page.keyboard.press('Control+Alt+f');
    await workbench.box.fill('level>=');
    await workbench.box.press('Enter');
    await page.locator('.quick-input-message').filter({ hasText: /level/ }).waitFor();
    await screenshot('tail-filter-wrong');
    await workbench.box.fill('level>=warning');
    await workbench.box.press('Enter');
    await status.getByText('level>=warning').waitFor();
    await expect.poll(text).toBe(`${line(1, 'worse', 'ERROR')}`);
    await rename(log, `${log}.1`);
    await writeFile(log, line(4, 'fine again') + line(5, 'broken', 'CRITICAL'));
    await expect.poll(text).toBe(line(1, 'worse', 'ERROR') + line(5, 'broken', 'CRITICAL'));
    await screenshot('tail-filtered');

    const loaded = page.waitForEvent('load');
    await workbench.command('Developer: Reload Window');
    await loaded;
    await workbench.ready();
    await expect.poll(text).toBe(line(1, 'worse', 'ERROR') + line(5, 'broken', 'CRITICAL'));
    await status.getByText('level>=warning').waitFor();
  },
);

spec(
  'tails side by side, with the editor’s own find; the language status tells layout and encoding, and changes them',
  {
    logs: {
      'alice/web.log': line(0, 'hello'),
      'alice/old.log': Buffer.from('2026-11-20 10:00:00,123 - root - INFO - 71 \xb0C\n', 'latin1'),
    },
  },
  async ({ workbench, page, root, screenshot }) => {
    await workbench.command('Safelog: Tail in Editor');
    await workbench.pick('web');
    await expect.poll(() => workbench.editorLines('web.log')).toContain(line(0, 'hello').trim());
    await workbench.command('View: Split Editor Right');
    await workbench.command('Safelog: Tail in Editor');
    await workbench.pick('old');
    await expect.poll(() => workbench.editorLines('old.log')).toContain('2026-11-20 10:00:00,123 - root - INFO - 71 �C');
    await appendFile(join(root, 'alice/web.log'), line(1, 'both grow'));
    await appendFile(join(root, 'alice/old.log'), '2026-11-20 10:00:01,000 - root - INFO - both grow\n');
    for (const name of ['web.log', 'old.log']) {
      await expect.poll(async () => (await workbench.editorLines(name)).join()).toContain('both grow');
    }
    await page.keyboard.press('Control+f');
    await page.keyboard.type('both');
    await expect.poll(() => workbench.cursor()).toContain('(4 selected)');
    await page.keyboard.press('Escape');

    await page.locator('.statusbar').locator('[id="status.languageStatus"]').click();
    const hover = page.locator('.hover-language-status');
    await hover.filter({ hasText: '%(asctime)s - %(name)s - %(levelname)s - %(message)s' }).first().waitFor();
    await screenshot('tail-language-status');
    await hover.filter({ hasText: 'Encoding' }).getByText('Change').click();
    await workbench.pick('Windows-1252');
    await expect.poll(() => workbench.editorLines('old.log')).toContain('2026-11-20 10:00:00,123 - root - INFO - 71 °C');
  },
);
