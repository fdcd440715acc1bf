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
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000, interval: 50 } },
  },
});
