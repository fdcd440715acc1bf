// Programs of test/ that are TypeScript: made runnable by this Node, each with what it imports from this repository.

import { build } from 'esbuild';

/**
 * Writes NAME.mjs into a folder for each NAME.ts.
 * @param {string[]} entryPoints
 * @param {string} outdir
 */
export async function bundle(entryPoints, outdir) {
  await build({
    entryPoints,
    outdir,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
  });
}
