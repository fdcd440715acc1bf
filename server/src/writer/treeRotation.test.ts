import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PublishedRotation, publishRotation } from './treeRotation.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'safelog-rotation-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const full = {
  maxBytes: 1000,
  backupCount: 3,
  useGzip: true,
  schedule: { when: 'midnight', interval: 2 },
  lockFileDirectory: '/locks',
};

test('what one publishes, another reads; the same object until it changes', () => {
  const published = new PublishedRotation(root);
  const none = published.current();
  expect(none).toEqual({});
  publishRotation(root, full);
  const first = published.current();
  expect(first).toEqual(full);
  expect(published.current()).toBe(first);
  publishRotation(root, {});
  expect(published.current()).toEqual({ maxBytes: 0, backupCount: 0, useGzip: false, schedule: undefined, lockFileDirectory: undefined });
  expect(readdirSync(join(root, '.safelog'))).toEqual(['rotation.json']);
});

test.each([
  ['{', 'no JSON'],
  ['[]', 'no rotation'],
  [JSON.stringify({ maxBytes: -1, backupCount: 1 }), 'a negative size'],
  [JSON.stringify({ maxBytes: 1, backupCount: 1, when: 'never', interval: 1 }), 'no schedule'],
  [JSON.stringify({ maxBytes: 1, backupCount: 1 }).padEnd(5000), 'too long'],
])('%s counts as none: %s', (text) => {
  mkdirSync(join(root, '.safelog'));
  writeFileSync(join(root, '.safelog/rotation.json'), text);
  expect(new PublishedRotation(root).current()).toEqual({});
});

test('a root that cannot be is no error: the write says so', () => {
  writeFileSync(join(root, 'file'), '');
  expect(new PublishedRotation(join(root, 'file/tree')).current()).toEqual({});
});

test('neither a link nor a relative folder of locks is followed', () => {
  mkdirSync(join(root, '.safelog'));
  writeFileSync(join(root, 'elsewhere'), JSON.stringify({ maxBytes: 1, backupCount: 1 }));
  symlinkSync('../elsewhere', join(root, '.safelog/rotation.json'));
  expect(new PublishedRotation(root).current()).toEqual({});
  publishRotation(root, { maxBytes: 5, lockFileDirectory: 'relative' });
  expect(new PublishedRotation(root).current()).toMatchObject({ maxBytes: 5, lockFileDirectory: undefined });
});

test.skipIf(process.getuid?.() !== 0)('what a stranger has written is not believed', () => {
  publishRotation(root, full);
  chownSync(join(root, '.safelog/rotation.json'), 12345, 12345);
  expect(new PublishedRotation(root).current()).toEqual({});
  // The tree is theirs.
  chownSync(root, 12345, 12345);
  expect(new PublishedRotation(root).current()).toEqual(full);
});
