/** What the active editor's tail is doing, in the status bar; a click follows or lets go. */

import { type Disposable, l10n, StatusBarAlignment, window } from 'vscode';
import { commands } from '../ids.ts';
import type { TailStatus } from './tailDocument.ts';

export class TailStatusBar implements Disposable {
  readonly #item = window.createStatusBarItem('safelog.tailFollow', StatusBarAlignment.Right, 100);

  constructor() {
    this.#item.name = l10n.t('Safelog: Follow');
    this.#item.command = commands.toggleTailFollow;
  }

  show(status: TailStatus | undefined): void {
    if (status === undefined) {
      this.#item.hide();
      return;
    }
    const { following, waiting } = status;
    const state = following
      ? `$(arrow-down) ${l10n.t('Following')}`
      : waiting > 0
        ? `$(debug-pause) ${l10n.t('Paused, {0} new lines', waiting.toLocaleString())}`
        : `$(debug-pause) ${l10n.t('Not following')}`;
    const restarted = restartText(status);
    this.#item.text = restarted === undefined ? state : `${state} · ${restarted}`;
    this.#item.tooltip = following
      ? l10n.t('The log is followed. Click, or scroll up, to stay here.')
      : l10n.t('Click to go to the end and follow the log.');
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}

function restartText({ restarted }: TailStatus): string | undefined {
  const time = restarted?.at.toLocaleTimeString() ?? '';
  switch (restarted?.how) {
    case 'rotated':
      return l10n.t('rotated {0}', time);
    case 'truncated':
      return l10n.t('emptied {0}', time);
    case 'created':
      return l10n.t('created anew {0}', time);
    case 'deleted':
      return l10n.t('deleted {0}', time);
    case undefined:
      return undefined;
  }
}
