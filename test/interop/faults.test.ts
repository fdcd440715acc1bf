import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let tools: string;
beforeAll(async () => {
  // Inside of the project, so that the writer finds koffi.
  tools = mkdtempSync(join(import.meta.dirname, '../../node_modules/.safelog-interop-'));
  const entry = join(import.meta.dirname, 'faultyWriter.ts');
  await build({
    entryPoints: [entry],
    outfile: join(tools, 'writer.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
  });
});
afterAll(() => rmSync(tools, { recursive: true, force: true }));

const hasStrace = (() => {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    console.error('!!! strace cannot run here (apt-get install strace): the fault tests are skipped');
    return Boolean(process.env.CI);
  }
})();

describe.runIf(hasStrace)('a system call fails for a while: every record is in the log once, in order, and the error was said', () => {
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
      const program = [process.execPath, join(tools, 'writer.mjs'), log, locks, '30'];
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
