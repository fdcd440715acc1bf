// npm run soak: the long tests of test/soak, those that take too long for npm test: all campaigns, or the one that is named, which gets
// the flags behind its name. Files whose names are two words belong to a campaign; each campaign's file is one word.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { root, setUp } from './setUp.mjs';

await setUp();
const { bundle } = await import('./bundle.mjs');
const folder = join(root, 'test/soak');
const outdir = join(root, 'test/artifacts/soak');
const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
const campaigns = sources.map((name) => parse(name).name).filter((name) => /^[a-z]+$/.test(name));
const [asked, ...flags] = process.argv.slice(2);
if (asked !== undefined && !campaigns.includes(asked)) {
  console.error(`There is no campaign ${asked}: there are ${campaigns.join(', ')}.`);
  process.exit(2);
}
await bundle(
  sources.map((name) => join(folder, name)),
  outdir,
);
for (const campaign of asked === undefined ? campaigns : [asked]) {
  const { status } = spawnSync(process.execPath, [join(outdir, `${campaign}.mjs`), ...flags], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
