import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** One VS Code server and one browser for all specs (globalSetup.ts), one spec at a time, a page for each. */
export default defineConfig({
  cacheDir: fileURLToPath(new URL('../../node_modules/.vite', import.meta.url)),
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.test.ts'],
    globalSetup: 'globalSetup.ts',
    fileParallelism: false,
    // Long: a machine that has other work to do is no failure.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 45_000, interval: 50 } },
    // VS Code and a browser are large; `npm test` tells what needed its second try.
    retry: 1,
  },
});
