/** The one item that is always there: the way to the timeline. */

import { type Disposable, l10n, StatusBarAlignment, window } from 'vscode';
import { commands } from './ids.ts';

export function showStatusBarItem(): Disposable {
  const item = window.createStatusBarItem('safelog.timeline', StatusBarAlignment.Left);
  item.name = l10n.t('Safelog');
  item.text = `$(output) ${l10n.t('Safelog')}`;
  item.tooltip = l10n.t('Open the log timeline');
  item.command = commands.openTimeline;
  item.show();
  return item;
}
