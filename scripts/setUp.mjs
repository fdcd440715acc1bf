// The set-up that npm start and npm test begin with: on a fresh clone, or after the lock file has changed, it installs what the workspace
// needs. Only Node's own modules are imported here: nothing else is there yet.

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './processes.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Installs what the lock file names, where that is not what node_modules has.
 * @throws {Error} what npm said, when it fails.
 */
export async function setUp() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) throw new Error(`Node 20.19 or newer is needed; this is ${process.versions.node}.`);
  if (await installed()) return;
  console.log('Installing what the project needs (npm ci) …');
  try {
    await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT/.test(message);
    throw new Error(`${offline ? 'The npm registry cannot be reached: is there a network?\n' : ''}${message}`);
  }
}

/** npm keeps what it has installed in a lock file inside node_modules. Optional packages are for some systems only. */
async function installed() {
  const [wanted, present] = await Promise.all(['package-lock.json', 'node_modules/.package-lock.json'].map(packages));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    return path === '' || optional || link || !path.includes('node_modules/') || present[path]?.version === version;
  });
}

/**
 * @param {string} lockFile
 * @returns {Promise<Record<string, { version?: string, optional?: boolean, link?: boolean }> | undefined>}
 */
async function packages(lockFile) {
  try {
    return JSON.parse(await readFile(join(root, lockFile), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
