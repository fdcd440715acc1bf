/** One page of the timeline, in a panel or a custom editor: relays what it asks of the server, and answers the rest through Host. */

import { randomBytes } from 'node:crypto';
import { CancellationTokenSource, type Disposable, env, l10n, Uri, type Webview, type WebviewOptions } from 'vscode';
import type { FromPage, HostRequests, PageSettings, Source, ToPage, ViewId, ViewState } from '../../server/src/protocol.ts';
import { isRelayed, parseFromPage, parseHostParams, type Subject } from './messages.ts';
import type { PageLayouts } from './pageLayout.ts';
import type { PastFilters } from './pastFilters.ts';
import type { Server } from './server.ts';

/** Answers what the page asks of the extension itself. `root` is that of the page's view, once it is known: files of records count from it. */
export interface Host {
  answer<M extends keyof HostRequests>(
    method: M,
    params: HostRequests[M][0],
    root: string | undefined,
    source: Source,
  ): Promise<HostRequests[M][1]>;
}

export interface PageEnvironment {
  extensionUri: Uri;
  server: Server;
  host: Host;
  settings: () => PageSettings;
  layouts: PageLayouts;
  past: PastFilters;
  report: (error: unknown) => void;
}

export function webviewOptions(extensionUri: Uri): WebviewOptions {
  return { enableScripts: true, localResourceRoots: [pageFolder(extensionUri)] };
}

export class TimelinePage implements Disposable {
  readonly #webview: Webview;
  readonly #environment: PageEnvironment;
  readonly #views = new Set<ViewId>();
  readonly #running = new Map<number, CancellationTokenSource>();
  readonly #disposables: Disposable[] = [];
  #generation = 0;
  #ready = false;
  #root: string | undefined;

  constructor(
    webview: Webview,
    readonly subject: Subject,
    environment: PageEnvironment,
  ) {
    this.#webview = webview;
    this.#environment = environment;
    const { server } = environment;
    this.#disposables.push(
      webview.onDidReceiveMessage((message: unknown) => this.#receive(parseFromPage(message))),
      server.onNotification('safelog/view/changed', (state) => this.#viewChanged(state)),
      server.onNotification('safelog/about/changed', () => this.#tellService()),
      server.onDidRestart(() => this.#serverRestarted()),
      environment.past.onDidChange(() => this.post({ kind: 'past', past: environment.past.of(subject.source) })),
    );
    webview.options = webviewOptions(environment.extensionUri);
    webview.html = html(webview, environment.extensionUri);
  }

  /** The page is gone from the screen and VS Code drops its content: what it subscribed to ends; it comes back with `ready`. */
  suspend(): void {
    this.#ready = false;
    this.#forget(true);
  }

  post(message: ToPage): void {
    if (this.#ready) void this.#webview.postMessage(message);
  }

  settingsChanged(): void {
    this.post({ kind: 'settings', settings: this.#environment.settings() });
  }

  dispose(): void {
    this.suspend();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #receive(message: FromPage | undefined): void {
    switch (message?.kind) {
      case 'ready':
        this.#forget(true);
        this.#ready = true;
        this.#start();
        return;
      case 'cancel':
        this.#running.get(message.id)?.cancel();
        return;
      case 'request':
        void this.#request(message.id, message.method, message.params);
        return;
      case undefined:
        this.#environment.report(new Error('The page sent a message that the protocol does not know.'));
    }
  }

  #start(): void {
    const { settings, layouts, past } = this.#environment;
    this.post({ kind: 'start', ...this.subject, settings: settings(), layout: layouts.current, past: past.of(this.subject.source) });
    this.#tellService();
  }

  #tellService(): void {
    if (!this.#ready || this.subject.source.kind !== 'tree') return;
    const { server, report } = this.#environment;
    Promise.all([server.request('safelog/about', null), server.request('safelog/service', null)]).then(
      ([{ root }, service]) => this.post({ kind: 'service', root, service }),
      report,
    );
  }

  async #request(id: number, method: string, params: unknown): Promise<void> {
    const generation = this.#generation;
    const cancellation = new CancellationTokenSource();
    this.#running.set(id, cancellation);
    try {
      const result = isRelayed(method)
        ? await this.#relay(method, params, cancellation, generation)
        : await this.#answer(method as keyof HostRequests, params);
      if (generation === this.#generation) this.post({ kind: 'response', id, result });
    } catch (error) {
      if (generation === this.#generation)
        this.post({ kind: 'failure', id, message: error instanceof Error ? error.message : String(error) });
    } finally {
      if (this.#running.get(id) === cancellation) this.#running.delete(id);
      cancellation.dispose();
    }
  }

  /** The server checks the parameters of its own requests: they pass through as they are. */
  async #relay(method: Parameters<typeof isRelayed>[0], params: unknown, cancellation: CancellationTokenSource, generation: number) {
    const { server } = this.#environment;
    const result = await server.request(method as 'safelog/view/open', params as never, cancellation.token);
    if (method === 'safelog/view/open') {
      this.#root = result.state.root;
      if (generation === this.#generation) this.#views.add(result.view);
      else void server.request('safelog/view/close', { view: result.view }).catch(this.#environment.report);
    } else if (method === 'safelog/view/close') {
      this.#views.delete((params as { view: ViewId }).view);
    }
    return result;
  }

  #answer<M extends keyof HostRequests>(method: M, params: unknown): Promise<HostRequests[M][1]> {
    return this.#environment.host.answer(method, parseHostParams[method](params), this.#root, this.subject.source);
  }

  #viewChanged(state: ViewState): void {
    if (this.#views.has(state.view)) this.post({ kind: 'notification', method: 'safelog/view/changed', params: state });
  }

  #serverRestarted(): void {
    this.#forget(false);
    this.#start();
  }

  /** Ends what an earlier life of the page, or of the server, still holds. */
  #forget(closeViews: boolean): void {
    this.#generation++;
    for (const cancellation of this.#running.values()) cancellation.cancel();
    this.#running.clear();
    if (closeViews) {
      for (const view of this.#views) this.#environment.server.request('safelog/view/close', { view }).catch(this.#environment.report);
    }
    this.#views.clear();
  }
}

function pageFolder(extensionUri: Uri): Uri {
  return Uri.joinPath(extensionUri, 'webview-ui', 'dist');
}

function html(webview: Webview, extensionUri: Uri): string {
  const nonce = randomBytes(16).toString('base64url');
  const file = (name: string): string => webview.asWebviewUri(Uri.joinPath(pageFolder(extensionUri), name)).toString();
  const policy = [
    "default-src 'none'",
    "img-src 'none'",
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}' ${webview.cspSource}`,
  ].join('; ');
  // Where VS Code's language is another, and we have it.
  const { bundle } = l10n;
  return `<!DOCTYPE html>
<html lang="${bundle === undefined ? 'en' : quoted(env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="safelog-l10n" content="${quoted(JSON.stringify(bundle ?? {}))}">
<title>${l10n.t('Log Timeline')}</title>
<link rel="stylesheet" href="${file('codicon.css')}" id="vscode-codicon-stylesheet">
<script type="module" nonce="${nonce}" src="${file('timeline.js')}"></script>
</head>
<body>
<safelog-timeline></safelog-timeline>
</body>
</html>`;
}

/** As the value of an attribute. */
const quoted = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
