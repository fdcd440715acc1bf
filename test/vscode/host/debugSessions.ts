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

/** Entries of a log, without their times, once its last session has ended; further lines joined to the first as they stand. */
export async function entriesOf(module: string): Promise<string[]> {
  const text = await until(`${module}.log has the end of the session`, async () => {
    const read = await readFile(join(userFolder(), `${module}.log`), 'utf8').catch(() => '');
    return new RegExp(` Session ended: ${module.replaceAll('_', '.')}\\n$`).test(read) && read;
  });
  return text
    .trimEnd()
    .split(/\n(?=\d{4}-)/)
    .map((entry) => entry.replace(/^\S+ \S+ /, ''));
}
