import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('activation', () => {
  it('registers the commands of the manifest', async () => {
    const extension = vscode.extensions.getExtension('safelog.safelog');
    assert.ok(extension, 'The extension is there.');
    await extension.activate();
    const declared: string[] = extension.packageJSON.contributes.commands.map((each: { command: string }) => each.command);
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      declared.filter((id) => !registered.has(id)),
      [],
    );
  });
});
