/** Reading threads out of the sources, for tests: used for the smallest file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Threads } from '../../index/threads.ts';

export async function testThreads(size = 2): Promise<Threads & { remove: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'safelog-threads-'));
  const file = join(folder, 'readingWorker.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, '..', 'readingWorker.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi'],
    logLevel: 'error',
  });
  const threads = new Threads({ file, size, little: -1 });
  return Object.assign(threads, {
    remove: async () => {
      await threads.close();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}
