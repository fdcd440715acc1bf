import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { until } from './waiting.ts';

/** The user's folder in the log tree. */
export function userFolder(): string {
  const root = vscode.workspace.getConfiguration('safelog').get<string>('root');
  assert.ok(root);
  return join(root, userInfo().username);
}

/** A program of these lines in a folder of its own; its path. */
export async function programOf(name: string, lines: readonly string[]): Promise<string> {
  const program = join(await mkdtemp(join(tmpdir(), 'safelog-debug-')), name);
  await writeFile(program, lines.join('\n'));
  return program;
}

/** Sets a breakpoint at each of the lines, 1-based; one with a message is a logpoint. */
export function setBreakpoints(program: string, lines: Record<number, string | undefined>): vscode.Disposable {
  const breakpoints = Object.entries(lines).map(([line, message]) => {
    const place = new vscode.Location(vscode.Uri.file(program), new vscode.Position(Number(line) - 1, 0));
    return new vscode.SourceBreakpoint(place, true, undefined, undefined, message);
  });
  vscode.debug.addBreakpoints(breakpoints);
  return new vscode.Disposable(() => vscode.debug.removeBreakpoints(breakpoints));
}

/** Goes on from every stop, once VS Code has shown it, and has js-debug stop at uncaught errors, for which VS Code has only a checkbox. */
export function goOn(): vscode.Disposable {
  return vscode.debug.registerDebugAdapterTrackerFactory('*', {
    createDebugAdapterTracker: (session) => ({
      onDidSendMessage: ({ type, event, command, body }) => {
        if (type === 'response' && command === 'configurationDone' && session.type === 'pwa-node')
          void session.customRequest('setExceptionBreakpoints', { filters: ['uncaught'] });
        // The answer to what VS Code asks itself: it knows the stop by then.
        if (event === 'stopped') void session.customRequest('threads').then(() => leave(session, body.threadId));
      },
    }),
  });
}

async function leave(session: vscode.DebugSession, threadId: number): Promise<void> {
  await session.customRequest('stackTrace', { threadId, levels: 1 });
  await session.customRequest('continue', { threadId });
}

/** Starts a configuration and waits until its session, and all children, have ended. */
export async function debugToEnd(configuration: vscode.DebugConfiguration | string, folder?: vscode.WorkspaceFolder): Promise<void> {
  const running = new Set<string>();
  let hasStarted = false;
  const subscriptions = [
    vscode.debug.onDidStartDebugSession(({ id }) => {
      hasStarted = true;
      running.add(id);
    }),
    vscode.debug.onDidTerminateDebugSession(({ id }) => running.delete(id)),
  ];
  try {
    assert.ok(await vscode.debug.startDebugging(folder, configuration));
    await until('the session has ended', () => hasStarted && running.size === 0, 120_000);
  } finally {
    for (const each of subscriptions) each.dispose();
  }
}

/** Entries of a log's last session, without their times, once it has ended; further lines joined to the first as they stand. */
export async function entriesOf(module: string): Promise<string[]> {
  const text = await until(`${module}.log has the end of the session`, async () => {
    const read = await readFile(join(userFolder(), `${module}.log`), 'utf8').catch(() => '');
    return new RegExp(` Session ended: ${module.replaceAll('_', '.')}\\n$`).test(read) && read;
  });
  const entries = text
    .trimEnd()
    .split(/\n(?=\d{4}-)/)
    .map((entry) => entry.replace(/^\S+ \S+ /, ''));
  // Before it stands what a first try of the spec has left.
  const begins = new RegExp(`Session started: ${module.replaceAll('_', '.')} `);
  return entries.slice(entries.findLastIndex((entry) => begins.test(entry)));
}
