/** Above the text of a tail: what loads older text, or says that there is none. */

import { CodeLens, type CodeLensProvider, EventEmitter, l10n, Range, type TextDocument } from 'vscode';
import { commands } from '../ids.ts';
import type { TailStatus } from './tailDocument.ts';

export class OlderLens implements CodeLensProvider {
  readonly #changed = new EventEmitter<void>();
  readonly #stateOf: (document: TextDocument) => TailStatus['older'] | undefined;
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(stateOf: (document: TextDocument) => TailStatus['older'] | undefined) {
    this.#stateOf = stateOf;
  }

  changed(): void {
    this.#changed.fire();
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    const state = this.#stateOf(document);
    if (state === undefined) return [];
    return [new CodeLens(new Range(0, 0, 0, 0), { title: titleOf(state), command: state === 'more' ? commands.tailLoadOlder : '' })];
  }
}

function titleOf(state: TailStatus['older']): string {
  switch (state) {
    case 'more':
      return `$(arrow-up) ${l10n.t('Load Older')}`;
    case 'loading':
      return `$(loading~spin) ${l10n.t('Loading…')}`;
    case 'none':
      return l10n.t('The log begins here');
  }
}
