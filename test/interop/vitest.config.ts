import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** With programs that are not ours: Python's logging, and clients of other hands. They run against the built command, two at a time: many of them wait, or use one processor. */
export default defineConfig({
  cacheDir: fileURLToPath(new URL('../../node_modules/.vite', import.meta.url)),
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['**/*.test.ts'],
    maxWorkers: 2,
    // Long: a machine that has other work to do is no failure.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 45_000, interval: 50 } },
  },
});
