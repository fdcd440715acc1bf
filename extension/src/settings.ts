/** Reads `safelog.*`, trusting nothing of what a settings file may hold. */

import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { ConfigurationTarget, workspace } from 'vscode';
import type { AnsiSetting, HostRequests, PageSettings, ServerSettings, TimeZoneSetting } from '../../server/src/protocol.ts';
import { type RecordKind, recordKinds } from './debug/sessionRecorder.ts';
import { parseHighlights } from './highlights.ts';
import { serviceSettings, settings } from './ids.ts';
import { contextLines } from './messages.ts';
import type { Mapping } from './places.ts';

export const section = 'safelog';

/**
 * What the language server is told at its start and at each change.
 * @param loggingConfigs absolute paths of the workspace's logging configuration files
 */
export function serverSettings(loggingConfigs: readonly string[]): ServerSettings {
  return {
    root: rootSetting(),
    service: {
      enabled: read(settings.serviceEnabled) === true,
      settings: Object.fromEntries(
        serviceSettings.flatMap((name) => {
          const value = setByPerson(`service.${name}`);
          return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [];
        }),
      ),
    },
    index: { memory: sizeOf(settings.indexMemory, 1024), diskSize: sizeOf(settings.indexDiskSize, 2048) },
    layouts: textsOf(read(settings.layouts)),
    loggingConfigs: [...loggingConfigs],
    debug: { mask: listOf(read(settings.debugMask)) },
  };
}

export function pageSettings(): PageSettings {
  return {
    timeZone: oneOf<TimeZoneSetting>(read(settings.timeZone), ['local', 'utc', 'file']),
    localZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ansi: oneOf<AnsiSetting>(read(settings.ansi), ['draw', 'strip', 'raw']),
    microseconds: read(settings.microseconds) === true,
    wrap: read(settings.wrap) === true,
    highlights: parseHighlights(read(settings.highlights)),
    histogram: read(settings.histogram) !== false,
    context: contextLines(read(settings.context)),
    queries: Object.entries(textsOf(read(settings.queries))).map(([name, query]) => ({ name, query })),
  };
}

/** MB that a tail shows of its log's end. */
export function tailWindow(): number {
  const value = read(settings.tailWindow);
  return typeof value === 'number' ? Math.min(24, Math.max(1, value)) : 8;
}

export function isOn(name: typeof settings.openOnStartup | typeof settings.debugEnvironment | typeof settings.serviceEnabled): boolean {
  return read(name) === true;
}

/** Whether debug sessions are written; undefined while nobody has said so. */
export function debugEnabled(): boolean | undefined {
  // What counts of it is VS Code's to say: an untrusted workspace's value does not.
  return typeof setByPerson(settings.debugEnabled) === 'boolean' ? read(settings.debugEnabled) === true : undefined;
}

/** What is recorded of debug sessions. */
export function debugRecords(): ReadonlySet<RecordKind> {
  const wanted = listOf(read(settings.debugRecord));
  return new Set(recordKinds.filter((kind) => wanted.includes(kind)));
}

/** Keeps an answer: in the workspace's settings, or in the user's, also where no folder is open. */
export async function keepDebugEnabled(value: boolean, everywhere: boolean): Promise<void> {
  const isInWorkspace = !everywhere && workspace.workspaceFolders !== undefined;
  const target = isInWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await workspace.getConfiguration(section).update(settings.debugEnabled, value, target);
}

/** Keeps what was toggled in the page: where it is set already, else in the user's settings. */
export async function keepSetting({ name, value }: HostRequests['host/setting'][0]): Promise<void> {
  const configuration = workspace.getConfiguration(section);
  const inWorkspace = configuration.inspect(name)?.workspaceValue !== undefined;
  await configuration.update(name, value, inWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global);
}

/** Gives a log a layout, before all others that are given; null takes it away. Where there are layouts already, else in the user's settings. */
export async function keepLayout(log: string, layout: string | null): Promise<void> {
  const configuration = workspace.getConfiguration(section);
  const { workspaceValue, globalValue } = configuration.inspect(settings.layouts) ?? {};
  const { [log]: _, ...others } = textsOf(workspaceValue ?? globalValue);
  const value = layout === null ? others : { [log]: layout, ...others };
  await configuration.update(
    settings.layouts,
    Object.keys(value).length === 0 ? undefined : value,
    workspaceValue === undefined ? ConfigurationTarget.Global : ConfigurationTarget.Workspace,
  );
}

/** Keeps a setting in the user's settings; a workspace's own value would hide it, so that one is dropped. */
export async function setForUser(name: string, value: unknown): Promise<void> {
  const configuration = workspace.getConfiguration(section);
  if (configuration.inspect(name)?.workspaceValue !== undefined) await configuration.update(name, undefined, ConfigurationTarget.Workspace);
  await configuration.update(name, value, ConfigurationTarget.Global);
}

/** Where the paths of traces stand here, the longest first. */
export function pathMappings(): Mapping[] {
  return Object.entries(textsOf(read(settings.pathMappings)))
    .flatMap(([from, value]) => {
      const to = pathOf(value);
      return to === undefined ? [] : [{ from, to }];
    })
    .sort((a, b) => b.from.length - a.from.length);
}

/** Absolute, or empty for the default root. */
function rootSetting(): string {
  return pathOf(read(settings.root)) ?? '';
}

/** Absolute paths of the trees that are shown beside the one that is written. */
export function moreRoots(): string[] {
  const value = read(settings.roots);
  return Array.isArray(value) ? value.flatMap((item: unknown) => pathOf(item) ?? []) : [];
}

/** `~` and `${workspaceFolder}` may begin a path; a relative one counts from the first folder. Undefined for what is no path. */
function pathOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
  const path = value
    .trim()
    .replace(/^~(?=$|[\\/])/, () => homedir())
    .replace(/^\$\{workspaceFolder\}/, () => folder);
  return resolve(isAbsolute(path) ? path : join(folder, path));
}

/** The entries of an object whose values are texts. */
function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== ''),
  );
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function sizeOf(name: string, fallback: number): number {
  const value = read(name);
  return typeof value === 'number' && value >= 0 ? value : fallback;
}

/** What stands in a settings file: the defaults are the server's, which has other sources as well. */
function setByPerson(name: string): unknown {
  const found = workspace.getConfiguration(section).inspect(name);
  return found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
}

function read(name: string): unknown {
  return workspace.getConfiguration(section).get<unknown>(name);
}

function oneOf<T extends string>(value: unknown, allowed: readonly [T, ...T[]]): T {
  return allowed.find((item) => item === value) ?? allowed[0];
}
