import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { stamp } from './logs.ts';
import { spec } from './spec.ts';
import { openTimeline } from './timeline.ts';

const lines = Array.from({ length: 200 }, (_, n) => `${stamp(n)} INFO entry ${n};\n`).join('');

spec(
  'entries are marked and noted by keys and menu, found again, and survive a rotation',
  { logs: { 'alice/web.log': lines } },
  async (given) => {
    const { workbench, root } = given;
    const timeline = await openTimeline(workbench);
    const { frame } = timeline;
    const grid = frame.getByRole('grid');
    await timeline.row('entry 199;').locator('[part=time]').click();
    await grid.press('m');
    await timeline.row('entry 199;').getByLabel('Marked').waitFor();
    await grid.press('Home');
    await expect.poll(() => timeline.row('entry 0;').getAttribute('aria-selected')).toBe('true');
    await grid.press('n');
    const note = frame.getByRole('textbox', { name: 'Note' });
    await note.fill('it begins here');
    await note.press('Enter');
    await timeline.row('entry 0;').getByLabel('Marked: it begins here').waitFor();
    await expect.poll(() => frame.locator('.scrollbar .tick').count()).toBe(2);
    await grid.press('F2');
    await expect.poll(() => timeline.row('entry 199;').getAttribute('aria-selected')).toBe('true');

    // Only the marked ones, which a rotation does not change.
    await frame.getByRole('button', { name: 'Marks', exact: true }).click();
    await frame.getByRole('menuitemcheckbox', { name: 'Show Only Marked' }).click();
    await expect.poll(() => timeline.texts()).toEqual(['entry 0;', 'entry 199;']);
    await expect.poll(() => timeline.chips()).toEqual(['marked']);
    await given.screenshot('marks');
    const log = join(root, 'alice/web.log');
    await rename(log, `${log}.1`);
    await writeFile(log, `${stamp(200)} INFO entry 200;\n`);
    await expect.poll(() => timeline.status()).toContain('2 of 201 entries');
    await writeFile(`${log}.2.gz`, gzipSync(lines));
    await rename(log, `${log}.1`);
    await expect.poll(() => timeline.status()).toContain('2 of 201 entries');
    await timeline.row('entry 0;').getByLabel('Marked: it begins here').waitFor();
    // By its context menu the mark goes.
    await timeline.row('entry 199;').locator('[part=time]').click({ button: 'right' });
    await workbench.chooseInMenu('Mark or Unmark');
    await expect.poll(() => timeline.texts()).toEqual(['entry 0;']);
  },
);
