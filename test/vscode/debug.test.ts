import { readdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { spec } from './spec.ts';
import { Timeline } from './timeline.ts';
import type { Workbench } from './workbench.ts';

const program = `const { existsSync } = require('node:fs');
const { join } = require('node:path');

function boom() {
  throw new TypeError('bad thing');
}

console.log('begun');
setInterval(() => existsSync(join(__dirname, 'go')) && boom(), 20);
`;

const launch = {
  version: '0.2.0',
  configurations: [
    { type: 'node', request: 'launch', name: 'Demo', program: '\u0024{workspaceFolder}/program.js', console: 'internalConsole' },
  ],
};

const files = { 'program.js': program, '.vscode/launch.json': JSON.stringify(launch) };

const question = (page: Page) => page.locator('.notifications-toasts .notification-list-item', { hasText: 'what debug sessions print' });

/** What of the settings of the folder, or of the user, says whether debug sessions are written. */
async function enabledIn(file: string): Promise<unknown> {
  return (JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>)['safelog.debug.enabled'];
}

async function start(workbench: Workbench, page: Page): Promise<void> {
  await workbench.command('Debug: Start Debugging');
  await page.locator('.debug-toolbar').waitFor();
}

async function stop(workbench: Workbench, page: Page): Promise<void> {
  await workbench.command('Debug: Stop');
  await page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
}

spec(
  'a debug session is written once a person says so, from its begin; the toolbar shows its log, which follows',
  { files },
  async ({ workbench, page, root, folder, screenshot }) => {
    await start(workbench, page);
    await question(page).waitFor();
    expect(await readdir(root)).toEqual([]);
    await screenshot('debug-question');
    await question(page).getByRole('button', { name: 'Yes' }).click();
    await expect.poll(() => enabledIn(join(folder, '.vscode/settings.json'))).toBe(true);

    await workbench.openContainer('Run and Debug');
    await page.locator('.breakpoint.exception', { hasText: 'Uncaught Exceptions' }).getByRole('checkbox').check();
    await writeFile(join(folder, 'go'), '');
    await page
      .locator('.debug-toolbar')
      .getByRole('button', { name: /Continue/ })
      .waitFor();
    // VS Code goes to the statement, a moment after it has stopped.
    await expect.poll(() => workbench.cursor()).toMatch(/^Ln 5,/);
    await page.locator('.debug-toolbar').getByRole('button', { name: 'Show Log of This Debug Session' }).click();
    await workbench.tab('Debug: Demo').waitFor();
    const timeline = new Timeline(workbench);
    await expect
      .poll(() => timeline.texts())
      .toEqual(
        expect.arrayContaining([
          expect.stringContaining('Session started: Demo'),
          'begun',
          expect.stringContaining('Stopped at an exception: TypeError: bad thing'),
        ]),
      );
    expect(await timeline.chips()).toEqual(expect.arrayContaining([expect.stringContaining('Demo')]));
    await timeline.row('Stopped at').locator('[part="time"]').click();
    await timeline.frame.getByRole('button', { name: 'program.js:5 in boom' }).or(timeline.frame.locator('.raised')).first().waitFor();
    await screenshot('debug-exception');

    await page
      .locator('.debug-toolbar')
      .getByRole('button', { name: /Continue/ })
      .click();
    await expect.poll(() => timeline.texts()).toEqual(expect.arrayContaining(['Process exited with code 1', 'Session ended: Demo']));
    // What of it, and where it was printed: the details lead to the statement (while it is stopped, VS Code may go back to the stop).
    await timeline.frame.getByRole('grid').press('Home');
    await timeline.row('begun').locator('[part="time"]').click();
    await timeline.frame.getByRole('grid').press('Enter');
    const fields = timeline.frame.locator('.fields');
    await expect.poll(() => fields.textContent()).toMatch(/logger\s*stdout.*program\.js:8/s);
    await fields.getByRole('button', { name: /program\.js:8/ }).click();
    await workbench.tab('program.js').waitFor();
    await expect.poll(() => workbench.cursor()).toBe('Ln 8, Col 1');
    await workbench.command('View: Close All Editors');
    await workbench.command('Safelog: Show Log of This Debug Session');
    await expect.poll(() => timeline.texts()).toContain('Session ended: Demo');
    // In the log it stands as in any other.
    expect(await readFile(join(root, userInfo().username, 'Demo.log'), 'utf8')).toMatch(/ INFO \[stdout \d+ - \S+program\.js:8\] begun\n/);
  },
);

spec(
  'who says No is not asked again, and who says Never nowhere; nothing is written',
  { files },
  async ({ workbench, page, root, folder }) => {
    const userSettings = inject('setting').userSettings;
    const before = await readFile(userSettings, 'utf8');
    try {
      await start(workbench, page);
      await question(page).getByRole('button', { name: 'No', exact: true }).click();
      await expect.poll(() => enabledIn(join(folder, '.vscode/settings.json'))).toBe(false);
      await stop(workbench, page);
      await start(workbench, page);
      await stop(workbench, page);
      expect(await question(page).count()).toBe(0);

      await writeFile(join(folder, '.vscode/settings.json'), JSON.stringify({ 'safelog.root': root }));
      await expect
        .poll(async () => {
          await start(workbench, page);
          const isAsked = await question(page)
            .waitFor({ timeout: 3_000 })
            .then(
              () => true,
              () => false,
            );
          if (!isAsked) await stop(workbench, page);
          return isAsked;
        })
        .toBe(true);
      await question(page).getByRole('button', { name: 'Never' }).click();
      await expect.poll(() => enabledIn(userSettings)).toBe(false);
      await stop(workbench, page);
      expect(await readdir(root)).toEqual([]);
    } finally {
      await writeFile(userSettings, before);
    }
  },
);

spec(
  'launch.json offers configurations for programs that log',
  { files: { '.vscode/launch.json': '{\n  "configurations": [\n    \n  ]\n}\n' } },
  async ({ workbench, page, screenshot }) => {
    await workbench.openFile('launch.json');
    await page.locator('.editor-instance .view-line').nth(2).click();
    await page.keyboard.press('End');
    await page.keyboard.type('Safelog');
    const suggestion = page.locator('.suggest-widget .monaco-list-row', { hasText: 'Safelog: Node program' });
    // Who typed before VS Code's own JSON server was there asks again.
    await expect
      .poll(
        async () => {
          if (!(await suggestion.isVisible())) await page.keyboard.press('Control+Space');
          return suggestion.isVisible();
        },
        { interval: 1000 },
      )
      .toBe(true);
    await screenshot('debug-snippets');
    await suggestion.click();
    await expect
      .poll(() => workbench.editorLines('launch.json'))
      .toEqual(expect.arrayContaining([expect.stringContaining('"type": "node"'), expect.stringContaining('"program": "\u0024{file}"')]));
  },
);
