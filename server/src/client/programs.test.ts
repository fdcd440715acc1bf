/** Programs of every kind, run for real, without a service. */

import { userInfo } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { buildPrograms, type TestPrograms } from './testPrograms.ts';

// A machine that has other work to do is no failure.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let programs: TestPrograms;
const STAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?\+00:00 /gm;
/** The log without its stamps. */
const texts = (basename: string): string => programs.read(basename).replace(STAMP, '');
const CJS = "const { getLog } = require('safelog');\n";
const ESM = "import { getLog } from 'safelog';\n";

beforeAll(async () => {
  programs = await buildPrograms(userInfo().username);
  programs.write('app/package.json', '{}');
});

afterAll(() => programs.close());

test.concurrent('CommonJS, in folders below the package, whatever the current directory', async () => {
  const path = programs.write(
    'app/src/web/db.cjs',
    `${CJS}process.chdir('/'); const log = getLog(); log('written'); console.log(log.filename);`,
  );
  expect(await programs.run([path])).toMatchObject({ code: 0, stdout: 'web.db.log\n', stderr: '' });
  expect(texts('web.db.log')).toBe('DEBUG written\n');
  expect(texts('master.log')).toContain('web.db.log DEBUG written\n');
});

test.concurrent('an ES module, and its top-level end', async () => {
  programs.write('app/lib/esm/index.mjs', `${ESM}const log = getLog(); log.info('begun'); await null; log.info('ended');`);
  expect((await programs.run(['app/lib/esm/index.mjs'])).code).toBe(0);
  expect(texts('esm.log')).toBe('INFO begun\nINFO ended\n');
});

test.concurrent('node -e, as CommonJS and as a module', async () => {
  await programs.run(['-e', `${CJS}getLog()('from an argument')`]);
  await programs.run(['--input-type=module', '-e', `${ESM}getLog()('from a module')`]);
  expect(texts('<string>.log')).toBe('DEBUG from an argument\nDEBUG from a module\n');
});

test.concurrent('a program that is read from stdin, as CommonJS and as a module', async () => {
  await programs.run(['-'], { stdin: `${CJS}getLog()('from stdin')` });
  await programs.run(['--input-type=module', '-'], { stdin: `${ESM}getLog()('from a module')` });
  expect(texts('__stdin__.log')).toBe('DEBUG from stdin\nDEBUG from a module\n');
});

test.concurrent.each([
  ['linked', { sourcemap: 'linked' }, []],
  ['inline', { sourcemap: 'inline' }, []],
  ['enabled', { sourcemap: 'linked' }, ['--enable-source-maps']],
] as const)('TypeScript with a source map: %s', async (name, options, args) => {
  const source = programs.write(`app/src/ts/${name}/job.ts`, `${ESM}const text: string = 'typed';\ngetLog()(text);`);
  const other = programs.write(`app/src/ts/${name}/main.ts`, `import './job.ts';\n${ESM}getLog()('main');`);
  const outfile = join(programs.folder, `app/dist/${name}/bundle.mjs`);
  await build({ entryPoints: [other], outfile, bundle: true, format: 'esm', platform: 'node', external: ['safelog'], ...options });
  expect(source).toContain('job.ts');
  expect((await programs.run([...args, outfile])).code).toBe(0);
  expect(texts(`ts.${name}.job.log`)).toBe('DEBUG typed\n');
  expect(texts(`ts.${name}.main.log`)).toBe('DEBUG main\n');
});

test.concurrent('worker threads, each by itself', async () => {
  programs.write(
    'app/pool.mjs',
    `
    import { Worker } from 'node:worker_threads';
    for (let i = 0; i < 3; i++) new Worker(new URL('./poolWorker.mjs', import.meta.url), { workerData: i });`,
  );
  programs.write(
    'app/poolWorker.mjs',
    `${ESM}
    import { workerData } from 'node:worker_threads';
    for (let i = 0; i < 50; i++) getLog()('{} {}'.replace('{}', workerData).replace('{}', i));`,
  );
  expect((await programs.run(['app/pool.mjs'])).code).toBe(0);
  const lines = texts('poolWorker.log').trimEnd().split('\n');
  expect(lines).toHaveLength(150);
  for (const worker of [0, 1, 2]) {
    const own = lines.filter((line) => line.startsWith(`DEBUG ${worker} `));
    expect(own).toEqual(Array.from({ length: 50 }, (_, i) => `DEBUG ${worker} ${i}`));
  }
});

test.concurrent('forked children', async () => {
  programs.write(
    'app/parent.cjs',
    `${CJS}
    const log = getLog(); log('parent');
    if (!process.argv[2]) for (let i = 0; i < 2; i++) require('node:child_process').fork(__filename, ['child']);
    else log('child');`,
  );
  expect((await programs.run(['app/parent.cjs'])).code).toBe(0);
  expect(texts('parent.log').split('\n').sort()).toEqual([
    '',
    'DEBUG child',
    'DEBUG child',
    'DEBUG parent',
    'DEBUG parent',
    'DEBUG parent',
  ]);
});

test.concurrent.each([
  ['uncaught', "process.nextTick(() => { throw new Error('nobody catches') });", { code: 1 }],
  ['rejected', "Promise.reject(new Error('nobody catches'));", { code: 1 }],
  ['exiting', 'process.exit(3);', { code: 3 }],
  ['terminated', "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 60_000);", { signal: 'SIGTERM' }],
  ['killed', "process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 60_000);", { signal: 'SIGKILL' }],
])('a program that ends by being %s', async (name, end, outcome) => {
  programs.write(
    `app/${name}.cjs`,
    `${CJS}const log = getLog(); process.on('exit', () => log('at exit')); for (let i = 0; i < 500; i++) log(String(i)); ${end}`,
  );
  expect(await programs.run([`app/${name}.cjs`])).toMatchObject(outcome);
  const expected = Array.from({ length: 500 }, (_, i) => `DEBUG ${i}\n`).join('');
  const runsExit = 'code' in outcome;
  expect(texts(`${name}.log`)).toBe(runsExit ? `${expected}DEBUG at exit\n` : expected);
});

test.concurrent('errors, stacks and levels, as Safelog lays them out', async () => {
  programs.write(
    'app/shapes.cjs',
    `${CJS}
    const log = getLog();
    log(new Error('bad', { cause: new TypeError('inner') }));
    log.exception(new AggregateError([new Error('one'), new Error('two')], 'many'));
    log.exceptionOnly(new RangeError('short'));
    log.stacktrace();
    log.stacktrace('my title');
    log.info('{} of {total:>4}', 3, { total: 7 });
    log('{"json": true}');
    log.warning('{"json": true}');
    log('error', 'by name');
    log(35, 'by {}', 'number');
    log.write('no level');
    log('two\\nlines\\n2026-01-01 00:00:00+00:00 ERROR forged');
    log.error('it failed', new Error('why'));
    log('with', { exception: new Error('that') });`,
  );
  expect(await programs.run(['app/shapes.cjs'])).toMatchObject({ code: 0, stderr: '' });
  const shown = texts('shapes.log').replace(/(?:\t +at .*\n)+/g, '<frames>\n');
  expect(shown).toBe(`DEBUG Error: bad
<frames>
	Caused by: TypeError: inner
<frames>

DEBUG AggregateError: many
<frames>
	Error 1 of 2: Error: one
<frames>
	Error 2 of 2: Error: two
<frames>

DEBUG RangeError: short
DEBUG Call stack:
<frames>

DEBUG my title: Call stack:
<frames>

INFO 3 of    7
DEBUG {"json": true}
WARNING {"json": true}
ERROR by name
Level 35 by number
no level
DEBUG two
	lines
	2026-01-01 00:00:00+00:00 ERROR forged
ERROR it failed
	Error: why
<frames>
DEBUG with
	Error: that
<frames>
`);
});

test.concurrent('exceptions() logs what is thrown, synchronously and later, and throws it on', async () => {
  programs.write(
    'app/active.mjs',
    `${ESM}
    const log = getLog();
    try { log.exceptions(() => { throw new Error('first'); }); } catch (error) { console.log('caught', error.message); log.exceptionOnly(); }
    await log.exceptions(async () => { await null; throw new Error('second'); }).catch((error) => console.log('caught', error.message));
    log.exceptions(() => {
      try { log.exceptions(() => { throw new Error('third'); }); } catch { log.exceptionOnly(); }
    });
    console.log(log.exceptions(() => 'passed'), await log.exceptions(async () => 'promised'));`,
  );
  expect(await programs.run(['app/active.mjs'])).toMatchObject({ code: 0, stdout: 'caught first\ncaught second\npassed promised\n' });
  const heads = texts('active.log')
    .split('\n')
    .filter((line) => line.startsWith('DEBUG'));
  expect(heads).toEqual(['DEBUG Error: first', 'DEBUG Error: first', 'DEBUG Error: second', 'DEBUG Error: third', 'DEBUG Error: third']);
});

test.concurrent('a bad format is thrown into the program', async () => {
  programs.write(
    'app/format.cjs',
    `${CJS}
    const log = getLog();
    for (const [format, ...values] of [['{', 1], ['{} {}', 1], ['{missing}', {}]]) try { log.info(format, ...values); } catch (error) { console.log(error.name); }`,
  );
  expect(await programs.run(['app/format.cjs'])).toMatchObject({ code: 0, stdout: 'RangeError\nRangeError\nRangeError\n' });
  expect(texts('format.log')).toBe('');
});

test.concurrent('levels by option and by environment; exceptions are filtered as errors', async () => {
  programs.write(
    'app/levels.cjs',
    `${CJS}
    const log = getLog();
    log.debug('1'); log.info('2'); log.warning('3'); log.error('4'); log.exceptionOnly(new Error('5'));
    const quiet = getLog('quiet', { level: 'error' });
    quiet('6'); quiet.warning('7'); quiet.error('8'); quiet.setLevel('DEBUG'); quiet('9'); console.log(quiet.level);`,
  );
  expect(await programs.run(['app/levels.cjs'], { env: { SAFELOG_LEVEL: 'WARNING' } })).toMatchObject({ code: 0, stdout: '10\n' });
  expect(texts('levels.log')).toBe('WARNING 3\nERROR 4\nDEBUG Error: 5\n');
  expect(texts('quiet.log')).toBe('ERROR 8\nDEBUG 9\n');
});

test.concurrent('names, paths and attributes', async () => {
  programs.write(
    'app/names.cjs',
    `
    const { get, getLog, Log } = require('safelog');
    const own = require('node:path').join(__dirname, 'own/x.log');
    const log = get('custom.py');
    console.log(get === getLog, Log === getLog, log === Log('custom.log'), log.filename, log.user === require('node:os').userInfo().username, log.verbose, log.isMaster());
    console.log(log.pathname.endsWith('/tree/' + log.user + '/custom.log'), log.dirname.endsWith('/tree/' + log.user));
    const mine = getLog(own); mine.info('mine');
    console.log(mine.pathname === own, mine === getLog({ filename: 'x', dirname: require('node:path').dirname(own) }));
    getLog('master')('into master');
    const again = getLog('again'); again('gone'); getLog('again', { recreate: true })('left');`,
  );
  const { code, stdout } = await programs.run(['app/names.cjs'], { env: { SAFELOG_MODULE: 'other' } });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'true true true custom.log true false false\ntrue true\ntrue true\n' });
  expect(texts('again.log')).toBe('DEBUG left\n');
  expect(texts('master.log')).toContain('x.log INFO mine\n');
  expect(texts('master.log')).toContain('\nDEBUG into master\n');
  expect(texts('x.log')).toBe('');
});

test.concurrent('verbose prints; SAFELOG_MODULE and SAFELOG_USER name the log', async () => {
  programs.write(
    'app/verbose.cjs',
    `${CJS}
    const log = getLog({ verbose: true }); log('shown'); log('hidden', { verbose: false });
    log.verbose = false; log('quiet'); log.info('loud {}', 1, { verbose: true }); console.log(log.filename, log.user);`,
  );
  expect(await programs.run(['app/verbose.cjs'], { env: { SAFELOG_MODULE: 'named', SAFELOG_USER: 'somebody' } })).toMatchObject({
    code: 0,
    stdout: 'shown\nloud 1\nnamed.log somebody\n',
  });
});
