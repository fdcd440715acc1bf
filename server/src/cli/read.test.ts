import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { fields } from '../timeline/query/syntax.ts';
import { rowsOf, useTestTree } from './testTree.ts';

const captured = join(import.meta.dirname, '../../../test/fixtures/safelog/tree');
const tree = useTestTree();
const { put } = tree;
const cat = (...args: string[]) => tree.run('cat', ...args);

describe('what looks like some words', () => {
  test('misspelt ones too; the best first, of equal ones the newest', async () => {
    const line = (second: number, text: string) => `2026-11-20 22:56:${String(second).padStart(2, '0')}+00:00 INFO ${text}\n`;
    put(
      'alice/web.log',
      [
        line(1, 'connection to the database was refused'),
        line(2, 'connecting people'),
        line(3, 'Connection refused: database'),
        line(4, 'refund the connection, a base'),
        line(5, 'all is well'),
      ].join(''),
    );
    const messages = async (...args: string[]) => rowsOf((await cat('--format', 'jsonl', ...args)).stdout).map(({ message }) => message);
    expect((await messages('--like', 'conection refused')).slice(0, 2).sort()).toEqual([
      'Connection refused: database',
      'connection to the database was refused',
    ]);
    expect(await messages('--like', 'conection refused', '--until', '2026-11-20T22:56:02Z')).toEqual([
      'connection to the database was refused',
    ]);
    expect(await cat('--like', 'nothing (like) this/')).toMatchObject({ code: 1, stdout: '', stderr: '' });
    expect((await cat('--like', 'x', '--count')).code).toBe(2);
  });
});

describe('the captured tree', () => {
  test('each entry once; the text is the records as they are', async () => {
    tree.root = captured;
    expect((await cat('--count')).stdout).toBe('57\n');
    const { stdout } = await cat();
    expect(stdout.split('\n').filter((line) => line.startsWith('2026-'))).toHaveLength(57);
    expect(stdout).toContain('nul[\0] kept?');
    expect(stdout).toContain('cr[\r] tab[\t] esc[\x1b]');
  });
  test('jsonl rows', async () => {
    tree.root = captured;
    const [first] = rowsOf((await cat('--format', 'jsonl')).stdout);
    expect(JSON.stringify(first)).toBe(
      '{"time":"2026-11-20T22:56:00.406171Z","user":"alice","module":"demo","level":"DEBUG","message":"log this safely","file":"alice/demo.log","line":1}',
    );
    const trailing = rowsOf((await cat('--format', 'jsonl', '--text', 'trailing newline')).stdout);
    expect(trailing).toMatchObject([{ message: 'trailing newline' }]);
  });
  test('what a source block says are keys of their own', async () => {
    const stamp = '2026-11-20 22:56:00+00:00';
    const line = 'INFO [web.db 4711 Main%20Thread app/db.py:42 {"k":1}] text';
    put('alice/web.log', `${stamp} ${line}\n${stamp} INFO plain\n${stamp} INFO [- - - -] [a 1 b c:1] x\n`);
    put('alice/master.log', `${stamp} web.log ${line}\n`);
    const rows = rowsOf((await cat('--format', 'jsonl')).stdout);
    const known = { time: '2026-11-20T22:56:00.000000Z', user: 'alice', module: 'web', level: 'INFO' };
    expect(rows).toEqual([
      {
        ...known,
        message: 'text',
        file: 'alice/web.log',
        line: 1,
        logger: 'web.db',
        pid: 4711,
        thread: 'Main Thread',
        source: 'app/db.py:42',
        extra: { k: 1 },
      },
      { ...known, message: 'plain', file: 'alice/web.log', line: 2 },
      { ...known, message: '[a 1 b c:1] x', file: 'alice/web.log', line: 3 },
    ]);
  });
  test('stats count as cat does', async () => {
    tree.root = captured;
    const stats = rowsOf((await tree.run('stats', '--format', 'jsonl')).stdout);
    expect(stats.at(-1)).toMatchObject({ total: { records: 57, exceptions: 5 } });
    expect(stats.find(({ module }) => module === 'demo')).toMatchObject({ user: 'alice', records: 40, levels: { WARNING: 2, ERROR: 2 } });
  });
});

test('stats have a row for each module, also where it has no records of its own', async () => {
  put('alice/web.log', '2026-11-20 10:00:00+00:00 INFO one\n');
  put('alice/master.log', '2026-11-20 10:00:00.1+00:00 web.log INFO one\n');
  put('alice/empty.log', '');
  const stats = async (...args: string[]) => rowsOf((await tree.run('stats', '--format', 'jsonl', ...args)).stdout);
  const none = { records: 0, generations: 1, levels: {}, exceptions: 0, first: null, last: null };
  const all = await stats();
  expect(all).toMatchObject([
    { module: 'empty', ...none, bytes: 0 },
    { module: 'master', ...none, bytes: 45 },
    { module: 'web', records: 1, generations: 1 },
    { total: { records: 1, generations: 3 } },
  ]);
  expect((await stats('--level', 'INFO')).map(({ module }) => module)).toEqual(['web', undefined]);
});

describe('filters', () => {
  beforeEach(() => {
    put('alice/web.log', '2026-11-20 10:00:00+00:00 INFO one\n2026-11-20 10:00:01+00:00 ERROR two\n2026-11-20 10:00:02+00:00 three\n');
    put('alice/web.db.log', '2026-11-20 10:00:01.5+00:00 WARNING on\n  two lines\n');
    put('bob/web.log', '2026-11-20 10:00:03+00:00 Level 35 four\n');
  });
  test.each([
    [
      ['--level', 'WARNING'],
      ['two', 'on\n  two lines', 'four'],
    ],
    [['--level', '36'], ['two']],
    [
      ['--level', 'Level 35'],
      ['two', 'four'],
    ],
    [['--user', 'bob'], ['four']],
    [['--user', 'bob', '--user', 'alice', '--module', 'web.*'], ['on\n  two lines']],
    [
      ['--module', 'web'],
      ['one', 'two', 'three', 'four'],
    ],
    [
      ['--module', 'w?b'],
      ['one', 'two', 'three', 'four'],
    ],
    [
      ['--since', '2026-11-20T10:00:01Z', '--until', '2026-11-20T10:00:02Z'],
      ['two', 'on\n  two lines'],
    ],
    [['--grep', '^t.*e$'], ['three']],
    [['--grep', 'on\\n\\s+two'], ['on\n  two lines']],
    [['--text', 'two', '--level', 'ERROR'], ['two']],
    [
      ['--query', 'level>=warning -(module:web user:bob)'],
      ['two', 'on\n  two lines'],
    ],
    [
      ['--query', 'TWO or on', '--user', 'alice'],
      ['one', 'on\n  two lines'],
    ],
    [['--query', 'after:11:00:02', '--tz', 'Europe/Zurich', '--user', 'alice'], ['three']],
    [
      ['--since', '2026-11-20T11:00:01', '--tz', 'Europe/Zurich', '--user', 'alice'],
      ['two', 'on\n  two lines', 'three'],
    ],
  ])('%j', async (args, expected) => {
    const { stdout, code } = await cat('--format', 'jsonl', ...args);
    expect(rowsOf(stdout).map(({ message }) => message)).toEqual(expected);
    expect(code).toBe(0);
  });
  test('a bad query is marked where it is wrong', async () => {
    const told = (query: string, mark: string, problem: string): string =>
      `safelog cat: --query: ${problem}\n  ${query}\n  ${mark}\nTry 'safelog cat --help'.\n`;
    const modul =
      'there is no field "modul"; expected level, user, module, text, has, is, after, since, before or until, or quotation marks around a text';
    expect(await cat('--query', 'ü\t modul:web')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: told('ü\\x09 modul:web', '      ^~~~~', modul),
    });
    expect((await cat('--query', 'a level>=')).stderr).toContain('\n  a level>=\n           ^\n');
    expect((await tree.run('tail', '--query', 'has:it')).code).toBe(2);
    expect((await cat('--query', '-has:exception')).stderr).toMatch(
      /^safelog cat: [^\n\\]*--query=-XYZ[^\n]*\nTry 'safelog cat --help'\.\n$/,
    );
  });
  test('tail and stats take queries, too', async () => {
    const tail = await tree.run('tail', '--query', 'two', '-n', '1', '--format', 'jsonl');
    expect(rowsOf(tail.stdout).map(({ message }) => message)).toEqual(['on\n  two lines']);
    const stats = await tree.run('stats', '--query', 'two', '--format', 'jsonl');
    expect(rowsOf(stats.stdout).at(-1)).toMatchObject({ total: { records: 2 } });
  });
  test('context: neighbours in the same log', async () => {
    put('alice/db.log', [0, 1, 2, 3, 4, 5, 6].map((n) => `2026-11-20 10:00:0${n}.5+00:00 INFO step ${n}\n`).join(''));
    const steps = (...args: string[]) => cat('--module', 'db', '--user', 'alice', '--query', '"step 1" or "step 5"', ...args);
    const text = (stdout: string): string => stdout.replaceAll(/^2026.*(?:INFO step |ERROR )/gm, '');
    expect(text((await steps('-C', '1')).stdout)).toBe('0\n1\n2\n--\n4\n5\n6\n');
    expect(text((await steps('--context', '2')).stdout)).toBe('0\n1\n2\n3\n4\n5\n6\n');
    expect((await steps('--context', '2', '--count')).stdout).toBe('2\n');
    const json = rowsOf((await steps('--context', '1', '--format', 'jsonl')).stdout);
    expect(json.map(({ message, context }) => [message, context])).toEqual(
      [0, 1, 2, 4, 5, 6].map((n) => [`step ${n}`, n === 1 || n === 5 ? undefined : true]),
    );
    expect((await cat('--context', 'all')).code).toBe(2);
    expect((await cat('--text', 'nowhere', '--context', '1')).code).toBe(1);
  });
  test('help on the query language', async () => {
    const { code, stdout } = await tree.command.run(['help', 'query']);
    expect(code).toBe(0);
    for (const field of fields) expect(stdout).toContain(`${field}:`.replace('level:', 'level>='));
    expect((await tree.command.run(['cat', '--help'])).stdout).toContain('safelog help query');
  });
  test('nothing matched: exit code 1', async () => {
    expect(await cat('--text', 'nowhere')).toMatchObject({ code: 1, stdout: '' });
    expect(await cat('--text', 'nowhere', '--count')).toMatchObject({ code: 1, stdout: '0\n' });
  });
  test.each([
    ['--grep', '('],
    ['--level', 'LOUD'],
    ['--since', 'soon'],
    ['--query', '('],
    ['--tz', 'Mars'],
    ['--format', 'xml'],
    ['--nonsense'],
    ['word'],
  ])('bad usage: exit code 2: %s %s', async (...args) => {
    const { code, stdout, stderr } = await cat(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('safelog cat');
  });
});

describe('a master.log whose lines name no module is an ordinary log', () => {
  test.each([
    ['2026-11-20 10:00:00,123 - root - ERROR - ho\n', 'ERROR', 'ho'],
    ['2026-11-20 10:00:00+00:00 WARNING hey\n', 'WARNING', 'hey'],
  ])('%s', async (line, level, message) => {
    put('alice/master.log', line);
    expect(rowsOf((await cat('--format', 'jsonl')).stdout)).toMatchObject([{ module: 'master', level, message }]);
  });
});

describe('bad input', () => {
  test('the output cannot be written', () => {
    put('alice/web.log', '2026-11-20 10:00:00+00:00 INFO one\n');
    const full = openSync('/dev/full', 'w');
    const { stderr, status } = spawnSync(process.execPath, [join(tree.command.folder, 'dist/cli.mjs'), 'cat', '--root', tree.root], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^safelog: cannot write: ENOSPC.*\n$/);
  });
  test('a root that is not there yet', async () => {
    const { code, stderr } = await tree.command.run(['cat', '--root', join(tree.root, 'nowhere')]);
    expect(code).toBe(1);
    expect(stderr).toContain('no such directory');
  });
  test('a line of 100 MB, in bounded memory', async () => {
    put(
      'alice/big.log',
      Buffer.concat([
        Buffer.from('2026-11-20 10:00:00+00:00 INFO '),
        Buffer.alloc(100 << 20, 'x'),
        Buffer.from('\n2026-11-20 10:00:01+00:00 INFO after\n'),
      ]),
    );
    expect((await cat('--count')).stdout).toBe('2\n');
    expect((await cat('--text', 'after', '--format', 'jsonl')).stdout).toContain('"line":2');
  });
  test('CRLF, NUL, invalid UTF-8, a byte order mark, no line end', async () => {
    put(
      'alice/a.log',
      Buffer.from('\ufeff2026-11-20 10:00:00+00:00 INFO one\r\n  more\r\n\r\n2026-11-20 10:00:01+00:00 INFO \0\xff', 'latin1').fill(
        '\xef\xbb\xbf',
        0,
        0,
      ),
    );
    put(
      'alice/b.log',
      Buffer.concat([
        Buffer.from([0xef, 0xbb, 0xbf]),
        Buffer.from('2026-11-20 10:00:02+00:00 INFO two\r\n  more\r\n\r\n2026-11-20 10:00:03+00:00 INFO \0'),
        Buffer.from([0xff]),
      ]),
    );
    const messages = rowsOf((await cat('--module', 'b', '--format', 'jsonl')).stdout).map(({ message }) => message);
    expect(messages).toEqual(['two\n  more', '\0\ufffd']);
  });
  test('a folder and a file that may not be read are said once; the rest is shown', () => {
    const folder = mkdtempSync(join(tmpdir(), 'safelog-denied-'));
    chmodSync(folder, 0o755);
    tree.root = folder;
    put('alice/web.log', '2026-11-20 10:00:00+00:00 INFO one\n');
    put('alice/secret.log', '2026-11-20 10:00:00+00:00 INFO secret\n');
    put('bob/web.log', '2026-11-20 10:00:00+00:00 INFO two\n');
    chmodSync(join(folder, 'alice/secret.log'), 0o600);
    chmodSync(join(folder, 'bob'), 0o700);
    // Root may read everything: then another user looks.
    const isRoot = process.getuid?.() === 0;
    if (!isRoot) {
      chmodSync(join(folder, 'alice/secret.log'), 0);
      chmodSync(join(folder, 'bob'), 0);
    }
    chmodSync(tree.command.folder, 0o755);
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(tree.command.folder, 'dist/cli.mjs'), 'cat', '--root', folder], {
      encoding: 'utf8',
      cwd: '/',
      env: { PATH: process.env.PATH },
      ...(isRoot && { uid: 65_534, gid: 65_534 }),
    });
    chmodSync(join(folder, 'bob'), 0o755);
    rmSync(folder, { recursive: true });
    expect(stdout).toBe('2026-11-20 10:00:00+00:00 INFO one\n');
    expect(stderr.match(/secret\.log cannot be read: permission denied/g)).toHaveLength(1);
    expect(stderr.match(/bob cannot be read: permission denied/g)).toHaveLength(1);
    expect(status).toBe(0);
  });
});

describe('tail', () => {
  test('-n', async () => {
    put('alice/web.log', Array.from({ length: 30 }, (_, i) => `2026-11-20 10:00:${String(i).padStart(2, '0')}+00:00 INFO ${i}\n`).join(''));
    const { stdout } = await tree.run('tail', '-n', '2');
    expect(stdout).toBe('2026-11-20 10:00:28+00:00 INFO 28\n2026-11-20 10:00:29+00:00 INFO 29\n');
  });
  test('-f through a rotation and a truncation, each entry once', async () => {
    const line = (i: number): string => `2026-11-20 10:00:00.${String(i).padStart(6, '0')}+00:00 INFO ${i}\n`;
    const path = join(tree.root, 'alice/web.log');
    put('alice/web.log', line(0));
    const tail = tree.command.start(['tail', '--root', tree.root, '-f']);
    const seen = (count: number): Promise<void> =>
      vi.waitFor(() => expect(tail.output.stdout).toBe(Array.from({ length: count }, (_, i) => line(i)).join('')), { timeout: 60_000 });
    await seen(1);
    for (let i = 1; i <= 500; i++) {
      appendFileSync(path, line(i));
      if (i === 200) renameSync(path, `${path}.1`);
      if (i === 300) {
        await seen(301);
        writeFileSync(path, '');
      }
    }
    await seen(501);
    tail.process.kill('SIGINT');
    expect((await tail.ended).code).toBe(0);
  });
  test('-f of a busy log that is compressed as soon as it is rotated, each entry once', async () => {
    const path = join(tree.root, 'alice/web.log');
    put('alice/web.log', '');
    const { process: tail, output, ended } = tree.command.start(['tail', '--root', tree.root, '-f', '-n', '0']);
    const line = (i: number): string => `2026-11-20 10:00:0${Math.floor(i / 1000)}.${String(i % 1000).padStart(3, '0')}+00:00 INFO ${i}\n`;
    // Follows from now on.
    await vi.waitFor(() => {
      appendFileSync(path, line(0));
      expect(output.stdout).toContain(' 0\n');
    }, 60_000);
    for (let i = 1; i <= 4000; i++) {
      appendFileSync(path, line(i));
      if (i % 200 === 0) {
        for (let n = 30; n > 0; n--) if (existsSync(`${path}.${n}.gz`)) renameSync(`${path}.${n}.gz`, `${path}.${n + 1}.gz`);
        renameSync(path, `${path}.1`);
        writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`)));
        rmSync(`${path}.1`);
      }
      if (i % 100 === 50) await sleep(10);
    }
    const numbers = (): number[] =>
      output.stdout
        .match(/\d+$/gm)
        ?.map(Number)
        .filter((i) => i > 0) ?? [];
    await vi.waitFor(() => expect(new Set(numbers()).size).toBe(4000), { timeout: 60_000, interval: 100 });
    tail.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    expect(numbers().sort((one, other) => one - other)).toEqual(Array.from({ length: 4000 }, (_, i) => i + 1));
  });
});
