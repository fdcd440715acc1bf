import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, expect, test } from 'vitest';
import { collectGarbage } from './collectGarbage.ts';
import { Threads } from './threads.ts';

const folder = mkdtempSync(join(tmpdir(), 'safelog-resting-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SHARED = 256 << 20;

test('threads that have read much let go of what they have handed on', { timeout: 60_000 }, async () => {
  const file = join(folder, 'thread.mjs');
  const contents = `import { serveJobs } from './threadServer.ts';
    serveJobs({ fill: async () => new Uint8Array(new SharedArrayBuffer(${SHARED})).fill(1).buffer });`;
  await build({ stdin: { contents, resolveDir: import.meta.dirname }, outfile: file, bundle: true, platform: 'node', format: 'esm' });
  const threads = new Threads({ file, size: 1 });
  const before = process.memoryUsage().rss;
  const held = async (): Promise<number> => {
    await collectGarbage();
    return process.memoryUsage().rss - before;
  };
  const filled = async (): Promise<number> => {
    const shared = (await threads.run('fill', null, { bytes: SHARED })) as SharedArrayBuffer;
    return shared.byteLength;
  };
  expect(await filled()).toBe(SHARED);
  expect(await held()).toBeGreaterThan(SHARED / 2);
  // Left to itself, it may do so after 8 s, or not at all.
  await expect.poll(held, { timeout: 5000, interval: 500 }).toBeLessThan(SHARED / 2);
  await threads.close();
});
