/** The language server as the extension sees it: typed requests and notifications. It is started, and its client loaded, when first needed. */

import { type CancellationToken, Disposable, EventEmitter, type ExtensionContext, type LogOutputChannel } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { ClientNotifications, ServerNotifications, ServerRequests, ServerSettings } from '../../server/src/protocol.ts';

type Handlers = { [M in keyof ServerNotifications]: Set<(params: ServerNotifications[M]) => void> };

export class Server implements Disposable {
  readonly #module: string;
  readonly #output: LogOutputChannel;
  readonly #settings: () => ServerSettings;
  readonly #started = new EventEmitter<void>();
  readonly #restarted = new EventEmitter<void>();
  /** The client keeps one handler for each method, and several of ours listen. */
  readonly #handlers: Handlers = {
    'safelog/view/changed': new Set(),
    'safelog/tree/changed': new Set(),
    'safelog/export/progress': new Set(),
    'safelog/tail/appended': new Set(),
    'safelog/about/changed': new Set(),
    'safelog/settings/refused': new Set(),
  };
  #client: Promise<LanguageClient> | undefined;
  #starts = 0;
  readonly onDidStart = this.#started.event;
  /** Fires each time a new server runs in the place of an earlier one: everything that was opened in that one is gone. */
  readonly onDidRestart = this.#restarted.event;

  /** @param settings asked at each start of the server */
  constructor(context: ExtensionContext, output: LogOutputChannel, settings: () => ServerSettings) {
    this.#module = context.asAbsolutePath('server/dist/languageServer.js');
    this.#output = output;
    this.#settings = settings;
  }

  /** Starts the server where it does not run yet. Rejects with the server's own error, or where it cannot be started. */
  async request<M extends keyof ServerRequests>(
    method: M,
    params: ServerRequests[M][0],
    token?: CancellationToken,
  ): Promise<ServerRequests[M][1]> {
    return (await this.#connected()).sendRequest<ServerRequests[M][1]>(method, params, token);
  }

  /** Tells a running server; one that is not running learns the same at its start. */
  async notify<M extends keyof ClientNotifications>(method: M, params: ClientNotifications[M]): Promise<void> {
    const client = await this.#client;
    if (client?.isRunning()) await client.sendNotification(method, params);
  }

  onNotification<M extends keyof ServerNotifications>(method: M, handler: (params: ServerNotifications[M]) => void): Disposable {
    const handlers: Set<(params: ServerNotifications[M]) => void> = this.#handlers[method];
    handlers.add(handler);
    return new Disposable(() => handlers.delete(handler));
  }

  async start(): Promise<void> {
    await (await this.#connected()).start();
  }

  /** Also where the server could not be started, or had been given up because it ended again and again. */
  async restart(): Promise<void> {
    const client = await this.#client;
    if (client?.isRunning()) return client.restart();
    this.#client = undefined;
    await this.start();
  }

  async dispose(): Promise<void> {
    this.#started.dispose();
    this.#restarted.dispose();
    const client = await this.#client;
    // A client that failed to start has nothing to end.
    if (client?.needsStop()) await client.dispose();
  }

  #connected(): Promise<LanguageClient> {
    this.#client ??= this.#connect();
    return this.#client;
  }

  async #connect(): Promise<LanguageClient> {
    const { LanguageClient, RevealOutputChannelOn, State, TransportKind } = await import('vscode-languageclient/node');
    const run = { module: this.#module, transport: TransportKind.ipc };
    const client = new LanguageClient(
      'safelog',
      'Safelog',
      { run, debug: { ...run, options: { execArgv: ['--nolazy', '--inspect=127.0.0.1:6019'] } } },
      {
        // No document selector: logs are never sent to the server as text (a 40 MB didOpen blocks the sender for 0.1 s).
        outputChannel: this.#output,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: this.#settings,
      },
    );
    client.onDidChangeState(({ newState }) => {
      if (newState !== State.Running) return;
      this.#started.fire();
      if (++this.#starts > 1) this.#restarted.fire();
    });
    for (const method of Object.keys(this.#handlers) as (keyof ServerNotifications)[]) this.#forward(client, method);
    return client;
  }

  #forward<M extends keyof ServerNotifications>(client: LanguageClient, method: M): void {
    const handlers: Set<(params: ServerNotifications[M]) => void> = this.#handlers[method];
    client.onNotification(method, (params: ServerNotifications[M]) => {
      // A copy: a handler may add or remove others.
      for (const handler of [...handlers]) handler(params);
    });
  }
}
