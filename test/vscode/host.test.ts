import { describe, test } from 'vitest';
import { runInExtensionHost } from './extensionHost.ts';

/** What Mocha found inside the extension host; each of its tests is one here, and each try, so that the report is one. */
const results = await runInExtensionHost();

describe('inside the extension host', () => {
  test('it ran specs', () => {
    if (results.length === 0) throw new Error('Mocha found no spec.');
  });
  for (const { title, passed, errors } of results) {
    test(title, ({ task }) => {
      const error = errors[task.result?.retryCount ?? 0] ?? (passed ? undefined : errors.at(-1));
      if (error !== undefined) throw new Error(error);
    });
  }
});
