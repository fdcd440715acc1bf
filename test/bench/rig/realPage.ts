/**
 * The timeline's page, as it is built, in a real browser, and the language server, as it is built, behind it. Between them stands what the
 * extension does: it passes requests, answers and notifications on. VS Code itself is not there: what is measured is the page.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { CancellationTokenSource, createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { chromiumPath } from '../../../scripts/chromium.mjs';
import type { Filter, FromPage, PageLayout, PageSettings, Source, ToPage } from '../../../server/src/protocol.ts';

const origin = 'http://page.localhost';

export interface RealPage {
  page: Page;
  /** Sends what the extension would. */
  post(message: ToPage): Promise<void>;
  /** Methods that the page asked for, one after the other. */
  requests: string[];
  close(): Promise<void>;
}

export interface RealPageOptions {
  source: Source;
  filter?: Filter;
  settings?: Partial<PageSettings>;
  layout?: Partial<PageLayout>;
  size?: { width: number; height: number };
  /** Of the server. */
  env?: NodeJS.ProcessEnv;
  /** Answers what the page asks of the extension; null where absent. */
  host?: (method: string, params: unknown) => unknown;
  /** CSS variables of a theme, and the class of the body, as VS Code sets them. */
  theme?: { style: string; body: string };
}

const dark = {
  style: [
    '--vscode-foreground: #ccc',
    '--vscode-descriptionForeground: #9d9d9d',
    '--vscode-editor-background: #1f1f1f',
    '--vscode-editor-font-size: 14px',
    '--vscode-editor-font-family: monospace',
    '--vscode-font-size: 13px',
    '--vscode-list-hoverBackground: #2a2d2e',
    '--vscode-list-activeSelectionBackground: #04395e',
    '--vscode-scrollbarSlider-background: #79797966',
    '--vscode-focusBorder: #0078d4',
  ].join('; '),
  body: 'vscode-dark',
};

/** Opens it. The caches of the server are its own, and go when it is closed. */
export async function openRealPage({
  source,
  filter = {},
  settings = {},
  layout: arranged = {},
  size,
  theme = dark,
  host = () => null,
  env = {},
}: RealPageOptions): Promise<RealPage> {
  const caches = mkdtempSync(join(tmpdir(), 'safelog-page-'));
  const child = fork(join('server', 'dist', 'languageServer.js'), ['--node-ipc'], {
    env: { ...process.env, XDG_CACHE_HOME: caches, XDG_DATA_HOME: caches, ...env },
  });
  const server = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  server.listen();
  await server.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {}, initializationOptions: {} });
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  const page = await browser.newPage({ viewport: size ?? { width: 1280, height: 800 } });
  const post = (message: ToPage): Promise<void> => page.evaluate((data) => window.postMessage(data, '*'), message);
  const deliver = (message: ToPage): void => void post(message).catch(() => undefined); // The page may have been closed meanwhile.
  server.onNotification('safelog/view/changed', (params) => deliver({ kind: 'notification', method: 'safelog/view/changed', params }));

  const requests: string[] = [];
  const running = new Map<number, CancellationTokenSource>();
  await page.exposeFunction('toExtension', (message: FromPage) => {
    if (message.kind === 'ready') {
      const all: PageSettings = {
        ...{ timeZone: 'utc', localZone: 'UTC', ansi: 'draw', microseconds: false, wrap: false, highlights: [] },
        ...{ histogram: true, context: 0, queries: [], ...settings },
      };
      const layout: PageLayout = { details: false, detailsHeight: null, time: 'absolute', hidden: [], widths: {}, ...arranged };
      deliver({ kind: 'start', source, filter, title: 'Log Timeline', settings: all, layout, past: [] });
    } else if (message.kind === 'cancel') running.get(message.id)?.cancel();
    else {
      const { id, method, params } = message;
      requests.push(method);
      const cancellation = new CancellationTokenSource();
      running.set(id, cancellation);
      const answer = method.startsWith('safelog/')
        ? server.sendRequest(method, params, cancellation.token)
        : Promise.resolve(host(method, params) ?? null);
      answer
        .then((result) => deliver({ kind: 'response', id, result }))
        .catch((error: unknown) => deliver({ kind: 'failure', id, message: error instanceof Error ? error.message : String(error) }))
        .finally(() => running.delete(id));
    }
  });
  await page.addInitScript(() => {
    let state: unknown;
    Object.assign(globalThis, {
      acquireVsCodeApi: () => ({
        postMessage: (message: unknown) => (globalThis as unknown as { toExtension(sent: unknown): void }).toExtension(message),
        getState: () => state,
        setState: (kept: unknown) => {
          state = kept;
        },
      }),
    });
  });
  await page.route(`${origin}/**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === '') return route.fulfill({ contentType: 'text/html', body: html(theme) });
    return route.fulfill({ path: join('webview-ui', 'dist', name) });
  });
  await page.goto(`${origin}/`);
  return {
    page,
    post,
    requests,
    close: async () => {
      await browser.close();
      await server.sendRequest('shutdown');
      server.dispose();
      child.kill();
      rmSync(caches, { recursive: true, force: true });
    },
  };
}

function html({ style, body }: { style: string; body: string }): string {
  return `<!DOCTYPE html>
<html lang="en" style="${style.replaceAll('"', '&quot;')}"><head><meta charset="utf-8"><title>Log Timeline</title>
<link rel="stylesheet" href="codicon.css" id="vscode-codicon-stylesheet"><script type="module" src="timeline.js"></script></head>
<body class="${body}"><safelog-timeline></safelog-timeline></body></html>`;
}
