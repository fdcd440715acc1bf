/** Stack frames as links, in editors and in terminals. A click resolves the path: until then nothing that a log names is looked at. */

import {
  type CancellationToken,
  type Disposable,
  DocumentLink,
  type DocumentLinkProvider,
  l10n,
  Range,
  type TerminalLink,
  type TerminalLinkProvider,
  type TextDocument,
  Uri,
  window,
} from 'vscode';
import type { Place } from '../../../server/src/protocol.ts';
import { findFrames } from '../../../server/src/traceback/frames.ts';
import { placedFrames } from '../../../server/src/traceback/trace.ts';
import { commands } from '../ids.ts';
import type { PlaceOpener } from '../openPlace.ts';
import type { DocumentTraces } from './documentTraces.ts';

/** VS Code asks for all links of a document at once. */
const maxLinks = 5000;

export class FrameLinks implements DocumentLinkProvider {
  readonly #traces: DocumentTraces;

  constructor(traces: DocumentTraces) {
    this.#traces = traces;
  }

  /** The newest ones where there are too many. */
  async provideDocumentLinks(document: TextDocument, token: CancellationToken): Promise<DocumentLink[] | undefined> {
    const traces = await this.#traces.of(document, token);
    return (
      traces &&
      placedFrames(traces)
        .slice(-maxLinks)
        .map(({ textLine, start, end, place }) => {
          // The link's command and its form are ours; of the log only the place is in it, as data.
          const target = Uri.from({ scheme: 'command', path: commands.openPlace, query: encodeURIComponent(JSON.stringify([place])) });
          const link = new DocumentLink(new Range(textLine, start, textLine, end), target);
          link.tooltip = l10n.t('Open {0}:{1}', place.path, place.line);
          return link;
        })
    );
  }
}

interface PlaceLink extends TerminalLink {
  place: Place;
}

/** A terminal asks for one line at a time: frames that take two lines are VS Code's own to find. */
export function registerTerminalLinks(places: PlaceOpener, report: (error: unknown) => void): Disposable {
  const provider: TerminalLinkProvider<PlaceLink> = {
    provideTerminalLinks: ({ line }) =>
      findFrames(line).map(({ start, end, place }) => ({
        startIndex: start,
        length: end - start,
        tooltip: l10n.t('Open {0}:{1}', place.path, place.line),
        place,
      })),
    handleTerminalLink: ({ place }) => {
      places.open(place).catch(report);
    },
  };
  return window.registerTerminalLinkProvider(provider);
}
