/** What a page may have the extension do. */

import { join, resolve, sep } from 'node:path';
import { commands, env, l10n } from 'vscode';
import type { HostRequests, Source } from '../../server/src/protocol.ts';
import type { Exporter } from './exporter.ts';
import { commands as ids, walkthrough } from './ids.ts';
import { type LogFileSystem, logUri } from './logFileSystem.ts';
import { type PlaceOpener, showAt } from './openPlace.ts';
import type { PageLayouts } from './pageLayout.ts';
import type { PastFilters } from './pastFilters.ts';
import { keepSetting, section } from './settings.ts';
import type { Host } from './timelinePage.ts';

type Answers = { [M in keyof HostRequests]: (params: HostRequests[M][0], root: string | undefined, source: Source) => Promise<void> };

interface PageHostParts {
  places: PlaceOpener;
  logs: LogFileSystem;
  layouts: PageLayouts;
  past: PastFilters;
  exporter: Exporter;
  setLayout(path: string): Promise<void>;
  extensionId: string;
}

export class PageHost implements Host {
  readonly #answers: Answers;

  constructor({ places, logs, layouts, past, exporter, setLayout, extensionId }: PageHostParts) {
    this.#answers = {
      'host/openPlace': (place) => places.open(place),
      'host/openRecord': async ({ file, line }, root) => {
        if (root === undefined) throw new Error(l10n.t('The log is not open yet.'));
        const uri = logUri(inside(root, file));
        await showAt(uri, await logs.lineIn(uri, line));
      },
      'host/setLayout': async ({ file }, root) => {
        if (root === undefined) throw new Error(l10n.t('The log is not open yet.'));
        await setLayout(inside(root, file));
      },
      'host/copy': async ({ text }) => env.clipboard.writeText(text),
      'host/command': async ({ command }) => {
        if (command === 'openSettings') await commands.executeCommand('workbench.action.openSettings', section);
        else if (command === 'openWalkthrough')
          await commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${walkthrough}`);
        else await commands.executeCommand(ids[command]);
      },
      'host/setting': keepSetting,
      'host/export': ({ view }) => exporter.run(view),
      'host/layout': (layout) => layouts.keep(layout),
      'host/remember': (filter, _root, source) => past.add(source, filter),
    };
  }

  async answer<M extends keyof HostRequests>(
    method: M,
    params: HostRequests[M][0],
    root: string | undefined,
    source: Source,
  ): Promise<null> {
    await this.#answers[method](params, root, source);
    return null;
  }
}

/** The file's absolute path; throws where it would stand outside of the root. */
function inside(root: string, file: string): string {
  const path = resolve(root, file);
  if (!path.startsWith(root.endsWith(sep) ? root : join(root, sep))) throw new Error(l10n.t('{0} is not in {1}.', file, root));
  return path;
}
