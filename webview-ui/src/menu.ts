import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';

export type MenuItem =
  | { kind: 'action'; label: string; keys?: string; icon?: string; disabled?: boolean; run(): void }
  /** `radio`: one of those beside it. */
  | { kind: 'check' | 'radio'; label: string; title?: string; checked: boolean; run(): void }
  | { kind: 'separator' };

/** A menu that opens at a button or at a point, with the keys of a menu. */
export class Menu extends LitElement {
  static override properties = { label: { attribute: false }, items: { attribute: false }, active: { state: true } };

  declare label: string;
  declare items: readonly MenuItem[];
  declare active: number;
  #opener: HTMLElement | null = null;

  constructor() {
    super();
    this.label = '';
    this.items = [];
    this.active = 0;
  }

  /** Opens below the button, or at a point of the page; the focus goes back to where it was. */
  async openAt(at: HTMLElement | { x: number; y: number }, label: string, items: readonly MenuItem[]): Promise<void> {
    this.#opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.label = label;
    this.items = items;
    this.active = items.findIndex(({ kind }) => kind !== 'separator');
    await this.updateComplete;
    const popup = this.querySelector<HTMLElement>('.menu');
    if (!popup) return;
    popup.showPopover();
    const { x, y } = at instanceof HTMLElement ? { x: at.getBoundingClientRect().left, y: at.getBoundingClientRect().bottom + 2 } : at;
    popup.style.left = `${Math.max(4, Math.min(x, window.innerWidth - popup.offsetWidth - 4))}px`;
    popup.style.top = `${Math.max(4, Math.min(y, window.innerHeight - popup.offsetHeight - 4))}px`;
    this.#focus();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    return html`<div class="menu" popover role="menu" aria-label=${this.label} @keydown=${this.#onKey}>
      ${this.items.map((item, index) => this.#item(item, index))}
    </div>`;
  }

  #item(item: MenuItem, index: number): TemplateResult {
    if (item.kind === 'separator') return html`<div class="menu-separator" role="separator"></div>`;
    const checkable = item.kind !== 'action';
    const icon = item.kind === 'action' ? item.icon : item.checked ? 'check' : undefined;
    const role = item.kind === 'action' ? 'menuitem' : item.kind === 'check' ? 'menuitemcheckbox' : 'menuitemradio';
    return html`<div role=${role} tabindex="-1" class=${classMap({ 'menu-item': true, active: index === this.active })} data-index=${index}
      aria-checked=${checkable ? String(item.checked) : nothing} aria-disabled=${item.kind === 'action' && item.disabled ? 'true' : nothing}
      title=${item.kind !== 'action' && item.title ? item.title : nothing} @click=${() => this.#run(item)} @pointermove=${() => this.#activate(index)}>
      <span class=${classMap({ codicon: true, ...(icon ? { [`codicon-${icon}`]: true } : {}) })} aria-hidden="true"></span>
      <span class="name">${item.label}</span>
      ${item.kind === 'action' && item.keys ? html`<kbd>${item.keys}</kbd>` : nothing}
    </div>`;
  }

  #run(item: MenuItem): void {
    if (item.kind === 'separator' || (item.kind === 'action' && item.disabled)) return;
    this.#close();
    item.run();
  }

  #close(): void {
    this.querySelector<HTMLElement>('.menu')?.hidePopover();
    this.#opener?.focus();
  }

  #activate(index: number): void {
    this.active = index;
    this.#focus();
  }

  #focus(): void {
    this.querySelector<HTMLElement>(`[data-index='${this.active}']`)?.focus();
  }

  #onKey(event: KeyboardEvent): void {
    const usable = this.items.flatMap(({ kind }, index) => (kind === 'separator' ? [] : [index]));
    const at = usable.indexOf(this.active);
    const to: Record<string, number | undefined> = {
      ArrowDown: usable[(at + 1) % usable.length],
      ArrowUp: usable[(at - 1 + usable.length) % usable.length],
      Home: usable[0],
      End: usable.at(-1),
    };
    const next = to[event.key];
    const item = this.items[this.active];
    if (next !== undefined) this.#activate(next);
    else if ((event.key === 'Enter' || event.key === ' ') && item) this.#run(item);
    else if (event.key === 'Escape' || event.key === 'Tab') this.#close();
    else {
      const typed = event.key.length === 1 ? this.#named(event.key, at, usable) : undefined;
      if (typed === undefined) return;
      this.#activate(typed);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** The next item that begins with a letter. */
  #named(letter: string, at: number, usable: readonly number[]): number | undefined {
    return [...usable.slice(at + 1), ...usable.slice(0, at + 1)].find((index) => {
      const item = this.items[index];
      return item && item.kind !== 'separator' && item.label.toLowerCase().startsWith(letter.toLowerCase());
    });
  }
}

customElements.define('safelog-menu', Menu);
