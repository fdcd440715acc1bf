/** Opens the file that a stack frame names: only after a person's click, and only as a text document. */

import { l10n, Position, type QuickPickItem, Range, ThemeIcon, type Uri, ViewColumn, window, workspace } from 'vscode';
import type { Place } from '../../server/src/protocol.ts';
import type { FoundPlace, PlaceFinder } from './placeFinder.ts';

export class PlaceOpener {
  readonly #finder: PlaceFinder;

  constructor(finder: PlaceFinder) {
    this.#finder = finder;
  }

  /** Opens the place beside the log. Where several files fit, asks which, and keeps the answer; where none is here, offers to pick one. */
  async open(place: Place): Promise<void> {
    const places = await this.#finder.find(place);
    const [first] = places;
    if (first === undefined) return void this.#offerPick(place);
    if (places.length === 1) return showAt(first.uri, first.line, first.column);
    const chosen = await this.#choose(place, places);
    if (chosen === undefined) return;
    await this.#finder.remember(place.path, chosen.uri);
    await showAt(chosen.uri, chosen.line, chosen.column);
  }

  /** Forgets every pick. */
  async forget(): Promise<void> {
    await this.#finder.forget();
  }

  async #choose(place: Place, places: readonly FoundPlace[]): Promise<FoundPlace | undefined> {
    interface Item extends QuickPickItem {
      found?: FoundPlace;
    }
    const items: Item[] = places.map((found) => ({ label: workspace.asRelativePath(found.uri), found }));
    items.sort((a, b) => (a.label < b.label ? -1 : 1));
    items.push({ label: l10n.t('Pick Another File…'), iconPath: new ThemeIcon('folder-opened') });
    const title = l10n.t('Which file is {0}?', place.path);
    const placeHolder = l10n.t('It is remembered for this file and those beside it');
    const item = await window.showQuickPick(items, { title, placeHolder });
    if (item === undefined || item.found) return item?.found;
    const uri = await pickFile(place);
    return uri && { uri, line: place.line, ...(place.column !== undefined && { column: place.column }) };
  }

  async #offerPick(place: Place): Promise<void> {
    const pick = l10n.t('Pick the File…');
    const answer = await window.showWarningMessage(l10n.t('{0} is not here.', place.path), pick);
    const picked = answer === pick ? await pickFile(place) : undefined;
    if (picked === undefined) return;
    await this.#finder.remember(place.path, picked);
    await showAt(picked, place.line, place.column);
  }
}

async function pickFile(place: Place): Promise<Uri | undefined> {
  const title = l10n.t('The file for {0}', place.path);
  return (await window.showOpenDialog({ title, openLabel: l10n.t('Use This File') }))?.[0];
}

/** Shows a line (1-based, as is the column) in the group beside the active editor. */
export async function showAt(uri: Uri, line: number, column = 1): Promise<void> {
  const position = new Position(line - 1, column - 1);
  await window.showTextDocument(uri, { viewColumn: ViewColumn.Beside, selection: new Range(position, position), preview: true });
}
