import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { safelogTree, stamp } from './logs.ts';
import { spec } from './spec.ts';
import { openTimeline } from './timeline.ts';

const logs = safelogTree([
  { seconds: 1, user: 'alice', module: 'web', level: 'INFO', text: 'one' },
  { seconds: 2, user: 'alice', module: 'web', level: 'ERROR', text: 'two\n```js\nlines' },
  { seconds: 3, user: 'bob', module: 'db', level: 'INFO', text: 'three' },
]);

spec('entries are copied as text, Markdown and JSON, and what is shown is exported', { logs }, async ({ workbench, page, folder }) => {
  const timeline = await openTimeline(workbench);
  const { frame } = timeline;
  await expect.poll(() => timeline.texts()).toHaveLength(3);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const menu = async (label: string) => {
    await timeline.row('two').locator('[part=time]').click({ button: 'right' });
    await workbench.chooseInMenu(label);
  };
  const entry = `${stamp(2, 1)} ERROR two\n\`\`\`js\nlines\n`;
  await timeline.row('two').locator('[part=time]').click();
  await frame.getByRole('grid').press('Control+c');
  await expect.poll(clipboard).toBe(entry);
  await menu('Copy as Markdown');
  await expect.poll(clipboard).toBe(`\`\`\`\`log\n${entry}\`\`\`\`\n`);
  await menu('Copy as JSON');
  const json = { time: '2026-11-20T10:00:02.000001Z', user: 'alice', module: 'web', level: 'ERROR', message: 'two\n```js\nlines' };
  await expect.poll(async () => JSON.parse(await clipboard())).toEqual({ ...json, file: 'alice/web.log', line: 2 });

  await timeline.choose('Users', 'alice');
  await expect.poll(() => timeline.texts()).toHaveLength(2);
  await frame.getByRole('button', { name: 'Export What Is Shown…' }).click();
  await expect.poll(() => workbench.box.inputValue()).toBe(join(folder, 'timeline.log'));
  await workbench.box.fill(join(folder, 'alice.jsonl'));
  await workbench.box.press('Enter');
  await expect.poll(() => workbench.notifications()).toContainEqual(expect.stringContaining('Exported 2 entries'));
  const rows = (await readFile(join(folder, 'alice.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(rows.map((row) => JSON.parse(row).message)).toEqual(['one', json.message]);
});
