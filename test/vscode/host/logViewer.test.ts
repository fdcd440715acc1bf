import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as vscode from 'vscode';
import { until } from './waiting.ts';

describe('the viewer of any log', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safelog-viewer-'));
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true, force: true });
  });

  async function opensIn(name: string): Promise<string> {
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(join(folder, name)));
    return await until(`${name} has a tab`, () => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      const kind = input instanceof vscode.TabInputCustom ? input.viewType : 'text';
      const known = input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText;
      return known && input.uri.fsPath === join(folder, name) ? kind : undefined;
    });
  }

  for (const name of ['app.log.gz', 'app.log.2.gz', 'app.log-20261120.gz', 'app.2026.log.1.gz']) {
    it(`opens ${name} by double-click`, async () => {
      await writeFile(join(folder, name), gzipSync('2026-11-20 10:00:00+00:00 INFO packed\n'));
      assert.equal(await opensIn(name), 'safelog.logViewer');
    });
  }

  it('leaves a plain log to the text editor, and offers itself', async () => {
    await writeFile(join(folder, 'app.log'), '2026-11-20 10:00:00+00:00 INFO plain\n');
    assert.equal(await opensIn('app.log'), 'text');
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(join(folder, 'app.log')), 'safelog.plainLogViewer');
    await until('the viewer has it', () => vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputCustom);
  });

  it('takes over a log of more than 50 MB', async () => {
    const name = 'large.log';
    await writeFile(join(folder, name), '2026-11-20 10:00:00+00:00 INFO large\n');
    await truncate(join(folder, name), 51 * 1024 * 1024);
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(join(folder, name)));
    await until('the viewer has it, and no text editor is left', () => {
      const inputs = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ input }) => input));
      return inputs.length === 1 && inputs[0] instanceof vscode.TabInputCustom && inputs[0].viewType === 'safelog.plainLogViewer';
    });
  });
});
