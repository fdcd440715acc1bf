/** The pickers of users and logs: fuzzy by fuse.js. */

import { basename } from 'node:path';
import Fuse from 'fuse.js';
import { l10n, type QuickPickItem, QuickPickItemKind, TabInputText, ThemeIcon, Uri, window } from 'vscode';
import { formatSize, formatWhen } from './format.ts';
import { type ModuleNode, totalsOf, type UserNode, usersOf } from './logsView/nodes.ts';
import type { LogTree, LogTrees } from './logTree.ts';
import { modulesOfSource } from './sourceModule.ts';

/** What was picked in the picker of logs. */
export type PickedLog = { kind: 'module'; node: ModuleNode } | { kind: 'file'; path: string } | { kind: 'folder'; path: string };

interface Choice<T> extends QuickPickItem {
  value: T;
}

/** A user of a tree; null: all of them. */
export interface PickedUser {
  root: string;
  user: string | null;
}

/** Undefined where nothing was chosen. Asks only when there are several. */
export async function pickUser({ about, trees }: LogTrees): Promise<PickedUser | undefined> {
  const users = usersOfAll(trees);
  const [first] = users;
  if (trees.length === 1 && users.length < 2) return { root: about.root, user: first?.user ?? about.user };
  const current = about.user;
  const ordered = [...users].sort((a, b) => Number(b.user === current) - Number(a.user === current));
  const choices: Choice<PickedUser>[] = ordered.map((user) => ({
    label: user.user,
    description: [user.user === current ? l10n.t('you') : '', ...inTree(trees, user.root), ...describe(user)]
      .filter((part) => part !== '')
      .join(' · '),
    iconPath: new ThemeIcon('account'),
    value: { root: user.root, user: user.user },
  }));
  for (const { state } of trees) {
    const description = inTree(trees, state.root).join('');
    choices.push({
      label: l10n.t('All users'),
      description,
      iconPath: new ThemeIcon('organization'),
      value: { root: state.root, user: null },
    });
  }
  return pick(choices, l10n.t('Whose master.log?'));
}

function usersOfAll(trees: readonly LogTree[]): UserNode[] {
  return trees.flatMap(({ state }) => usersOf(state));
}

/** Which tree it is, where there are several. */
function inTree(trees: readonly LogTree[], root: string): string[] {
  return trees.length > 1 ? [basename(root) || root] : [];
}

/** Every module of every user, that of the active source file first; `files` offers what is outside of the tree too. */
export async function pickLog({ about, trees }: LogTrees, title: string, folders: boolean): Promise<PickedLog | undefined> {
  const source = activeUri();
  const likely = source?.scheme === 'file' ? modulesOfSource(source.fsPath) : [];
  const rank = ({ user, module }: ModuleNode): number => {
    const at = likely.indexOf(module);
    return (at === -1 ? likely.length : at) * 2 + Number(user !== about.user);
  };
  const modules = usersOfAll(trees)
    .flatMap((user) => user.modules)
    .sort((a, b) => rank(a) - rank(b));
  const choices: Choice<PickedLog | 'file' | 'folder'>[] = modules.map((node) => ({
    label: node.module,
    description: [node.user, ...inTree(trees, node.root), ...describe(node)].join(' · '),
    iconPath: new ThemeIcon(node.module === 'master' ? 'layers' : 'output'),
    value: { kind: 'module', node },
  }));
  choices.push({ label: l10n.t('Open a File…'), iconPath: new ThemeIcon('file'), value: 'file' });
  if (folders) choices.push({ label: l10n.t('Open a Folder…'), iconPath: new ThemeIcon('folder-opened'), value: 'folder' });
  const picked = await pick(choices, title);
  if (picked !== 'file' && picked !== 'folder') return picked;
  const dialog = { canSelectFiles: picked === 'file', canSelectFolders: picked === 'folder', title };
  const [uri] = (await window.showOpenDialog(dialog)) ?? [];
  return uri === undefined ? undefined : { kind: picked, path: uri.fsPath };
}

/** The file of the active tab: known also where its editor has not reached the extension host yet, or is too large for it. */
function activeUri(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof TabInputText ? input.uri : window.activeTextEditor?.document.uri;
}

/** What a caller's argument means as a log: a file's URI of the Explorer's menu. */
export function uriOf(value: unknown): Uri | undefined {
  return value instanceof Uri && value.scheme === 'file' ? value : undefined;
}

export function titleOf(path: string): string {
  return basename(path) || path;
}

function describe(node: UserNode | ModuleNode): string[] {
  const { size, last } = totalsOf(node);
  return [formatSize(size), ...(last === null ? [] : [formatWhen(last, new Date())])];
}

/** A quick pick whose list fuse.js filters and orders; `alwaysShow` keeps VS Code's own filter out of it. */
function pick<T>(choices: readonly Choice<T>[], title: string): Promise<T | undefined> {
  const shown = choices.map((choice) => ({ ...choice, alwaysShow: true }));
  const fuse = new Fuse(shown, { keys: [{ name: 'label', weight: 2 }, 'description'], threshold: 0.4, ignoreLocation: true });
  const quickPick = window.createQuickPick<Choice<T>>();
  quickPick.title = title;
  quickPick.placeholder = l10n.t('Type to search');
  quickPick.items = shown;
  return new Promise((resolve) => {
    quickPick.onDidChangeValue((value) => {
      quickPick.items = value.trim() === '' ? shown : fuse.search(value.trim()).map(({ item }) => item);
    });
    quickPick.onDidAccept(() => {
      const [choice] = quickPick.selectedItems;
      resolve(choice?.kind === QuickPickItemKind.Separator ? undefined : choice?.value);
      quickPick.hide();
    });
    quickPick.onDidHide(() => {
      resolve(undefined);
      quickPick.dispose();
    });
    quickPick.show();
  });
}
