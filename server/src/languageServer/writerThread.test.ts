import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DebugEntry, Problem } from '../protocol.ts';
import { WriterThread } from './writerThread.ts';

let root: string;
let problems: Problem[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-thread-'));
  problems = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const start = () => new WriterThread(root, (problem) => problems.push(problem));
const entry = { user: 'alice', module: 'web', mask: [] };
const entries: DebugEntry[] = [{ level: 'INFO', text: 'hello', time: 1_763_679_360_406_171 }];

test('writes both lines, and is not usable after it was closed', async () => {
  const thread = start();
  await thread.write({ ...entry, entries });
  expect(readFileSync(join(root, 'alice/web.log'), 'utf8')).toBe('2025-11-20 22:56:00.406171+00:00 INFO hello\n');
  expect(readFileSync(join(root, 'alice/master.log'), 'utf8')).toBe('2025-11-20 22:56:00.406171+00:00 web.log INFO hello\n');
  expect(thread.isUsable).toBe(true);
  await thread.close();
  await thread.close();
  expect(thread.isUsable).toBe(false);
  expect(problems).toEqual([]);
});

test('a thread that dies rejects what waits for an answer, and says that it cannot be used any more', async () => {
  const thread = start();
  const good = thread.write({ ...entry, entries });
  const bad = thread.write({ ...entry, entries: null as never });
  const after = thread.write({ ...entry, entries });
  await expect(good).resolves.toBeUndefined();
  await expect(bad).rejects.toThrow(/iterable/);
  await expect(after).rejects.toThrow(/iterable/);
  expect(thread.isUsable).toBe(false);
  await thread.close();
});

test('what cannot be written is told, and the thread goes on', async () => {
  const thread = start();
  await thread.write({ ...entry, user: '../alice', entries });
  await thread.write({ ...entry, entries });
  expect(problems.map(({ message }) => message)).toEqual(Array(2).fill('cannot write: the name is not one of a log in the tree'));
  expect(new Set(problems.map(({ path }) => path)).size).toBe(2);
  await thread.close();
  expect(readFileSync(join(root, 'alice/web.log'), 'utf8')).toMatch(/hello/);
});
