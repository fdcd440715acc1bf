import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFrames } from '../../server/src/traceback/frames.ts';
import { originalPlace } from './sourceMap.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'safelog maps '));
  writeFileSync(
    join(folder, 'shop.ts'),
    `interface Article {
  name: string;
}

export function sell(article: Article): never {
  throw new Error(article.name);
}

sell({ name: 'teapot' });
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = async (path: string): Promise<string | undefined> => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

it.each(['linked', 'inline', 'external'] as const)('leads from the frames of a bundle to its source: %s', async (sourcemap) => {
  const outfile = join(folder, 'out', sourcemap, 'shop.cjs');
  await build({ entryPoints: [join(folder, 'shop.ts')], outfile, sourcemap, minify: true, bundle: true, format: 'cjs', platform: 'node' });
  const { stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
  const frames = findFrames(stderr).filter(({ place }) => place.path.endsWith('shop.cjs') && place.column !== undefined);
  const originals = await Promise.all(frames.map(({ place }) => originalPlace(outfile, place, read)));
  expect(originals.slice(0, 2)).toEqual([
    { path: join(folder, 'shop.ts'), line: 6, column: 9 },
    { path: join(folder, 'shop.ts'), line: 9, column: 1 },
  ]);
});

it.each([
  ['no map', ''],
  ['a map elsewhere', '//# sourceMappingURL=https://maps.example/x.js.map'],
  ['no JSON', `//# sourceMappingURL=data:application/json;base64,${Buffer.from('{').toString('base64')}`],
  ['no URL', '//# sourceMappingURL=%E0%A4%A'],
])('gives nothing for %s', async (_, comment) => {
  writeFileSync(join(folder, 'x.js'), `x();\n${comment}\n`);
  await expect(originalPlace(join(folder, 'x.js'), { path: '', line: 1, column: 1 }, read).catch(() => null)).resolves.toBeNull();
});
