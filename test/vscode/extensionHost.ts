import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { inject } from 'vitest';
import { installBrowserVscode, startBrowserVscode } from '../../scripts/browserVscode.mjs';
import { isolated } from './globalSetup.ts';
import { hostLogs, hostSettings } from './host/tree.ts';
import { artifacts, layOut } from './spec.ts';

export interface HostResult {
  title: string;
  passed: boolean;
  /** Stacks of the tries that failed. */
  errors: string[];
}

const sources = fileURLToPath(new URL('host/', import.meta.url));
const project = fileURLToPath(new URL('../..', import.meta.url));
/** Debian's debugpy as a debugger of VS Code, which has none for Python. */
const debugpy = fileURLToPath(new URL('debugpy', import.meta.url));
const bundles = join(artifacts, 'host');
/** Console of the extension host, and output of the server. */
const said = join(bundles, 'said.txt');
const LIMIT = 900_000;

/**
 * Runs the specs of host/ with Mocha inside the extension host of a VS Code of their own (its smoke test driver silences notifications,
 * which the other specs want to see).
 */
export async function runInExtensionHost(): Promise<HostResult[]> {
  const { browser, staging } = inject('setting');
  await bundle();
  const home = await mkdtemp(join(tmpdir(), 'safelog-host-'));
  const dataDir = join(home, 'vscode');
  const { folder } = await layOut(home, { logs: hostLogs, settings: hostSettings });
  // What lies there when it first starts counts as installed.
  await cp(debugpy, join(dataDir, 'extensions/safelog.debugpy-for-tests-0.0.1'), { recursive: true });
  const env = { ...isolated(home), SAFELOG_PROJECT: project };
  const vscode = await startBrowserVscode(await installBrowserVscode(), { dataDir, smokeTestDriver: true, env });
  const connection = await chromium.connect(browser);
  const context = await connection.newContext({ viewport: { width: 1280, height: 800 } });
  const lines: string[] = [];
  try {
    const page = await context.newPage();
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => lines.push(`${type}: ${args.join(' ')}`));
    const ended = new Promise<number>((resolve) => {
      void page.exposeFunction('codeAutomationExit', resolve);
    });
    const remote = (path: string) => `vscode-remote://${new URL(vscode.origin).host}${path}`;
    const payload = [
      ['extensionDevelopmentPath', remote(staging)] as const,
      ['extensionTestsPath', remote(join(bundles, 'index.cjs'))] as const,
    ];
    await page.goto(vscode.url(folder, payload));
    const inTime = await Promise.race([ended.then(() => true), delay(LIMIT, false, { ref: false })]);
    const results = JSON.parse(await readFile(join(bundles, 'results.json'), 'utf8').catch(() => '[]')) as HostResult[];
    if (inTime) return results;
    return [
      ...results,
      { title: 'all specs', passed: false, errors: [`They did not end within ${LIMIT / 1000} s; what was said is in ${said}.`] },
    ];
  } finally {
    await writeFile(said, `${lines.join('\n')}\n\n${vscode.group.output}`);
    await context.close();
    await connection.close();
    await vscode.stop();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The extension host wants CommonJS: one bundle per spec, next to the runner. */
async function bundle(): Promise<void> {
  await rm(bundles, { recursive: true, force: true });
  await mkdir(bundles, { recursive: true });
  // A benchmark, or one spec alone.
  const wanted = process.env.SAFELOG_HOST_SPECS ?? '.test.ts';
  const specs = (await readdir(sources)).filter((name) => `/${name}`.endsWith(wanted));
  await build({
    entryPoints: ['index.ts', ...specs].map((name) => join(sources, name)),
    outdir: bundles,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}
