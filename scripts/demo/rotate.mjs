// Rotates the logs of the tree while programs write to them, as logrotate does: by renaming (the next entry makes a new file), and by
// copying and truncating for a program that keeps its file open.

import { copyFile, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const root = process.env.SAFELOG_ROOT ?? process.exit(2);
const [pace = 15_000, keep = 5] = process.argv.slice(2).map(Number);
const compress = promisify(gzip);

/** @param {string} log Makes room for a new LOG.1: LOG.1 becomes LOG.2.gz, and so on; the oldest goes. */
async function shift(log) {
  await rm(`${log}.${keep}.gz`, { force: true });
  for (let age = keep - 1; age >= 2; age -= 1) await rename(`${log}.${age}.gz`, `${log}.${age + 1}.gz`).catch(absent);
  const newest = await readFile(`${log}.1`).catch(absent);
  if (newest === undefined) return;
  await writeFile(`${log}.2.gz`, await compress(newest));
  await rm(`${log}.1`);
}

/** @param {NodeJS.ErrnoException} error A generation that is not there is none to be moved. */
function absent(error) {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

/** @param {string} log */
async function rotate(log) {
  if (((await stat(log).catch(absent))?.size ?? 0) < 500) return;
  await shift(log);
  if (basename(log) === 'reports.log') {
    await copyFile(log, `${log}.1`);
    await truncate(log);
  } else {
    await rename(log, `${log}.1`);
    await writeFile(log, '', { flag: 'a' });
  }
  console.log(`rotated ${join(basename(dirname(log)), basename(log))}`);
}

for (;;) {
  await delay(pace);
  const files = await readdir(root, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.log'))) await rotate(join(root, file));
}
