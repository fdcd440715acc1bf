/** Trees of many layouts, as `cat` shows them. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { rowsOf, useTestTree } from './testTree.ts';

const tree = useTestTree();
const put = (name: string, content: string | Uint8Array): void => tree.put(`alice/${name}`, content);
const cat = (...args: string[]) => tree.run('cat', '--tz', 'UTC', ...args);
const entries = async (...args: string[]): Promise<string[]> =>
  rowsOf((await cat('--format', 'jsonl', ...args)).stdout).map(({ time, module, level, message }) =>
    [time, module, level, message].join('|'),
  );

test('programs with layouts of their own make one timeline', async () => {
  cpSync(join(import.meta.dirname, '../../../test/fixtures/layouts'), join(tree.root, 'alice'), { recursive: true });
  put('web.log', '192.0.2.1 - - [21/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 500 0\n');
  put('old.log.1.gz', gzipSync('21.11.2026 09:00:00 INFO a\nmore\n21.11.2026 09:00:01 ERROR b\n'));
  put('old.log', '21.11.2026 09:00:02 INFO c\n');
  expect((await cat('--count')).stdout).toBe('18\n');
  expect((await entries('--until', '2026-11-21T09:15:00Z')).sort()).toEqual([
    '2026-11-21T09:00:00.000000Z|old|INFO|a\nmore',
    '2026-11-21T09:00:00.000000Z|web|ERROR|192.0.2.1 - - [21/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 500 0',
    '2026-11-21T09:00:01.000000Z|old|ERROR|b',
    '2026-11-21T09:00:02.000000Z|old|INFO|c',
  ]);
  // What is decoded is found as it is shown.
  expect((await cat('--text', 'request "done"', '--count')).stdout).toBe('1\n');
});

test('records without a time have that of their file, or of the one before them', async () => {
  put('a.log', '{"level":"info","message":"a","timestamp":"2026-11-20T10:00:00Z"}\n{"level":"error","message":"b"}\n');
  expect(await entries()).toEqual(['2026-11-20T10:00:00.000000Z|a|INFO|a', '2026-11-20T10:00:00.000000Z|a|ERROR|b']);
  put('a.log', 'WARNING:root:a\nTraceback (most recent call last):\nKeyError\nINFO:root:b\n');
  expect((await entries()).map((entry) => entry.slice(entry.indexOf('|')))).toEqual([
    '|a|WARNING|a\nTraceback (most recent call last):\nKeyError',
    '|a|INFO|b',
  ]);
});

test('a long line of JSON has its time behind the message', async () => {
  const long = 'x'.repeat(300_000);
  put('a.log', `{"message":"${long}","level":"error","timestamp":"2026-11-20T10:00:00Z"}\n`.repeat(3));
  expect(await entries()).toEqual(Array(3).fill(`2026-11-20T10:00:00.000000Z|a|ERROR|${long}`));
});

test('a layout can be given', async () => {
  put('hours.log', '22:56:00 x INFO a\n22:56:01 x ERROR b\n');
  const rule = 'hours.log=%(asctime)s %(name)s %(levelname)s %(message)s;datefmt=%H:%M:%S';
  expect((await entries('--layout', rule)).map((entry) => entry.slice(11))).toEqual([
    '22:56:00.000000Z|hours|INFO|a',
    '22:56:01.000000Z|hours|ERROR|b',
  ]);
  const { code, stderr } = await cat('--layout', 'hours.log=csv');
  expect(code).toBe(2);
  expect(stderr).toContain('--layout: "csv" is no layout');
});
