/** The Logs view: what the server knows of the tree, asked for again when it changes and somebody looks. */

import { basename } from 'node:path';
import {
  commands,
  type Disposable,
  EventEmitter,
  l10n,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  Uri,
  window,
  workspace,
} from 'vscode';
import { formatSize, formatWhen } from '../format.ts';
import { contextKeys, commands as ids, nodeKinds, schemes, views } from '../ids.ts';
import { type LogTree, readTrees } from '../logTree.ts';
import type { Server } from '../server.ts';
import { errorsText } from './errorDecorations.ts';
import { type LogNode, nodesOf, totalsOf } from './nodes.ts';

/** While somebody looks the view asks again after this at the latest: the server closes a tree that nobody has asked for in a minute. */
const quietMs = 30_000;
/** While generations are being read their counts grow. */
const progressMs = 2000;

export class LogsView implements TreeDataProvider<LogNode>, Disposable {
  readonly #server: Server;
  readonly #report: (error: unknown) => void;
  readonly #changed = new EventEmitter<void>();
  readonly #view: TreeView<LogNode>;
  readonly #disposables: Disposable[];
  readonly onDidChangeTreeData = this.#changed.event;
  /** The trees' roots, the one in force first, once the server has told them. */
  #roots: string[] = [];
  #stale = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: Server, report: (error: unknown) => void) {
    this.#server = server;
    this.#report = report;
    this.#setState('loading');
    this.#view = window.createTreeView(views.logs, { treeDataProvider: this, showCollapseAll: true });
    this.#disposables = [
      this.#view,
      this.#changed,
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (visible && this.#stale) this.refresh();
      }),
      server.onNotification('safelog/tree/changed', ({ source }) => {
        if (source.kind === 'tree' && this.#roots.includes(source.root)) this.refresh();
      }),
      server.onNotification('safelog/about/changed', ({ root }) => {
        if (root !== this.#roots[0]) this.refresh();
      }),
      server.onDidRestart(() => this.refresh()),
      workspace.onDidGrantWorkspaceTrust(() => this.refresh()),
    ];
  }

  /** The trees' roots, as far as they are known. */
  get roots(): readonly string[] {
    return this.#roots;
  }

  refresh(): void {
    this.#stale = !this.#view.visible;
    if (!this.#stale) this.#changed.fire();
  }

  async getChildren(node?: LogNode): Promise<LogNode[]> {
    switch (node?.kind) {
      case undefined:
        return this.#nodes();
      case 'root':
        return node.users;
      case 'user':
        return node.modules;
      case 'module':
        return node.generations;
      case 'generation':
        return [];
    }
  }

  getTreeItem(node: LogNode): TreeItem {
    const item = this.#bareItem(node);
    const { size, last, errors } = totalsOf(node);
    const where = node.kind === 'root' ? [node.root] : [];
    const when = last === null ? [] : [formatWhen(last, new Date())];
    item.description = [...where, formatSize(size), ...when].join(' · ');
    item.resourceUri = nodeUri(node, errors);
    const found = errors > 0 ? [errorsText(errors)] : [];
    item.accessibilityInformation = { label: [item.label, item.description, ...found].join(', ') };
    if (node.kind === 'generation') item.tooltip = node.state.path;
    return item;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #nodes(): Promise<LogNode[]> {
    this.#stale = false;
    try {
      const { trees } = await readTrees(this.#server);
      this.#roots = trees.map(({ source }) => source.root);
      this.#describe(trees);
      return nodesOf(trees.map(({ state }) => state));
    } catch (error) {
      this.#view.message = error instanceof Error ? error.message : String(error);
      this.#report(error);
      return [];
    }
  }

  #describe(trees: readonly LogTree[]): void {
    const states = trees.map(({ state }) => state);
    const isEmpty = states.every(({ modules }) => modules.length === 0);
    this.#setState(states.length > 1 || !isEmpty ? 'ready' : states[0]?.exists ? 'empty' : 'missing');
    this.#view.description = states.length === 1 ? (states[0]?.root ?? '') : '';
    const [first] = states.flatMap(({ problems }) => problems);
    const problem = first === undefined ? [] : [`${first.path}: ${first.message}`, first.advice];
    const restricted = workspace.isTrusted
      ? []
      : [l10n.t('Restricted Mode: log trees and the service are those of your own settings, not of this workspace’s.')];
    this.#view.message = [...restricted, ...problem].filter((part) => part !== '').join(' ');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), states.every(({ progress }) => progress.done) ? quietMs : progressMs);
  }

  #setState(state: 'loading' | 'missing' | 'empty' | 'ready'): void {
    void commands.executeCommand('setContext', contextKeys.tree, state);
  }

  #bareItem(node: LogNode): TreeItem {
    switch (node.kind) {
      case 'root': {
        const item = new TreeItem(basename(node.root) || node.root, TreeItemCollapsibleState.Expanded);
        item.iconPath = new ThemeIcon('folder-library');
        item.contextValue = nodeKinds.root;
        item.tooltip = node.root;
        return item;
      }
      case 'user': {
        const item = new TreeItem(node.user, TreeItemCollapsibleState.Expanded);
        item.iconPath = new ThemeIcon('account');
        item.contextValue = nodeKinds.user;
        return item;
      }
      case 'module': {
        const item = new TreeItem(node.module, TreeItemCollapsibleState.Collapsed);
        item.iconPath = new ThemeIcon(node.module === 'master' ? 'layers' : 'output');
        item.contextValue = nodeKinds.module;
        item.command = { command: ids.openNode, title: l10n.t('Open'), arguments: [node] };
        return item;
      }
      case 'generation': {
        const name = node.state.path.split(/[\\/]/).at(-1) ?? node.state.path;
        const item = new TreeItem(name, TreeItemCollapsibleState.None);
        item.iconPath = new ThemeIcon(node.state.live ? 'record-small' : node.state.compressed ? 'file-zip' : 'history');
        item.contextValue = node.state.live ? nodeKinds.live : nodeKinds.rotated;
        item.command = { command: ids.openInEditor, title: l10n.t('Open'), arguments: [node] };
        return item;
      }
    }
  }
}

/** The query carries the count to the decoration: VS Code decorates URIs, not items. */
function nodeUri(node: LogNode, errors: number): Uri {
  const { root } = node;
  const path = [root, ...pathWithin(node)].map(encodeURIComponent).join('/');
  return Uri.from({ scheme: schemes.node, path: `/${path}`, query: String(errors) });
}

function pathWithin(node: LogNode): string[] {
  switch (node.kind) {
    case 'root':
      return [];
    case 'user':
      return [node.user];
    case 'module':
      return [node.user, node.module];
    case 'generation':
      return [node.user, node.module, node.state.file];
  }
}
