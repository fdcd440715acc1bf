import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { parseTime } from './time.ts';
import type { TimelineList } from './timelineList.ts';

/** Goes to a time that one types. */
export class GoToWidget extends LitElement {
  static override properties = { list: { attribute: false }, open: { state: true }, value: { state: true } };

  declare list: TimelineList;
  declare open: boolean;
  declare value: string;

  constructor() {
    super();
    this.open = false;
    this.value = '';
  }

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
    const { clock } = this.list.session;
    const time = this.#time();
    const wrong = time === null && this.value.trim() !== '';
    const hint = wrong
      ? 'Write a date and time, a time of day, or how long ago: 10m, 2h, 1d'
      : time === null
        ? `Times are read as ${clock.zoneName}. 2026-11-20 22:56, 22:56:00, 10m ago`
        : `${clock.date(time, null)} ${clock.time(time, null)} ${clock.zoneName}`;
    return html`<div class="widget go-to" role="search" aria-label="Go to time" @keydown=${this.#onKey}>
      <div class="search-input ${wrong ? 'invalid' : ''}">
        <input type="text" class="input" spellcheck="false" autocomplete="off" aria-label="Go to time" placeholder="Go to time" aria-describedby="go-to-hint"
          aria-invalid=${String(wrong)} .value=${this.value} @input=${(event: InputEvent) => {
            this.value = (event.target as HTMLInputElement).value;
          }} />
      </div>
      <button type="button" class="action codicon codicon-arrow-right" aria-label="Go" title="Go (Enter)" ?disabled=${time === null} @click=${this.#go}></button>
      <button type="button" class="action codicon codicon-close" aria-label="Close" title="Close (Escape)" @click=${() => this.hide()}></button>
      <div class="hint" id="go-to-hint">${hint}</div>
    </div>`;
  }

  #time(): number | null {
    const now = Date.now() * 1000;
    const top = this.list.top;
    return parseTime(this.value, this.list.session.clock, top?.time ?? now, top?.offset ?? null, now);
  }

  #go(): void {
    const time = this.#time();
    if (time === null) return;
    this.hide();
    void this.list.goTo({ time }, true);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.hide();
    else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) this.#go();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define('safelog-go-to', GoToWidget);
