/** Errors of a log as the badge and colour of its item. */

import { FileDecoration, type FileDecorationProvider, l10n, ThemeColor, type Uri } from 'vscode';
import { schemes } from '../ids.ts';

export class ErrorDecorations implements FileDecorationProvider {
  provideFileDecoration({ scheme, query }: Uri): FileDecoration | undefined {
    const errors = scheme === schemes.node ? Number(query) : 0;
    if (!(errors > 0)) return undefined;
    // VS Code shows two characters at most.
    const badge = errors > 99 ? '9+' : String(errors);
    return new FileDecoration(badge, errorsText(errors), new ThemeColor('list.errorForeground'));
  }
}

export function errorsText(errors: number): string {
  return l10n.t('errors and exceptions: {0}', errors.toLocaleString());
}
