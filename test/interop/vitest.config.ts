import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** With programs that are not ours: Python's logging, and clients of other hands. They run one at a time, against the built command. */
export default defineConfig({
  cacheDir: fileURLToPath(new URL('../../node_modules/.vite', import.meta.url)),
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['**/*.test.ts'],
    fileParallelism: false,
    // Long: a machine that has other work to do is no failure.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 45_000, interval: 50 } },
  },
});
