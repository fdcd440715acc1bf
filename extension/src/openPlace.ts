/** Opens the file that a stack frame names: only after a person's click, and only as a text document. */

import { FileType, l10n, type Memento, Position, Range, Uri, ViewColumn, window, workspace } from 'vscode';
import type { Place } from '../../server/src/protocol.ts';
import { candidatePaths, mappingOf, parseMappings, withMapping } from './places.ts';

const memoryKey = 'safelog.pickedFiles';

export class PlaceOpener {
  readonly #memory: Memento;

  constructor(workspaceState: Memento) {
    this.#memory = workspaceState;
  }

  /** Opens the place beside the log; where its file is not here, says so and offers to pick it. */
  async open(place: Place): Promise<void> {
    const file = await this.#find(place.path);
    if (file === undefined) void this.#offerPick(place);
    else await showAt(file, place.line, place.column);
  }

  /** Forgets every pick. */
  async forget(): Promise<void> {
    await this.#memory.update(memoryKey, undefined);
  }

  async #find(path: string): Promise<Uri | undefined> {
    const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
    for (const candidate of candidatePaths(path, folders, this.#mappings())) {
      const uri = Uri.file(candidate);
      if (await isFile(uri)) return uri;
    }
    return undefined;
  }

  async #offerPick(place: Place): Promise<void> {
    const pick = l10n.t('Pick the File…');
    const answer = await window.showWarningMessage(l10n.t('{0} is not here.', place.path), pick);
    if (answer !== pick) return;
    const [picked] =
      (await window.showOpenDialog({ title: l10n.t('The file for {0}', place.path), openLabel: l10n.t('Use This File') })) ?? [];
    if (picked === undefined) return;
    await this.#memory.update(memoryKey, withMapping(this.#mappings(), mappingOf(place.path, picked.fsPath)));
    await showAt(picked, place.line, place.column);
  }

  #mappings() {
    return parseMappings(this.#memory.get(memoryKey));
  }
}

/** Shows a line (1-based, as is the column) in the group beside the active editor. */
export async function showAt(uri: Uri, line: number, column = 1): Promise<void> {
  const position = new Position(line - 1, column - 1);
  await window.showTextDocument(uri, { viewColumn: ViewColumn.Beside, selection: new Range(position, position), preview: true });
}

async function isFile(uri: Uri): Promise<boolean> {
  try {
    return ((await workspace.fs.stat(uri)).type & FileType.File) !== 0;
  } catch {
    return false;
  }
}
