// npm start: installs, builds and packages; a demo tree with programs that log to it, or `-- --root DIR`, a tree of one's own; and VS Code
// on it: the installed one, else (or with `-- --browser`) one for the browser. Ctrl-C ends all of it and leaves nothing behind.

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installBrowserVscode, startBrowserVscode } from './browserVscode.mjs';
import { startDemo } from './demo/demo.mjs';
import { DesktopVscode, findDesktopVscode } from './desktopVscode.mjs';
import { packageExtension } from './package.mjs';
import { root as project, setUp } from './setUp.mjs';

const { values } = parseArgs({ options: { root: { type: 'string' }, browser: { type: 'boolean', default: false } } });

/** What is to be ended, the latest first. @type {(() => Promise<unknown>)[]} */
const endings = [];

/** @type {(reason?: string) => void} */
let end = () => {};
/** @type {Promise<string | undefined>} */
const over = new Promise((resolve) => {
  end = resolve;
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => end());

try {
  const reason = await Promise.race([start().then(() => over), over]);
  if (reason) console.log(reason);
  console.log('\nStopping …');
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
for (const each of endings.reverse()) await each();
process.exit(); // What was still being started ends with this process.

async function start() {
  await setUp();
  const data = await mkdtemp(join(tmpdir(), 'safelog-start-'));
  process.once('exit', () => rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  console.log('Building …');
  const { vsix } = await packageExtension();
  const tree = values.root === undefined ? join(data, 'logs') : resolve(process.env.INIT_CWD ?? '.', values.root);
  if (values.root === undefined) {
    const demo = await startDemo(tree, { say: console.log, ended: end });
    endings.push(() => demo.stop());
  }
  const settings = { 'safelog.root': tree, 'safelog.openOnStartup': true };
  const folder = values.root === undefined ? project : (process.env.INIT_CWD ?? project);
  const code = values.browser ? undefined : findDesktopVscode();
  const dataDir = join(data, 'vscode');
  console.log(`\nThe logs: ${tree}`);
  if (code !== undefined) {
    const vscode = await DesktopVscode.open(code, { dataDir, vsix, settings, folder });
    endings.push(() => vscode.stop());
    vscode.group.child.once('exit', () => end('VS Code has been closed.'));
    console.log(`VS Code (${code}) opens with a profile of its own.`);
    console.log('Close its window or press Ctrl-C to stop everything.');
  } else {
    const installation = await installBrowserVscode(console.log);
    const vscode = await startBrowserVscode(installation, { dataDir, vsix, settings, token: randomBytes(24).toString('hex') });
    endings.push(() => vscode.stop());
    vscode.group.child.once('exit', () => end(`The VS Code server has ended.\n${vscode.group.output}`));
    console.log(`VS Code: ${vscode.url(folder)}`);
    console.log('Open that address in a browser on this machine. Press Ctrl-C here to stop everything.');
  }
}
