import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import { t } from './l10n.ts';
import type { Suggestions } from './suggestions.ts';

/** What one of them changes to. */
export interface SearchChange {
  value?: string;
  matchCase?: boolean;
  isRegex?: boolean;
  isQuery?: boolean;
  isLike?: boolean;
}

/** An input for something to look for, with VS Code's two toggles in it, and one more where a query may be given. */
export interface SearchInput {
  /** Of its elements. */
  id: string;
  label: string;
  placeholder: string;
  value: string;
  matchCase: boolean;
  isRegex: boolean;
  /** Without it there are no queries here. Case and regexes are part of a query: those toggles are off then. */
  isQuery?: boolean;
  /** Without it entries are not ranked here. Case and regexes mean nothing then. */
  isLike?: boolean;
  /** Why the value cannot be used. */
  error: string | TemplateResult | undefined;
  change(part: SearchChange): void;
  /** The list that belongs to it. */
  suggestions?: Pick<Suggestions, 'id' | 'isOpen' | 'activeId'>;
  onKey?(event: KeyboardEvent): void;
  /** The pointer was pressed in it. */
  onPress?(): void;
  onLeave?(): void;
}

export function searchInput(input: SearchInput): TemplateResult {
  const errorId = `${input.id}-error`;
  const toggle = (name: Exclude<keyof SearchChange, 'value'>, icon: string, title: string): TemplateResult => {
    const off = (input.isQuery === true && name === 'matchCase') || (input.isLike === true && name !== 'isLike');
    const pressed = input[name] === true && !(input.isQuery === true && name !== 'isQuery') && !off;
    return html`<button type="button" class=${classMap({ toggle: true, codicon: true, [`codicon-${icon}`]: true })} aria-pressed=${String(pressed)}
      aria-label=${title} title=${title} ?disabled=${off} @click=${() => input.change({ [name]: !pressed })}></button>`;
  };
  const list = input.suggestions;
  return html`<div class=${classMap({ 'search-input': true, invalid: input.error !== undefined })}>
    <input type="text" class="input" spellcheck="false" autocomplete="off" aria-label=${input.label} placeholder=${input.placeholder}
      aria-invalid=${String(input.error !== undefined)} aria-describedby=${input.error === undefined ? nothing : errorId}
      role=${list ? 'combobox' : nothing} aria-autocomplete=${list ? 'list' : nothing} aria-expanded=${list ? String(list.isOpen) : nothing}
      aria-controls=${list?.isOpen ? list.id : nothing} aria-activedescendant=${list?.activeId ?? nothing}
      .value=${input.value} @input=${(event: InputEvent) => input.change({ value: (event.target as HTMLInputElement).value })}
      @keydown=${(event: KeyboardEvent) => input.onKey?.(event)} @click=${() => input.onPress?.()} @blur=${() => input.onLeave?.()} />
    <span class="toggles">
      ${toggle('matchCase', 'case-sensitive', t('Match Case'))}${toggle('isRegex', 'regex', t('Use Regular Expression'))}${
        input.isQuery === undefined ? nothing : toggle('isQuery', 'filter', t('Use Query Language'))
      }${input.isLike === undefined ? nothing : toggle('isLike', 'list-ordered', t('Best Matches First, Also of Misspelt Words'))}
    </span>
    ${input.error === undefined || list?.isOpen ? nothing : html`<div class="input-error" id=${errorId} role="alert">${input.error}</div>`}
  </div>`;
}

/** So much of a query is shown on either side of where it is wrong. */
const AROUND = 24;

/** Why a query cannot be used, and the query with the place underlined. */
export function queryError(query: string, message: string, { start, length }: { start: number; length: number }): TemplateResult {
  const end = start + length;
  const before = start > AROUND ? `…${query.slice(start - AROUND, start)}` : query.slice(0, start);
  const after = query.length > end + AROUND ? `${query.slice(end, end + AROUND)}…` : query.slice(end);
  const place = query.slice(start, Math.min(end, start + 2 * AROUND)) || '\u00a0';
  return html`<code class="wrong">${before}<u>${place}</u>${after}</code><span class="reason">${message}</span>`;
}
