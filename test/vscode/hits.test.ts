import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished } from 'vitest';
import { stamp } from './logs.ts';
import { spec } from './spec.ts';
import { openTimeline } from './timeline.ts';

const line = (second: number, level: string, text: string) => `${stamp(second)} ${level} ${text}\n`;
const logs = {
  'alice/web.log': Array.from({ length: 40 }, (_, index) => line(index, index % 20 === 10 ? 'ERROR' : 'INFO', `web ${index}`)).join(''),
  'alice/db.log': Array.from({ length: 40 }, (_, index) => line(index + 0.5, 'INFO', `db ${index}`)).join(''),
};

spec(
  'entries around each hit, and from hit to hit',
  { logs, settings: { 'safelog.timeline.context': 2 } },
  async ({ workbench, root, screenshot }) => {
    onTestFinished(forgetContext);
    const timeline = await openTimeline(workbench);
    await expect.poll(() => timeline.status()).toContain('80 entries');
    await timeline.choose('Level', 'Error and above');
    await expect
      .poll(() => timeline.texts())
      .toEqual(['web 8', 'web 9', 'web 10', 'web 11', 'web 12', 'web 28', 'web 29', 'web 30', 'web 31', 'web 32']);
    await expect.poll(() => timeline.status()).toContain('2 of 80 entries');
    expect(await timeline.frame.locator('.row.context').count()).toBe(8);
    await screenshot('context');
    const selected = timeline.frame.locator('.row.selected .message');
    await timeline.frame.getByRole('button', { name: 'Next Hit' }).click();
    const first = await selected.textContent();
    await timeline.frame.getByRole('button', { name: 'Next Hit' }).click();
    await expect.poll(() => selected.textContent()).not.toBe(first);
    expect([first, await selected.textContent()].sort()).toEqual(['web 10', 'web 30']);
    await appendFile(join(root, 'alice/web.log'), line(41, 'ERROR', 'web 41') + line(42, 'INFO', 'web 42'));
    await expect.poll(() => timeline.texts()).toContain('web 42');
    await expect.poll(() => timeline.status()).toContain('3 of 82 entries');
    await timeline.frame.getByRole('button', { name: 'Show Entries around Each Hit' }).click();
    await expect.poll(() => timeline.texts()).toEqual(['web 10', 'web 30', 'web 41']);
  },
);

spec(
  'queries of the settings are offered by name, and one that is wrong says where',
  { logs, settings: { 'safelog.timeline.queries': { 'Every tenth': 'level:error module:web', Wrong: 'level:loud' } } },
  async ({ workbench }) => {
    const timeline = await openTimeline(workbench);
    await timeline.choose('Queries', 'Every tenth');
    await expect.poll(() => timeline.texts()).toEqual(['web 10', 'web 30']);
    expect(await timeline.chips()).toEqual(['Every tenth: level:error module:web']);
    await timeline.choose('Queries', 'Wrong');
    await timeline.frame.getByLabel('Filter text').focus();
    await expect.poll(() => timeline.frame.locator('.input-error u').textContent()).toBe('loud');
    await timeline.choose('Queries', 'No query');
    await expect.poll(() => timeline.status()).toContain('80 entries');
  },
);

spec('the lists of users and modules find fuzzily', { logs }, async ({ workbench }) => {
  const timeline = await openTimeline(workbench);
  await timeline.frame.getByRole('button', { name: 'Modules', exact: true }).click();
  await timeline.frame.getByRole('combobox', { name: 'Search Modules' }).fill('wbe');
  await expect
    .poll(() => timeline.frame.getByRole('listbox', { name: 'Modules' }).getByRole('option').allTextContents())
    .toEqual([expect.stringContaining('web')]);
});

/** What is toggled stands in the user's settings, which all specs share. */
async function forgetContext(): Promise<void> {
  const { userSettings } = inject('setting');
  const { 'safelog.timeline.context': _, ...rest } = JSON.parse(await readFile(userSettings, 'utf8').catch(() => '{}')) as Record<
    string,
    unknown
  >;
  await writeFile(userSettings, JSON.stringify(rest, null, 2));
}
