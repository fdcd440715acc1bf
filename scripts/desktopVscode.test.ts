import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DesktopVscode, findDesktopVscode } from './desktopVscode.mjs';
import { groupLives } from './processes.mjs';

let folder: string;

/** Stands in for `code`, which is on no test machine: notes its arguments; with --wait it hands over to a process of another group. */
const standIn = `#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$NOTES"
[[ "$*" == *--wait* ]] || exit 0
setsid sleep 1000 &
echo $! > "$2/code.lock"
wait
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelog-code-'));
  await writeFile(join(folder, 'code'), standIn);
  await chmod(join(folder, 'code'), 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

describe('the installed VS Code', () => {
  it('is found in PATH by a user with a display, and not in a remote terminal, without a display, or as root', () => {
    const getuid = vi.spyOn(process, 'getuid').mockReturnValue(1000);
    try {
      const env = { PATH: `/nowhere:${folder}`, DISPLAY: ':0' };
      expect(findDesktopVscode(env)).toBe(join(folder, 'code'));
      expect(findDesktopVscode({ ...env, PATH: '/nowhere' })).toBeUndefined();
      expect(findDesktopVscode({ ...env, VSCODE_IPC_HOOK_CLI: '/run/socket' })).toBeUndefined();
      expect(findDesktopVscode({ PATH: env.PATH })).toBe(process.platform === 'linux' ? undefined : join(folder, 'code'));
      getuid.mockReturnValue(0);
      expect(findDesktopVscode(env)).toBeUndefined();
    } finally {
      getuid.mockRestore();
    }
  });

  it('gets directories of its own in every call, and is ended with what it handed over to', async () => {
    vi.stubEnv('NOTES', join(folder, 'notes'));
    const dataDir = join(folder, 'data');
    const options = { dataDir, vsix: '/x.vsix', settings: { 'safelog.root': '/logs' }, folder: '/work' };
    const vscode = await DesktopVscode.open(join(folder, 'code'), options);
    const lock = join(dataDir, 'user/code.lock');
    await expect.poll(() => readFile(lock, 'utf8').catch(() => '')).toMatch(/^\d+\n$/);
    const pid = Number(await readFile(lock, 'utf8'));
    await expect.poll(() => groupLives(pid)).toBe(true);
    const own = `--user-data-dir ${dataDir}/user --extensions-dir ${dataDir}/extensions`;
    expect((await readFile(join(folder, 'notes'), 'utf8')).trim().split('\n')).toEqual([
      `${own} --install-extension /x.vsix --force`,
      `${own} --disable-workspace-trust --new-window --wait /work`,
    ]);
    expect(JSON.parse(await readFile(join(dataDir, 'user/User/settings.json'), 'utf8'))).toMatchObject({ 'safelog.root': '/logs' });
    await vscode.stop();
    expect(groupLives(pid)).toBe(false);
    await expect.poll(() => vscode.group.ended).not.toBeNull();
  });
});
