import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BasicConfigOptions, basicConfig } from './basicConfig.ts';
import { FileHandler } from './fileHandler.ts';
import { Formatter } from './formatter.ts';
import type { Handler } from './handler.ts';
import { Logger } from './logger.ts';
import { getLogger } from './manager.ts';
import * as rootFunctions from './rootFunctions.ts';
import { StreamHandler } from './streamHandler.ts';
import { askPython } from './testing/python.ts';

const root = getLogger();
let folder: string;
let kept: Handler[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-'));
  kept = root.handlers.splice(0);
  root.setLevel('WARNING');
});
afterEach(() => {
  for (const handler of root.handlers.splice(0)) handler.close();
  root.handlers.push(...kept);
  root.setLevel('WARNING');
  rmSync(folder, { recursive: true, force: true });
});

test.each<[string, BasicConfigOptions, Record<string, unknown>]>([
  ['nothing', {}, {}],
  ['a style', { style: '{' }, { style: '{' }],
  ['another style', { style: '$' }, { style: '$' }],
  [
    'a format and a date',
    { format: '%(asctime)s %(message)s', datefmt: '%Y', level: 'INFO' },
    { format: '%(asctime)s %(message)s', datefmt: '%Y', level: 'INFO' },
  ],
  ['a level by number', { level: 57 }, { level: 57 }],
])('a stream with %s, as in Python', (_, options, kwargs) => {
  let ours = '';
  basicConfig({ ...options, stream: { write: (text: string) => (ours += text) } });
  for (const level of [10, 20, 30, 57]) root.log(level, 'text %d', level);
  const expected = askPython<string>(
    `
import io, json, logging, sys
stream = io.StringIO()
logging.basicConfig(stream=stream, **json.load(sys.stdin))
for level in [10, 20, 30, 57]: logging.getLogger().log(level, 'text %d', level)
print(json.dumps(stream.getvalue()))`,
    kwargs,
  );
  expect(ours).toBe(expected);
  expect(ours).not.toBe('');
});

test('stderr by default; nothing where the root has a handler, unless it is forced', () => {
  basicConfig();
  const [first] = root.handlers;
  expect((first as StreamHandler).stream).toBe(process.stderr);
  basicConfig({ level: 'DEBUG', filename: join(folder, 'x.log') });
  expect(root.handlers).toEqual([first]);
  expect(root.level).toBe(30);
  basicConfig({ level: 'DEBUG', filename: join(folder, 'x.log'), force: true });
  expect(root.handlers).toHaveLength(1);
  expect(root.handlers[0]).toBeInstanceOf(FileHandler);
  expect(root.level).toBe(10);
});

test('a file: its mode, its encoding, and what that has no bytes for', () => {
  const path = join(folder, 'x.log');
  writeFileSync(path, 'before\n');
  basicConfig({ filename: path, format: '%(message)s', encoding: 'ascii' });
  root.error('ünï');
  basicConfig({ filename: path, filemode: 'w', format: '%(message)s', encoding: 'ascii', errors: 'ignore', force: true });
  expect(readFileSync(path, 'utf8')).toBe('');
  root.error('ünï');
  expect(readFileSync(path, 'utf8')).toBe('n\n');
  basicConfig({ filename: path, format: '%(message)s', force: true });
  root.error('😀');
  expect(readFileSync(path, 'utf8')).toBe('n\n😀\n');
});

test('handlers that are given get the formatter, where they have none', () => {
  const own = new Formatter('own %(message)s');
  const [one, two] = [new StreamHandler(), new StreamHandler()];
  two.setFormatter(own);
  basicConfig({ handlers: [one, two] });
  expect(root.handlers).toEqual([one, two]);
  expect(two.formatter).toBe(own);
  expect(one.formatter).not.toBe(null);
});

test.each<[string, object]>([
  ['stream and filename', { stream: process.stderr, filename: 'x' }],
  ['stream and handlers', { stream: process.stderr, handlers: [] }],
  ['filename and handlers', { filename: 'x', handlers: [] }],
  ['what there is not', { loglevel: 'INFO' }],
  ['a style that there is not', { style: 'x' }],
])('%s is refused', (_, options) => {
  expect(() => basicConfig(options)).toThrow(RangeError);
  expect(root.handlers).toEqual([]);
});

test('the functions that log to the root give it a handler', () => {
  const lines: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = ((text: string) => lines.push(text)) as never;
  try {
    rootFunctions.debug('never');
    rootFunctions.warning('%d', 1);
    rootFunctions.error('two');
    rootFunctions.critical('three');
    rootFunctions.log('ERROR', 'four');
    rootFunctions.exception(new Error('five'));
    root.setLevel('DEBUG');
    rootFunctions.info('six');
  } finally {
    process.stderr.write = write;
  }
  expect(root.handlers).toHaveLength(1);
  expect(lines.map((line) => line.split('\n')[0])).toEqual([
    ...['WARNING:root:1', 'ERROR:root:two', 'CRITICAL:root:three', 'ERROR:root:four', 'ERROR:root:Error: five', 'INFO:root:six'],
  ]);
  expect(root).toBeInstanceOf(Logger);
});
