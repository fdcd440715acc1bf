/** Frames of libraries in an unfolded trace: one line for as many as follow each other, until one wants to see them. */

import type { LibraryRun, RecordId, Row } from '../../server/src/protocol.ts';
import { t } from './l10n.ts';
import type { Stretch } from './segments.ts';
import type { SafeText } from './text.ts';

/** Runs that were opened: they stay open while other rows come and go. */
const opened = new Set<string>();
/** Nobody remembers more. */
const MAX_OPENED = 2000;

export interface RunStretch extends Stretch {
  run: LibraryRun;
}

/** Where the runs stand in the drawn text, with their line ends. */
export function runStretches(row: Row, safe: SafeText, lineStarts: readonly number[]): RunStretch[] {
  return row.libraryRuns.flatMap((run) => {
    const from = lineStarts[run.from];
    if (from === undefined) return [];
    const to = lineStarts[run.to];
    return [{ run, start: safe.column(from), end: to === undefined ? safe.text.length : safe.column(to) }];
  });
}

/** The line that stands for a run, and what its lines go into. One in which something was found is open. */
export function foldedRun(
  id: RecordId,
  { run, start, end }: RunStretch,
  text: string,
  hits: readonly Stretch[],
): { element: HTMLElement; lines: HTMLElement } {
  const element = document.createElement('span');
  element.className = 'run';
  const button = document.createElement('button');
  button.type = 'button';
  button.tabIndex = -1;
  button.className = 'libraries';
  button.dataset.run = `${id}:${run.from}`;
  const icon = document.createElement('span');
  icon.setAttribute('aria-hidden', 'true');
  button.append(icon, t('{0} frames of libraries', run.frames));
  const lines = document.createElement('span');
  lines.className = 'lines';
  // As far to the right as what it stands for.
  const [indent = ''] = /^[ \t|:]*/.exec(text.slice(start, end)) ?? [];
  element.append(indent, button, '\n', lines);
  show(element, opened.has(button.dataset.run) || hits.some((hit) => hit.start < end && hit.end > start));
  return { element, lines };
}

/** Shows or hides the frames of the run whose line was clicked. */
export function toggleRun(button: Element): void {
  const element = button.parentElement;
  if (!(button instanceof HTMLElement) || !element) return;
  const open = !element.classList.contains('open');
  const name = button.dataset.run ?? '';
  if (open) opened.add(name);
  else opened.delete(name);
  const [oldest] = opened;
  if (opened.size > MAX_OPENED && oldest !== undefined) opened.delete(oldest);
  show(element, open);
}

function show(element: HTMLElement, open: boolean): void {
  element.classList.toggle('open', open);
  const button = element.querySelector('.libraries');
  button?.setAttribute('aria-expanded', String(open));
  const icon = button?.firstElementChild;
  if (icon) icon.className = `codicon codicon-chevron-${open ? 'down' : 'right'}`;
}
