/** What launch configurations tell of where remote paths stand here. Pure. Each debugger has a word of its own for it. */

import type { Mapping } from './places.ts';

/**
 * `localRoot` and `remoteRoot` (Node, Python), `pathMappings` (debugpy: a list of these two; PHP: an object of remote and local),
 * `substitutePath` (Go), `sourceFileMap` (C++), `webRoot` with `url`, and `pathMapping` (browsers).
 * @param expand replaces `${workspaceFolder}` and the like
 */
export function launchMappings(configurations: unknown, expand: (path: string) => string): Mapping[] {
  if (!Array.isArray(configurations)) return [];
  return configurations.flatMap((each: unknown) => (isObject(each) ? ofConfiguration(each, expand) : []));
}

function ofConfiguration(configuration: Record<string, unknown>, expand: (path: string) => string): Mapping[] {
  const { localRoot, remoteRoot, pathMappings, substitutePath, sourceFileMap, pathMapping, url, webRoot } = configuration;
  const found: Mapping[] = [];
  const add = (from: unknown, to: unknown): void => {
    // In the launch configurations of Python `remoteRoot: "."` means the folder in which the debuggee runs: nothing that a trace names.
    if (typeof from === 'string' && typeof to === 'string' && from !== '' && from !== '.' && to !== '') {
      found.push({ from: withoutEnd(expand(from)), to: withoutEnd(expand(to)) });
    }
  };
  add(remoteRoot, localRoot);
  for (const each of listOf(pathMappings)) add(each.remoteRoot, each.localRoot);
  for (const each of listOf(substitutePath)) add(each.to, each.from);
  for (const map of [pathMappings, sourceFileMap, pathMapping]) {
    if (!isObject(map)) continue;
    // C++ allows `{ "/remote": { "editorPath": "/local" } }`.
    for (const [from, to] of Object.entries(map)) add(from, isObject(to) ? to.editorPath : to);
  }
  if (typeof url === 'string' && URL.canParse(url)) add(new URL(url).origin, webRoot);
  return found;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : []);

const withoutEnd = (path: string): string => (path.length > 1 ? path.replace(/[\\/]$/, '') : path);
