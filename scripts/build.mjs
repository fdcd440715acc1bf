// Builds what runs: server/dist (ESM, one set of files for the command, the package and the .vsix), extension/dist (CommonJS) and
// webview-ui/dist (one page). `--watch` builds on every change.

import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';
import { notices } from './notices.mjs';
import { run } from './processes.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const watch = process.argv.includes('--watch');
/** @type {import('esbuild').BuildOptions} */
const shared = { absWorkingDir: root, bundle: true, sourcemap: true, logLevel: 'warning', target: 'es2023' };

/** CommonJS dependencies in an ES module bundle call require(): esbuild needs one in scope. */
const requireBanner = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** @typedef {Omit<import('esbuild').BuildOptions, 'entryPoints'> & { entryPoints: Record<string, string> }} Target */

/** @type {Target[]} */
const targets = [
  {
    ...shared,
    entryPoints: {
      index: 'server/src/index.ts',
      cli: 'server/src/cli/main.ts',
      pino: 'server/src/client/pinoTransport.ts',
      winston: 'server/src/client/winstonTransport.ts',
      languageServer: 'server/src/languageServer/main.ts',
      writerWorker: 'server/src/languageServer/writerWorker.ts',
      readingWorker: 'server/src/timeline/readingWorker.ts',
    },
    outdir: 'server/dist',
    platform: 'node',
    format: 'esm',
    splitting: true,
    external: ['koffi'],
    banner: { js: requireBanner },
  },
  {
    ...shared,
    entryPoints: { extension: 'extension/src/extension.ts' },
    outdir: 'extension/dist',
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    minify: !watch,
    external: ['vscode'],
  },
  {
    ...shared,
    entryPoints: { timeline: 'webview-ui/src/timeline.ts' },
    outdir: 'webview-ui/dist',
    platform: 'browser',
    format: 'esm',
    minify: !watch,
    loader: { '.ttf': 'file' },
  },
];

if (watch) {
  console.log('Building …');
  const contexts = await Promise.all(targets.map((target) => context(target)));
  await Promise.all(contexts.map((each) => each.rebuild().catch(() => {}))); // esbuild prints the errors itself.
  for (const each of contexts) await each.watch();
  console.log('Built; each change is built.'); // .vscode/tasks.json waits for this line.
} else {
  for (const folder of ['server/dist', 'extension/dist', 'webview-ui/dist']) await rm(join(root, folder), { recursive: true, force: true });
  const types = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'server/tsconfig.types.json'], { cwd: root });
  const [, ...built] = await Promise.all([types, ...targets.map((target) => build({ ...target, metafile: true }))]);
  const inputs = built.map(({ metafile }) => Object.keys(metafile?.inputs ?? {}));
  const [ofServer = []] = inputs;
  const unbundled = ['node_modules/zlib-streams/dist', 'node_modules/@vscode/codicons/dist', 'node_modules/koffi/index.js'];
  await writeFile(join(root, 'server/dist/ThirdPartyNotices.txt'), notices(root, [...ofServer, ...unbundled]));
  await writeFile(join(root, 'extension/dist/ThirdPartyNotices.txt'), notices(root, [...inputs.flat(), ...unbundled]));
}
const codicons = join(root, 'node_modules/@vscode/codicons/dist');
await mkdir(join(root, 'webview-ui/dist'), { recursive: true });
for (const file of ['codicon.css', 'codicon.ttf']) await copyFile(join(codicons, file), join(root, 'webview-ui/dist', file));
await mkdir(join(root, 'server/dist'), { recursive: true });
await copyFile(join(root, 'node_modules/zlib-streams/dist/zlib-streams.wasm'), join(root, 'server/dist/zlib-streams.wasm'));
