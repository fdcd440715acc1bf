// Compiles server/wasm/*.ts (AssemblyScript) into TypeScript that holds the WebAssembly: it is bundled as other code is, and read from no file.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { root } from './setUp.mjs';

/** Each source, what is made of it, and the constant's name there. */
export const modules = /** @type {const} */ ([
  ['server/wasm/ownLines.ts', 'server/src/index/ownLinesWasm.ts', 'OWN_LINES_WASM'],
  ['server/wasm/places.ts', 'server/src/timeline/placesWasm.ts', 'PLACES_WASM'],
]);
const OPTIONS = ['-O3', '--runtime', 'stub', '--initialMemory', '10', '--maximumMemory', '10', '--use', 'abort=', '--enable', 'simd'];

/**
 * @param {string} source
 * @param {string} constant
 * @returns {Promise<string>} TypeScript.
 */
export async function compiled(source, constant) {
  /** @type {Uint8Array | undefined} */
  let wasm;
  const { error, stderr } = await asc.main([source, '--outFile', 'out.wasm', '--baseDir', root, ...OPTIONS], {
    writeFile: (_name, contents) => {
      wasm = Buffer.from(contents);
    },
  });
  if (error || wasm === undefined) throw new Error(`${source} cannot be compiled: ${error?.message}\n${stderr.toString()}`);
  const lines =
    Buffer.from(wasm)
      .toString('base64')
      .match(/.{1,120}/g) ?? [];
  const text = lines.map((line) => `  '${line}'`).join(' +\n');
  return `// Made from ${source} by \`npm run wasm\`.\n\n/** WebAssembly, as base64. */\nexport const ${constant} =\n${text};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [source, target, constant] of modules) await writeFile(join(root, target), await compiled(source, constant));
}
