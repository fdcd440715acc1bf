import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserServer, chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { type BrowserVscode, installBrowserVscode, startBrowserVscode } from '../../scripts/browserVscode.mjs';
import { chromiumPath } from '../../scripts/chromium.mjs';
import { packageExtension } from '../../scripts/package.mjs';

/** What the specs get from here. */
export interface Setting {
  /** Where Playwright connects to the browser. */
  browser: string;
  /** Origin of the VS Code server that has the packaged extension. */
  origin: string;
  /** What it printed. */
  serverLog: string;
  /** The settings file of its user, which all specs share. */
  userSettings: string;
  /** The staging folder of the package: what the extension host specs load as an extension under development. */
  staging: string;
  /** The package. */
  vsix: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    setting: Setting;
  }
}

/** Environment of the VS Code servers: nothing of the person who runs the tests gets in, and times are UTC. */
export function isolated(dataDir: string): NodeJS.ProcessEnv {
  const { SAFELOG_ROOT: _root, ...rest } = process.env;
  return {
    ...rest,
    TZ: 'UTC',
    HOME: dataDir,
    XDG_STATE_HOME: join(dataDir, 'state'),
    XDG_CACHE_HOME: join(dataDir, 'cache'),
    XDG_RUNTIME_DIR: dataDir,
    // Root's default is one for the whole machine: a service may be listening there.
    SAFELOG_SOCKET: join(dataDir, 'safelog.sock'),
  };
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await rm(fileURLToPath(new URL('../artifacts/failed', import.meta.url)), { recursive: true, force: true });
  const installation = await installBrowserVscode(console.log);
  const { vsix, staging } = await packageExtension();
  const dataDir = await mkdtemp(join(tmpdir(), 'safelog-vscode-'));
  const serverLog = join(dataDir, 'server.txt');
  let vscode: BrowserVscode | undefined;
  let browser: BrowserServer | undefined;
  const tearDown = async () => {
    await browser?.close();
    await vscode?.stop();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    vscode = await startBrowserVscode(installation, {
      dataDir,
      vsix,
      env: isolated(dataDir),
      onOutput: (text) => appendFileSync(serverLog, text),
    });
    browser = await chromium.launchServer({
      executablePath: chromiumPath,
      args: [
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  } catch (error) {
    await tearDown();
    throw error;
  }
  project.provide('setting', {
    browser: browser.wsEndpoint(),
    origin: vscode.origin,
    serverLog,
    userSettings: join(dataDir, 'user/User/settings.json'),
    staging,
    vsix,
  });
  return tearDown;
}
