import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import type { HostRequests, ServiceState } from '../../server/src/protocol.ts';
import { plural, t } from './l10n.ts';
import type { Session } from './session.ts';
import { percent, searchPercent, searchText } from './statusLine.ts';

type HostCommand = HostRequests['host/command'][0]['command'];

/** How far the index is, as VS Code shows progress: a thin line at the top. */
export function progressLine(session: Session): TemplateResult {
  const done = percent(session);
  const busy = session.filtering || (session.view === null && session.notice === null);
  const { search } = session.state ?? {};
  if (done === null && !busy && search?.stopped === false)
    return html`<div class="progress"><vscode-progress-bar aria-label=${t('Searching')} .value=${searchPercent(search)}></vscode-progress-bar></div>`;
  if (done === null && !busy) return html`<div class="progress"></div>`;
  return html`<div class="progress">${
    done === null
      ? html`<vscode-progress-bar aria-label=${t('Loading')} indeterminate></vscode-progress-bar>`
      : html`<vscode-progress-bar aria-label=${t('Indexing')} .value=${done}></vscode-progress-bar>`
  }</div>`;
}

/** Something that did not work, or is worth knowing, once. */
export function noticeBar(session: Session): TemplateResult | typeof nothing {
  const { notice } = session;
  if (!notice) return nothing;
  return html`<div class="bar notice" role="alert">
    <span class="codicon codicon-${notice.failed ? 'error' : 'info'}" aria-hidden="true"></span><span class="message">${notice.message}</span>
    ${notice.action ? html`<button type="button" class="link" @click=${notice.action.run}>${notice.action.label}</button>` : nothing}
    <button type="button" class="action codicon codicon-close" aria-label=${t('Dismiss')} title=${t('Dismiss')} @click=${() => session.dismiss()}></button>
  </div>`;
}

/** What is wrong with paths of the source and with settings: one quiet line that unfolds. */
export function problemsBar(session: Session): TemplateResult | typeof nothing {
  const problems = session.state?.problems ?? [];
  const count = problems.length + session.refused.length;
  if (count === 0) return nothing;
  return html`<details class="bar problems">
    <summary><span class="codicon codicon-warning" aria-hidden="true"></span>${plural(count, t('{0} problem'), t('{0} problems'))}</summary>
    <ul>
      ${problems.map(
        ({ path, message, advice }) =>
          html`<li><span class="path">${path}</span><span>${message}</span>${advice ? html`<span class="advice">${advice}</span>` : nothing}</li>`,
      )}
      ${session.refused.map(
        (problem) => html`<li><span>${problem}</span>
          <button type="button" class="link" @click=${() => session.ask('host/command', { command: 'openSettings' })}>${t('Open Settings')}</button></li>`,
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
  if (state.filterError !== undefined) return empty(t('The filter cannot be used'), state.filterError, clearButton(session));
  const done = percent(session);
  if (done !== null) return empty(t('Reading the logs'), t('{0} % so far', done), nothing);
  if (state.search && !session.filtering) {
    const { stopped } = state.search;
    return empty(
      stopped ? t('No entries found so far') : t('Searching'),
      `${searchText(state.search)}.`,
      html`<vscode-button @click=${() => session.search(stopped)}>${stopped ? t('Resume') : t('Stop')}</vscode-button>${stopped ? clearButton(session) : nothing}`,
    );
  }
  if (!state.final || session.filtering) return empty(t('Searching'), t('Entries that pass the filter appear here'), nothing);
  if (state.unfiltered > 0) {
    return empty(
      t('No entries pass the filter'),
      plural(state.unfiltered, t('{0} entry is hidden by it.'), t('{0} entries are hidden by it.')),
      clearButton(session),
    );
  }
  return source.kind === 'tree'
    ? nothingLogged(session, state.root)
    : empty(t('No entries yet'), t('New entries in {0} appear here.', source.path), nothing);
}

function noTree(session: Session, root: string): TemplateResult {
  return empty(
    t('Nothing logged yet at {0}', root),
    t('This folder is not there yet. Entries appear here as soon as a program logs to it.'),
    html`${command(session, 'pickRoot', t('Choose Folder…'))}${ways(session, root, true)}${command(session, 'openLog', t('Open a Log…'), true)}`,
    serviceText(session, root),
  );
}

function nothingLogged(session: Session, root: string): TemplateResult {
  return empty(
    t('Nothing logged yet at {0}', root),
    t('Entries appear here as soon as a program logs to it.'),
    html`${ways(session, root, false)}${command(session, 'pickRoot', t('Choose Another Folder…'), true)}`,
    serviceText(session, root),
  );
}

/** What takes entries in for a root; undefined where that is not known, or the service of the settings is for another one. */
function serviceOf({ served }: Session, root: string): ServiceState | undefined {
  return served?.root === root ? served.service : undefined;
}

const isRunning = ({ listening, servedBy }: ServiceState): boolean => listening !== null || servedBy !== null;

/** How one comes to log there: the service is offered where it does not run. */
function ways(session: Session, root: string, secondary: boolean): TemplateResult {
  const service = serviceOf(session, root);
  const offers = service !== undefined && !isRunning(service) && service.problem === null;
  return html`${offers ? command(session, 'enableService', t('Start the Safelog Service'), secondary) : nothing}${command(
    session,
    'openWalkthrough',
    t('Show How to Log Here'),
    secondary || offers,
  )}`;
}

function serviceText(session: Session, root: string): string {
  const service = serviceOf(session, root);
  if (service === undefined) return '';
  const { listening, socket, problem } = service;
  const addresses = [...new Set([listening, socket])].filter((address) => address !== null);
  if (addresses.length > 0) return t('The Safelog service listens on {0}.', addresses.join(', '));
  if (isRunning(service)) return t('The Safelog service runs in another process.');
  return problem === null ? '' : t('The Safelog service does not run: {0}', problem);
}

function nothingThere(session: Session, path: string): TemplateResult {
  return empty(
    t('{0} is not there', path),
    t('It appears here as soon as it is written.'),
    command(session, 'openLog', t('Open Another Log…')),
  );
}

function clearButton(session: Session): TemplateResult {
  return html`<vscode-button @click=${() => session.setFilter({})}>${t('Clear Filter')}</vscode-button>`;
}

function command(session: Session, name: HostCommand, label: string, secondary = false): TemplateResult {
  return html`<vscode-button ?secondary=${secondary} @click=${() => session.ask('host/command', { command: name })}>${label}</vscode-button>`;
}

function empty(title: string, text: string, actions: unknown, more = ''): TemplateResult {
  return html`<div class="empty" role="status"><h2>${title}</h2><p>${text}</p>${more === '' ? nothing : html`<p>${more}</p>`}<div class="buttons">${actions}</div></div>`;
}
