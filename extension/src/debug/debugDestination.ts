/** Writes what every debug session prints to ROOT/USER/CONFIGURATION.log, through the writer in the language server. */

import { type DebugAdapterTracker, type DebugSession, type Disposable, debug } from 'vscode';
import type { DebugLogParams } from '../../../server/src/protocol.ts';
import { settings } from '../ids.ts';
import type { Server } from '../server.ts';
import { isOn } from '../settings.ts';
import { OutputLines } from './outputLines.ts';

/** How long lines wait for others before they go to the server together. */
const batchMs = 100;

export function registerDebugDestination(server: Server, report: (error: unknown) => void): Disposable {
  return debug.registerDebugAdapterTrackerFactory('*', {
    createDebugAdapterTracker: (session) => (isOn(settings.debugEnabled) ? new SessionLog(session, server, report) : undefined),
  });
}

/** One session's tracker. Whatever goes wrong here is reported, and never reaches the session. */
class SessionLog implements DebugAdapterTracker {
  readonly #module: string;
  readonly #server: Server;
  readonly #report: (error: unknown) => void;
  readonly #lines = new OutputLines();
  #sending: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #failed = false;

  constructor(session: DebugSession, server: Server, report: (error: unknown) => void) {
    this.#module = configurationOf(session);
    this.#server = server;
    this.#report = report;
  }

  onDidSendMessage(message: unknown): void {
    const body = outputOf(message);
    if (body === undefined) return;
    this.#lines.push(body.category, body.output);
    this.#timer ??= setTimeout(() => this.#flush(), batchMs);
  }

  onWillStopSession(): void {
    this.#end();
  }

  onExit(): void {
    this.#end();
  }

  #end(): void {
    this.#lines.end();
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const run of this.#lines.take()) {
      this.#sending = this.#sending.then(() => this.#send({ module: this.#module, ...run }));
    }
  }

  async #send(params: DebugLogParams): Promise<void> {
    try {
      await this.#server.request('safelog/debug/log', params);
      this.#failed = false;
    } catch (error) {
      // Once for a row of failures: a session prints much, and each line would fail for the same reason.
      if (!this.#failed) this.#report(error);
      this.#failed = true;
    }
  }
}

/** A launch of js-debug has child sessions, whose names end in a pid: the root's configuration is the one that a person knows. */
function configurationOf(session: DebugSession): string {
  let root = session;
  while (root.parentSession !== undefined) root = root.parentSession;
  return root.configuration.name;
}

function outputOf(message: unknown): { category: unknown; output: string } | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, event, body } = message as Record<string, unknown>;
  if (type !== 'event' || event !== 'output' || typeof body !== 'object' || body === null) return undefined;
  const { category, output } = body as Record<string, unknown>;
  return typeof output === 'string' ? { category, output } : undefined;
}
