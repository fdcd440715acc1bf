// Vitest's reporter for test.mjs: writes what became of the tests, as JSON, to the file that SAFELOG_TEST_COUNTS names.

import { writeFile } from 'node:fs/promises';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} flaky What passed only in a later try: file, title, and why the first try failed.
 */

export default class CountingReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  async onTestRunEnd(modules) {
    /** @type {Counts} */
    const counts = { passed: 0, failed: 0, skipped: 0, flaky: [] };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        counts[state === 'pending' ? 'skipped' : state] += 1;
        if (test.diagnostic()?.flaky) counts.flaky.push(`${module.relativeModuleId} > ${test.fullName}\n  ${errors?.[0]?.message ?? ''}`);
      }
    }
    await writeFile(process.env.SAFELOG_TEST_COUNTS ?? '', JSON.stringify(counts));
  }
}
