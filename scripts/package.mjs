// Makes the .vsix: stages what ships in build/TARGET, under a manifest without what only the workspace needs, and packs that.
// `npm run package` makes that of this machine; `npm run package -- --target win32-x64` another one, `--target universal` one for all,
// without koffi: reading works with it, and writing says that it goes without the lock. `--target all` makes every one of them.

import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { koffiOf, stageKoffi, thisPlatform } from './koffi.mjs';
import { run } from './processes.mjs';
import { root } from './setUp.mjs';

/** What ships, where it is there. */
const shipped = [
  'extension/dist',
  'webview-ui/dist',
  'server/dist',
  'server/bin',
  'server/package.json',
  'syntaxes',
  'media',
  'package.nls.json',
  'package.nls.de.json',
  'l10n',
  'extension/snippets',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];

const UNIVERSAL = 'universal';
/** A platform's .vsix must not be larger, bytes. */
const MAX_BYTES = 3 * 1024 * 1024;

/**
 * Builds, stages and packs.
 * @param {string} [target] A platform of vsce's, or `universal`; this machine's by default.
 * @returns {Promise<{ vsix: string, staging: string, bytes: number }>} Absolute paths, and the size of the .vsix.
 */
export async function packageExtension(target = thisPlatform() ?? UNIVERSAL) {
  await run(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root });
  return packBuilt(target);
}

/**
 * The same, of what is built already.
 * @param {string} target
 */
async function packBuilt(target) {
  if (target !== UNIVERSAL && !(target in koffiOf)) {
    throw new Error(`There is no target ${target}: the targets are ${[...Object.keys(koffiOf), UNIVERSAL].join(', ')}.`);
  }
  const staging = join(root, 'build', target);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  const filter = (/** @type {string} */ path) => !/\.map$|\.d\.ts$/.test(path);
  for (const path of shipped) {
    await cp(join(root, path), join(staging, path), { recursive: true, filter }).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  if (target !== UNIVERSAL) await stageKoffi(join(staging, 'server'), target);
  const { scripts, workspaces, devDependencies, private: _, ...manifest } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await writeFile(join(staging, 'package.json'), `${JSON.stringify({ ...manifest, name: 'safelog' }, null, 2)}\n`);
  const vsix = join(root, 'build', `safelog-${manifest.version}-${target}.vsix`);
  const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
  const platform = target === UNIVERSAL ? [] : ['--target', target];
  await run(process.execPath, [vsce, 'package', '--no-dependencies', '--out', vsix, ...platform], { cwd: staging });
  const { size: bytes } = await stat(vsix);
  if (bytes > MAX_BYTES) throw new Error(`${vsix} has ${bytes} bytes: more than the ${MAX_BYTES} that it may have.`);
  return { vsix, staging, bytes };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { target: { type: 'string', multiple: true } } });
  await run(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root });
  const targets = values.target ?? [thisPlatform() ?? UNIVERSAL];
  for (const target of targets.includes('all') ? [...Object.keys(koffiOf), UNIVERSAL] : targets) {
    const { vsix, bytes } = await packBuilt(target);
    console.log(`${vsix} (${Math.ceil(bytes / 1024)} KB)`);
  }
}
