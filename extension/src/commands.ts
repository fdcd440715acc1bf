/** The commands, each a few lines around what does the work. */

import { commands, type Disposable, env, FileType, type LogOutputChannel, l10n, Uri, window, workspace } from 'vscode';
import type { Filter, Source } from '../../server/src/protocol.ts';
import type { DebugDestination } from './debug/debugDestination.ts';
import { showDebugLog } from './debug/showDebugLog.ts';
import { pickEncoding } from './encodings.ts';
import { commands as ids, schemes, settings } from './ids.ts';
import type { LanguageStatus } from './languageStatus.ts';
import { pickLayout } from './layoutPicker.ts';
import { type LogFileSystem, logUri } from './logFileSystem.ts';
import type { LogsView } from './logsView/logsView.ts';
import { type LogNode, newestOf } from './logsView/nodes.ts';
import { readTrees } from './logTree.ts';
import { parseFilter, parseHostParams, parseSource } from './messages.ts';
import type { PlaceOpener } from './openPlace.ts';
import type { PastFilters } from './pastFilters.ts';
import { pickLog, pickUser, titleOf, uriOf } from './pickers.ts';
import type { Server } from './server.ts';
import { enableService } from './serviceNotices.ts';
import { setForUser } from './settings.ts';
import { showError } from './showError.ts';
import { copySnippet } from './snippets.ts';
import { subjectOf } from './tail/subject.ts';
import type { TailMemory } from './tail/tailMemory.ts';
import type { Tails } from './tail/tails.ts';
import type { Pages, TimelinePanels } from './timelinePanels.ts';
import type { ClipboardTraces } from './traces/clipboardTrace.ts';
import type { FrameCommands } from './traces/frameCommands.ts';

export interface CommandParts {
  server: Server;
  output: LogOutputChannel;
  logs: LogsView;
  panels: TimelinePanels;
  pages: Pages;
  places: PlaceOpener;
  past: PastFilters;
  tails: Tails;
  clipboardTraces: ClipboardTraces;
  frames: FrameCommands;
  memory: TailMemory;
  files: LogFileSystem;
  status: LanguageStatus;
  /** The extension's folder. */
  extension: string;
  debugDestination: DebugDestination;
}

/** Registers every command of the manifest. An error of one is shown to the person who ran it. */
export function registerCommands(parts: CommandParts): Disposable[] {
  const { pages, tails, logs, places, past, output, server } = parts;
  const handlers: { [N in keyof typeof ids]: (...args: unknown[]) => unknown } = {
    openTimeline: (source, filter, title) => openTimeline(parts, source, filter, title),
    openMaster: (user) => openMaster(parts, user),
    openLog: (target) => openLog(parts, target),
    openFolder: () => openFolder(parts),
    tail: (target) => openTail(parts, target),
    tailMerged: (target) => openMergedTail(parts, target),
    toggleTailFollow: () => tails.toggleFollow(),
    tailPause: () => tails.setPaused(true),
    tailResume: () => tails.setPaused(false),
    tailClear: () => tails.clear(),
    tailFilter: () => tails.filter(),
    tailLoadOlder: () => tails.loadOlder(),
    tailLastError: () => tails.showLastError(),
    openInEditor: async (node) => {
      const path = pathOf(node);
      if (path !== undefined) await window.showTextDocument(logUri(path), { preview: true });
    },
    openNode: (node) => openNode(parts, node),
    openPlace: (place) => places.open(parseHostParams['host/openPlace'](place)),
    openClipboardTrace: () => parts.clipboardTraces.open(),
    openFrame: () => parts.frames.open(),
    peekFrame: () => parts.frames.peek(),
    copyPath: async (node) => {
      const path = pathOf(node);
      if (path !== undefined) await env.clipboard.writeText(path);
    },
    reveal: (node) => reveal(pathOf(node)),
    setLayout: (target) => setLayout(parts, target),
    setEncoding: (target) => setEncoding(parts, target),
    refresh: () => logs.refresh(),
    pickRoot,
    enableService: () => enableService(server),
    copySnippet: (name) => copySnippet(server, parts.extension, name),
    showDebugLog: () => showDebugLog(parts.debugDestination, parts.panels),
    clearRemembered: () => Promise.all([places.forget(), past.forget()]),
    showOutput: () => output.show(),
    restartServer: () => server.restart(),
    find: () => pages.command('find'),
    goToTime: () => pages.command('goToTime'),
    toggleFollow: () => pages.command('toggleFollow'),
    toggleWrap: () => pages.command('toggleWrap'),
    clearFilter: () => pages.command('clearFilter'),
    exportRows: () => pages.command('export'),
    toggleMark: () => pages.command('toggleMark'),
    editNote: () => pages.command('editNote'),
    nextMark: () => pages.command('nextMark'),
    previousMark: () => pages.command('previousMark'),
    copyRows: () => pages.command('copy'),
    copyMarkdown: () => pages.command('copyMarkdown'),
    copyJson: () => pages.command('copyJson'),
    openRecord: () => pages.command('openRecord'),
    showDetails: () => pages.command('showDetails'),
    toggleUnfold: () => pages.command('toggleUnfold'),
    onlyUser: () => pages.command('onlyUser'),
    onlyModule: () => pages.command('onlyModule'),
    setLayoutOfRow: () => pages.command('setLayout'),
  };
  return (Object.keys(ids) as (keyof typeof ids)[]).map((name) =>
    commands.registerCommand(ids[name], async (...args: unknown[]) => {
      try {
        await handlers[name](...args);
      } catch (error) {
        output.error(error instanceof Error ? error : String(error));
        showError(error);
      }
    }),
  );
}

async function openTimeline({ server, panels }: CommandParts, source: unknown, filter: unknown, title: unknown): Promise<void> {
  const wanted = parseSource(source) ?? (await treeSource(server));
  const named = typeof title === 'string' && title !== '' ? title : wanted.kind === 'tree' ? l10n.t('Log Timeline') : titleOf(wanted.path);
  panels.show({ source: wanted, filter: {}, title: named }, filter === undefined ? undefined : parseFilter(filter));
}

async function openMaster({ server, panels }: CommandParts, wanted: unknown): Promise<void> {
  const trees = await readTrees(server);
  const picked = typeof wanted === 'string' ? { root: trees.about.root, user: wanted } : await pickUser(trees);
  if (picked === undefined) return;
  const { root, user } = picked;
  const filter: Filter = user === null ? {} : { users: [user] };
  panels.show({ source: { kind: 'tree', root }, filter, title: l10n.t('master.log — {0}', user ?? l10n.t('All users')) });
}

async function openLog(parts: CommandParts, target: unknown): Promise<void> {
  const { server, panels } = parts;
  const uri = uriOf(target);
  if (uri !== undefined) {
    const kind = ((await workspace.fs.stat(uri)).type & FileType.Directory) !== 0 ? 'folder' : 'file';
    panels.show({ source: { kind, path: uri.fsPath }, filter: {}, title: titleOf(uri.fsPath) });
    return;
  }
  const picked = await pickLog(await readTrees(server), l10n.t('Open Log'), true);
  if (picked?.kind === 'module') openNode(parts, picked.node);
  else if (picked !== undefined) panels.show({ source: picked, filter: {}, title: titleOf(picked.path) });
}

async function openFolder({ panels }: CommandParts): Promise<void> {
  const [folder] =
    (await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: l10n.t('A folder of logs'),
      openLabel: l10n.t('Open Logs'),
    })) ?? [];
  if (folder !== undefined) panels.show({ source: { kind: 'folder', path: folder.fsPath }, filter: {}, title: titleOf(folder.fsPath) });
}

async function setLayout({ server }: CommandParts, target: unknown): Promise<void> {
  const path = uriOf(target)?.fsPath ?? pathOf(target);
  if (path !== undefined) return pickLayout(server, path);
  const picked = await pickLog(await readTrees(server), l10n.t('Set the Layout of a Log'), false);
  const log = picked?.kind === 'module' ? newestOf(picked.node)?.state.path : picked?.path;
  if (log !== undefined) await pickLayout(server, log);
}

async function openTail({ server, tails }: CommandParts, target: unknown): Promise<void> {
  const path = uriOf(target)?.fsPath ?? pathOf(target);
  if (path !== undefined) return tails.open({ kind: 'log', path });
  const picked = await pickLog(await readTrees(server), l10n.t('Tail in Editor'), false);
  const log = picked?.kind === 'module' ? newestOf(picked.node)?.state.path : picked?.path;
  if (log !== undefined) await tails.open({ kind: 'log', path: log });
}

async function openMergedTail({ server, tails }: CommandParts, target: unknown): Promise<void> {
  const node = nodeOf(target);
  if (node !== undefined) return tails.open({ kind: 'merged', root: node.root, user: node.kind === 'root' ? null : node.user });
  const picked = await pickUser(await readTrees(server));
  if (picked !== undefined) await tails.open({ kind: 'merged', ...picked });
}

async function setEncoding({ memory, tails, files, status }: CommandParts, target: unknown): Promise<void> {
  const uri = window.activeTextEditor?.document.uri;
  const ofOurs = uri?.scheme === schemes.log || (uri?.scheme === schemes.tail && subjectOf(uri).kind === 'log');
  const path = typeof target === 'string' ? target : ofOurs ? uri?.fsPath : undefined;
  if (path === undefined) {
    void window.showInformationMessage(l10n.t('The encoding of a log can be chosen in its tail, and where it is open in a text editor.'));
    return;
  }
  const encoding = await pickEncoding(memory.encoding(path) ?? 'utf-8', titleOf(path));
  if (encoding === undefined) return;
  await memory.keepEncoding(path, encoding);
  files.encodingChanged(path);
  await tails.encodingChanged(path);
  status.update();
}

/** A tree, user or module of the Logs view: the tree's timeline, narrowed to it, under its own title. */
function openNode({ panels }: CommandParts, value: unknown): void {
  const node = nodeOf(value);
  if (node === undefined) return;
  const source: Source = { kind: 'tree', root: node.root };
  if (node.kind === 'root') panels.show({ source, filter: {}, title: l10n.t('Log Timeline — {0}', titleOf(node.root)) });
  else if (node.kind === 'user') panels.show({ source, filter: { users: [node.user] }, title: l10n.t('master.log — {0}', node.user) });
  else if (node.module === 'master') panels.show({ source, filter: { users: [node.user] }, title: l10n.t('master.log — {0}', node.user) });
  else panels.show({ source, filter: { users: [node.user], modules: [node.module] }, title: `${node.user}/${node.module}` });
}

async function reveal(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const uri = Uri.file(path);
  // A browser has no file manager, and VS Code's Explorer knows only what is in the workspace.
  const inWorkspace = workspace.getWorkspaceFolder(uri) !== undefined;
  if (inWorkspace) await commands.executeCommand('revealInExplorer', uri);
  else if ((await commands.getCommands(true)).includes('revealFileInOS')) await commands.executeCommand('revealFileInOS', uri);
  else void window.showInformationMessage(path);
}

async function pickRoot(): Promise<void> {
  const [folder] =
    (await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: l10n.t('The folder that holds USER/MODULE.log'),
      openLabel: l10n.t('Use This Folder'),
    })) ?? [];
  if (folder !== undefined) await setForUser(settings.root, folder.fsPath);
}

async function treeSource(server: Server): Promise<Source> {
  return { kind: 'tree', root: (await server.request('safelog/about', null)).root };
}

function nodeOf(value: unknown): LogNode | undefined {
  const kind = typeof value === 'object' && value !== null ? (value as Partial<LogNode>).kind : undefined;
  return kind === 'root' || kind === 'user' || kind === 'module' || kind === 'generation' ? (value as LogNode) : undefined;
}

/** Of a module the live generation's path. */
function pathOf(value: unknown): string | undefined {
  const node = nodeOf(value);
  if (node?.kind === 'generation') return node.state.path;
  return node?.kind === 'module' ? newestOf(node)?.state.path : undefined;
}
