/** The language server as the extension sees it: typed requests and notifications, started when first needed. */

import { type CancellationToken, type Disposable, EventEmitter, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { LanguageClient, RevealOutputChannelOn, State, TransportKind } from 'vscode-languageclient/node';
import type { ClientNotifications, ServerNotifications, ServerRequests } from '../../server/src/protocol.ts';
import { serverSettings } from './settings.ts';

export class Server implements Disposable {
  readonly #client: LanguageClient;
  readonly #restarted = new EventEmitter<void>();
  #starts = 0;
  /** Fires each time a new server runs in the place of an earlier one: everything that was opened in that one is gone. */
  readonly onDidRestart = this.#restarted.event;

  constructor(context: ExtensionContext, output: LogOutputChannel) {
    const module = context.asAbsolutePath('server/dist/languageServer.js');
    const options = { module, transport: TransportKind.ipc } as const;
    this.#client = new LanguageClient(
      'safelog',
      'Safelog',
      { run: options, debug: { ...options, options: { execArgv: ['--nolazy', '--inspect=127.0.0.1:6019'] } } },
      {
        // No document selector: logs are never sent to the server as text (a 40 MB didOpen blocks the sender for 0.1 s).
        outputChannel: output,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: serverSettings,
      },
    );
    this.#client.onDidChangeState(({ newState }) => {
      if (newState === State.Running && ++this.#starts > 1) this.#restarted.fire();
    });
  }

  /** Starts the server where it does not run yet. Rejects with the server's own error, or where it cannot be started. */
  async request<M extends keyof ServerRequests>(
    method: M,
    params: ServerRequests[M][0],
    token?: CancellationToken,
  ): Promise<ServerRequests[M][1]> {
    return this.#client.sendRequest<ServerRequests[M][1]>(method, params, token);
  }

  /** Tells a running server; one that is not running learns the same at its start. */
  async notify<M extends keyof ClientNotifications>(method: M, params: ClientNotifications[M]): Promise<void> {
    if (this.#client.isRunning()) await this.#client.sendNotification(method, params);
  }

  onNotification<M extends keyof ServerNotifications>(method: M, handler: (params: ServerNotifications[M]) => void): Disposable {
    return this.#client.onNotification(method, handler);
  }

  async start(): Promise<void> {
    await this.#client.start();
  }

  async restart(): Promise<void> {
    if (this.#client.isRunning()) await this.#client.restart();
    else await this.#client.start();
  }

  async dispose(): Promise<void> {
    this.#restarted.dispose();
    // A client that never started, or failed to, has nothing to end.
    if (this.#client.needsStop()) await this.#client.dispose();
  }
}
