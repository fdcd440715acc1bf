import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** With programs that are not ours: Python's logging, and clients of other hands. They run one at a time, against the built command. */
export default defineConfig({
  cacheDir: fileURLToPath(new URL('../../node_modules/.vite', import.meta.url)),
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    expect: { poll: { timeout: 15_000, interval: 50 } },
  },
});
