// npm test: sets up, builds, and runs the tiers: lint, unit, interop, vscode; or those that are named. It ends with one plain line of
// counts. A tier that cannot run on this machine is skipped and says what it needs; with CI=true that is a failure. Before the counts stand
// the tests that failed, and those that passed only in a second try (the tier vscode gives one): they have a race to be found.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumPath } from './chromium.mjs';
import { root, setUp } from './setUp.mjs';

/** @typedef {import('./countingReporter.mjs').Counts} Counts */

const python = '/usr/bin/python3';

/** @type {Record<string, { run: () => Promise<Counts>, needs?: { path: string, advice: string } }>} */
const tiers = {
  lint: { run: lint },
  unit: { run: () => vitest('unit', []) },
  interop: {
    run: () => vitest('interop', ['--config', 'test/interop/vitest.config.ts']),
    needs: { path: python, advice: 'apt-get install python3' },
  },
  vscode: {
    run: () => vitest('vscode', ['--config', 'test/vscode/vitest.config.ts']),
    needs: { path: chromiumPath, advice: 'apt-get install --no-install-recommends chromium-headless-shell, or name a browser in CHROMIUM' },
  },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in tiers));
if (unknown.length > 0) {
  console.error(`There is no tier ${unknown.join(', ')}: the tiers are ${Object.keys(tiers).join(', ')}.`);
  process.exit(2);
}

await setUp().catch((error) => {
  console.error(`${error.message}\n\n0 passed, 1 failed`);
  process.exit(1);
});
const total = nothing();
/** @type {string[]} */
const summary = [];
const built = await succeeds(process.execPath, ['scripts/build.mjs']);
if (!built) add('build', { ...nothing(), failed: 1 }, 0);
for (const [name, { run, needs }] of built ? Object.entries(tiers) : []) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n── ${name} ${'─'.repeat(60 - name.length)}`);
  if (needs && !existsSync(needs.path)) {
    console.error(`!!! The tier "${name}" cannot run here: ${needs.path} is missing (${needs.advice}).`);
    add(name, { ...nothing(), [process.env.CI ? 'failed' : 'skipped']: 1 }, 0);
  } else {
    const start = Date.now();
    add(name, await run(), Date.now() - start);
  }
}
console.log(`\n${summary.join('\n')}\n`);
for (const test of total.failures) console.log(`!!! failed: ${test}\n`);
for (const test of total.flaky) console.log(`!!! flaky: passed only in its second try: ${test}\n`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 ? 1 : 0;

/**
 * @param {string} name
 * @param {Counts} counts
 * @param {number} time ms
 */
function add(name, counts, time) {
  summary.push(`${name}: ${counts.passed} of ${counts.passed + counts.failed + counts.skipped} in ${(time / 1000).toFixed(1)} s`);
  for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += counts[key];
  total.failures.push(...counts.failures);
  total.flaky.push(...counts.flaky);
}

/** @returns {Counts} */
function nothing() {
  return { passed: 0, failed: 0, skipped: 0, failures: [], flaky: [] };
}

/** Formatting, lint, arrows between folders, import cycles; then types, each project for itself. */
async function lint() {
  const counts = nothing();
  const checks = [['@biomejs/biome/bin/biome', 'ci', '--colors=off', '--error-on-warnings']];
  for (const project of ['server', 'extension', 'webview-ui', 'test']) checks.push(['typescript/bin/tsc', '-p', project]);
  for (const [tool = '', ...args] of checks) {
    const passed = await succeeds(process.execPath, [join('node_modules', tool), ...args]);
    console.log(`${passed ? '✓' : '✗'} ${tool.split('/').at(-1)} ${args.join(' ')}`);
    counts[passed ? 'passed' : 'failed'] += 1;
  }
  return counts;
}

/**
 * @param {string} tier
 * @param {readonly string[]} args
 * @returns {Promise<Counts>}
 */
async function vitest(tier, args) {
  const temporary = await mkdtemp(join(tmpdir(), 'safelog-test-'));
  try {
    const file = join(temporary, `${tier}.json`);
    const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/countingReporter.mjs')}`];
    const env = { ...process.env, SAFELOG_TEST_COUNTS: file };
    const passed = await succeeds(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args, ...reporters], env);
    const counts = await readFile(file, 'utf8').then(JSON.parse, nothing);
    // A file that does not load, or a set-up that fails, has no test to count.
    return passed || counts.failed > 0 ? counts : { ...counts, failed: 1 };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<boolean>}
 */
function succeeds(command, args, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.once('exit', (code) => resolve(code === 0));
  });
}
