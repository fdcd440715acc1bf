import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';

/** An input for something to look for, with VS Code's two toggles in it. */
export interface SearchInput {
  label: string;
  placeholder: string;
  value: string;
  matchCase: boolean;
  isRegex: boolean;
  /** Why the value cannot be used. */
  error: string | undefined;
  change(part: { value?: string; matchCase?: boolean; isRegex?: boolean }): void;
}

export function searchInput(input: SearchInput): TemplateResult {
  const errorId = `${input.label.toLowerCase().replaceAll(' ', '-')}-error`;
  const toggle = (name: 'matchCase' | 'isRegex', icon: string, title: string): TemplateResult =>
    html`<button type="button" class=${classMap({ toggle: true, codicon: true, [`codicon-${icon}`]: true })} aria-pressed=${String(input[name])}
      aria-label=${title} title=${title} @click=${() => input.change({ [name]: !input[name] })}></button>`;
  return html`<div class=${classMap({ 'search-input': true, invalid: input.error !== undefined })}>
    <input type="text" class="input" spellcheck="false" autocomplete="off" aria-label=${input.label} placeholder=${input.placeholder}
      aria-invalid=${String(input.error !== undefined)} aria-describedby=${input.error === undefined ? nothing : errorId}
      .value=${input.value} @input=${(event: InputEvent) => input.change({ value: (event.target as HTMLInputElement).value })} />
    <span class="toggles">
      ${toggle('matchCase', 'case-sensitive', 'Match Case')}${toggle('isRegex', 'regex', 'Use Regular Expression')}
    </span>
    ${input.error === undefined ? nothing : html`<div class="input-error" id=${errorId} role="alert">${input.error}</div>`}
  </div>`;
}
