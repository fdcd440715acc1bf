import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { spec } from './spec.ts';

const run = promisify(execFile);

const snippets = [
  { link: 'Copy the Python Snippet', file: 'hello.py', program: 'python3', seen: 'Hello from Python', more: 'This one failed' },
  { link: 'Copy the Python Client', file: 'client.py', program: 'python3', seen: 'through the service', more: 'through the service' },
  {
    link: 'Copy the Node Snippet',
    file: 'hello.mjs',
    program: process.execPath,
    seen: `Hello from Node ${process.version}`,
    more: 'This one failed',
  },
];

spec(
  'the walkthrough leads from an empty tree to the entries of one’s own programs: each of its snippets is copied, runs, and is seen',
  { settings: { 'safelog.service.port': 0, 'safelog.service.enabled': true } },
  async ({ workbench, page, screenshot }) => {
    const home = await mkdtemp(join(tmpdir(), 'safelog-first-'));
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    // In a narrower window VS Code leaves out what stands beside the steps.
    await page.setViewportSize({ width: 1600, height: 900 });
    await workbench.command('Safelog: Open Timeline');
    await workbench.webview().getByText('0 entries').waitFor();
    await expect.poll(() => workbench.webview().getByText('Reading the logs').count()).toBe(0);
    await workbench
      .webview()
      .getByText(/^The Safelog service listens on \S+:\d+, \//)
      .waitFor();
    expect(await workbench.webview().getByRole('button', { name: 'Start the Safelog Service' }).count()).toBe(0);
    await screenshot('first-empty-timeline');

    await workbench.webview().getByRole('button', { name: 'Show How to Log Here' }).click();
    const steps = page.locator('.gettingStartedContainer');
    await steps.getByText('Logs live in a tree').waitFor();
    await workbench.webview().getByText('there is no telemetry').waitFor();
    await screenshot('walkthrough-tree');
    await steps.getByText('Log from a program of yours').click();
    await workbench.webview().getByText('Copy the Python Snippet').waitFor();
    await screenshot('walkthrough-log');
    for (const { link, file, program, more } of snippets) {
      await page.evaluate(() => navigator.clipboard.writeText(''));
      await workbench.webview().getByText(link).click();
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain(more);
      const code = await page.evaluate(() => navigator.clipboard.readText());
      await writeFile(join(home, file), code);
      // No service of this machine is meant, and no spool of this person.
      const env = { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: home };
      await run(program, [join(home, file)], { env });
    }

    await steps.getByText('See it in the timeline').click();
    await screenshot('walkthrough-timeline');
    await steps.getByRole('button', { name: 'Open Timeline' }).click();
    for (const { seen, more } of snippets) {
      await workbench.webview().getByText(seen).first().waitFor();
      await workbench.webview().getByText(more).first().waitFor();
    }
    await screenshot('first-entries');
  },
);

spec('“Open as a New File” shows the snippet; which one is asked for in the palette', {}, async ({ workbench, page, root }) => {
  await workbench.command('Safelog: Open Timeline');
  await workbench.webview().getByRole('button', { name: 'Start the Safelog Service' }).waitFor();
  await workbench.command('Safelog: Copy a Snippet for Logging…');
  await workbench.pick('Node: getLog');
  await page.locator('.notification-toast').getByRole('button', { name: 'Open as a New File' }).click();
  await expect.poll(async () => (await workbench.editorLines()).join('\n')).toContain(`process.env.SAFELOG_ROOT ??= "${root}"`);
});

spec(
  'several trees: the Logs view and the pickers have all of them, each with its own timeline',
  {
    logs: { 'alice/web.log': '2026-11-20 10:00:00+00:00 INFO of the first\n' },
    settings: { 'safelog.roots': ['more'] },
    files: { 'more/carol/jobs.log': '2026-11-20 10:00:00+00:00 INFO of the second\n' },
  },
  async ({ workbench, screenshot }) => {
    await workbench.openContainer('Safelog');
    const row = (label: RegExp) => workbench.treeRows('Logs').filter({ hasText: label });
    await row(/^logs/).waitFor();
    await row(/^carol/).waitFor();
    await row(/^alice/).waitFor();
    await screenshot('several-roots');
    // The tree may be drawn anew under a click, while the sizes of its logs come in.
    const open = async () => {
      await row(/^more/).hover();
      await row(/^more/).getByRole('button', { name: 'Open in Timeline' }).click();
      return workbench.tab('Log Timeline — more').isVisible();
    };
    await expect.poll(open, { interval: 2000 }).toBe(true);
    await workbench.webview().getByText('of the second').waitFor();
    expect(await workbench.activeTab()).toBe('Log Timeline — more');
    await workbench.command('Safelog: Open Log');
    await expect.poll(() => workbench.picks()).toEqual(expect.arrayContaining(['web', 'jobs']));
    await workbench.pick('jobs');
    await expect.poll(() => workbench.activeTab()).toBe('carol/jobs');
  },
);
