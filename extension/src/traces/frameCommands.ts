/** F12 and Peek with the cursor in a frame, on its link too: there VS Code's own commands find nothing (frameSource.ts tells why). */

import { CancellationTokenSource, commands, Location, l10n, Position, type TextEditor, window } from 'vscode';
import type { Frame } from '../../../server/src/traceback/trace.ts';
import type { PlaceOpener } from '../openPlace.ts';
import type { PlaceFinder } from '../placeFinder.ts';
import type { DocumentTraces } from './documentTraces.ts';

export class FrameCommands {
  readonly #traces: DocumentTraces;
  readonly #finder: PlaceFinder;
  readonly #places: PlaceOpener;

  constructor(traces: DocumentTraces, finder: PlaceFinder, places: PlaceOpener) {
    this.#traces = traces;
    this.#finder = finder;
    this.#places = places;
  }

  /** Opens the frame's line beside the log, as a click on its link does; elsewhere Go to Definition. */
  async open(): Promise<void> {
    const place = (await this.#frameOf(window.activeTextEditor))?.place;
    if (place) await this.#places.open(place);
    else await commands.executeCommand('editor.action.revealDefinition');
  }

  /** Shows the frame's line within the log, or all of those that fit; elsewhere Peek Definition. */
  async peek(): Promise<void> {
    const editor = window.activeTextEditor;
    const place = (await this.#frameOf(editor))?.place;
    if (editor === undefined || !place) return void (await commands.executeCommand('editor.action.peekDefinition'));
    const locations = (await this.#finder.find(place)).map(
      ({ uri, line, column = 1 }) => new Location(uri, new Position(line - 1, column - 1)),
    );
    const nothing = l10n.t('{0} is not here.', place.path);
    await commands.executeCommand('editor.action.peekLocations', editor.document.uri, editor.selection.active, locations, 'peek', nothing);
  }

  async #frameOf(editor: TextEditor | undefined): Promise<Frame | undefined> {
    const source = new CancellationTokenSource();
    try {
      return editor && (await this.#traces.frameAt(editor.document, editor.selection.active.line, source.token));
    } finally {
      source.dispose();
    }
  }
}
