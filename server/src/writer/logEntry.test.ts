import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logEntry } from './logEntry.ts';
import { TreeWriter } from './treeWriter.ts';

let root: string;
let writer: TreeWriter;
const log = (name: string) => readFileSync(join(root, name), 'utf8');
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-entry-'));
  writer = new TreeWriter({ root });
});
afterEach(() => {
  writer.close();
  rmSync(root, { recursive: true, force: true });
});

const time = Date.UTC(2026, 10, 20, 22, 56, 0) * 1000 + 406171;

test('writes both lines as Safelog does', () => {
  expect(logEntry(writer, { user: 'alice', module: 'demo', level: 'DEBUG', text: 'log this safely', time })).toBe(true);
  expect(logEntry(writer, { user: 'alice', module: 'demo', level: null, text: 'two\nlines', time: time - 406171 })).toBe(true);
  expect(log('alice/demo.log')).toBe('2026-11-20 22:56:00.406171+00:00 DEBUG log this safely\n2026-11-20 22:56:00+00:00 two\nlines\n');
  expect(log('alice/master.log')).toBe(
    '2026-11-20 22:56:00.406171+00:00 demo.log DEBUG log this safely\n2026-11-20 22:56:00+00:00 demo.log two\nlines\n',
  );
});

test('an entry of master itself is written once', () => {
  expect(logEntry(writer, { user: 'alice', module: 'master', level: 'ERROR', text: 'x', time })).toBe(true);
  expect(log('alice/master.log')).toBe('2026-11-20 22:56:00.406171+00:00 ERROR x\n');
});

test('takes the time itself: the master line is not older than the line of the module', () => {
  const before = Date.now();
  logEntry(writer, { user: 'alice', module: 'demo', level: 'INFO', text: 'now' });
  const stamp = (line: string) => Date.parse(`${line.slice(0, 10)}T${line.slice(11).split(' ')[0]}`);
  const [first, second] = [stamp(log('alice/demo.log')), stamp(log('alice/master.log'))];
  expect(first).toBeGreaterThanOrEqual(before);
  expect(second).toBeGreaterThanOrEqual(first);
  expect(second).toBeLessThanOrEqual(Date.now());
});

test('says false when one of the two could not be written', () => {
  expect(logEntry(writer, { user: 'alice', module: '../x', level: 'INFO', text: 'x' })).toBe(false);
});
