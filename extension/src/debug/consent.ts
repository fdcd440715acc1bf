/** Whether debug sessions may be written: the setting says so, and while it is set nowhere a person is asked, once, without holding up anything. */

import { type Disposable, EventEmitter, l10n, window, workspace } from 'vscode';
import { settings } from '../ids.ts';
import { debugEnabled, keepDebugEnabled, section } from '../settings.ts';
import type { Gate } from './debugLog.ts';

export class Consent implements Disposable {
  readonly #decided = new EventEmitter<void>();
  readonly #subscription: Disposable;
  readonly #report: (error: unknown) => void;
  #isAsked = false;
  /** The question was closed without an answer: nothing is kept any longer, and it comes back with the next window. */
  #isPutOff = false;
  /** Fires when what could not be told before may be known. */
  readonly onDidDecide = this.#decided.event;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
    this.#subscription = workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${section}.${settings.debugEnabled}`)) this.#decided.fire();
    });
  }

  get gate(): Gate {
    const isEnabled = debugEnabled();
    if (isEnabled === undefined) return this.#isPutOff ? 'shut' : 'waiting';
    return isEnabled ? 'open' : 'shut';
  }

  /** Asks, where it is needed. `place`: where would be written. */
  ask(place: string): void {
    if (this.#isAsked || this.gate !== 'waiting') return;
    this.#isAsked = true;
    this.#ask(place).catch(this.#report);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#decided.dispose();
  }

  async #ask(place: string): Promise<void> {
    const [yes, no, never] = [l10n.t('Yes'), l10n.t('No'), l10n.t('Never')];
    const question = l10n.t(
      'Safelog can write what debug sessions print to {0}, and show it with all other logs. In this workspace?',
      place,
    );
    const answer = await window.showInformationMessage(question, yes, no, never);
    // It may have been answered in the settings meanwhile.
    if (answer !== undefined && debugEnabled() === undefined) await keepDebugEnabled(answer === yes, answer === never);
    this.#isPutOff = answer === undefined;
    this.#isAsked = false;
    this.#decided.fire();
  }
}
