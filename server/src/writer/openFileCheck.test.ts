import { appendFileSync, closeSync, mkdtempSync, openSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadStatx, makeOpenFileCheck, type OpenFileCheck, PortableCheck, StatxCheck } from './openFileCheck.ts';

test.runIf(process.platform === 'linux')('Linux has the fast one', () => {
  expect(makeOpenFileCheck('/')).toBeInstanceOf(StatxCheck);
});

const kinds: [string, (path: string) => OpenFileCheck | null][] = [
  ['the portable check', (path) => new PortableCheck(path)],
  ['the check by statx', (path) => (loadStatx() ? makeOpenFileCheck(path) : null)],
];

test.each(kinds)('%s notices that the path leads to another file, and knows the size', (_, make) => {
  const folder = mkdtempSync(join(tmpdir(), 'safelog-check-é '));
  const path = join(folder, 'app.log');
  const check = make(path);
  if (!check) return;
  try {
    writeFileSync(path, '12345');
    const fd = openSync(path, 'a');
    check.remember(fd);
    expect([check.isStillThere(), check.size]).toEqual([true, 5]);
    appendFileSync(path, '678');
    expect([check.isStillThere(), check.size]).toEqual([true, 8]);
    truncateSync(path, 5 * 2 ** 32 + 7);
    expect([check.isStillThere(), check.size]).toEqual([true, 5 * 2 ** 32 + 7]);
    renameSync(path, `${path}.1`);
    expect(check.isStillThere()).toBe(false);
    writeFileSync(path, '1');
    expect(check.isStillThere()).toBe(false);
    renameSync(`${path}.1`, path);
    expect(check.isStillThere()).toBe(true);
    rmSync(path);
    expect(check.isStillThere()).toBe(false);
    closeSync(fd);
    expect(() => check.remember(fd)).toThrow('EBADF');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
