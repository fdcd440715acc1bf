import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { RecordId } from '../../server/src/protocol.ts';
import type { TimelineList } from './timelineList.ts';

/** Writes a note beside a mark. */
export class NoteWidget extends LitElement {
  static override properties = { list: { attribute: false }, open: { state: true }, value: { state: true } };

  declare list: TimelineList;
  declare open: boolean;
  declare value: string;
  #ids: readonly RecordId[] = [];

  constructor() {
    super();
    this.open = false;
    this.value = '';
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** For the selected entries; without any it stays away. */
  async show(): Promise<void> {
    const { selection, marks } = this.list;
    this.#ids = selection.ids();
    const [first] = this.#ids;
    if (first === undefined) return;
    this.value = marks.get(first)?.note ?? '';
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
    return html`<div class="widget" role="dialog" aria-label="Note" @keydown=${this.#onKey}>
      <div class="search-input">
        <input type="text" class="input" maxlength="4000" aria-label="Note" placeholder="Note (empty: only a mark)" .value=${this.value}
          @input=${(event: InputEvent) => {
            this.value = (event.target as HTMLInputElement).value;
          }} />
      </div>
      <button type="button" class="action codicon codicon-check" aria-label="Keep Note" title="Keep Note (Enter)" @click=${this.#keep}></button>
      <button type="button" class="action codicon codicon-close" aria-label="Close" title="Close (Escape)" @click=${() => this.hide()}></button>
    </div>`;
  }

  #keep(): void {
    void this.list.marks.set(this.#ids, this.value.trim());
    this.hide();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.hide();
    else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) this.#keep();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define('safelog-note', NoteWidget);
