import assert from 'node:assert/strict';
import * as vscode from 'vscode';

const filler = (lines: number): string => '2026-11-20 10:00:00.000001+00:00 INFO nothing\n'.repeat(lines);
const trace = (name: string): string =>
  `2026-11-20 10:00:00.000001+00:00 ERROR Traceback (most recent call last):\n  File "/build/x.py", line 3, in f\n    g()\nValueError: ${name}\n`;

describe('traces of a large document', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor'));

  const errors = async ({ uri }: vscode.TextDocument): Promise<string[]> => {
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', uri);
    return (symbols ?? []).map(({ name, range }) => `${name} @${range.start.line}`);
  };

  // Lines are looked at in slices of 20 000: there are traces at their seams, and one begins in each.
  it('are found at the seams of what is looked at together, and after each change', async () => {
    const text = `${trace('a')}${filler(19_991)}${trace('b')}${trace('c')}${filler(21_000)}${trace('d')}`;
    const document = await vscode.workspace.openTextDocument({ language: 'log', content: text });
    await vscode.window.showTextDocument(document);
    const [a, b, c, d] = [0, 19_995, 19_999, 41_003];
    assert.deepEqual(await errors(document), [`ValueError: a @${a}`, `ValueError: b @${b}`, `ValueError: c @${c}`, `ValueError: d @${d}`]);

    const edit = async (range: vscode.Range, newText: string): Promise<void> => {
      const change = new vscode.WorkspaceEdit();
      change.replace(document.uri, range, newText);
      assert.ok(await vscode.workspace.applyEdit(change));
    };
    const end = document.lineAt(document.lineCount - 1).range.end;
    await edit(new vscode.Range(end, end), trace('e'));
    assert.deepEqual((await errors(document)).slice(-2), [`ValueError: d @${d}`, `ValueError: e @${d + 4}`]);
    await edit(new vscode.Range(0, 0, 4, 0), '');
    assert.deepEqual(
      await errors(document),
      ['b', 'c', 'd', 'e'].map((name, index) => `ValueError: ${name} @${([b, c, d, d + 4][index] ?? 0) - 4}`),
    );

    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>('vscode.executeLinkProvider', document.uri);
    assert.equal(links.filter(({ target }) => target?.scheme === 'command').length, 4);
  });
});
