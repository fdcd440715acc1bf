// Compiles server/wasm/*.ts (AssemblyScript) into TypeScript that holds the WebAssembly: it is bundled as other code is, and read from no file.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { root } from './setUp.mjs';

const SOURCE = 'server/wasm/ownLines.ts';
export const TARGET = 'server/src/index/ownLinesWasm.ts';
const OPTIONS = ['-O3', '--runtime', 'stub', '--initialMemory', '10', '--maximumMemory', '10', '--use', 'abort=', '--enable', 'simd'];

/** @returns {Promise<string>} What TARGET is to be. */
export async function compiled() {
  /** @type {Uint8Array | undefined} */
  let wasm;
  const { error, stderr } = await asc.main([SOURCE, '--outFile', 'out.wasm', '--baseDir', root, ...OPTIONS], {
    writeFile: (_name, contents) => {
      wasm = Buffer.from(contents);
    },
  });
  if (error || wasm === undefined) throw new Error(`${SOURCE} cannot be compiled: ${error?.message}\n${stderr.toString()}`);
  const lines =
    Buffer.from(wasm)
      .toString('base64')
      .match(/.{1,120}/g) ?? [];
  return `// Made from ${SOURCE} by \`npm run wasm\`.\n\n/** WebAssembly, as base64. */\nexport const OWN_LINES_WASM =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(join(root, TARGET), await compiled());
