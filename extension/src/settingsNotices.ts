/** Says once what of the settings cannot be used, with what could be. */

import { commands, type Disposable, type LogOutputChannel, l10n, window } from 'vscode';
import type { Server } from './server.ts';
import { section } from './settings.ts';

export function registerSettingsNotices(server: Server, output: LogOutputChannel): Disposable {
  const said = new Set<string>();
  return server.onNotification('safelog/settings/refused', ({ problems }) => {
    for (const problem of problems) {
      if (said.has(problem)) continue;
      said.add(problem);
      output.warn(problem);
      void tell(problem);
    }
  });
}

async function tell(problem: string): Promise<void> {
  const open = l10n.t('Open Settings');
  if ((await window.showWarningMessage(problem, open)) === open) await commands.executeCommand('workbench.action.openSettings', section);
}
