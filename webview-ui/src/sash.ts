import { html, type TemplateResult } from 'lit';

export interface SashOptions {
  label: string;
  /** px that what it resizes has now, and may have. */
  value: number;
  least: number;
  most: number;
  /** Which way it gets larger when the sash is dragged. */
  grows: 'up' | 'right';
  resize(size: number): void;
  /** The size that nobody has changed. */
  reset(): void;
}

const STEP = 10;
const LARGE_STEP = 50;

/** A border that can be dragged, as between the parts of VS Code; by keys, too. A double click gives it its own size back. */
export function sash({ label, value, least, most, grows, resize, reset }: SashOptions): TemplateResult {
  const set = (size: number): void => resize(Math.round(Math.min(most, Math.max(least, size))));
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0 || !(event.currentTarget instanceof HTMLElement)) return;
    event.preventDefault();
    event.stopPropagation();
    const element = event.currentTarget;
    const at = (moved: PointerEvent): number => (grows === 'up' ? -moved.clientY : moved.clientX);
    const grip = at(event) - value;
    const end = new AbortController();
    element.setPointerCapture(event.pointerId);
    element.classList.add('dragged');
    element.addEventListener('pointermove', (moved) => set(at(moved) - grip), end);
    element.addEventListener(
      'lostpointercapture',
      () => {
        end.abort();
        element.classList.remove('dragged');
      },
      end,
    );
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const sizes: Record<string, number> =
      grows === 'up'
        ? { ArrowUp: value + step, ArrowDown: value - step, Home: least, End: most }
        : { ArrowRight: value + step, ArrowLeft: value - step, Home: least, End: most };
    const size = sizes[event.key];
    if (size === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    event.stopPropagation();
    if (size === undefined) reset();
    else set(size);
  };
  return html`<div class="sash ${grows}" role="separator" tabindex="0" aria-label=${label} aria-orientation=${grows === 'up' ? 'horizontal' : 'vertical'}
    aria-valuenow=${Math.round(value)} aria-valuemin=${least} aria-valuemax=${Math.round(most)} @pointerdown=${onPointerDown} @keydown=${onKey} @dblclick=${reset}></div>`;
}
