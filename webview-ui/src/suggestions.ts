import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';

export interface Suggestion {
  label: string;
  /** Said beside it. */
  help: string;
  icon: string;
  take(): void;
}

/**
 * The list under a text box, as a combobox of ARIA has it. None of it is chosen until one goes there by the arrow keys, so that Enter and Tab
 * mean what they always do while one types.
 */
export class Suggestions {
  #items: readonly Suggestion[] = [];
  #active = -1;

  /**
   * @param label what the list is called
   * @param changed has it drawn anew
   */
  constructor(
    readonly id: string,
    readonly label: string,
    readonly changed: () => void,
  ) {}

  get isOpen(): boolean {
    return this.#items.length > 0;
  }

  /** Of the element that is chosen in it. */
  get activeId(): string | undefined {
    return this.#active < 0 ? undefined : `${this.id}-${this.#active}`;
  }

  show(items: readonly Suggestion[], active = -1): void {
    if (items.length === 0 && !this.isOpen) return;
    this.#items = items;
    this.#active = Math.min(active, items.length - 1);
    this.changed();
  }

  close(): void {
    this.show([]);
  }

  /** @returns whether the key was meant for the list */
  onKey({ key }: KeyboardEvent): boolean {
    if (!this.isOpen) return false;
    const last = this.#items.length - 1;
    // Beyond either end is the text box again.
    if (key === 'ArrowDown') this.#active = this.#active === last ? -1 : this.#active + 1;
    else if (key === 'ArrowUp') this.#active = this.#active < 0 ? last : this.#active - 1;
    else if (key === 'Escape') this.close();
    else if ((key === 'Enter' || key === 'Tab') && this.#active >= 0) this.#items[this.#active]?.take();
    else return false;
    this.changed();
    return true;
  }

  list(): TemplateResult | typeof nothing {
    if (!this.isOpen) return nothing;
    return html`<div class="suggestions" role="listbox" id=${this.id} aria-label=${this.label} @pointerdown=${(event: Event) => event.preventDefault()}>
      ${this.#items.map(
        (
          { label, help, icon, take },
          index,
        ) => html`<div role="option" id=${`${this.id}-${index}`} aria-selected=${String(index === this.#active)}
          class=${classMap({ option: true, active: index === this.#active })} @click=${take}>
          <span class="codicon codicon-${icon}" aria-hidden="true"></span><span class="name">${label}</span><span class="help">${help}</span></div>`,
      )}
    </div>`;
  }
}
