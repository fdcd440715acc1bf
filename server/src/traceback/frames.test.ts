import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findTraces } from './find.ts';
import { findFrames } from './frames.ts';
import { Lines } from './lines.ts';
import { raisingFrame } from './trace.ts';

let folder: string;
beforeAll(() => {
  // A path that makes life hard for whoever looks for quotes, blanks, parentheses and colons.
  folder = join(mkdtempSync(join(tmpdir(), 'safelog-traces-')), 'a b (c) "d", line 3');
  mkdirSync(folder);
});
afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

/** Runs a program, with real files, and gives what it wrote to stderr. */
function stderrOf(program: string, file: string, source: string): string {
  writeFileSync(join(folder, file), source);
  const { stderr } = spawnSync(program, [join(folder, file)], { encoding: 'utf8', cwd: folder });
  return stderr;
}

/** The places as `FILE:LINE[:COLUMN]`; and every link must cover just that in its line. */
function places(text: string): string[] {
  const lines = text.split('\n');
  return findFrames(text).map(({ textLine, start, end, place }) => {
    const covered = lines[textLine]!.slice(start, end);
    expect(covered.startsWith(place.path)).toBe(true);
    expect(covered.endsWith(String(place.column ?? place.line))).toBe(true);
    const file = place.path.replace(/^file:\/\//, '').replace(/^.*(%20|\/)(?=[^/]*$)/, '');
    return [file, place.line, place.column].filter((part) => part !== undefined).join(':');
  });
}

describe('Python', () => {
  test('a traceback, chained both ways', () => {
    const text = stderrOf(
      'python3',
      'chain.py',
      `def boom():
    return {}['key']

try:
    try:
        boom()
    except KeyError as error:
        raise ValueError('bad') from error
except ValueError:
    raise RuntimeError('while handling')
`,
    );
    expect(text).toContain('direct cause');
    expect(text).toContain('During handling');
    expect(places(text)).toEqual(['chain.py:6', 'chain.py:2', 'chain.py:8', 'chain.py:10']);
    expect(findFrames(text)[0]?.place.path).toBe(join(folder, 'chain.py'));
  });

  test('a syntax error, and code without a file', () => {
    expect(places(stderrOf('python3', 'syntax.py', 'def f(:\n'))).toEqual(['syntax.py:1']);
    expect(places(stderrOf('python3', 'exec.py', "exec(compile('1/0', '<string>', 'exec'))\n"))).toEqual(['exec.py:1']);
    expect(places(stderrOf('python3', 'frozen.py', 'import importlib\nimportlib.import_module("no.such")\n'))).toEqual(
      expect.arrayContaining(['frozen.py:2', expect.stringMatching(/^__init__\.py:\d+$/)]),
    );
  });

  test('an exception group, with its margins', () => {
    const text = stderrOf(
      'python3',
      'group.py',
      `def fail(n):
    raise ValueError(n)

errors = []
for n in range(2):
    try:
        fail(n)
    except ValueError as error:
        errors.append(error)
raise ExceptionGroup('many', errors)
`,
    );
    expect(text).toMatch(/^ {4}\| {3}File/m);
    expect(places(text)).toEqual(['group.py:10', 'group.py:7', 'group.py:2', 'group.py:7', 'group.py:2']);
  });

  test("Safelog's own traces, as captured", () => {
    const log = readFileSync(join(import.meta.dirname, '../../../test/fixtures/safelog/tree/alice/demo.log'), 'utf8');
    const wanted = [...log.matchAll(/File "([^"<]+)", line (\d+)/g)].map(([, path, line]) => `${path?.replace(/^.*\//, '')}:${line}`);
    expect(wanted.length).toBeGreaterThan(10);
    expect(log).toMatch(/^:\t {2}File/m);
    expect(places(log)).toEqual(wanted);
  });
});

describe('Node', () => {
  test('an uncaught error: its header, its frames, its properties', () => {
    const text = stderrOf(
      process.execPath,
      'boom.cjs',
      `class Thing {
  constructor() { [1].map(function named() { throw Object.assign(new Error('bad'), { code: 'X' }); }); }
}
new Thing();
`,
    );
    expect(text).toContain('{\n  code');
    expect(places(text).slice(0, 4)).toEqual(['boom.cjs:2', 'boom.cjs:2:66', 'boom.cjs:2:23', 'boom.cjs:4:1']);
    expect(places(text).some((place) => place.includes('loader'))).toBe(false);
    expect(text).toContain('node:internal');
  });

  test('modules: file URLs, async frames', () => {
    const text = stderrOf(
      process.execPath,
      'async.mjs',
      `async function inner() { await null; throw new Error('bad'); }
async function outer() {
  await inner();
}
await outer();
`,
    );
    expect(text).toContain('at async file://');
    expect(places(text)).toEqual(['async.mjs:1', 'async.mjs:1:44', 'async.mjs:3:3', 'async.mjs:5:1']);
  });

  test('evaluated code leads to the call of eval', () => {
    const text = stderrOf(process.execPath, 'eval.cjs', `function f() {\n  eval("eval('throw new Error(1)')");\n}\nf();\n`);
    expect(places(text).filter((place) => place.startsWith('eval.cjs'))).toEqual([
      'eval.cjs:2:3',
      'eval.cjs:2:3',
      'eval.cjs:2:3',
      'eval.cjs:4:1',
    ]);
  });

  test('a syntax error has only its header', () => {
    expect(places(stderrOf(process.execPath, 'syntax.cjs', 'let a = ;\n'))).toEqual(['syntax.cjs:1']);
  });

  test('an error with a cause', () => {
    const text = stderrOf(
      process.execPath,
      'cause.cjs',
      `try { throw new Error('inner'); } catch (cause) {\n  throw new Error('outer', { cause });\n}\n`,
    );
    expect(places(text)).toEqual(expect.arrayContaining(['cause.cjs:2:9', 'cause.cjs:1:13']));
  });

  test.each([
    ['    at C:\\src\\app.js:10:5', { path: 'C:\\src\\app.js', line: 10, column: 5 }],
    ['    at f (C:/src/app.ts:1:2)', { path: 'C:/src/app.ts', line: 1, column: 2 }],
    ['    at f [as g] (src/app.ts:1:2)', { path: 'src/app.ts', line: 1, column: 2 }],
    ['    at Object.<anonymous> (/srv/app.js:1:2) {', { path: '/srv/app.js', line: 1, column: 2 }],
    ['  |  at f (\\\\host\\share\\a.js:1:2)\r', { path: '\\\\host\\share\\a.js', line: 1, column: 2 }],
  ])('%j', (line, place) => {
    expect(findFrames(line)[0]?.place).toEqual(place);
  });
});

test.each([
  '    at node:internal/modules/cjs/loader:1:2',
  '    at Module._load (node:internal/modules/cjs/loader:1104:12)',
  '    at Array.map (<anonymous>)',
  '    at new Promise (<anonymous>:1:2)',
  '    at async Promise.all (index 0)',
  '    at f (native)',
  '    at f (vscode://x/y.js:1:2)',
  '    at f (command:x.js:1:2)',
  '    at noon:12:30',
  'look at /srv/app.js:1:2',
  '/srv/app.js:12',
  '  File "<stdin>", line 1, in <module>',
  '  File "/x.py", line x',
  '  File "/x.py", line 0, in f',
  '  File "/x.py", line 99999999999, in f',
  'File "',
  'at ',
  '    at (:1:2)',
  '    at f (eval at',
  '    at f (eval at g (/x.js:1:2)',
])('is no place: %j', (line) => {
  expect(findFrames(line)).toEqual([]);
});

test('a place is cut to where it stands, behind CR, TAB and characters outside of the BMP', () => {
  expect(findFrames('one\r\n😀\t  File "/x😀.py", line 7, in f\r\n')).toEqual([
    { textLine: 1, start: 11, end: 27, place: { path: '/x😀.py', line: 7 }, library: false },
  ]);
});

test.each([
  ['python', 'C:\\src\\shop.py', 'Traceback (most recent call last):\r\n  File "C:\\src\\shop.py", line 7, in f\r\nValueError: bad\r\n'],
  [
    'python',
    '/app/shop.py',
    '10:00 ERROR x Traceback (most recent call last):\n:\t  File "/app/shop.py", line 7, in f\n:\t    f()\n:\tValueError: bad',
  ],
  [
    'java',
    'com/acme/Shop.java',
    'java.lang.Error: bad\n\tat app//com.acme.Shop.f(Shop.java:7) ~[shop.jar!/:1.0]\n\t... 3 common frames omitted',
  ],
  [
    'dotnet',
    'C:\\src\\Shop 1.cs',
    'Unhandled exception. Acme.Error: bad\n   at Acme.Shop.f(Int32 a, String& b) in C:\\src\\Shop 1.cs:line 7',
  ],
  ['dotnet', '/src/Shop.cs', 'System.Exception: bad\n   at System.Linq.Enumerable.Any()\n   at Acme.Shop.f() in /src/Shop.cs:Zeile 7'],
  ['rust', 'src/main.rs', "thread 'main' panicked at 'bad', src/main.rs:7:5"],
  ['ruby', '/app/shop.rb', "/app/shop.rb:7:in 'Shop#f': bad (Acme::Error)\n\tfrom /app/shop.rb:9:in 'Shop#g'"],
  ['browser', 'https://shop.example/app.js', 'global code@https://shop.example/app.js:7:3\n[native code]'],
  ['browser', 'webpack:///./src/@acme/shop.ts', 'Error: bad\nf@webpack:///./src/@acme/shop.ts:7:3'],
  ['go', 'C:/src/shop.go', 'goroutine 7 [running, locked to thread]:\nmain.(*Shop).f(0x1)\n\tC:/src/shop.go:7 +0x1d'],
  ['php', '/app/vendor/acme/shop.php', '#0 /app/vendor/acme/shop.php(7): Shop->f()\n#1 {main}'],
])('%s: %s', (language, path, text) => {
  const traces = findTraces(text);
  expect(traces.map((trace) => trace.language)).toEqual([language]);
  expect(traces.map((trace) => raisingFrame(trace)?.place)).toMatchObject([{ path, line: 7 }]);
});

test("what Safelog's own logs hold, as captured: exceptions chained, and stacks", () => {
  const log = readFileSync(join(import.meta.dirname, '../../../test/fixtures/safelog/tree/alice/demo.log'), 'utf8');
  const traces = findTraces(log);
  const told = traces.map(({ exceptions }) => exceptions.map(({ role, type }) => `${role} ${type}`.trimEnd()).join(', '));
  expect(new Set(told)).toEqual(new Set(['raised ValueError', 'cause ValueError, raised KeyError', 'stack']));
  const library = traces.flatMap(({ exceptions }) => exceptions.flatMap(({ frames }) => frames)).filter((frame) => frame.library);
  expect(library.length).toBeGreaterThan(2);
  expect(library.every(({ place }) => place?.path.includes('/solidlibs/'))).toBe(true);
});

test('each line is looked at a bounded number of times, whatever it holds', () => {
  const units = [
    'Traceback (most recent call last):',
    '  File "/x.py", line 1, in f',
    'ValueError: x',
    'The above exception was the direct cause of the following exception:',
    '+-+---------------- 1 ----------------',
    '    at f (/x.js:1:2) {',
    '[cause]: Error: x',
    '[errors]: [',
    '\tat a.b.C.f(C.java:1)',
    'Caused by: a.B: x',
    '   at A.B.c() in /x.cs:line 1',
    ' ---> A.B: x',
    'panic: x',
    'goroutine 1 [running]:',
    "thread 'main' panicked at x.rs:1:1:",
    "x.rb:1:in `f': x (E)",
    '#0 /x.php(1): f()',
    'Next E: x in /x.php:1',
    'Stack trace:',
    'f@http://x/x.js:1:2',
    '/x.js:1',
    '^',
    'x',
    '',
  ];
  const at = vi.spyOn(Lines.prototype, 'at');
  for (const [index, first] of units.entries()) {
    for (const second of units.filter((_, other) => (index + other) % 3 === 0)) {
      at.mockClear();
      findTraces(`${first}\n${second}\n`.repeat(50));
      expect(at.mock.calls.length, `${first} | ${second}`).toBeLessThan(100 * 120);
    }
  }
  at.mockRestore();
});

test('hostile text takes time in proportion to its length', () => {
  const time = (text: string): number => {
    const start = process.cpuUsage();
    findFrames(text);
    return process.cpuUsage(start).user / 1000;
  };
  const unit = 4096;
  const nasty = ['File "", line ', '    at f (eval at (', 'eval at (), ', ' (', ':1', '^', '/:1:1\n^', 'file://', 'at \\'].map((part) =>
    `    at f (${part.repeat(unit / part.length - 4)}\n`.repeat(50),
  );
  for (const text of [...nasty, 'x'.repeat(2_000_000), 'File "'.repeat(500_000), `    at f (${'eval at a ('.repeat(360)}\n`.repeat(50)]) {
    expect(time(text)).toBeLessThan(1000);
  }
});
