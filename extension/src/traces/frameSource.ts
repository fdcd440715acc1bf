/** What a frame leads to, for those who point at it: the lines around it, and Go to Definition and Peek. */

import {
  type CancellationToken,
  type DefinitionProvider,
  Hover,
  type HoverProvider,
  type LocationLink,
  l10n,
  MarkdownString,
  type Position,
  Range,
  type TextDocument,
  workspace,
} from 'vscode';
import type { Frame } from '../../../server/src/traceback/trace.ts';
import type { FoundPlace, PlaceFinder } from '../placeFinder.ts';
import type { DocumentTraces } from './documentTraces.ts';
import { languageOf } from './languages.ts';

/** Lines that are shown on either side. */
const around = 4;
const maxSize = 4 << 20;
const maxLine = 200;

export class FrameSource implements HoverProvider, DefinitionProvider {
  readonly #traces: DocumentTraces;
  readonly #finder: PlaceFinder;

  constructor(traces: DocumentTraces, finder: PlaceFinder) {
    this.#traces = traces;
    this.#finder = finder;
  }

  /** Not on the link itself: Ctrl+click would open the file twice, beside the log and over it. */
  async provideDefinition(document: TextDocument, position: Position, token: CancellationToken): Promise<LocationLink[] | undefined> {
    const found = await this.#find(document, position.line, token);
    if (!found || rangeOf(found.frame).contains(position)) return undefined;
    return found.places.map(({ uri, line: target, column = 1 }) => ({
      targetUri: uri,
      targetRange: new Range(target - 1, column - 1, target - 1, column - 1),
    }));
  }

  async provideHover(document: TextDocument, { line }: Position, token: CancellationToken): Promise<Hover | undefined> {
    const found = await this.#find(document, line, token);
    const [place] = found?.places ?? [];
    if (!found || !place) return undefined;
    const source = await readAround(place);
    if (source === undefined || token.isCancellationRequested) return undefined;
    // Neither trusted nor HTML: what stands in it is a file's text, and a path.
    const text = new MarkdownString();
    text.appendText(`${workspace.asRelativePath(place.uri, true)}:${place.line}`);
    text.appendCodeblock(source, languageOf(place.uri.path));
    if (found.places.length > 1) text.appendText(l10n.t('{0} files fit.', found.places.length));
    return new Hover(text, rangeOf(found.frame));
  }

  async #find(document: TextDocument, line: number, token: CancellationToken): Promise<{ frame: Frame; places: FoundPlace[] } | undefined> {
    const frame = await this.#traces.frameAt(document, line, token);
    if (!frame?.place || frame.textLine !== line || token.isCancellationRequested) return undefined;
    const places = await this.#finder.find(frame.place);
    return places.length === 0 ? undefined : { frame, places };
  }
}

const rangeOf = ({ textLine, start, end }: Frame): Range => new Range(textLine, start, textLine, end);

/** The lines around a place, that one marked; undefined where the file cannot be read, or has not as many. */
async function readAround({ uri, line }: FoundPlace): Promise<string | undefined> {
  try {
    if ((await workspace.fs.stat(uri)).size > maxSize) return undefined;
    const lines = Buffer.from(await workspace.fs.readFile(uri))
      .toString()
      .split(/\r?\n/);
    if (line > lines.length) return undefined;
    const first = Math.max(1, line - around);
    const last = Math.min(lines.length, line + around);
    const shown = lines.slice(first - 1, last).map((text, index) => `${first + index === line ? '▶' : ' '} ${text.slice(0, maxLine)}`);
    return shown.join('\n').trimEnd();
  } catch {
    return undefined;
  }
}
