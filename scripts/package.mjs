// Makes the .vsix: stages what ships in build/TARGET, under a manifest without what only the workspace needs, and packs that.
// `npm run package -- --target linux-x64` marks it for one platform.

import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from './processes.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

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
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];

/**
 * Builds, stages and packs.
 * @param {string} [target] A platform of vsce's; without one the package is for all.
 * @returns {Promise<{ vsix: string, staging: string, bytes: number }>} Absolute paths, and the size of the .vsix.
 */
export async function packageExtension(target) {
  await run(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root });
  const staging = join(root, 'build', target ?? 'universal');
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  const filter = (/** @type {string} */ path) => !path.endsWith('.map');
  for (const path of shipped) {
    await cp(join(root, path), join(staging, path), { recursive: true, filter }).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  const { scripts, workspaces, devDependencies, private: _, ...manifest } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await writeFile(join(staging, 'package.json'), `${JSON.stringify({ ...manifest, name: 'safelog' }, null, 2)}\n`);
  const vsix = join(root, 'build', `safelog-${manifest.version}${target ? `-${target}` : ''}.vsix`);
  const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
  const platform = target ? ['--target', target] : [];
  await run(process.execPath, [vsce, 'package', '--no-dependencies', '--out', vsix, ...platform], { cwd: staging });
  return { vsix, staging, bytes: (await stat(vsix)).size };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { target: { type: 'string' } } });
  const { vsix, bytes } = await packageExtension(values.target);
  console.log(`${vsix} (${Math.ceil(bytes / 1024)} KB)`);
}
