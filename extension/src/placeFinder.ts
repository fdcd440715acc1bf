/** Finds the files that a stack frame may mean. Looks at the disk, so: only when a person points at a frame, or clicks it. */

import { homedir } from 'node:os';
import { type Disposable, type FileSystemWatcher, FileType, type Memento, Uri, workspace } from 'vscode';
import type { Place } from '../../server/src/protocol.ts';
import { launchMappings } from './launchMappings.ts';
import { candidatePaths, fileName, longestSuffix, type Mapping, mappingOf, parseMappings, withMapping } from './places.ts';
import { pathMappings } from './settings.ts';
import { originalPlace } from './sourceMap.ts';

const memoryKey = 'safelog.pickedFiles';
/** More files by one name are not told apart by looking at their paths. */
const maxNamesakes = 500;
const skipped = '**/{.git,node_modules,__pycache__,.venv,.hg,.svn}/**';

export interface FoundPlace {
  uri: Uri;
  /** 1-based. */
  line: number;
  column?: number;
}

export class PlaceFinder implements Disposable {
  readonly #memory: Memento;
  /** Of the workspace's files: gone when anything comes or goes. */
  readonly #namesakes = new Map<string, Promise<Uri[]>>();
  #watcher: FileSystemWatcher | undefined;

  constructor(workspaceState: Memento) {
    this.#memory = workspaceState;
  }

  dispose(): void {
    this.#watcher?.dispose();
  }

  /** Where a frame leads: one place, or several that fit alike; none where its file is not here. */
  async find(place: Place): Promise<FoundPlace[]> {
    const files = await this.#findFiles(place.path);
    return Promise.all(files.map((uri) => this.#original(uri, place)));
  }

  /** Keeps what a person has picked for a path, for this workspace. */
  async remember(path: string, picked: Uri): Promise<void> {
    await this.#memory.update(memoryKey, withMapping(this.#picked(), mappingOf(path, picked.fsPath)));
  }

  /** Forgets every pick. */
  async forget(): Promise<void> {
    await this.#memory.update(memoryKey, undefined);
  }

  async #findFiles(path: string): Promise<Uri[]> {
    const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
    const learned = [...this.#picked(), ...learnedFromLaunch(), ...(path.endsWith('.go') ? await this.#goModules() : [])];
    for (const candidate of candidatePaths(path, folders, { configured: pathMappings(), learned })) {
      const uri = Uri.file(candidate);
      if (await isFile(uri)) return [uri];
    }
    const name = fileName(path);
    if (name === undefined) return [];
    const uris = await this.#named(name);
    const best = longestSuffix(
      path,
      uris.map(({ fsPath }) => fsPath),
    );
    // A name alone says little: `index.js` and `__init__.py` are everywhere.
    return best.whole || best.length > 1 ? best.files.map((file) => Uri.file(file)) : [];
  }

  async #original(uri: Uri, { line, column }: Place): Promise<FoundPlace> {
    const here: FoundPlace = column === undefined ? { uri, line } : { uri, line, column };
    const original = await originalPlace(uri.fsPath, { path: uri.fsPath, ...here }, readText).catch(() => null);
    if (!original) return here;
    const [source] = await this.#findFiles(original.path);
    // A map may name sources that are not here: then the script is what there is to see.
    return source ? { ...original, uri: source } : here;
  }

  #picked(): Mapping[] {
    return parseMappings(this.#memory.get(memoryKey));
  }

  #named(name: string): Promise<Uri[]> {
    if (!this.#watcher) {
      this.#watcher = workspace.createFileSystemWatcher('**', false, true, false);
      this.#watcher.onDidCreate(() => this.#namesakes.clear());
      this.#watcher.onDidDelete(() => this.#namesakes.clear());
    }
    let found = this.#namesakes.get(name);
    if (!found) {
      // What is special in a glob stands for itself in a class of one.
      const glob = name.replace(/[[\]{}*?]/g, (character) => `[${character}]`);
      found = Promise.resolve(workspace.findFiles(`**/${glob}`, skipped, maxNamesakes));
      this.#namesakes.set(name, found);
    }
    return found;
  }

  /** Files of Go modules that were built with -trimpath are named by the module's path. */
  async #goModules(): Promise<Mapping[]> {
    const mappings = await Promise.all(
      (await this.#named('go.mod')).map(async (uri) => {
        const module = /^\s*module\s+"?([^\s"]+)/m.exec((await readText(uri.fsPath, 1 << 20)) ?? '')?.[1];
        return module === undefined ? [] : [{ from: module, to: Uri.joinPath(uri, '..').fsPath }];
      }),
    );
    const modules = mappings.flat().sort((a, b) => b.from.length - a.from.length);
    return [...modules, { from: '', to: `${homedir()}/go/pkg/mod` }];
  }
}

function learnedFromLaunch(): Mapping[] {
  return (workspace.workspaceFolders ?? []).flatMap((folder) => {
    const expand = (path: string): string => path.replace(/\$\{workspace(?:Folder|Root)(?::[^}]*)?\}/g, () => folder.uri.fsPath);
    return launchMappings(workspace.getConfiguration('launch', folder.uri).get<unknown>('configurations'), expand);
  });
}

async function isFile(uri: Uri): Promise<boolean> {
  try {
    return ((await workspace.fs.stat(uri)).type & FileType.File) !== 0;
  } catch {
    return false;
  }
}

async function readText(path: string, maxSize: number): Promise<string | undefined> {
  const uri = Uri.file(path);
  try {
    const { type, size } = await workspace.fs.stat(uri);
    if ((type & FileType.File) === 0 || size > maxSize) return undefined;
    return Buffer.from(await workspace.fs.readFile(uri)).toString();
  } catch {
    return undefined;
  }
}
