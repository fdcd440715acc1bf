import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('activation', () => {
  it('takes at most 100 ms of work, and registers the commands of the manifest', async () => {
    const extension = vscode.extensions.getExtension('safelog.safelog');
    assert.ok(extension, 'The extension is there.');
    // Of the processor's time: on a busy machine the clock would measure the others' work.
    const before = process.cpuUsage();
    await extension.activate();
    const { user, system } = process.cpuUsage(before);
    const took = (user + system) / 1000;
    assert.ok(took <= 100, `It took ${took} ms.`);
    const declared: string[] = extension.packageJSON.contributes.commands.map((each: { command: string }) => each.command);
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      declared.filter((id) => !registered.has(id)),
      [],
    );
  });
});
