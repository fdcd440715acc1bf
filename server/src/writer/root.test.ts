import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultRoot, userName } from './root.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog-root-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('SAFELOG_ROOT comes first, and is made absolute', () => {
  expect(defaultRoot({ SAFELOG_ROOT: '/some/where' }, folder)).toBe('/some/where');
  expect(defaultRoot({ SAFELOG_ROOT: 'logs' }, folder)).toBe(join(process.cwd(), 'logs'));
});

test('the system root where it is usable', () => {
  expect(defaultRoot({ HOME: '/home/alice' }, folder)).toBe(folder);
});

test('else the state directory of the user', () => {
  const absent = join(folder, 'absent');
  expect(defaultRoot({ HOME: '/home/alice' }, absent)).toBe('/home/alice/.local/state/safelog');
  expect(defaultRoot({ HOME: '/home/alice', XDG_STATE_HOME: '/state' }, absent)).toBe('/state/safelog');
  expect(defaultRoot({ HOME: '/home/alice', XDG_STATE_HOME: 'relative' }, absent)).toBe('/home/alice/.local/state/safelog');
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(defaultRoot({ HOME: '/home/alice' }, file)).toBe('/home/alice/.local/state/safelog');
});

// root may write everywhere: the check runs as another user, which only root can become.
test.runIf(process.geteuid?.() === 0)("without write permission the root is usable only where the user's own directory is", async () => {
  chmodSync(folder, 0o755);
  const { outputFiles } = await build({
    stdin: {
      contents: `import { defaultRoot } from './root.ts'; process.stdout.write(defaultRoot({ HOME: '/h', SAFELOG_USER: 'u' }, process.argv[1]));`,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    write: false,
  });
  const ask = () =>
    execFileSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', outputFiles[0]!.text, folder], {
      encoding: 'utf8',
      cwd: '/',
    });
  expect(ask()).toBe('/h/.local/state/safelog');
  mkdirSync(join(folder, 'u'));
  chownSync(join(folder, 'u'), 65534, 65534);
  expect(ask()).toBe(folder);
});

test('the user is that of the effective uid, or SAFELOG_USER', () => {
  expect(userName({})).toBe(execFileSync('id', ['-un'], { encoding: 'utf8' }).trim());
  expect(userName({ SAFELOG_USER: 'bob' })).toBe('bob');
});
