// Vitest's reporter for test.mjs: writes what became of the tests, as JSON, to the file that SAFELOG_TEST_COUNTS names.

import { writeFile } from 'node:fs/promises';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} failures What failed: file, title, and why, try by try.
 * @property {string[]} flaky What passed only in a later try: likewise, why the first try failed.
 */

/** Characters of what went wrong that the summary repeats: the beginning says most of it, and the end the rest. */
const MOST = 600;

export default class CountingReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  async onTestRunEnd(modules) {
    /** @type {Counts} */
    const counts = { passed: 0, failed: 0, skipped: 0, failures: [], flaky: [] };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        counts[state === 'pending' ? 'skipped' : state] += 1;
        if (state !== 'failed' && !test.diagnostic()?.flaky) continue;
        const reasons = (errors ?? []).map(({ message }) => `\n  ${shorten(message).replaceAll('\n', '\n  ')}`);
        counts[state === 'failed' ? 'failures' : 'flaky'].push(`${module.relativeModuleId} > ${test.fullName}${reasons.join('')}`);
      }
    }
    await writeFile(process.env.SAFELOG_TEST_COUNTS ?? '', JSON.stringify(counts));
  }
}

/** @param {string} text */
function shorten(text) {
  return text.length <= 2 * MOST ? text : `${text.slice(0, MOST)}\n[…]\n${text.slice(-MOST)}`;
}
