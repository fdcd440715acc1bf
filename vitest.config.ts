import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{server,extension,webview-ui,scripts}/**/*.test.ts', 'test/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'build/**'],
  },
});
