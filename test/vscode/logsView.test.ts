import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { gzipSync } from 'node:zlib';
import { expect, inject, onTestFinished } from 'vitest';
import { spec } from './spec.ts';

const entry = (second: number, text: string): string => `2026-11-20 10:00:0${second}.000001+00:00 ${text}\n`;

const logs = {
  'alice/web.log': entry(3, 'INFO newest') + entry(4, 'ERROR lost'),
  'alice/web.log.1': entry(2, 'INFO older'),
  'alice/web.log.2.gz': gzipSync(entry(1, 'INFO oldest')),
  'alice/master.log': entry(3, 'web.log INFO newest') + entry(4, 'web.log ERROR lost'),
  'bob/db.log': entry(5, 'DEBUG quiet'),
};

spec('the Logs view shows users, modules and generations, and opens them', { logs }, async ({ workbench, screenshot }) => {
  await workbench.openContainer('Safelog');
  const row = (label: RegExp) => workbench.treeRows('Logs').filter({ hasText: label });
  await row(/^alice/).waitFor();
  await row(/^bob/).waitFor();
  await row(/^master/).waitFor();
  await expect.poll(() => row(/^web\d/).getAttribute('aria-label')).toMatch(/^web, 193 B · .*, errors and exceptions: 1$/);
  await workbench.expand(row(/^web\d/));
  await row(/^web\.log\d/).waitFor();
  await row(/^web\.log\.1\d/).waitFor();
  await row(/^web\.log\.2\.gz/).waitFor();
  await screenshot('logs-view');
  await row(/^web\.log\.2\.gz/).click();
  await expect.poll(() => workbench.editorLines('web.log.2.gz')).toContain('2026-11-20 10:00:01.000001+00:00 INFO oldest');
  await row(/^web\d/).click();
  await expect.poll(() => workbench.activeTab()).toContain('alice/web');
});

spec('the Logs view says what to do where there is no tree', {}, async ({ workbench, page, root, screenshot }) => {
  await rm(root, { recursive: true });
  await workbench.openContainer('Safelog');
  const sidebar = page.locator('.sidebar');
  await sidebar.getByText('There is no log tree here yet').waitFor();
  await sidebar.getByRole('button', { name: 'Start the Service' }).waitFor();
  await sidebar.getByRole('button', { name: 'Choose the Log Tree…' }).waitFor();
  await screenshot('logs-view-welcome');
});

spec(
  'the welcome view starts the service, which makes the tree and writes to it',
  { settings: { 'safelog.service.port': 0 } },
  async ({ workbench, page, root }) => {
    onTestFinished(forgetService);
    await rm(root, { recursive: true });
    await workbench.openContainer('Safelog');
    await page.locator('.sidebar').getByRole('button', { name: 'Start the Service' }).click();
    const said = page.locator('.notification-list-item-message', { hasText: 'The Safelog service listens on 127.0.0.1:' });
    await said.waitFor();
    const port = Number(/:(\d+)/.exec((await said.textContent()) ?? '')?.[1]);
    const user = userInfo().username;
    for (const [file, head] of [
      ['web.log', ''],
      ['master.log', 'web.log '],
    ] as const) {
      const socket = connect(port, '127.0.0.1');
      await new Promise<void>((resolve) => socket.end(`${user}\x01${file}\x01${entry(1, `${head}INFO hello`)}`, resolve));
    }
    await workbench
      .treeRows('Logs')
      .filter({ hasText: /^web\d/ })
      .waitFor();
  },
);

spec('master.log asks for the user only when there are several: the current one first, all users last', { logs }, async ({ workbench }) => {
  await workbench.command('Safelog: Open master.log');
  await expect.poll(() => workbench.picks()).toEqual(['alice', 'bob', 'All users']);
  await workbench.pick('bob');
  await expect.poll(() => workbench.activeTab()).toContain('master.log — bob');
});

spec('master.log of the only user opens at once', { logs: { 'alice/web.log': logs['alice/web.log'] } }, async ({ workbench }) => {
  await workbench.command('Safelog: Open master.log');
  await expect.poll(() => workbench.activeTab()).toContain('master.log — alice');
});

spec(
  'Open Log offers the module of the active source file first, and finds fuzzily',
  { logs, files: { 'src/db.py': 'print(1)\n' } },
  async ({ workbench }) => {
    await workbench.openFile('db.py');
    await workbench.command('Safelog: Open Log');
    await expect.poll(async () => (await workbench.picks())[0]).toBe('db');
    await workbench.typeAndEnter('wbe', 'web');
    await expect.poll(() => workbench.activeTab()).toContain('alice/web');
  },
);

spec(
  'the timeline opens by itself where the setting says so',
  { logs, settings: { 'safelog.openOnStartup': true } },
  async ({ workbench }) => {
    await expect.poll(() => workbench.activeTab()).toContain('Log Timeline');
  },
);

/** What a person turns on stands in the user's settings, which all specs share. */
async function forgetService(): Promise<void> {
  const file = inject('setting').userSettings;
  const { 'safelog.service.enabled': _, ...rest } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify(rest, null, 2));
}
