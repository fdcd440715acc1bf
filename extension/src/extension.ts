/** Puts the extension together. Nothing here waits for the language server: it starts when something is first asked of it. */

import { commands, type ExtensionContext, l10n, window, workspace } from 'vscode';
import { registerCommands } from './commands.ts';
import { DebugDestination } from './debug/debugDestination.ts';
import { registerLaunchConfigurations } from './debug/launchConfigurations.ts';
import { Exporter } from './exporter.ts';
import { commands as ids, schemes, settings } from './ids.ts';
import { bindLanguage } from './languageOfLogs.ts';
import { LanguageStatus } from './languageStatus.ts';
import { pickLayout } from './layoutPicker.ts';
import { LogFileSystem } from './logFileSystem.ts';
import { LoggingConfigs } from './loggingConfigs.ts';
import { ErrorDecorations } from './logsView/errorDecorations.ts';
import { LogsView } from './logsView/logsView.ts';
import { LogViewer } from './logViewer.ts';
import { PlaceOpener } from './openPlace.ts';
import { PageHost } from './pageHost.ts';
import { PageLayouts } from './pageLayout.ts';
import { PastFilters } from './pastFilters.ts';
import { PlaceFinder } from './placeFinder.ts';
import { Server } from './server.ts';
import { registerServiceNotices } from './serviceNotices.ts';
import { isOn, pageSettings, section, serverSettings } from './settings.ts';
import { registerSettingsNotices } from './settingsNotices.ts';
import { showError } from './showError.ts';
import { showStatusBarItem } from './statusBar.ts';
import { TailMemory } from './tail/tailMemory.ts';
import { Tails } from './tail/tails.ts';
import { Pages, TimelinePanels } from './timelinePanels.ts';
import { ClipboardTraces } from './traces/clipboardTrace.ts';
import { DocumentTraces } from './traces/documentTraces.ts';
import { FrameCommands } from './traces/frameCommands.ts';
import { registerTraces } from './traces/registerTraces.ts';

export function activate(context: ExtensionContext): void {
  const output = window.createOutputChannel(l10n.t('Safelog'), { log: true });
  const report = (error: unknown): void => output.error(error instanceof Error ? error : String(error));
  const configs = new LoggingConfigs(report);
  const currentSettings = () => serverSettings(configs.paths);
  const server = new Server(context, output, currentSettings);
  const sendSettings = (): void => void server.notify('safelog/settings', currentSettings()).catch(report);
  const finder = new PlaceFinder(context.workspaceState);
  const places = new PlaceOpener(finder);
  const traces = new DocumentTraces();
  const clipboardTraces = new ClipboardTraces();
  const layouts = new PageLayouts(context.globalState);
  const past = new PastFilters(context.globalState);
  const memory = new TailMemory(context.workspaceState);
  const files = new LogFileSystem(server, (path) => memory.encoding(path));
  const environment = {
    extensionUri: context.extensionUri,
    server,
    host: new PageHost({
      places,
      logs: files,
      layouts,
      past,
      exporter: new Exporter(server),
      setLayout: (path) => pickLayout(server, path),
      extensionId: context.extension.id,
    }),
    settings: pageSettings,
    layouts,
    past,
    report,
  };
  const pages = new Pages();
  const panels = new TimelinePanels(pages, environment);
  const tails = new Tails(server, memory, report);
  const status = new LanguageStatus(server, memory);
  const logs = new LogsView(server, report);
  const debugDestination = new DebugDestination(server, report);
  context.subscriptions.push(
    output,
    server,
    configs,
    finder,
    server.onDidStart(() => configs.look()),
    configs.onDidChange(sendSettings),
    panels,
    tails,
    status,
    logs,
    new LogViewer(pages, environment),
    ...registerCommands({
      server,
      output,
      logs,
      panels,
      pages,
      places,
      past,
      tails,
      memory,
      files,
      status,
      debugDestination,
      clipboardTraces,
      frames: new FrameCommands(traces, finder, places),
      extension: context.extensionPath,
    }),
    workspace.registerFileSystemProvider(schemes.log, files, { isReadonly: true, isCaseSensitive: true }),
    window.registerFileDecorationProvider(new ErrorDecorations()),
    registerServiceNotices(server, output),
    registerSettingsNotices(server, output),
    bindLanguage(() => logs.roots),
    debugDestination,
    registerLaunchConfigurations(server, report),
    ...registerTraces(traces, finder, places, report),
    clipboardTraces.register(),
    showStatusBarItem(),
    // What the workspace's settings name counts from now on.
    workspace.onDidGrantWorkspaceTrust(sendSettings),
    workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(section)) return;
      pages.settingsChanged();
      status.update();
      if (event.affectsConfiguration(`${section}.${settings.roots}`)) logs.refresh();
      sendSettings();
      startIfNeeded();
    }),
  );
  const startIfNeeded = (): void => {
    if (isOn(settings.serviceEnabled)) server.start().catch(showError);
  };
  startIfNeeded();
  if (isOn(settings.openOnStartup)) void commands.executeCommand(ids.openTimeline);
}
