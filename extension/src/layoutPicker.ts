/** Lets a person choose how a log reads, and shows for each choice how its first lines would. */

import { basename } from 'node:path';
import { l10n, type QuickPick, type QuickPickItem, window } from 'vscode';
import type { LayoutPreview, LayoutPreviews } from '../../server/src/protocol.ts';
import type { Server } from './server.ts';
import { keepLayout } from './settings.ts';

interface Choice extends QuickPickItem {
  layout: string | null;
  usable: boolean;
}

/** Chooses for the log that `path` is a generation of, and keeps it in the settings. */
export async function pickLayout(server: Server, path: string): Promise<void> {
  const { log, previews } = await server.request('safelog/layout/preview', { path });
  const choices = [...previews]
    .sort((a, b) => Number(b.layout === null) - Number(a.layout === null) || b.entries - a.entries)
    .map(choiceOf);
  const preview = async (layout: string): Promise<Choice | undefined> => {
    const answer = await server.request('safelog/layout/preview', { path, layouts: [layout] });
    return answer.previews.map(choiceOf)[0];
  };
  const chosen = await choose(l10n.t('Layout of {0}', basename(log)), choices, preview);
  if (chosen !== undefined) await keepLayout(log, chosen.layout);
}

function choose(
  title: string,
  choices: readonly Choice[],
  preview: (layout: string) => Promise<Choice | undefined>,
): Promise<Choice | undefined> {
  const quickPick = window.createQuickPick<Choice>();
  quickPick.title = title;
  quickPick.placeholder = l10n.t('Choose, or type a format string such as %(asctime)s %(levelname)s %(message)s;datefmt=%d/%m/%Y %H:%M:%S');
  quickPick.matchOnDescription = true;
  quickPick.items = choices;
  return new Promise((resolve) => {
    quickPick.onDidChangeValue((value) => void showTyped(quickPick, choices, value, preview));
    quickPick.onDidAccept(() => {
      const [choice] = quickPick.selectedItems;
      if (choice?.usable !== true) return;
      resolve(choice);
      quickPick.hide();
    });
    quickPick.onDidHide(() => {
      resolve(undefined);
      quickPick.dispose();
    });
    quickPick.show();
  });
}

/** What is typed is a choice of its own once it looks like a format. */
async function showTyped(
  quickPick: QuickPick<Choice>,
  choices: readonly Choice[],
  value: string,
  preview: (layout: string) => Promise<Choice | undefined>,
): Promise<void> {
  const typed = /[%{$]/.test(value) ? await preview(value).catch(() => undefined) : undefined;
  // Another letter was typed meanwhile.
  if (quickPick.value !== value) return;
  quickPick.items = typed === undefined ? choices : [{ ...typed, alwaysShow: true }, ...choices];
}

function choiceOf(preview: LayoutPreviews['previews'][number]): Choice {
  const { layout, error, found } = preview;
  return {
    layout,
    usable: error === undefined,
    label: layout === null ? l10n.t('$(search) As It Is Found Out') : (nameOfLayout(layout) ?? layout.replaceAll('$(', '$\u200b(')),
    description: layout === null ? (found ?? '') : nameOfLayout(layout) === undefined ? '' : layout,
    detail: error ?? describe(preview),
  };
}

/** What a layout that has a name is called; undefined for a format string. */
export function nameOfLayout(layout: string): string | undefined {
  switch (layout) {
    case 'safelog':
      return l10n.t('Safelog');
    case 'json':
      return l10n.t('JSON Lines');
    case 'logfmt':
      return l10n.t('logfmt');
    case 'syslog':
      return l10n.t('Syslog');
    case 'access':
      return l10n.t('Access Log of a Web Server');
    default:
      return undefined;
  }
}

/** `3 of 4 lines begin an entry · 2026-11-20 22:56:00 · WARNING · slow: 1280 ms`. */
function describe({ lines, entries, first }: LayoutPreview): string {
  if (first === undefined) return l10n.t('None of the first {0} lines begins an entry', lines);
  const time =
    first.time === null ? l10n.t('no time') : new Date(first.time / 1000).toISOString().slice(0, 19).replace('T', ' ').concat(' UTC');
  const parts = [l10n.t('{0} of {1} lines begin an entry', entries, lines), time, levelText(first.level), first.text];
  return parts.filter((part) => part !== '').join(' · ');
}

function levelText(level: number | null): string {
  if (level === null) return l10n.t('no level');
  const names: Record<number, string> = { 10: 'DEBUG', 20: 'INFO', 30: 'WARNING', 40: 'ERROR', 50: 'CRITICAL' };
  return names[level] ?? `Level ${level}`;
}
