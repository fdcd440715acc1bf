import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { debugToEnd, entriesOf, programOf, userFolder } from './debugSessions.ts';
import { until } from './waiting.ts';

const matches = (entries: readonly string[], pattern: RegExp): string[] => entries.filter((entry) => pattern.test(entry));
function one(entries: readonly string[], pattern: RegExp): string {
  const found = matches(entries, pattern);
  assert.equal(found.length, 1, `${pattern} is there ${found.length} times in:\n${entries.join('\n')}`);
  return found[0] ?? '';
}

describe('debug sessions in the log', () => {
  it('a restart is seen, and the log goes on', async () => {
    const program = await programOf('waiting.js', ["console.log('begun');", 'setInterval(() => {}, 1000);']);
    const ended = debugToEnd({ type: 'node', request: 'launch', name: 'Restarted', program, console: 'internalConsole' });
    const log = async () => (await readFile(join(userFolder(), 'Restarted.log'), 'utf8').catch(() => '')).split('begun').length - 1;
    await until('it has begun', async () => (await log()) === 1);
    await vscode.commands.executeCommand('workbench.action.debug.restart');
    await until('it has begun again', async () => (await log()) === 2);
    await vscode.debug.stopDebugging();
    await ended;
    const entries = await entriesOf('Restarted');
    one(entries, /Session restarted: Restarted$/);
  });

  it('what is recorded, and what is hidden, are settings', async () => {
    const program = await programOf('settings.js', ["console.log('number 17');", "console.error('bad');"]);
    const configuration = vscode.workspace.getConfiguration('safelog.debug');
    await configuration.update('record', ['stdout', 'sessions'], vscode.ConfigurationTarget.Global);
    await configuration.update('mask', ['number (\\d+)'], vscode.ConfigurationTarget.Global);
    try {
      await debugToEnd({ type: 'node', request: 'launch', name: 'Set', program, console: 'internalConsole' });
      const entries = await entriesOf('Set');
      one(entries, /number \*\*\*$/);
      assert.deepEqual(matches(entries, /bad|settings\.js$/), []);
    } finally {
      await configuration.update('record', undefined, vscode.ConfigurationTarget.Global);
      await configuration.update('mask', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
