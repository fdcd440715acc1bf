import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { debugToEnd, entriesOf, goOn, programOf, setBreakpoints, userFolder } from './debugSessions.ts';
import { until } from './waiting.ts';

const matches = (entries: readonly string[], pattern: RegExp): string[] => entries.filter((entry) => pattern.test(entry));
function each(count: number, entries: readonly string[], pattern: RegExp): string[] {
  const found = matches(entries, pattern);
  const shown = entries.map((entry) => `• ${entry.slice(0, 2000)}`).join('\n');
  assert.equal(found.length, count, `${pattern} is there ${found.length} times, not ${count}, in:\n${shown}`);
  return found;
}
const one = (entries: readonly string[], pattern: RegExp): string => each(1, entries, pattern)[0] ?? '';
const two = (entries: readonly string[], pattern: RegExp): string[] => each(2, entries, pattern);

describe('debug sessions in the log', () => {
  let going: vscode.Disposable;
  before(() => {
    going = goOn();
  });
  after(() => going.dispose());

  it("js-debug's: logpoints, breakpoints, exceptions, exit code, colours, secrets, children", async () => {
    const program = await programOf('program.js', [
      "console.log('hello', { a: 1 });",
      'const x = 3;',
      "console.error('\\x1b[31mred\\x1b[0m password=hunter2');",
      "console.log('two\\n  lines of 😀');",
      "const { fork } = require('node:child_process');",
      "if (process.argv[2]) console.log('from the child');",
      "else fork(__filename, ['child']).on('exit', () => { throw new TypeError('bad\\nthing'); });",
    ]);
    const breakpoints = setBreakpoints(program, { 3: 'x is {x}', 4: undefined });
    await debugToEnd({ type: 'node', request: 'launch', name: 'Node run', program, console: 'internalConsole' });
    breakpoints.dispose();
    const entries = await entriesOf('Node_run');
    const pids = new Set(matches(entries, /from the child|hello/).map((entry) => /\[stdout (\d+) - /.exec(entry)?.[1]));
    assert.equal(pids.size, 2, entries.join('\n'));
    two(entries, /^INFO \[stdout \d+ - \S+\/program\.js:1\] hello \{a: 1\}$/);
    two(entries, /^INFO \[logpoint \d+ - \S+\/program\.js:3\] x is 3$/);
    two(entries, /^ERROR \[stderr \d+ - \S+\/program\.js:3\] \x1b\[31mred\x1b\[0m password=\*\*\*$/);
    two(entries, /^INFO \[stdout \d+ - \S+\/program\.js:4\] two\n\t {2}lines of 😀$/);
    two(entries, /^INFO \[breakpoint \d+ - \S+\/program\.js:4\] Stopped at a breakpoint\n\t {2}File "\S+\/program\.js", line 4/);
    const stop = one(entries, /^ERROR \[exception /);
    assert.match(stop, /^ERROR \[exception \d+ - \S+\/program\.js:7\] Stopped at an exception: TypeError: bad\n\tthing\n/);
    assert.match(stop, /\n\t {4}at .*\/program\.js:7:\d+\)?(\n|$)/);
    one(entries, /^WARNING \[session [-\d]+ - -\] Process exited with code 1$/);
    one(entries, /^INFO \[session - - -\] Session started: Node run \(pwa-node\)$/);
    two(entries, /Session started: program\.js \[\d+\]/);
    assert.match(entries.at(-1) ?? '', /^INFO \[session - - -\] Session ended: Node run$/);
  });

  it("debugpy's: the chain of an uncaught exception, logpoints, breakpoints, fragments, exit code, children", async () => {
    const program = await programOf('program.py', [
      'import subprocess, sys',
      "sys.stdout.write('part '); sys.stdout.flush()",
      "print('of ä 😀')",
      'x = 3',
      "print('no secret', 'token=abc', file=sys.stderr)",
      'if len(sys.argv) > 1:',
      "    print('from the child')",
      '    sys.exit()',
      "subprocess.run([sys.executable, __file__, 'child'])",
      'try:',
      "    {}['missing']",
      'except KeyError as error:',
      "    raise ValueError('bad ä') from error",
    ]);
    const breakpoints = setBreakpoints(program, { 5: 'here {x}', 9: undefined });
    await debugToEnd({ type: 'debugpy', request: 'launch', name: 'Python run', program, console: 'internalConsole', subProcess: true });
    breakpoints.dispose();
    const entries = await entriesOf('Python_run');
    // Of the child, whose output comes through its parent's streams, too.
    for (const pattern of [/^INFO part of ä 😀$/, /^INFO \[logpoint \d+ - \S+\/program\.py:5\] here 3$/, /^ERROR no secret token=\*\*\*$/])
      two(entries, pattern);
    one(
      entries,
      /^INFO \[breakpoint \d+ - \S+\/program\.py:9\] Stopped at a breakpoint\n\t {2}File "\S+\/program\.py", line 9, in <module>$/,
    );
    const stop = one(entries, /^ERROR \[exception /);
    assert.deepEqual(
      stop
        .split('\n')
        .filter((line) => !/\^|raise|\{\}\[/.test(line))
        .map((line) => line.replace(/\/\S+\//, '')),
      [
        'ERROR [exception PID - program.py:13] Stopped at an uncaught exception: ValueError: bad ä',
        '\tTraceback (most recent call last):',
        '\t  File "program.py", line 11, in <module>',
        "\tKeyError: 'missing'",
        '',
        '\tThe above exception was the direct cause of the following exception:',
        '',
        '\tTraceback (most recent call last):',
        '\t  File "program.py", line 13, in <module>',
        '\tValueError: bad ä',
      ].map((line) => line.replace('PID', /exception (\d+)/.exec(stop)?.[1] ?? '')),
    );
    one(entries, /^ERROR Traceback \(most recent call last\):\n[\s\S]*KeyError[\s\S]*direct cause[\s\S]*\n\tValueError: bad ä$/);
    one(entries, /^WARNING \[session \d+ - -\] Process exited with code 1$/);
    one(entries, /^INFO from the child$/);
    one(entries, /Session started: Subprocess \d+ \(debugpy\)$/);
    assert.match(entries.at(-1) ?? '', /Session ended: Python run$/);
  });

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

  it('the programs and the launch.json of docs/debug.md work as they stand there', async () => {
    const project = process.env.SAFELOG_PROJECT ?? '';
    const guide = await readFile(join(project, 'docs/debug.md'), 'utf8');
    const block = (language: string): string => new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(guide)?.[1] ?? '';
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const path = (name: string): string => join(folder.uri.fsPath, name);
    await writeFile(path('.vscode/launch.json'), block('jsonc'));
    await writeFile(path('orders.cjs'), block('js'));
    await writeFile(path('import.py'), block('python'));
    await mkdir(path('node_modules'), { recursive: true });
    await symlink(join(project, 'server'), path('node_modules/safelog')).catch(() => {}); // There from a first try.
    for (const [file, name] of [
      ['orders.cjs', 'Node program'],
      ['import.py', 'Python program'],
    ] as const) {
      await vscode.window.showTextDocument(vscode.Uri.file(path(file)));
      await until(
        'the configuration is known',
        () => vscode.workspace.getConfiguration('launch', folder.uri).get<object[]>('configurations')?.length === 2,
      );
      await debugToEnd(name, folder);
    }
    one(await entriesOf('Node_program'), /^INFO (\[.*\] )?printed by Node$/);
    one(await entriesOf('Python_program'), /^INFO printed by Python$/);
    for (const [module, text] of [
      ['orders', 'from Node'],
      ['import', 'from Python'],
    ] as const) {
      const log = await readFile(join(userFolder(), `${module}.log`), 'utf8');
      assert.match(log, new RegExp(`^\\S+ \\S+ INFO ${text}$`, 'm'));
    }
  });
});
