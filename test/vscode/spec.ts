import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { inject, test } from 'vitest';
import { Workbench } from './workbench.ts';

export const artifacts = fileURLToPath(new URL('../artifacts/', import.meta.url));
/** What failed specs leave: emptied when the tier begins. */
const failures = join(artifacts, 'failed');

/** What a spec gets: everything fresh, and removed after it. */
export interface Spec {
  workbench: Workbench;
  page: Page;
  /** The root of the log tree that `safelog.root` names. */
  root: string;
  /** The folder that VS Code has open. */
  folder: string;
  /** Keeps a picture of the page as `test/artifacts/NAME.png`. */
  screenshot(name: string): Promise<void>;
}

export interface SpecOptions {
  /** Files of the log tree before VS Code opens: path in the tree → content. */
  logs?: Record<string, string | Uint8Array>;
  /** Files of the folder that VS Code opens. */
  files?: Record<string, string>;
  /** Settings of that folder, beside `safelog.root`. */
  settings?: Record<string, unknown>;
  /** VS Code's language. Its own texts stay English, as no language pack is there; extensions' are in it. */
  language?: string;
}

/** One for all specs: what it has cached of VS Code's scripts need not be loaded and compiled once more. */
let opened: Promise<BrowserContext> | undefined;

async function openContext(): Promise<BrowserContext> {
  const { browser, origin } = inject('setting');
  const connection = await chromium.connect(browser);
  const context = await connection.newContext({ viewport: { width: 1280, height: 800 }, timezoneId: 'UTC', locale: 'en-GB' });
  context.setDefaultTimeout(45_000);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  return context;
}

/** A page of a browser that knows nothing of earlier ones. */
async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', {
    origin: inject('setting').origin,
    storageTypes: 'local_storage,indexeddb,cookies,websql',
  });
  await session.detach();
  return page;
}

/** One spec: a log tree, a folder and a page of its own. When it fails, a picture, the page's console and the server's output are kept. */
export function spec(title: string, options: SpecOptions, body: (spec: Spec) => Promise<void>): void {
  test(title, async () => {
    const { origin, serverLog } = inject('setting');
    opened ??= openContext();
    const context = await opened;
    const home = await mkdtemp(join(tmpdir(), 'safelog-spec-'));
    const { root, folder } = await layOut(home, options);
    const page = await openPage(context);
    const { language } = options;
    if (language !== undefined) await page.addInitScript((name) => Object.assign(globalThis, { _VSCODE_NLS_LANGUAGE: name }), language);
    const consoleLines: string[] = [];
    page.on('console', (message) => consoleLines.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => consoleLines.push(`uncaught: ${error.message}`));
    const screenshot = async (name: string) => {
      await page.screenshot({ path: join(artifacts, `${name}.png`) });
    };
    try {
      await page.goto(`${origin}/?${new URLSearchParams({ folder })}`);
      const workbench = new Workbench(page);
      await workbench.ready();
      await body({ workbench, page, root, folder, screenshot });
    } catch (error) {
      await keepEvidence(title, page, consoleLines, serverLog);
      throw error;
    } finally {
      await closePages(context);
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}

/** Makes the log tree and the folder; the folder's settings name the tree. */
export async function layOut(
  home: string,
  { logs = {}, files = {}, settings = {} }: SpecOptions,
): Promise<{ root: string; folder: string }> {
  const [root, folder] = [join(home, 'logs'), join(home, 'work')];
  await mkdir(root);
  await writeAll(root, logs);
  const text = JSON.stringify({ 'safelog.root': root, ...settings }, null, 2);
  await writeAll(folder, { '.vscode/settings.json': text, ...files });
  return { root, folder };
}

async function writeAll(folder: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** A page with unsaved editors asks before it closes: it is not asked. */
async function closePages(context: BrowserContext): Promise<void> {
  for (const page of context.pages()) await page.close({ runBeforeUnload: false });
}

async function keepEvidence(title: string, page: Page, consoleLines: string[], serverLog: string): Promise<void> {
  const folder = join(failures, title.replaceAll(/[^\w-]+/g, '-'));
  // Of two tries the first one is kept.
  if ((await mkdir(folder, { recursive: true })) === undefined) return;
  await page.screenshot({ path: join(folder, 'page.png') }).catch(() => {}); // The page itself may be what has died.
  await writeFile(join(folder, 'console.txt'), consoleLines.join('\n'));
  await cp(serverLog, join(folder, 'server.txt'));
}
