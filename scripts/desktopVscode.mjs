// The installed VS Code, with a user-data-dir and an extensions-dir of its own: the user's profile is never touched.

import { accessSync, constants } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { quietSettings } from './browserVscode.mjs';
import { Group, run } from './processes.mjs';

/**
 * The `code` command, where it is one that can open a window of its own here. That of a remote window's terminal cannot: it hands over to
 * the window it belongs to, with the user's profile. As root VS Code does not start.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} Its absolute path.
 */
export function findDesktopVscode(env = process.env) {
  if (env.VSCODE_IPC_HOOK_CLI || process.getuid?.() === 0) return undefined;
  if (process.platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return undefined;
  const name = process.platform === 'win32' ? 'code.cmd' : 'code';
  return (env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      if (path.includes('remote-cli')) return false;
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** An open window. */
export class DesktopVscode {
  /**
   * Installs the extension and opens `folder`.
   * @param {string} code The command.
   * @param {{ dataDir: string, vsix: string, settings: Record<string, unknown>, folder: string }} options
   * @returns {Promise<DesktopVscode>}
   */
  static async open(code, { dataDir, vsix, settings, folder }) {
    const user = join(dataDir, 'user');
    const own = ['--user-data-dir', user, '--extensions-dir', join(dataDir, 'extensions')];
    await mkdir(join(user, 'User'), { recursive: true });
    await writeFile(join(user, 'User/settings.json'), JSON.stringify({ ...quietSettings, ...settings }, null, 2));
    await run(code, [...own, '--install-extension', vsix, '--force']);
    return new DesktopVscode(new Group('VS Code', code, [...own, '--disable-workspace-trust', '--new-window', '--wait', folder]), user);
  }

  /**
   * @param {Group} group
   * @param {string} userDataDir
   */
  constructor(group, userDataDir) {
    this.group = group;
    this.userDataDir = userDataDir;
  }

  /** `code` only hands over to VS Code, which is not in its group; VS Code keeps its process id in a lock file. */
  async stop() {
    const pid = Number(await readFile(join(this.userDataDir, 'code.lock'), 'utf8').catch(() => ''));
    if (pid > 1) {
      try {
        process.kill(pid, 'SIGTERM');
        for (const deadline = Date.now() + 10_000; Date.now() < deadline; await delay(50)) process.kill(pid, 0);
      } catch {
        // It is gone.
      }
    }
    await this.group.stop();
  }
}
