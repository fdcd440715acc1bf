import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configurations } from '../soak/stressConfigurations.ts';
import { runStress, type StressOptions } from '../soak/stressRun.ts';
import { hasClh } from './hasClh.ts';

/** The short form of `npm run soak -- stress`: some of its configurations. */
let tools: string;
let folder: string;
beforeAll(async () => {
  // Inside of the project, so that the writer finds koffi.
  tools = mkdtempSync(join(import.meta.dirname, '../../node_modules/.safelog-interop-'));
  folder = mkdtempSync(join(tmpdir(), 'safelog-stress-'));
  await build({
    entryPoints: [join(import.meta.dirname, '../soak/stressWriter.ts')],
    outfile: join(tools, 'stressWriter.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    banner: { js: "import { createRequire as load } from 'node:module'; const require = load(import.meta.url);" },
  });
});
afterAll(() => {
  for (const path of [tools, folder]) rmSync(path, { recursive: true, force: true });
});

let count = 0;
const run = (options: StressOptions) => {
  const programs = { writer: join(tools, 'stressWriter.mjs'), pythonWriter: join(import.meta.dirname, '../soak/clh_stress.py') };
  return runStress(programs, join(folder, String(count++)), options);
};
const handler = { maxBytes: 10_240, backupCount: 2000 };

test.each([
  ['threads in the processes', true],
  ['batches, gzip', false],
  ['by time and size, gzip, own suffix', true],
])('10 writers × 1000 records, %s, kept open: %s', async (name, keepFileOpen) => {
  const options = configurations[name];
  if (!options) throw new Error(`there is no configuration ${name}`);
  const { faults, records } = await run({ ...options, handler: { ...options.handler, keepFileOpen } });
  expect({ faults, records }).toEqual({ faults: [], records: 10_000 });
});

test.runIf(hasClh())("4 handlers of ours and 4 of Python's, gzip", async () => {
  const { faults, records } = await run({ handler: { ...handler, useGzip: true }, processes: 4, python: 4, leastRollovers: 70 });
  expect({ faults, records }).toEqual({ faults: [], records: 8000 });
});

test('a record that is left out is noticed', async () => {
  const { faults } = await run({ handler, processes: 2, logCalls: 100, induceFailure: true });
  expect(faults.map((fault) => fault.slice(0, 19))).toEqual(['0 times: "node0 50 ', '0 times: "node1 50 ']);
});
