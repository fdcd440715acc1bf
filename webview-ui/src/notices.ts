import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import type { Session } from './session.ts';
import { percent, plural, searchPercent, searchText } from './statusLine.ts';

/** How far the index is, as VS Code shows progress: a thin line at the top. */
export function progressLine(session: Session): TemplateResult {
  const done = percent(session);
  const busy = session.filtering || (session.view === null && session.notice === null);
  const { search } = session.state ?? {};
  if (done === null && !busy && search?.stopped === false)
    return html`<div class="progress"><vscode-progress-bar aria-label="Searching" .value=${searchPercent(search)}></vscode-progress-bar></div>`;
  if (done === null && !busy) return html`<div class="progress"></div>`;
  return html`<div class="progress">${
    done === null
      ? html`<vscode-progress-bar aria-label="Loading" indeterminate></vscode-progress-bar>`
      : html`<vscode-progress-bar aria-label="Indexing" .value=${done}></vscode-progress-bar>`
  }</div>`;
}

/** Something that did not work, or is worth knowing, once. */
export function noticeBar(session: Session): TemplateResult | typeof nothing {
  const { notice } = session;
  if (!notice) return nothing;
  return html`<div class="bar notice" role="alert">
    <span class="codicon codicon-${notice.failed ? 'error' : 'info'}" aria-hidden="true"></span><span class="message">${notice.message}</span>
    ${notice.action ? html`<button type="button" class="link" @click=${notice.action.run}>${notice.action.label}</button>` : nothing}
    <button type="button" class="action codicon codicon-close" aria-label="Dismiss" title="Dismiss" @click=${() => session.dismiss()}></button>
  </div>`;
}

/** What is wrong with paths of the source and with settings: one quiet line that unfolds. */
export function problemsBar(session: Session): TemplateResult | typeof nothing {
  const problems = session.state?.problems ?? [];
  const count = problems.length + session.refused.length;
  if (count === 0) return nothing;
  return html`<details class="bar problems">
    <summary><span class="codicon codicon-warning" aria-hidden="true"></span>${plural(count, 'problem', 'problems')}</summary>
    <ul>
      ${problems.map(
        ({ path, message, advice }) =>
          html`<li><span class="path">${path}</span><span>${message}</span>${advice ? html`<span class="advice">${advice}</span>` : nothing}</li>`,
      )}
      ${session.refused.map(
        (problem) => html`<li><span>${problem}</span>
          <button type="button" class="link" @click=${() => session.ask('host/command', { command: 'openSettings' })}>Open Settings</button></li>`,
      )}
    </ul>
  </details>`;
}

/** What stands where there are no rows: why, and what to do about it. */
export function emptyState(session: Session): TemplateResult | typeof nothing {
  const { state, source } = session;
  if (!state || session.view === null || !source) return nothing;
  if (!state.exists) return source.kind === 'tree' ? noTree(session, state.root) : nothingThere(session, source.path);
  if (state.total > 0) return nothing;
  if (state.filterError !== undefined) return empty('The filter cannot be used', state.filterError, clearButton(session));
  const done = percent(session);
  if (done !== null) return empty('Reading the logs', `${done} % so far`, nothing);
  if (state.search && !session.filtering) {
    const { stopped } = state.search;
    return empty(
      stopped ? 'No entries found so far' : 'Searching',
      `${searchText(state.search)}.`,
      html`<vscode-button @click=${() => session.search(stopped)}>${stopped ? 'Resume' : 'Stop'}</vscode-button>${stopped ? clearButton(session) : nothing}`,
    );
  }
  if (!state.final || session.filtering) return empty('Searching', 'Entries that pass the filter appear here', nothing);
  if (state.unfiltered > 0) {
    return empty(
      'No entries pass the filter',
      `${plural(state.unfiltered, 'entry is', 'entries are')} hidden by it.`,
      clearButton(session),
    );
  }
  return source.kind === 'tree'
    ? nothingLogged(session, state.root)
    : empty('No entries yet', `New entries in ${source.path} appear here.`, nothing);
}

function noTree(session: Session, root: string): TemplateResult {
  return empty(
    `Nothing logged yet at ${root}`,
    'This folder is not there yet. Entries appear here as soon as a program logs to it.',
    html`${command(session, 'pickRoot', 'Choose Folder…', false)}${command(session, 'enableService', 'Start the Safelog Service', true)}${command(
      session,
      'openLog',
      'Open a Log…',
      true,
    )}`,
  );
}

function nothingLogged(session: Session, root: string): TemplateResult {
  return empty(
    `Nothing logged yet at ${root}`,
    'Entries appear here as soon as a program logs to it.',
    html`${command(session, 'enableService', 'Start the Safelog Service', false)}${command(session, 'pickRoot', 'Choose Another Folder…', true)}`,
  );
}

function nothingThere(session: Session, path: string): TemplateResult {
  return empty(
    `${path} is not there`,
    'It appears here as soon as it is written.',
    command(session, 'openLog', 'Open Another Log…', false),
  );
}

function clearButton(session: Session): TemplateResult {
  return html`<vscode-button @click=${() => session.setFilter({})}>Clear Filter</vscode-button>`;
}

function command(session: Session, name: 'pickRoot' | 'enableService' | 'openLog', label: string, secondary: boolean): TemplateResult {
  return html`<vscode-button ?secondary=${secondary} @click=${() => session.ask('host/command', { command: name })}>${label}</vscode-button>`;
}

function empty(title: string, text: string, actions: unknown): TemplateResult {
  return html`<div class="empty" role="status"><h2>${title}</h2><p>${text}</p><div class="buttons">${actions}</div></div>`;
}
