// koffi, through which the writer takes its locks, for a .vsix: the loader, and the binary of one platform, which may be another one than
// this machine's. It is no part of the bundle, since its loader looks for the binary beside itself.

import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './processes.mjs';
import { root } from './setUp.mjs';

/**
 * Platforms that vsce knows, and the package with koffi's binaries for each. Those for Linux have a binary for musl, too.
 * @type {Readonly<Record<string, string>>}
 */
export const koffiOf = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-armhf': 'linux-arm',
  'alpine-x64': 'linux-x64',
  'alpine-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'win32-x64',
  'win32-arm64': 'win32-arm64',
};

/** What loads the binary. The rest of the package is its sources and its documentation. */
const loader = ['package.json', 'LICENSE.txt', 'index.cjs', 'src/koffi/index.cjs', 'src/koffi/src/static.cjs'];

/** vsce's name for this machine; undefined where it has none. */
export function thisPlatform() {
  const { platform, arch } = process;
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  const isMusl = platform === 'linux' && report.header.glibcVersionRuntime === undefined;
  const name = `${isMusl ? 'alpine' : platform}-${arch === 'arm' ? 'armhf' : arch}`;
  return name in koffiOf ? name : undefined;
}

/**
 * Puts koffi into a folder's node_modules.
 * @param {string} folder
 * @param {string} target A platform of vsce's.
 */
export async function stageKoffi(folder, target) {
  const name = `@koromix/koffi-${koffiOf[target]}`;
  for (const file of loader) await cp(join(root, 'node_modules/koffi', file), join(folder, 'node_modules/koffi', file));
  const to = join(folder, 'node_modules', name);
  await cp(join(root, 'node_modules', name), to, { recursive: true }).catch(async (error) => {
    if (error.code !== 'ENOENT') throw error;
    await fetchPackage(name, to);
  });
  await rm(join(to, 'README.md'), { force: true });
}

/**
 * Unpacks a package of the lock file, which npm does not install here because it is for another platform.
 * @param {string} name
 * @param {string} to
 */
async function fetchPackage(name, to) {
  const locked = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')).packages[`node_modules/${name}`];
  if (!locked) throw new Error(`package-lock.json does not have ${name}.`);
  const downloads = join(root, 'build/koffi');
  await mkdir(downloads, { recursive: true });
  const archive = join(downloads, `${name.slice(1).replace('/', '-')}-${locked.version}.tgz`);
  const bytes = await readFile(archive).catch(async () => {
    await run('npm', ['pack', `${name}@${locked.version}`, '--pack-destination', downloads], { cwd: root });
    return readFile(archive);
  });
  const [algorithm, wanted] = locked.integrity.split(/-(.*)/s);
  if (createHash(algorithm).update(bytes).digest('base64') !== wanted) {
    await rm(archive);
    throw new Error(`${name} is not what package-lock.json says.`);
  }
  await mkdir(to, { recursive: true });
  await run('tar', ['-xzf', archive, '--strip-components=1', '-C', to]);
}
