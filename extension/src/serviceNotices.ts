/** Says once what keeps the embedded service from running; what it refuses while it runs goes to the output, for a peer may cause any number. */

import { commands, type Disposable, type LogOutputChannel, l10n, window } from 'vscode';
import type { ServerAbout, ServiceState } from '../../server/src/protocol.ts';
import { settings } from './ids.ts';
import type { Server } from './server.ts';
import { setForUser } from './settings.ts';
import { showError } from './showError.ts';

/** The service has so long (ms) to say that it listens, or why not. */
const patienceMs = 10_000;

export function registerServiceNotices(server: Server, output: LogOutputChannel): Disposable {
  let said: string | null = null;
  return server.onNotification('safelog/about/changed', ({ service: { listening, problem, refused } }) => {
    if (problem !== null && problem !== said) {
      if (refused) void showRefused(refused);
      else if (listening === null) showError(problem);
      output.warn(problem);
    }
    said = problem;
  });
}

/** Says which receiver cannot have which port, and leads to its setting. */
async function showRefused({ setting, address, reason }: NonNullable<ServiceState['refused']>): Promise<void> {
  const name = `safelog.service.${setting}`;
  const message =
    reason === 'inUse'
      ? l10n.t(
          'Safelog’s service does not run: {0} is in use by another program. Choose another port for {1}, 0 for any free one, or end that program.',
          address,
          name,
        )
      : reason === 'denied'
        ? l10n.t(
            'Safelog’s service does not run: {0} is refused, as ports below 1024 are the administrator’s. Choose another port for {1}.',
            address,
            name,
          )
        : l10n.t('Safelog’s service does not run: it cannot listen on {0}, as {1} asks for.', address, name);
  const open = l10n.t('Open Settings');
  if ((await window.showErrorMessage(message, open)) === open) await commands.executeCommand('workbench.action.openSettings', name);
}

/** Turns the service on in the user's settings, and tells where it listens; what is in its way is told by the notices. */
export async function enableService(server: Server): Promise<void> {
  const outcome = nextOutcome(server);
  await setForUser(settings.serviceEnabled, true);
  const { service } = await outcome;
  if (service.listening === null) return;
  void window.showInformationMessage(
    service.servedBy === null
      ? l10n.t('The Safelog service listens on {0}.', service.listening)
      : l10n.t('Another process serves this log tree; it listens on {0}.', service.listening),
  );
}

/** The first word of the server on a service that listens or cannot; else, where it ran already, what it is now. */
function nextOutcome(server: Server): Promise<ServerAbout> {
  return new Promise((resolve, reject) => {
    const settle = (about: ServerAbout): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve(about);
    };
    const timer = setTimeout(() => server.request('safelog/about', null).then(settle, reject), patienceMs);
    const subscription: Disposable = server.onNotification('safelog/about/changed', (about) => {
      if (about.service.listening !== null || about.service.servedBy !== null || about.service.problem !== null) settle(about);
    });
  });
}
