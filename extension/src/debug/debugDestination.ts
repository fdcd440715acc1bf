/** Writes what debug sessions print, and what happens to them, to ROOT/USER/CONFIGURATION.log, through the writer in the language server. */

import { join } from 'node:path';
import { commands, type DebugAdapterTracker, type DebugSession, Disposable, debug } from 'vscode';
import type { DebugLogPlace, Micros } from '../../../server/src/protocol.ts';
import { contextKeys } from '../ids.ts';
import type { Server } from '../server.ts';
import { debugRecords } from '../settings.ts';
import { Consent } from './consent.ts';
import { DebugLog } from './debugLog.ts';
import { SessionRecorder } from './sessionRecorder.ts';

/** A launch, with all its child sessions. */
export interface Launch {
  name: string;
  since: Micros;
  /** When its last session ended; undefined while it runs. */
  until?: Micros;
}

interface Recorded {
  launch: Launch;
  log: DebugLog;
  /** Ids of the sessions that run. */
  running: Set<string>;
  /** Of the root session: after a restart it is another one. */
  root?: SessionRecorder;
}

const now = (): Micros => Date.now() * 1000;

export class DebugDestination implements Disposable {
  readonly #server: Server;
  readonly #report: (error: unknown) => void;
  readonly #consent: Consent;
  readonly #registrations: Disposable;
  /** By the root session's id: those that run, and the last one. */
  readonly #launches = new Map<string, Recorded>();
  #last: Launch | undefined;

  constructor(server: Server, report: (error: unknown) => void) {
    this.#server = server;
    this.#report = report;
    this.#consent = new Consent(report);
    this.#registrations = Disposable.from(
      this.#consent,
      this.#consent.onDidDecide(() => {
        for (const { log } of this.#launches.values()) void log.flush();
      }),
      debug.registerDebugAdapterTrackerFactory('*', { createDebugAdapterTracker: (session) => this.#track(session) }),
      debug.onDidTerminateDebugSession((session) => this.#ended(session)),
    );
  }

  /** The launch of the active session, or the one that ended last. */
  get launch(): Launch | undefined {
    const active = debug.activeDebugSession;
    return (active && this.#launches.get(rootOf(active).id)?.launch) ?? this.#last;
  }

  /** Where a launch's entries stand. */
  place({ name }: Launch): Promise<DebugLogPlace> {
    return this.#server.request('safelog/debug/log', { module: name, entries: [] });
  }

  dispose(): void {
    this.#registrations.dispose();
  }

  /** Whatever goes wrong here is reported, and never reaches the session. */
  #track(session: DebugSession): DebugAdapterTracker | undefined {
    if (this.#consent.gate === 'shut') return undefined;
    const recorded = this.#launchOf(rootOf(session));
    recorded.running.add(session.id);
    const recorder = new SessionRecorder(
      {
        name: session.name,
        type: session.type,
        isChild: session.parentSession !== undefined,
        ask: (command, args) => session.customRequest(command, args),
      },
      recorded.log,
      debugRecords(),
      now,
    );
    if (session.parentSession === undefined) recorded.root = recorder;
    const safely = (action: () => void): void => {
      try {
        action();
      } catch (error) {
        this.#report(error);
      }
    };
    const end = (): void => safely(() => recorder.end());
    return {
      onWillStartSession: () => safely(() => recorder.begin()),
      onWillReceiveMessage: (message) => safely(() => recorder.fromClient(message)),
      onDidSendMessage: (message) => safely(() => recorder.fromAdapter(message)),
      onWillStopSession: end,
      onExit: end,
    };
  }

  #launchOf(root: DebugSession): Recorded {
    const known = this.#launches.get(root.id);
    if (known !== undefined) return known;
    const { name } = root.configuration;
    const launch: Launch = { name, since: now() };
    const log = new DebugLog({
      gate: () => this.#consent.gate,
      send: (entries) => this.#server.request('safelog/debug/log', { module: name, entries }),
      report: this.#report,
    });
    const added: Recorded = { launch, log, running: new Set() };
    this.#launches.set(root.id, added);
    this.#last = launch;
    void commands.executeCommand('setContext', contextKeys.hasDebugLog, true);
    void this.#ask(launch).catch(this.#report);
    return added;
  }

  async #ask(launch: Launch): Promise<void> {
    if (this.#consent.gate !== 'waiting') return;
    const { root, user, module } = await this.place(launch);
    this.#consent.ask(join(root, user, `${module}.log`));
  }

  #ended(session: DebugSession): void {
    const root = rootOf(session);
    const known = this.#launches.get(root.id);
    if (known === undefined) return;
    known.running.delete(session.id);
    if (known.running.size > 0) return;
    known.root?.conclude();
    known.launch.until = now();
    this.#last = known.launch;
    // Its log is still needed where the question has not been answered.
    if (this.#consent.gate !== 'waiting') this.#launches.delete(root.id);
    void known.log.end();
  }
}

/** A launch of js-debug has child sessions, whose names end in a pid: the root's configuration is the one that a person knows. */
function rootOf(session: DebugSession): DebugSession {
  let root = session;
  while (root.parentSession !== undefined) root = root.parentSession;
  return root;
}
