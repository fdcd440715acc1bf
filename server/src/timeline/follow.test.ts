import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Follower, readEnd } from './follow.ts';

let folder: string;
let path: string;
let follower: Follower | undefined;
let text: string;
let restarts: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-follow-'));
  path = join(folder, 'demo.log');
  text = '';
  restarts = [];
});
afterEach(async () => {
  await follower?.close();
  rmSync(folder, { recursive: true });
});

async function follow(bytes = 1 << 20): Promise<string> {
  follower = new Follower(path, (more, restarted) => {
    text += more;
    if (restarted !== undefined) restarts.push(restarted);
  });
  return (await follower.start(bytes)).text;
}
const seen = (expected: string): Promise<void> => vi.waitFor(() => expect(text).toBe(expected), { timeout: 30_000, interval: 10 });

test('begins with the end of the file, from the beginning of a line on', async () => {
  writeFileSync(path, 'one\ntwo\nthree\n');
  expect(await follow(8)).toBe('three\n');
  appendFileSync(path, 'four\n');
  await seen('four\n');
});

test('a file that is not there yet', async () => {
  expect(await follow()).toBe('');
  writeFileSync(path, 'one\n');
  await seen('one\n');
  expect(restarts).toEqual(['created']);
});

test('rename and create: what was still written to the old file comes first', async () => {
  writeFileSync(path, 'one\n');
  await follow();
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, 'late\n');
  writeFileSync(path, 'two\n');
  await seen('late\ntwo\n');
  expect(restarts).toEqual(['rotated']);
});

test('copytruncate', async () => {
  writeFileSync(path, 'one\n');
  await follow();
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
  await vi.waitFor(() => expect(restarts).toEqual(['truncated']), { timeout: 30_000 });
  appendFileSync(path, 'two\n');
  await seen('two\n');
});

test('truncated and refilled beyond the old end before anyone looked', async () => {
  writeFileSync(path, 'one\n');
  await follow();
  writeFileSync(path, 'another content, and longer\n');
  await seen('another content, and longer\n');
  expect(restarts).toEqual(['truncated']);
});

test('generations that come and go between two looks: none of their lines is left out or told twice', async () => {
  const rotate = (compress: boolean): void => {
    for (const suffix of ['.gz', '']) {
      for (let n = 8; n > 0; n--) if (existsSync(`${path}.${n}${suffix}`)) renameSync(`${path}.${n}${suffix}`, `${path}.${n + 1}${suffix}`);
    }
    renameSync(path, `${path}.1`);
    if (!compress) return;
    writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`)));
    rmSync(`${path}.1`);
  };
  writeFileSync(path, 'before\n');
  rotate(true);
  writeFileSync(path, 'one\n');
  await follow();
  let expected = '';
  // All of it between two looks: nobody gets a turn.
  for (let i = 0; i < 6; i++) {
    appendFileSync(path, `end ${i}\n`);
    rotate(i !== 3);
    writeFileSync(path, `begin ${i}\n`);
    expected += `end ${i}\nbegin ${i}\n`;
  }
  await seen(expected);
  copyFileSync(path, `${path}.copy`);
  appendFileSync(path, 'late\n');
  rotate(true);
  await seen(`${expected}late\n`);
  writeFileSync(path, 'new\n');
  await seen(`${expected}late\nnew\n`);
});

test('copytruncate: what was written before the copy was taken', async () => {
  writeFileSync(path, 'one\n');
  await follow();
  appendFileSync(path, 'two\n');
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
  appendFileSync(path, 'three\n');
  await seen('two\nthree\n');
  expect(restarts).toEqual(['truncated']);
});

test('deleted and created', async () => {
  writeFileSync(path, 'one\n');
  await follow();
  rmSync(path);
  await vi.waitFor(() => expect(restarts).toEqual(['deleted']), { timeout: 30_000 });
  writeFileSync(path, 'two\n');
  await seen('two\n');
});

test('a character that is written in two halves', async () => {
  writeFileSync(path, 'a');
  await follow();
  const bytes = Buffer.from('✓\n');
  appendFileSync(path, bytes.subarray(0, 1));
  await new Promise((resolve) => setTimeout(resolve, 100));
  appendFileSync(path, bytes.subarray(1));
  await seen('✓\n');
});

test('the end of a gz', async () => {
  const gz = join(folder, 'demo.log.1.gz');
  writeFileSync(gz, gzipSync(Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join('')));
  const { text: end, size, cut, firstLine } = await readEnd(gz, 30);
  expect(end).toBe('line 99998\nline 99999\n');
  expect(cut).toBe(size - end.length);
  expect(firstLine).toBe(99_999);
  expect(await readEnd(gz, 1e9)).toMatchObject({ cut: 0, firstLine: 1 });
});
