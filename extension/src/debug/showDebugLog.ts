/** `Safelog: Show Log of This Debug Session`: the tree's timeline, narrowed to what the launch has logged since its start. */

import { l10n, window } from 'vscode';
import type { Filter } from '../../../server/src/protocol.ts';
import type { TimelinePanels } from '../timelinePanels.ts';
import type { DebugDestination } from './debugDestination.ts';

/** What was printed last may come after the session's end (µs). */
const afterEnd = 2_000_000;

export async function showDebugLog(destination: DebugDestination, panels: TimelinePanels): Promise<void> {
  const { launch } = destination;
  if (launch === undefined) {
    void window.showInformationMessage(l10n.t('No debug session of this window has been written yet.'));
    return;
  }
  const { root, user, module } = await destination.place(launch);
  const filter: Filter = { users: [user], modules: [module], since: launch.since };
  if (launch.until !== undefined) filter.until = launch.until + afterEnd;
  panels.show({ source: { kind: 'tree', root }, filter: {}, title: l10n.t('Debug: {0}', launch.name) }, filter);
}
