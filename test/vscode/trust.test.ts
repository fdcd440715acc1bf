import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { expect, inject, onTestFinished, test } from 'vitest';
import { installBrowserVscode, startBrowserVscode } from '../../scripts/browserVscode.mjs';
import { isolated } from './globalSetup.ts';
import { artifacts, layOut } from './spec.ts';
import { Workbench } from './workbench.ts';

const line = (text: string): string => `2026-11-20 10:00:00.000001+00:00 INFO ${text}\n`;

/** A VS Code with workspace trust, as people have it; `own` is the tree of the person's own settings. */
async function start(home: string, own: string) {
  const { browser, vsix } = inject('setting');
  const vscode = await startBrowserVscode(await installBrowserVscode(), {
    dataDir: join(home, 'vscode'),
    vsix,
    env: isolated(home),
    trust: true,
    settings: { 'safelog.root': own, 'security.workspace.trust.startupPrompt': 'never' },
  });
  onTestFinished(() => vscode.stop());
  const connection = await chromium.connect(browser);
  onTestFinished(() => connection.close());
  const context = await connection.newContext({ viewport: { width: 1280, height: 800 }, timezoneId: 'UTC' });
  context.setDefaultTimeout(45_000);
  const open = async (query: Record<string, string>): Promise<{ page: Page; workbench: Workbench }> => {
    const page = await context.newPage();
    await page.goto(`${vscode.origin}/?${new URLSearchParams(query)}`);
    const workbench = new Workbench(page);
    await workbench.ready();
    return { page, workbench };
  };
  return { open };
}

test('in an untrusted folder logs are read, and its settings name neither tree nor service; trusted, they do', async () => {
  const home = await mkdtemp(join(tmpdir(), 'safelog-trust-'));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const own = join(home, 'own');
  await mkdir(join(own, 'alice'), { recursive: true });
  await writeFile(join(own, 'alice/web.log'), line('of my own tree'));
  // The folder's settings name another tree, and start the service.
  const { folder } = await layOut(home, {
    logs: { 'mallory/web.log': line('of a tree that the folder names') },
    files: { 'app.log': line('within the folder') },
    settings: { 'safelog.service.enabled': true, 'safelog.service.port': 0 },
  });
  const { open } = await start(home, own);
  const { page, workbench } = await open({ folder });
  await page.locator('.statusbar').getByText('Restricted Mode').waitFor();

  await workbench.command('Safelog: Open Timeline');
  await workbench.webview().getByText('of my own tree').waitFor();
  await workbench.openContainer('Safelog');
  await page.locator('.sidebar').getByText('Restricted Mode: log trees and the service are those of your own settings').waitFor();
  await workbench
    .treeRows('Logs')
    .filter({ hasText: /^alice/ })
    .waitFor();
  expect(
    await workbench
      .treeRows('Logs')
      .filter({ hasText: /^mallory/ })
      .count(),
  ).toBe(0);
  await page.screenshot({ path: join(artifacts, 'untrusted.png') });
  // The snippet for the service offers to start it: it does not run.
  await workbench.command('Safelog: Copy a Snippet for Logging…');
  await workbench.pick('Python: Safelog’s protocol');
  await expect.poll(() => workbench.notifications()).toContain('This snippet sends to the Safelog service, which does not run.');
  await workbench.command('Safelog: Tail in Editor');
  await workbench.pick('web');
  await expect.poll(async () => (await workbench.editorLines('web.log')).join()).toContain('of my own tree');

  await workbench.command('Workspaces: Manage Workspace Trust');
  await page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
  await workbench.openContainer('Safelog');
  await workbench
    .treeRows('Logs')
    .filter({ hasText: /^mallory/ })
    .waitFor();
});

test('in a virtual workspace logs of the machine are read', async () => {
  const home = await mkdtemp(join(tmpdir(), 'safelog-virtual-'));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const own = join(home, 'own');
  await mkdir(join(own, 'alice'), { recursive: true });
  await writeFile(join(own, 'alice/web.log'), line('of my own tree'));
  const workspace = join(home, 'virtual.code-workspace');
  await writeFile(workspace, JSON.stringify({ folders: [{ uri: 'nowhere:/virtual', name: 'virtual' }] }));
  const { open } = await start(home, own);
  const { workbench } = await open({ workspace });
  await workbench.command('Safelog: Open Timeline');
  await workbench.webview().getByText('of my own tree').waitFor();
});
