import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from './buildProgram.ts';
import { hasStrace } from './hasStrace.ts';

let tools: string;
let writer: string;
beforeAll(async () => {
  ({ folder: tools, path: writer } = await buildProgram('faultyWriter.ts'));
});
afterAll(() => rmSync(tools, { recursive: true, force: true }));

const canTrace = hasStrace('the fault tests');

describe.runIf(canTrace)('a system call fails for a while: every record is in the log once, in order, and the error was said', () => {
  // `when` is FIRST..LAST of the calls of that name on these files.
  test.each([
    ['flock', 'ENOLCK', '9..14'],
    ['flock', 'ESTALE', '9..14'],
    // Node has no name for it.
    ['write', 'ESTALE', '6..9', 'UNKNOWN'],
    ['write', 'ENOSPC', '6..9'],
    ['write', 'EIO', '6..9'],
    ['openat', 'EACCES', '4..7'],
    ['openat', 'EMFILE', '4..7'],
    ['rename', 'EACCES', '2..4'],
    ['rename', 'EBUSY', '2..4'],
  ] satisfies [call: string, code: string, when: string, told?: string][])('%s: %s', async (call, code, when, told = code) => {
    const folder = mkdtempSync(join(tmpdir(), 'safelog-faults-'));
    try {
      const log = join(folder, 'app.log');
      const locks = join(folder, 'locks');
      mkdirSync(locks);
      const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${code}:when=${when}`];
      const paths = ['-P', log, '-P', join(locks, '.__app.lock')];
      const program = [process.execPath, writer, log, locks, '30'];
      const { stdout } = await promisify(execFile)('strace', ['-o', '/dev/null', ...paths, ...inject, ...program]);
      const codes: unknown = JSON.parse(stdout);
      expect(codes).toContain(told);
      const age = (name: string) => Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
      const names = readdirSync(folder)
        .filter((name) => name.startsWith('app.log'))
        .sort((a, b) => age(b) - age(a));
      const text = names.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
      expect(text).toBe(Array.from({ length: 30 }, (_, i) => `${String(i).padStart(9, '0')}\n`).join(''));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
