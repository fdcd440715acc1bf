import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { t } from './l10n.ts';
import type { TimelineList } from './timelineList.ts';

/** How one of them looks. */
export interface InputLook {
  role: 'search' | 'dialog';
  label: string;
  placeholder: string;
  /** What its button does, and the button's codicon. */
  action: string;
  icon: string;
  /** The text cannot be used: it is marked where `wrong`, and merely not taken otherwise. */
  unusable?: boolean;
  wrong?: boolean;
  /** Said under the text box. */
  hint?: string;
}

/** A box over the list's corner that takes one text: Enter or its button uses it, Escape closes it. */
export abstract class InputWidget extends LitElement {
  static override properties = { list: { attribute: false }, open: { state: true }, value: { state: true } };

  declare list: TimelineList;
  declare open: boolean;
  declare value: string;

  constructor() {
    super();
    this.open = false;
    this.value = '';
  }

  /** How it looks with what is typed. */
  protected abstract look(): InputLook;

  /** Uses what is typed. */
  protected abstract accept(): void;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  async show(): Promise<void> {
    this.open = true;
    await this.updateComplete;
    const input = this.querySelector('input');
    input?.focus();
    input?.select();
  }

  hide(): void {
    if (!this.open) return;
    this.open = false;
    this.list.grid.focus();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.open) return nothing;
    const { role, label, placeholder, action, icon, unusable = false, wrong = false, hint } = this.look();
    const hintId = `${role}-hint`;
    return html`<div class="widget" role=${role} aria-label=${label} @keydown=${this.#onKey}>
      <div class="search-input ${wrong ? 'invalid' : ''}">
        <input type="text" class="input" maxlength="4000" spellcheck=${String(role === 'dialog')} autocomplete="off" aria-label=${label} placeholder=${placeholder}
          aria-describedby=${hint === undefined ? nothing : hintId} aria-invalid=${String(wrong)} .value=${this.value} @input=${(
            event: InputEvent,
          ) => {
            this.value = (event.target as HTMLInputElement).value;
          }} />
      </div>
      <button type="button" class="action codicon codicon-${icon}" aria-label=${action} title=${t('{0} (Enter)', action)} ?disabled=${unusable} @click=${this.accept}></button>
      <button type="button" class="action codicon codicon-close" aria-label=${t('Close')} title=${t('Close (Escape)')} @click=${() => this.hide()}></button>
      ${hint === undefined ? nothing : html`<div class="hint" id=${hintId}>${hint}</div>`}
    </div>`;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.hide();
    else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) this.accept();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
