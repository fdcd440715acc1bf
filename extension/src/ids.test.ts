import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  commands,
  contextKeys,
  customEditors,
  language,
  nodeKinds,
  panels,
  schemes,
  serviceSettings,
  settings,
  views,
  walkthrough,
} from './ids.ts';

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));

interface Manifest {
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string }[];
    menus: Record<string, { command: string; when?: string }[]>;
    keybindings: { command: string }[];
    viewsContainers: { activitybar: { id: string }[] };
    views: Record<string, { id: string }[]>;
    customEditors: { viewType: string }[];
    languages: { id: string }[];
    walkthroughs: { id: string }[];
    configuration: { title: string; properties: Record<string, { markdownDescription?: string }> }[];
  };
}

const manifest = read('package.json') as Manifest;
const { contributes } = manifest;
const sorted = (list: Iterable<string>): string[] => [...list].sort();

describe('the manifest', () => {
  it('has the commands, views, editors, language and settings of ids.ts, and no others', () => {
    expect(sorted(contributes.commands.map(({ command }) => command))).toEqual(sorted(Object.values(commands)));
    expect(Object.keys(contributes.views)).toEqual([views.container]);
    expect(contributes.viewsContainers.activitybar.map(({ id }) => id)).toEqual([views.container]);
    expect(contributes.views[views.container]?.map(({ id }) => id)).toEqual([views.logs]);
    expect(contributes.customEditors.map(({ viewType }) => viewType)).toEqual(Object.values(customEditors));
    expect(contributes.walkthroughs.map(({ id }) => id)).toEqual([walkthrough]);
    expect(contributes.languages.map(({ id }) => id)).toEqual([language]);
    expect(sorted(contributes.configuration.flatMap(({ properties }) => Object.keys(properties)))).toEqual(
      sorted([...Object.values(settings), ...serviceSettings.map((name) => `service.${name}`)].map((name) => `safelog.${name}`)),
    );
  });
  it('binds menus and keys only to commands that exist', () => {
    const known: string[] = Object.values(commands);
    const bound = [...Object.values(contributes.menus).flat(), ...contributes.keybindings].map(({ command }) => command);
    expect(bound.filter((command) => !known.includes(command))).toEqual([]);
  });
  it('names in its conditions only context keys, kinds of items and panels that the code sets', () => {
    const conditions = JSON.stringify(contributes);
    for (const key of Object.values(contextKeys)) expect(conditions).toContain(key);
    expect(conditions).toContain(`activeWebviewPanelId == '${panels.timeline}'`);
    for (const kind of Object.values(nodeKinds)) {
      const patterns = [...conditions.matchAll(/viewItem =~ \/(.+?)\/(?= |")/g)].map(
        ([, pattern]) => new RegExp((pattern ?? '').replaceAll('\\\\', '\\')),
      );
      expect(
        patterns.some((pattern) => pattern.test(kind)),
        kind,
      ).toBe(true);
    }
  });
  it('activates for what VS Code restores', () => {
    expect(manifest.activationEvents).toEqual(
      expect.arrayContaining([`onFileSystem:${schemes.tail}`, `onFileSystem:${schemes.log}`, `onWebviewPanel:${panels.timeline}`]),
    );
  });
  it('takes no path or address from an untrusted workspace', () => {
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toEqual(
      expect.arrayContaining(['safelog.root', 'safelog.service.enabled', ...serviceSettings.map((name) => `safelog.service.${name}`)]),
    );
  });
  it('has a text for every key, and a key for every text', () => {
    const used = new Set([...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key ?? ''));
    expect(sorted(used)).toEqual(sorted(Object.keys(read('package.nls.json') as object)));
  });
});
