import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { until } from './waiting.ts';

describe('the debugger destination', () => {
  it('writes what a program under js-debug prints, each line once', async function () {
    this.timeout(60_000);
    const folder = await mkdtemp(join(tmpdir(), 'safelog-debug-'));
    const program = join(folder, 'program.js');
    await writeFile(
      program,
      [
        "process.stdout.write('a line in ');",
        "setTimeout(() => process.stdout.write('two parts\\n'), 50);",
        "setTimeout(() => console.error('to stderr'), 100);",
        "setTimeout(() => { process.stdout.write('no line end'); process.exitCode = 3; }, 150);",
      ].join('\n'),
    );
    const root = vscode.workspace.getConfiguration('safelog').get<string>('root');
    assert.ok(root);
    const started = await vscode.debug.startDebugging(undefined, {
      type: 'node',
      request: 'launch',
      name: 'Demo run',
      program,
      console: 'internalConsole',
      outputCapture: 'std',
    });
    assert.ok(started);
    const log = await until(
      'the log has the end of the output',
      async () => {
        const user = join(root, userInfo().username);
        const names = await readdir(user).catch(() => []);
        const name = names.find((each) => /^Demo.run\.log$/.test(each));
        const text = name === undefined ? '' : await readFile(join(user, name), 'utf8');
        return text.includes('no line end') && text.includes('to stderr') ? text : undefined;
      },
      45_000,
    );
    const lines = (part: string): string[] => log.split('\n').filter((line) => line.includes(part));
    assert.equal(lines('a line in two parts').length, 1);
    assert.match(lines('a line in two parts')[0] ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?\+00:00 INFO a line in two parts$/);
    assert.match(lines('to stderr')[0] ?? '', / ERROR to stderr$/);
    assert.equal(lines('to stderr').length, 1);
    assert.equal(lines('no line end').length, 1);
    await rm(folder, { recursive: true, force: true });
  });
});
