import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { until } from './waiting.ts';

const line = (text: string): string => `2026-11-20 10:00:00.000001+00:00 INFO ${text}\n`;

describe('tail in the editor', () => {
  let folder: string;
  let log: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safelog-tail-'));
    log = join(folder, 'app.log');
    await writeFile(log, line('first'));
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true, force: true });
  });

  async function openTail(): Promise<vscode.TextEditor> {
    await vscode.commands.executeCommand('safelog.tail', vscode.Uri.file(log));
    const editor = await until('the tail is the active editor', () => {
      const active = vscode.window.activeTextEditor;
      return active?.document.uri.scheme === 'safelog-tail' && active.document.uri.fsPath === log ? active : undefined;
    });
    await shows('first');
    return editor;
  }

  const textNow = (): string =>
    vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'safelog-tail' && uri.fsPath === log)?.getText() ?? '';

  const shows = (text: string): Promise<true> =>
    until(`the tail shows ${text}, not only:\n${textNow()}`, () => textNow().includes(text) || undefined);

  /** What the editor has must be these lines, each once. */
  const holds = (...texts: string[]): void => assert.equal(textNow(), texts.map(line).join(''));

  it('grows, is read-only and never dirty, and has the language safelog', async () => {
    const { document } = await openTail();
    await appendFile(log, line('second'));
    await shows('second');
    holds('first', 'second');
    const now = vscode.window.activeTextEditor?.document ?? document;
    assert.equal(now.isDirty, false);
    assert.equal(now.languageId, 'safelog');
    assert.equal(vscode.workspace.fs.isWritableFileSystem('safelog-tail'), false);
  });

  it('joins an entry that arrives in pieces', async () => {
    await openTail();
    const whole = line('in pieces — ünïcode');
    const bytes = Buffer.from(whole);
    const middle = bytes.indexOf('ü') + 1; // within the character
    await appendFile(log, bytes.subarray(0, middle));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await appendFile(log, bytes.subarray(middle));
    await shows('ünïcode');
    holds('first', 'in pieces — ünïcode');
  });

  it('goes on over rename and create', async () => {
    await openTail();
    await appendFile(log, line('before'));
    await rename(log, `${log}.1`);
    await writeFile(log, line('after'));
    await shows('after');
    await appendFile(log, line('and on'));
    await shows('and on');
    holds('first', 'before', 'after', 'and on');
  });

  it('goes on over copy and truncate', async () => {
    await openTail();
    await appendFile(log, line('before'));
    await shows('before');
    await copyFile(log, `${log}.1`);
    await truncate(log, 0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await appendFile(log, line('after'));
    await shows('after');
    holds('first', 'before', 'after');
  });

  it('goes on over truncate and refill', async () => {
    await openTail();
    await writeFile(log, line('refilled with more than there was') + line('and more'));
    await shows('and more');
    holds('first', 'refilled with more than there was', 'and more');
  });

  it('goes on over delete and create', async () => {
    await openTail();
    await rm(log);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await writeFile(log, line('reborn'));
    await shows('reborn');
    holds('first', 'reborn');
  });

  it('follows the end, and keeps a bounded window of a log that floods it', async () => {
    await openTail();
    const block = line('x'.repeat(950)).repeat(1024);
    for (let i = 0; i < 12; i++) await appendFile(log, block);
    await appendFile(log, line('the end'));
    await until('the end is shown', () => textNow().endsWith(line('the end')) || undefined);
    assert.ok(textNow().length <= 9 * 1024 * 1024, `${textNow().length} characters are kept.`);
    assert.ok(textNow().startsWith('2026-'), 'The head was cut at a line.');
    const editor = await until('the end is visible', () => {
      const active = vscode.window.activeTextEditor;
      const last = active?.visibleRanges.at(-1)?.end.line ?? 0;
      return active !== undefined && last >= active.document.lineCount - 2 ? active : undefined;
    });
    assert.equal(editor.document.isDirty, false);
  });

  it('goes over to a new document after 32 MB, in the place of the old one', async () => {
    const { document } = await openTail();
    const block = line('x'.repeat(950)).repeat(5 * 1024);
    for (let i = 0; i < 8; i++) {
      await appendFile(log, block + line(`round ${i}`));
      await until(`round ${i} is shown`, () => {
        const active = vscode.window.activeTextEditor?.document;
        return active?.lineAt(Math.max(0, active.lineCount - 2)).text.endsWith(`round ${i}`);
      });
    }
    const active = await until('another document is active, in the only tab', () => {
      const now = vscode.window.activeTextEditor?.document;
      const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
      return now !== undefined && now.uri.toString() !== document.uri.toString() && tabs.length === 1 ? now : undefined;
    });
    assert.equal(active.uri.fsPath, log);
    await appendFile(log, line('and on'));
    await until('it grows', () => vscode.window.activeTextEditor?.document.getText().endsWith(line('and on')));
  });
});
