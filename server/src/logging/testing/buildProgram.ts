import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** What a program of a test imports the package from. */
export const PACKAGE = JSON.stringify(join(import.meta.dirname, '../../index.ts'));

/** Makes a program in TypeScript runnable, with a source map: the path of `program.mjs` in a folder, which the caller removes. */
export function buildProgram(folder: string, source: string): string {
  const [entry, outfile] = [join(folder, 'program.ts'), join(folder, 'program.mjs')];
  writeFileSync(entry, source);
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    sourcemap: true,
    // CommonJS dependencies call require().
    banner: { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" },
  });
  return outfile;
}
