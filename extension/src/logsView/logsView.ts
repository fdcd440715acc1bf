/** The Logs view: what the server knows of the tree, asked for again when it changes and somebody looks. */

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
} from 'vscode';
import type { TreeState } from '../../../server/src/protocol.ts';
import { formatSize, formatWhen } from '../format.ts';
import { contextKeys, commands as ids, nodeKinds, schemes, views } from '../ids.ts';
import { readTree } from '../logTree.ts';
import type { Server } from '../server.ts';
import { errorsText } from './errorDecorations.ts';
import { type LogNode, totalsOf, type UserNode, usersOf } from './nodes.ts';

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
  #root: string | undefined;
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
        if (source.kind === 'tree' && source.root === this.#root) this.refresh();
      }),
      server.onNotification('safelog/about/changed', ({ root }) => {
        if (root !== this.#root) this.refresh();
      }),
      server.onDidRestart(() => this.refresh()),
    ];
  }

  /** The tree's root, once the server has told it. */
  get root(): string | undefined {
    return this.#root;
  }

  refresh(): void {
    this.#stale = !this.#view.visible;
    if (!this.#stale) this.#changed.fire();
  }

  async getChildren(node?: LogNode): Promise<LogNode[]> {
    switch (node?.kind) {
      case undefined:
        return this.#users();
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
    const when = last === null ? [] : [formatWhen(last, new Date())];
    item.description = [formatSize(size), ...when].join(' · ');
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

  async #users(): Promise<UserNode[]> {
    this.#stale = false;
    try {
      const { about, state } = await readTree(this.#server);
      this.#root = about.root;
      this.#describe(state);
      return usersOf(state);
    } catch (error) {
      this.#view.message = error instanceof Error ? error.message : String(error);
      this.#report(error);
      return [];
    }
  }

  #describe(state: TreeState): void {
    this.#setState(!state.exists ? 'missing' : state.modules.length === 0 ? 'empty' : 'ready');
    this.#view.description = state.root;
    const [first] = state.problems;
    this.#view.message =
      first === undefined ? '' : [`${first.path}: ${first.message}`, first.advice].filter((part) => part !== '').join(' ');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), state.progress.done ? quietMs : progressMs);
  }

  #setState(state: 'loading' | 'missing' | 'empty' | 'ready'): void {
    void commands.executeCommand('setContext', contextKeys.tree, state);
  }

  #bareItem(node: LogNode): TreeItem {
    switch (node.kind) {
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
  const path =
    node.kind === 'user' ? [node.user] : node.kind === 'module' ? [node.user, node.module] : [node.user, node.module, node.state.file];
  return Uri.from({ scheme: schemes.node, path: `/${path.map(encodeURIComponent).join('/')}`, query: String(errors) });
}
