// npm run bench: runs the benchmarks of test/bench, or those that are named, one after the other, each in a process of its own.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { run } from './processes.mjs';
import { root, setUp } from './setUp.mjs';

await setUp();
const { bundle } = await import('./bundle.mjs');
const folder = join(root, 'test/bench');
const all = readdirSync(folder).filter((name) => name.endsWith('.ts'));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(`${name}.ts`));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}: there are ${all.map((name) => parse(name).name).join(', ')}.`);
  process.exit(2);
}
const outdir = join(root, 'test/artifacts/bench');
// What is measured as a process, and threads, run what is built.
await run(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root });
for (const name of asked.length > 0 ? asked : all.map((each) => parse(each).name)) {
  await bundle([join(folder, `${name}.ts`)], outdir);
  const { status } = spawnSync(process.execPath, ['--expose-gc', join(outdir, `${name}.mjs`)], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
