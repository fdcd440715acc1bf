import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The package as a program gets it: packed, installed into an empty folder without scripts, and used. */
const project = join(import.meta.dirname, '../..');
let folder: string;
const run = async (program: string, args: string[]) => (await promisify(execFile)(program, args, { cwd: folder })).stdout;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-package-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'program', private: true }));
  await promisify(execFile)('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: join(project, 'server') });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  await run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const body = `
  const handler = new ConcurrentRotatingFileHandler(process.argv[2], { maxBytes: 1000, backupCount: 3, useGzip: true });
  handler.setFormatter(new Formatter('%(levelname)s %(name)s %(filename)s:%(lineno)d %(message)s'));
  const logger = getLogger('web.db');
  logger.addHandler(handler);
  logger.setLevel('DEBUG');
  logger.info('took %d ms: %s', 12, 'é😀');
`;
const names = '{ ConcurrentRotatingFileHandler, Formatter, getLogger }';

describe('installed', () => {
  test.each([
    ['import', 'program.mjs', `import ${names} from 'safelog';`],
    ['require', 'program.cjs', `const ${names} = require('safelog');`],
  ])('by %s', async (how, file, head) => {
    writeFileSync(join(folder, file), head + body);
    await run(process.execPath, [file, `${how}.log`]);
    expect(readFileSync(join(folder, `${how}.log`), 'utf8')).toBe(`INFO web.db ${file}:7 took 12 ms: é😀\n`);
  });

  test.each([
    ['import', 'logs.mjs', "import { getLog } from 'safelog';"],
    ['require', 'logs.cjs', "const { getLog } = require('safelog');"],
  ])('getLog by %s, the command beside it', async (how, file, head) => {
    writeFileSync(join(folder, file), `${head} getLog().warning('{} é😀', 12);`);
    const env = { PATH: process.env.PATH, HOME: folder, SAFELOG_ROOT: join(folder, how), SAFELOG_SOCKET: '-' };
    const safelog = async (...args: string[]) => (await promisify(execFile)(process.execPath, args, { cwd: folder, env })).stdout;
    await safelog(file);
    await safelog('node_modules/.bin/safelog', 'log', '--module', 'shell', 'from a script');
    const rows = (await safelog('node_modules/.bin/safelog', 'cat', '--format', 'jsonl')).trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row) as object)).toMatchObject([
      { module: 'logs', level: 'WARNING', message: '12 é😀' },
      { module: 'shell', level: 'DEBUG', message: 'from a script' },
    ]);
  });

  test.each([
    ['import', 'bridges.mjs', "import pino from 'safelog/pino'; import SafelogTransport from 'safelog/winston';"],
    [
      'require',
      'bridges.cjs',
      "const { default: pino } = require('safelog/pino'); const { SafelogTransport } = require('safelog/winston');",
    ],
  ])('the transports by %s, where neither pino nor winston is installed', async (how, file, head) => {
    writeFileSync(
      join(folder, file),
      `${head}
      pino().end('{"level":40,"time":1780000000000,"pid":5,"name":"shop","msg":"by pino"}\\n');
      const winston = new SafelogTransport({ module: 'tills' });
      winston.log({ level: 'error', message: 'by winston' }, () => winston.end());`,
    );
    const root = join(folder, `bridges-${how}`);
    const env = { PATH: process.env.PATH, HOME: folder, SAFELOG_ROOT: root, SAFELOG_SOCKET: '-' };
    await promisify(execFile)(process.execPath, [file], { cwd: folder, env });
    const [user = ''] = readdirSync(root).filter((name) => !name.startsWith('.'));
    expect(readFileSync(join(root, user, 'shop.log'), 'utf8')).toMatch(/ WARNING \[shop 5 - -\] by pino\n$/);
    expect(readFileSync(join(root, user, 'tills.log'), 'utf8')).toMatch(/ ERROR .*by winston\n$/);
  });

  test('koffi is all that it brings', () => {
    const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.') && !name.startsWith('@koromix'));
    expect(installed.filter((name) => name !== '@types')).toEqual(['koffi', 'safelog']);
  });

  test('its types hold', async () => {
    const types = join(project, 'node_modules/@types');
    writeFileSync(
      join(folder, 'program.mts'),
      `import { ConcurrentTimedRotatingFileHandler, Formatter, getLog, getLogger, Handler, type Log, type LogRecord } from 'safelog';
       const log: Log = getLog({ filename: 'x', level: 'INFO' });
       log('text', { verbose: true });
       log.error('{} of {total}', 3, { total: 7 });
       const sum: number = log.exceptions(() => 1 + 1);
       void [sum, log.flush()];
       // @ts-expect-error: there is no such option.
       getLog({ name: 'x' });
       class Mine extends Handler { override emit(record: LogRecord): void { console.log(this.format(record)); } }
       const handler = new ConcurrentTimedRotatingFileHandler('a.log', { when: 'midnight', atTime: '02:30', useGzip: true, syncLevel: 'ERROR' });
       handler.setFormatter(new Formatter('%(message)s', { datefmt: '%H' }));
       getLogger('a').addHandler(new Mine('INFO'));
       const flushed: Promise<void> = handler.flush();
       void flushed;
       // @ts-expect-error: there is no such argument.
       new ConcurrentTimedRotatingFileHandler('a.log', { backups: 3 });
       // @ts-expect-error: it wants text.
       getLogger(7);
      `,
    );
    const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--module', 'nodenext'];
    const tsc = [join(project, 'node_modules/typescript/bin/tsc'), ...options, '--typeRoots', types, '--types', 'node', 'program.mts'];
    expect(await run(process.execPath, tsc).catch((error: { stdout?: string }) => error.stdout)).toBe('');
  });
});
