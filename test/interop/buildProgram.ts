import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles a program of this folder into a folder of its own, which the caller removes; inside of the project, so that it finds koffi. */
export async function buildProgram(source: string): Promise<{ folder: string; path: string }> {
  const folder = mkdtempSync(join(import.meta.dirname, '../../node_modules/.safelog-interop-'));
  const path = join(folder, 'writer.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, source)],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
  });
  return { folder, path };
}
