// The examples of docs/logging.md: each is built, run by its command line, and must print and write what the page says.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/logging.md'), 'utf8');

interface Block {
  language: string;
  name: string;
  text: string;
}

const examples = page
  .split(/^## /m)
  .slice(1)
  .map((section): [title: string, blocks: Block[]] => [
    section.slice(0, section.indexOf('\n')),
    [...section.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)].map(([, language = '', name = '', text = '']) => ({ language, name, text })),
  ])
  .filter(([, blocks]) => blocks.some(({ language }) => language === 'sh'));

test('the page has its examples', () => {
  expect(examples.length).toBeGreaterThan(12);
});

test.each(examples)('%s', async (_, blocks) => {
  const folder = mkdtempSync(join(root, 'node_modules/.safelog-docs-'));
  try {
    for (const { language, name, text } of blocks) if (language !== 'sh' && language !== 'text') writeFileSync(join(folder, name), text);
    await build({
      ...{ entryPoints: [join(folder, 'main.ts')], outfile: join(folder, 'main.mjs'), bundle: true, platform: 'node', format: 'esm' },
      ...{ alias: { safelog: join(root, 'server/src/index.ts') }, external: ['koffi'] },
      banner: { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" },
    });
    let printed = '';
    for (const { language, name, text } of blocks) {
      if (language === 'sh') printed = await run(folder, text.trim().split(/\s+/).slice(2));
      else if (language === 'text') expect(name === '' ? printed : readFileSync(join(folder, name), 'utf8')).toMatch(pattern(text));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What `node main.js` prints on both streams. */
function run(cwd: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['main.mjs', ...args], { cwd, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) reject(error);
      else resolve(stdout + stderr);
    });
  });
}

/** Dates are any dates, and `…` is any text. */
function pattern(text: string): RegExp {
  const source = text
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replace(/2026-11-20 22:56:00,406/g, '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3}')
    .replace(/11\/20\/2026 10:56:00 PM/g, '\\d\\d/\\d\\d/\\d{4} \\d\\d:\\d\\d:\\d\\d [AP]M')
    .replace(/…/g, '[^]*');
  return new RegExp(`^${source}$`);
}
