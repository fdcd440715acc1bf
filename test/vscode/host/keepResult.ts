import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Keeps what a benchmark found where test/bench/rig/inExtensionHost.ts reads it. */
export async function keepResult(name: string, result: unknown): Promise<void> {
  const folder = join(process.env.SAFELOG_PROJECT ?? '', 'test/artifacts/bench');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.json`), JSON.stringify(result));
}
