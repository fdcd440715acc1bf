import { commands, l10n, window } from 'vscode';
import { commands as ids } from './ids.ts';

/** Shows what went wrong, with the way to the details. */
export function showError(error: unknown): void {
  const details = l10n.t('Show Output');
  const message = error instanceof Error ? error.message : String(error);
  void window.showErrorMessage(l10n.t('Safelog: {0}', message), details).then((answer) => {
    if (answer === details) return commands.executeCommand(ids.showOutput);
  });
}
