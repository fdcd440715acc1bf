import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { until } from './waiting.ts';

describe('the debugger destination', () => {
  it('writes what a program under js-debug prints, each line once', async () => {
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
      120_000,
    );
    const lines = (part: string): string[] => log.split('\n').filter((line) => line.includes(part));
    assert.equal(lines('a line in two parts').length, 1);
    assert.match(lines('a line in two parts')[0] ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?\+00:00 INFO a line in two parts$/);
    assert.match(lines('to stderr')[0] ?? '', / ERROR to stderr$/);
    assert.equal(lines('to stderr').length, 1);
    assert.equal(lines('no line end').length, 1);

    // Written under the locks, by names and contents of concurrent-log-handler's: the files are there, and empty.
    const user = join(root, userInfo().username);
    for (const lock of ['.__Demo_run.lock', '.__master.lock']) assert.equal(await readFile(join(user, lock), 'utf8'), '');
    const [, time, rest] = /^(\S+ \S+) (INFO .*)$/.exec(lines('a line in two parts')[0] ?? '') ?? [];
    await until('master.log has it once, with the same time', async () => {
      const master = (await readFile(join(user, 'master.log'), 'utf8')).split('\n');
      return master.filter((line) => line === `${time} Demo_run.log ${rest}`).length === 1;
    });
    await rm(folder, { recursive: true, force: true });
  });

  it('has what the lock needs in the package itself', () => {
    const path = vscode.extensions.getExtension('safelog.safelog')?.extensionPath ?? '';
    const { resolve } = createRequire(join(path, 'server/dist/writerWorker.js'));
    assert.equal(resolve('koffi'), join(path, 'server/node_modules/koffi/index.cjs'));
    const binary = `@koromix/koffi-${process.platform}-${process.arch}`;
    assert.equal(dirname(resolve(binary)), join(path, 'server/node_modules', binary));
  });
});
