/** How pages are arranged: kept for this person, whatever the workspace. */

import type { Memento } from 'vscode';
import type { PageLayout } from '../../server/src/protocol.ts';
import { parsePageLayout } from './messages.ts';

const memoryKey = 'safelog.pageLayout';

export class PageLayouts {
  readonly #memory: Memento;

  constructor(globalState: Memento) {
    this.#memory = globalState;
  }

  get current(): PageLayout {
    return parsePageLayout(this.#memory.get(memoryKey));
  }

  async keep(layout: PageLayout): Promise<void> {
    await this.#memory.update(memoryKey, layout);
  }
}
