/** Asks for a filter in the query language, and does not let go of one that cannot be used. */

import { l10n, window } from 'vscode';

/**
 * @param apply rejects with what is wrong
 * @returns when the box is gone
 */
export function askForFilter(query: string, apply: (query: string) => Promise<void>): Promise<void> {
  const box = window.createInputBox();
  box.title = l10n.t('Filter of the Tail');
  box.placeholder = 'level>=warning module:web* -noise has:exception';
  box.prompt = l10n.t('A query as in the timeline; empty shows everything');
  box.value = query;
  return new Promise((resolve) => {
    box.onDidChangeValue(() => {
      box.validationMessage = undefined;
    });
    box.onDidAccept(async () => {
      box.busy = true;
      try {
        await apply(box.value.trim());
        box.hide();
      } catch (error) {
        box.validationMessage = error instanceof Error ? error.message : String(error);
      } finally {
        box.busy = false;
      }
    });
    box.onDidHide(() => {
      box.dispose();
      resolve();
    });
    box.show();
  });
}
