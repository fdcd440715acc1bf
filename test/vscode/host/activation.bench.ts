import * as vscode from 'vscode';
import { keepResult } from './keepResult.ts';
import { until } from './waiting.ts';

/** Not a test: `npm run bench -- activation` runs it, and reads what it writes. */
it('the extension host tells how long the activation took', async () => {
  await vscode.extensions.getExtension('safelog.safelog')?.activate();
  await vscode.commands.executeCommand('perfview.show');
  // Columns: Extension, Eager, Load Code, Call Activate, Finish Activate, Event, By.
  const [, , loadCode, callActivate, , event] = await until('the page has it', () => {
    const text = vscode.window.activeTextEditor?.document.getText() ?? '';
    const row = text.split('\n').find((line) => /^\|\s*safelog\.safelog\s*\|/.test(line));
    return row
      ?.split('|')
      .map((cell) => cell.trim())
      .slice(1);
  });
  await keepResult('activation', { loadCode: Number(loadCode), callActivate: Number(callActivate), event });
});
