/** What the active editor's tail is doing, in the status bar: whether it follows, how fast it grows, its errors, its filter. */

import { type Disposable, l10n, StatusBarAlignment, type StatusBarItem, window } from 'vscode';
import { commands } from '../ids.ts';
import type { TailStatus } from './tailDocument.ts';

export class TailStatusBar implements Disposable {
  readonly #follow = newItem('safelog.tailFollow', l10n.t('Safelog: Follow'), commands.toggleTailFollow, 102);
  readonly #rate = newItem('safelog.tailRate', l10n.t('Safelog: Rate and Errors'), commands.tailLastError, 101);
  readonly #filter = newItem('safelog.tailFilter', l10n.t('Safelog: Filter of the Tail'), commands.tailFilter, 103);

  show(status: TailStatus | undefined): void {
    if (status === undefined) {
      for (const item of this.#items) item.hide();
      return;
    }
    this.#showFollow(status);
    this.#showRate(status);
    this.#showFilter(status);
  }

  dispose(): void {
    for (const item of this.#items) item.dispose();
  }

  get #items(): StatusBarItem[] {
    return [this.#follow, this.#rate, this.#filter];
  }

  #showFollow(status: TailStatus): void {
    const { following, paused, waiting } = status;
    const state = following
      ? `$(arrow-down) ${l10n.t('Following')}`
      : waiting > 0
        ? `$(debug-pause) ${l10n.t('Paused, {0} new lines', waiting.toLocaleString())}`
        : `$(debug-pause) ${paused ? l10n.t('Paused') : l10n.t('Not following')}`;
    const restarted = restartText(status);
    this.#follow.text = restarted === undefined ? state : `${state} · ${restarted}`;
    this.#follow.tooltip = following
      ? l10n.t('The log is followed. Click, or scroll up, to stay here.')
      : l10n.t('Click to go to the end and follow the log.');
    this.#follow.show();
  }

  #showRate({ linesPerSecond, errors }: TailStatus): void {
    this.#rate.text = `$(pulse) ${l10n.t('{0} lines/s', linesPerSecond.toLocaleString())} $(error) ${errors.toLocaleString()}`;
    this.#rate.tooltip = l10n.t('Errors since the tail was opened or cleared: {0}. Click to go to the last one.', errors.toLocaleString());
    this.#rate.accessibilityInformation = { label: l10n.t('{0} lines per second, {1} errors', linesPerSecond, errors), role: 'button' };
    this.#rate.show();
  }

  #showFilter({ query }: TailStatus): void {
    if (query === '') {
      this.#filter.hide();
      return;
    }
    const short = query.length > 40 ? `${query.slice(0, 39)}…` : query;
    // A text of the status bar names icons by `$(…)`.
    this.#filter.text = `$(filter) ${short.replaceAll('$(', '$\u200b(')}`;
    this.#filter.tooltip = l10n.t('Only what passes the filter is shown. Click to change it.');
    this.#filter.show();
  }
}

function newItem(id: string, name: string, command: string, priority: number): StatusBarItem {
  const item = window.createStatusBarItem(id, StatusBarAlignment.Right, priority);
  item.name = name;
  item.command = command;
  return item;
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
