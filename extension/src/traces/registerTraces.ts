/**
 * Stack traces in every editor that shows a log. Done here and not in the language server: that would need the whole text of every log once
 * more (a 40 MB didOpen blocks the sender for 0.1 s), and where a path leads is known by VS Code.
 */

import { type Disposable, type DocumentSelector, languages } from 'vscode';
import { language, schemes } from '../ids.ts';
import type { PlaceOpener } from '../openPlace.ts';
import type { PlaceFinder } from '../placeFinder.ts';
import type { DocumentTraces } from './documentTraces.ts';
import { FrameLinks, registerTerminalLinks } from './frameLinks.ts';
import { FrameSource } from './frameSource.ts';
import { TraceFolding } from './traceFolding.ts';
import { TraceOutline } from './traceOutline.ts';

/** Ours and VS Code's own language for logs; our schemes whatever language somebody has chosen for them. */
const logs: DocumentSelector = [
  { language },
  { language: 'log' },
  { scheme: schemes.tail },
  { scheme: schemes.log },
  { scheme: schemes.trace },
];

export function registerTraces(
  traces: DocumentTraces,
  finder: PlaceFinder,
  places: PlaceOpener,
  report: (error: unknown) => void,
): Disposable[] {
  const source = new FrameSource(traces, finder);
  return [
    traces,
    languages.registerDocumentLinkProvider(logs, new FrameLinks(traces)),
    languages.registerFoldingRangeProvider(logs, new TraceFolding(traces)),
    languages.registerDocumentSymbolProvider(logs, new TraceOutline(traces)),
    languages.registerDefinitionProvider(logs, source),
    languages.registerHoverProvider(logs, source),
    registerTerminalLinks(places, report),
  ];
}
