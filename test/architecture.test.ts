import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each folder of server/src may import: the arrows of ARCHITECTURE.md. */
const arrows: Record<string, string[]> = {
  record: [],
  generation: ['record'],
  wire: ['record'],
  writer: ['record', 'generation'],
  client: ['record', 'generation', 'wire', 'writer'],
  logging: ['record', 'generation', 'wire', 'writer', 'client'],
  service: ['record', 'generation', 'wire', 'writer'],
  tree: ['record', 'generation'],
  index: ['record', 'generation', 'tree'],
  timeline: ['record', 'generation', 'tree', 'index', 'traceback'],
  traceback: [],
};
const everything = Object.keys(arrows);
const folders: Record<string, string[]> = { ...arrows, languageServer: everything, cli: everything };

interface Finding {
  rule: string;
  file: string;
}

let planted: string;

beforeAll(async () => {
  planted = await mkdtemp(join(tmpdir(), 'safelog-arrows-'));
  await cp(join(root, 'biome.json'), join(planted, 'biome.json'));
});

afterAll(() => rm(planted, { recursive: true, force: true }));

async function plant(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(planted, path)), { recursive: true });
  await writeFile(join(planted, path), text);
}

/** What the lint step finds in the planted files of `folder`. */
async function lint(folder: string): Promise<{ code: number; findings: Finding[] }> {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', folder];
  return await new Promise((resolve, reject) => {
    const child = execFile(process.execPath, args, { cwd: planted, maxBuffer: 1 << 26 }, (_, stdout) => {
      try {
        const report = JSON.parse(stdout) as { diagnostics: { category: string; location: { path: string } }[] };
        const findings = report.diagnostics.map(({ category, location }) => ({ rule: category, file: location.path }));
        resolve({ code: child.exitCode ?? -1, findings });
      } catch (error) {
        reject(new Error(`Biome gave no report: ${stdout}`, { cause: error }));
      }
    });
  });
}

test('the lint step lets through exactly the arrows between the folders', async () => {
  const names = Object.keys(folders);
  for (const from of names) {
    await plant(`server/src/${from}/own.ts`, `export const ${from} = 1;\n`);
    for (const to of names) {
      await plant(`server/src/${from}/to_${to}.ts`, `import { ${to} } from '../${to}/own.ts';\nexport const copy = ${to};\n`);
    }
  }
  const { code, findings } = await lint('server');
  const refused = new Set(findings.filter(({ rule }) => rule === 'lint/style/noRestrictedImports').map(({ file }) => file));
  const expected = names.flatMap((from) =>
    names.filter((to) => to !== from && !folders[from]?.includes(to)).map((to) => `server/src/${from}/to_${to}.ts`),
  );
  expect([...refused].sort()).toEqual(expected.sort());
  expect(code).not.toBe(0);
});

test('the lint step refuses an import cycle, of types too', async () => {
  await plant('cycle/values/a.ts', "import { b } from './b.ts';\nexport const a = (): unknown => b;\n");
  await plant('cycle/values/b.ts', "import { a } from './a.ts';\nexport const b = (): unknown => a;\n");
  await plant('cycle/types/a.ts', "import type { B } from './b.ts';\nexport type A = B[];\n");
  await plant('cycle/types/b.ts', "import type { A } from './a.ts';\nexport interface B {\n  of: A;\n}\n");
  const { code, findings } = await lint('cycle');
  const cyclic = new Set(findings.filter(({ rule }) => rule === 'lint/suspicious/noImportCycles').map(({ file }) => file));
  expect([...cyclic].sort()).toEqual(['cycle/types/a.ts', 'cycle/types/b.ts', 'cycle/values/a.ts', 'cycle/values/b.ts']);
  expect(code).not.toBe(0);
});

test('the lint step keeps VS Code and Node out of where they do not belong, and passes what is right', async () => {
  await plant('server/src/record/wrong.ts', "import * as vscode from 'vscode';\nexport const copy = vscode;\n");
  await plant('webview-ui/src/wrong.ts', "import { join } from 'node:path';\nexport const copy = join;\n");
  await plant('extension/src/wrong.ts', "import { record } from '../../server/src/record/own.ts';\nexport const copy = record;\n");
  await plant('right/a.ts', "import { b } from './b.ts';\nexport const a = b;\n");
  await plant('right/b.ts', 'export const b = 1;\n');
  for (const folder of ['webview-ui', 'extension', 'server/src/record/wrong.ts']) {
    const { code, findings } = await lint(folder);
    expect(findings.map(({ rule }) => rule)).toContain('lint/style/noRestrictedImports');
    expect(code).not.toBe(0);
  }
  expect(await lint('right')).toEqual({ code: 0, findings: [] });
});
