import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { BAR, drawHistogram } from './histogramDrawing.ts';
import { type Bars, barAt, barSpan, barsOf, KINDS, pixelOf, type Span, spanOf, spanText, sumOf, total } from './histogramScale.ts';
import { Cancelled } from './host.ts';
import { number, plural, t } from './l10n.ts';
import type { Session } from './session.ts';
import type { TimelineList } from './timelineList.ts';

/** While rows come it is counted anew no more often, in ms. */
const QUIET = 1000;
/** Pixels of what the list shows, where that is less. */
const LEAST = 3;
/** Pixels that a pointer has to move for a click to become a selection. */
const DRAG = 4;
/** A bar under the pointer, or under the keyboard's mark, from its pivot on. */
type Range = readonly [number, number];

/** How many entries there are when, by level. A stretch of it that is selected narrows the timeline. */
export class HistogramChart extends LitElement {
  static override properties = { session: { attribute: false }, list: { attribute: false }, bars: { state: true } };

  declare session: Session;
  declare list: TimelineList;
  declare bars: Bars | null;
  /** Version of the view that the bars are of, and how many of them were asked for. */
  #counted = { view: -1, version: -1, buckets: 0 };
  #asking = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();
  #listening: (() => void)[] = [];
  readonly #observers: { disconnect(): void }[] = [];
  /** The bar that the keyboard is at, and the one that its selection began with. */
  #cursor: number | null = null;
  #pivot: number | null = null;
  #drag: { from: number; x: number; to: number; moved: boolean } | null = null;
  #hover: number | null = null;
  /** Pixels; asked for only when it changes, as the browser would have to lay everything out first. */
  #wide = 0;
  #barsWide = 0;
  #shaded = '';

  constructor() {
    super();
    this.bars = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { session, list } = this;
    this.#listening = [
      session.changed.on(() => this.#ask()),
      session.reset.on(() => this.#restart()),
      session.restyled.on(() => this.requestUpdate()),
      list.drawn.on(() => this.#shade()),
    ];
    const sizes = new ResizeObserver(() => {
      this.#wide = this.clientWidth;
      this.#ask();
      this.#draw();
    });
    sizes.observe(this);
    // VS Code says in the body's classes and the root's variables which theme there is.
    const theme = new MutationObserver(() => this.#draw());
    for (const element of [document.body, document.documentElement]) theme.observe(element, { attributeFilter: ['class', 'style'] });
    this.#observers.push(sizes, theme);
    this.#restart();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#abort.abort();
    for (const stop of this.#listening) stop();
    for (const observer of this.#observers.splice(0)) observer.disconnect();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const { bars } = this;
    const count = bars?.counts.length ?? 0;
    const at = this.#cursor ?? 0;
    const narrowed = this.session.span !== null;
    return html`
      <div class="bars" role="slider" tabindex=${count === 0 ? -1 : 0} aria-label=${t('Entries over time')} aria-orientation="horizontal"
        aria-description=${t('Arrow keys move, with Shift they select, Enter narrows the timeline, Escape undoes it')}
        aria-disabled=${String(count === 0)} aria-valuemin="0" aria-valuemax=${Math.max(0, count - 1)} aria-valuenow=${at}
        aria-valuetext=${bars && count > 0 ? this.#say(this.#selected ?? [at, at]) : t('No entries')}
        @pointerdown=${this.#onDown} @pointermove=${this.#onMove} @pointerup=${this.#onUp} @pointercancel=${this.#cancel}
        @pointerleave=${() => this.#point(null)} @dblclick=${this.#onDoubleClick} @keydown=${this.#onKey} @focus=${() => this.#draw()} @blur=${this.#onBlur}>
        <div class="shade" hidden></div>
        <canvas aria-hidden="true"></canvas>
        ${count === 0 && bars ? html`<span class="nothing">${narrowed ? t('No entries in this stretch of time') : t('No entries')}</span>` : nothing}
      </div>
      ${this.#table()}
      <div class="bar-tip" hidden></div>
      ${
        narrowed
          ? html`<button type="button" class="action codicon codicon-zoom-out" aria-label=${t('Zoom Out')} title=${t('Zoom Out (double click)')}
              @click=${() => this.session.widen()}></button>`
          : nothing
      }`;
  }

  protected override updated(): void {
    this.#ask();
    this.#draw();
  }

  /** The same for those who do not see it: what there is in all, by level. */
  #table(): TemplateResult | typeof nothing {
    const { bars } = this;
    if (!bars || bars.counts.length === 0) return nothing;
    const sums = sumOf(bars, 0, bars.counts.length - 1);
    return html`<table class="for-screen-readers">
      <caption>${t('Entries by level, {0}', spanText(spanOf(bars), this.session.clock))}</caption>
      <tbody>${KINDS.map(({ label }, kind) => html`<tr><th scope="row">${label}</th><td>${number(sums[kind] ?? 0)}</td></tr>`)}</tbody>
    </table>`;
  }

  get #canvas(): HTMLCanvasElement | null {
    return this.querySelector('canvas');
  }

  /** Bars that are being selected, by the pointer or the keys. */
  get #selected(): Range | null {
    if (this.#drag?.moved) return [this.#drag.from, this.#drag.to];
    return this.#pivot === null || this.#cursor === null ? null : [this.#pivot, this.#cursor];
  }

  /** There is a new view, or another filter. */
  #restart(): void {
    this.#abort.abort();
    this.#askedAt = Number.NEGATIVE_INFINITY;
    this.#counted = { view: -1, version: -1, buckets: 0 };
    this.#cursor = null;
    this.#pivot = null;
    this.#drag = null;
    this.requestUpdate();
    this.#ask();
  }

  /** Counts anew where there is something new: one question at a time, and not too often. */
  #ask(): void {
    const { view, state, span } = this.session;
    const buckets = Math.min(1000, Math.floor(this.#wide / BAR));
    if (view === null || !state || this.#asking || buckets < 1 || document.visibilityState === 'hidden') return;
    const { view: known, version, buckets: asked } = this.#counted;
    if (known === view && version >= state.version && asked === buckets) return;
    const wait = this.#askedAt + QUIET - performance.now();
    clearTimeout(this.#timer);
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#ask(), wait);
      return;
    }
    void this.#count(view, buckets, span);
  }

  async #count(view: number, buckets: number, span: Partial<Span> | null): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#asking = true;
    this.#askedAt = performance.now();
    try {
      const range = {
        ...(span?.since === undefined ? {} : { from: span.since }),
        ...(span?.until === undefined ? {} : { to: span.until }),
      };
      const histogram = await this.session.host.request('safelog/histogram', { view, buckets, ...range }, abort.signal);
      if (histogram && histogram.view === this.session.view) {
        this.#counted = { view, version: histogram.version, buckets };
        this.#take(barsOf(histogram));
      }
    } catch (error) {
      if (!(error instanceof Cancelled)) {
        this.#counted = { view, version: this.session.state?.version ?? 0, buckets };
        this.session.fail(error, () => this.#restart());
      }
    } finally {
      this.#asking = false;
      if (!abort.signal.aborted) this.#ask();
      else setTimeout(() => this.#ask());
    }
  }

  /** The keyboard's mark and a selection under way stay where they are in time. */
  #take(bars: Bars): void {
    const before = this.bars;
    const move = (bar: number): number =>
      barAt(bars, before ? before.since + (bar + 0.5) * before.width - bars.since : 0, bars.width * bars.counts.length);
    if (this.#cursor !== null) this.#cursor = move(this.#cursor);
    if (this.#pivot !== null) this.#pivot = move(this.#pivot);
    if (this.#drag) this.#drag = { ...this.#drag, from: move(this.#drag.from), to: move(this.#drag.to) };
    this.bars = bars;
    if (this.#hover !== null) this.#point(Math.min(this.#hover, bars.counts.length - 1));
  }

  #draw(): void {
    const canvas = this.#canvas;
    const slider = this.querySelector('.bars');
    if (!canvas || !slider || !this.bars) return;
    this.#barsWide = canvas.clientWidth;
    drawHistogram(canvas, {
      bars: this.bars,
      clock: this.session.clock,
      selected: this.#selected,
      cursor: slider.matches(':focus-visible') ? (this.#cursor ?? 0) : this.#hover,
    });
    this.#shade();
  }

  /** What the list shows, behind the bars and as a line under them: an element, since it moves with every frame. */
  #shade(): void {
    const { bars } = this;
    const shade = this.querySelector<HTMLElement>('.shade');
    const { first, last } = this.list.ends;
    if (!shade) return;
    const wide = this.#barsWide;
    const left = bars && first ? Math.round(Math.max(0, Math.min(pixelOf(bars, first.time, wide), wide - LEAST))) : 0;
    const right = bars && last ? Math.round(Math.min(wide, Math.max(pixelOf(bars, last.time, wide), left + LEAST))) : 0;
    const shaded = bars && bars.counts.length > 0 && first && last ? `${left} ${right - left}` : '';
    if (shaded === this.#shaded) return;
    this.#shaded = shaded;
    shade.hidden = shaded === '';
    shade.style.transform = `translateX(${left}px)`;
    shade.style.width = `${right - left}px`;
  }

  #say([first, last]: Range): string {
    const { bars } = this;
    if (!bars) return '';
    const sums = sumOf(bars, first, last);
    const parts = KINDS.flatMap(({ one, many }, kind) => {
      const count = sums[kind] ?? 0;
      return count === 0 ? [] : [plural(count, one, many)];
    });
    return `${spanText(barSpan(bars, first, last), this.session.clock)}: ${plural(total(sums), t('{0} entry'), t('{0} entries'))}${parts.length > 0 ? `, ${parts.join(', ')}` : ''}`;
  }

  /** Says what there is at a bar, or hides what was said. */
  #point(bar: number | null): void {
    this.#hover = bar;
    this.#draw();
    const tip = this.querySelector<HTMLElement>('.bar-tip');
    const { bars } = this;
    if (!tip) return;
    tip.hidden = bar === null || !bars || bars.counts.length === 0;
    if (tip.hidden || bar === null || !bars) return;
    const [first, last] = this.#selected ?? [bar, bar];
    const head = document.createElement('div');
    head.textContent = spanText(barSpan(bars, first, last), this.session.clock);
    const sums = sumOf(bars, first, last);
    const lines = KINDS.flatMap(({ name, one, many }, kind) => {
      const count = sums[kind] ?? 0;
      if (count === 0) return [];
      const line = document.createElement('div');
      const swatch = document.createElement('span');
      swatch.className = `swatch ${name}-bar`;
      line.append(swatch, plural(count, one, many));
      return [line];
    });
    if (lines.length === 0) lines.push(Object.assign(document.createElement('div'), { textContent: t('No entries') }));
    tip.replaceChildren(head, ...lines);
    const wide = this.#canvas?.clientWidth ?? 0;
    const left = (this.#canvas?.offsetLeft ?? 0) + ((bar + 0.5) / bars.counts.length) * wide;
    tip.style.left = `${Math.max(4, Math.min(left - tip.offsetWidth / 2, this.clientWidth - tip.offsetWidth - 4))}px`;
  }

  #barOf(event: MouseEvent): number {
    const canvas = this.#canvas;
    if (!canvas || !this.bars) return 0;
    return barAt(this.bars, event.clientX - canvas.getBoundingClientRect().left, canvas.clientWidth);
  }

  #onDown(event: PointerEvent): void {
    if (event.button !== 0 || !this.bars || this.bars.counts.length === 0) return;
    const bar = this.#barOf(event);
    this.#pivot = null;
    this.#cursor = bar;
    this.#drag = { from: bar, to: bar, x: event.clientX, moved: false };
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  }

  #onMove(event: PointerEvent): void {
    if (!this.bars || this.bars.counts.length === 0) return;
    const bar = this.#barOf(event);
    const { drag } = { drag: this.#drag };
    if (drag) {
      drag.to = bar;
      drag.moved ||= Math.abs(event.clientX - drag.x) >= DRAG;
    }
    this.#point(bar);
  }

  /** A selection narrows the timeline; a click goes there. */
  #onUp(): void {
    const drag = this.#drag;
    const { bars } = this;
    this.#drag = null;
    if (!drag || !bars) return;
    if (drag.moved) this.#narrow([drag.from, drag.to]);
    else void this.list.goTo({ time: barSpan(bars, drag.from).since }, false);
  }

  #onDoubleClick(): void {
    this.session.widen();
  }

  #cancel(): void {
    this.#drag = null;
    this.#pivot = null;
    this.requestUpdate();
  }

  #onBlur(): void {
    this.#pivot = null;
    this.#draw();
  }

  #narrow([first, last]: Range): void {
    if (this.bars) void this.session.narrow(barSpan(this.bars, first, last));
  }

  #onKey(event: KeyboardEvent): void {
    const { bars } = this;
    if (!bars || bars.counts.length === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const last = bars.counts.length - 1;
    const at = this.#cursor ?? 0;
    const page = Math.max(1, Math.round(bars.counts.length / 10));
    const moves: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      this.#pivot = event.shiftKey ? (this.#pivot ?? at) : null;
      this.#cursor = Math.max(0, Math.min(last, to));
    } else if (event.key === 'Enter') this.#narrow(this.#selected ?? [at, at]);
    else if (event.key === 'Escape') {
      if (this.#drag || this.#pivot !== null) this.#cancel();
      else if (this.session.span) this.session.widen();
      else return;
    } else if (event.key === '-') this.session.widen();
    else if (event.key === ' ') void this.list.goTo({ time: barSpan(bars, at).since }, false);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.requestUpdate();
  }
}

customElements.define('safelog-histogram', HistogramChart);
