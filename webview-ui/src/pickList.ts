import Fuse from 'fuse.js';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import { number, plural, t } from './l10n.ts';

export interface Choice {
  value: string;
  label: string;
  /** What a pointer over it tells, where that is not the label. */
  title?: string;
  /** How many entries there are of it, where that is known. */
  count?: number | undefined;
}

/** Options drawn at once; a tree may have thousands of modules, and one finds one's own by typing. */
const MAX_SHOWN = 200;

/** As in the pickers of the extension. */
const FUZZY = { threshold: 0.4, ignoreLocation: true };

/** A button that opens a list to choose from: one of it, or several with a search. */
export class PickList extends LitElement {
  static override properties = {
    label: { attribute: false },
    shown: { attribute: false },
    choices: { attribute: false },
    chosen: { attribute: false },
    multiple: { attribute: false },
    searchable: { attribute: false },
    wildcards: { attribute: false },
    search: { state: true },
    active: { state: true },
  };

  declare label: string;
  /** What the button says. */
  declare shown: string;
  declare choices: readonly Choice[];
  declare chosen: readonly string[];
  declare multiple: boolean;
  declare searchable: boolean;
  /** Whether a pattern with `*` or `?` may be chosen too. */
  declare wildcards: boolean;
  declare search: string;
  declare active: number;

  constructor() {
    super();
    this.label = '';
    this.shown = '';
    this.choices = [];
    this.chosen = [];
    this.multiple = false;
    this.searchable = false;
    this.wildcards = false;
    this.search = '';
    this.active = -1;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const id = `pick-${this.label.toLowerCase()}`;
    return html`
      <button type="button" class=${classMap({ pick: true, set: this.chosen.length > 0 })} aria-label=${this.label} aria-description=${this.shown} aria-haspopup="listbox"
        title=${this.label} popovertarget=${id}>
        <span class="shown" aria-hidden="true">${this.shown}</span><span class="codicon codicon-chevron-down" aria-hidden="true"></span>
      </button>
      <div class="pick-popup" popover id=${id} @toggle=${this.#onToggle} @keydown=${this.#onKey}>
        ${this.#popup(id)}
      </div>`;
  }

  #popup(id: string): TemplateResult {
    const found = this.#found();
    const active = found[this.active] ? `${id}-${this.active}` : nothing;
    return html`
      ${
        this.searchable
          ? html`<input type="text" class="input" placeholder=${this.wildcards ? t('Search, or a pattern such as web*') : t('Search')} aria-label=${t('Search {0}', this.label)}
              role="combobox" aria-expanded="true" aria-controls="${id}-list" aria-activedescendant=${active}
              .value=${this.search} @input=${this.#onSearch} />`
          : nothing
      }
      <div class="options" role="listbox" id="${id}-list" aria-label=${this.label} aria-multiselectable=${String(this.multiple)}
        tabindex=${this.searchable ? -1 : 0} aria-activedescendant=${active}>
        ${found.slice(0, MAX_SHOWN).map((choice, index) => this.#option(choice, index, `${id}-${index}`))}
      </div>
      ${found.length === 0 ? html`<div class="note">${t('Nothing is called so')}</div>` : nothing}
      ${found.length > MAX_SHOWN ? html`<div class="note">${t('{0} more: type to find them', number(found.length - MAX_SHOWN))}</div>` : nothing}
      ${
        this.multiple && this.chosen.length > 0
          ? html`<button type="button" class="link note" @click=${() => this.#choose([])}>${t('Show all')}</button>`
          : nothing
      }`;
  }

  #option(choice: Choice, index: number, id: string): TemplateResult {
    const chosen = this.chosen.includes(choice.value);
    return html`<div role="option" id=${id} class=${classMap({ option: true, active: index === this.active, nothing: choice.count === 0 })} aria-selected=${String(chosen)}
      title=${choice.title ?? choice.label} @click=${() => this.#pick(choice.value)} @pointermove=${() => this.#activate(index)}
      aria-description=${choice.count === undefined ? nothing : plural(choice.count, t('{0} entry'), t('{0} entries'))}>
      <span class=${classMap({ codicon: true, 'codicon-check': chosen })} aria-hidden="true"></span><span class="name">${choice.label}</span>${
        choice.count === undefined ? nothing : html`<span class="count" aria-hidden="true">${number(choice.count)}</span>`
      }
    </div>`;
  }

  /** Chosen ones that the source does not know (patterns, names from before) stay visible, so that they can be taken away. */
  #found(): Choice[] {
    const known = new Set(this.choices.map(({ value }) => value));
    const strange = this.multiple ? this.chosen.filter((value) => !known.has(value)).map((value) => ({ value, label: value })) : [];
    const search = this.search.trim();
    const all = [...strange, ...this.choices];
    const found = search === '' ? all : new Fuse(all, { keys: ['label'], ...FUZZY }).search(search).map(({ item }) => item);
    if (this.wildcards && /[*?]/.test(search) && !this.chosen.includes(search)) return [{ value: search, label: search }, ...found];
    return found;
  }

  #pick(value: string): void {
    if (!this.multiple) {
      this.#choose(value === '' ? [] : [value]);
      this.querySelector<HTMLElement>('[popover]')?.hidePopover();
    } else this.#choose(this.chosen.includes(value) ? this.chosen.filter((one) => one !== value) : [...this.chosen, value]);
  }

  #choose(chosen: readonly string[]): void {
    this.chosen = chosen;
    this.dispatchEvent(new CustomEvent('choose', { detail: chosen }));
  }

  #activate(index: number): void {
    this.active = index;
  }

  #onSearch(event: InputEvent): void {
    this.search = (event.target as HTMLInputElement).value;
    this.active = this.search === '' ? -1 : 0;
  }

  #onToggle(event: ToggleEvent): void {
    this.dispatchEvent(new CustomEvent('look', { detail: event.newState === 'open' }));
    if (event.newState !== 'open') return;
    this.search = '';
    this.active = this.choices.findIndex(({ value }) => this.chosen.includes(value));
    const popup = event.target as HTMLElement;
    const button = this.getBoundingClientRect();
    popup.style.left = `${Math.max(4, Math.min(button.left, window.innerWidth - popup.offsetWidth - 4))}px`;
    popup.style.top = `${button.bottom + 2}px`;
    popup.style.maxHeight = `${Math.max(120, window.innerHeight - button.bottom - 12)}px`;
    popup.querySelector<HTMLElement>(this.searchable ? 'input' : '.options')?.focus();
  }

  #onKey(event: KeyboardEvent): void {
    const last = Math.min(this.#found().length, MAX_SHOWN) - 1;
    const to: Record<string, number> = {
      ArrowDown: Math.min(last, this.active + 1),
      ArrowUp: Math.max(0, this.active - 1),
      PageDown: Math.min(last, this.active + 10),
      PageUp: Math.max(0, this.active - 10),
    };
    const next = to[event.key];
    const picks = event.key === 'Enter' || (event.key === ' ' && !this.searchable);
    if (next === undefined && !picks) {
      if (event.key !== 'Escape' && event.key !== 'Tab') event.stopPropagation();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (next !== undefined) {
      this.active = next;
      void this.updateComplete.then(() => this.querySelector('.option.active')?.scrollIntoView({ block: 'nearest' }));
      return;
    }
    const choice = this.#found()[this.active];
    if (choice) this.#pick(choice.value);
  }
}

customElements.define('safelog-pick-list', PickList);
