import { type Geometry, moveBy, type Place, placeAtThumb, thumb } from './viewport.ts';

/** Our own scrollbar: its thumb is proportional in rows, however many there are. */
export class Scrollbar {
  readonly element = document.createElement('div');
  readonly #thumb = document.createElement('div');
  readonly #ticks = document.createElement('div');
  #drawn = '';
  #place: Place = { rank: 0, offset: 0 };
  #geometry: Geometry = { total: 0, height: 0, rowHeight: 1, heightOf: () => 1 };
  #grip = 0;

  constructor(scrollTo: (place: Place) => void) {
    this.element.className = 'scrollbar';
    // Hidden from assistive tools: the grid tells its rows, and the keys scroll.
    this.element.setAttribute('aria-hidden', 'true');
    this.#thumb.className = 'thumb';
    this.#ticks.className = 'ticks';
    this.element.append(this.#ticks, this.#thumb);
    this.element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      const { top, size } = thumb(this.#place, this.#geometry, this.#track);
      const at = event.offsetY + (event.target === this.#thumb ? top : 0);
      // Beside the thumb the track jumps there, as VS Code's does.
      this.#grip = at >= top && at <= top + size ? at - top : size / 2;
      this.element.setPointerCapture(event.pointerId);
      this.element.classList.add('dragged');
      if (event.target !== this.#thumb) scrollTo(placeAtThumb(at - this.#grip, this.#geometry, this.#track));
    });
    this.element.addEventListener('pointermove', (event) => {
      if (!this.element.hasPointerCapture(event.pointerId)) return;
      const at = event.clientY - this.element.getBoundingClientRect().top;
      scrollTo(placeAtThumb(at - this.#grip, this.#geometry, this.#track));
    });
    this.element.addEventListener('lostpointercapture', () => this.element.classList.remove('dragged'));
    this.element.addEventListener('wheel', (event) => scrollTo(moveBy(this.#place, event.deltaY, this.#geometry)), { passive: true });
  }

  get #track(): number {
    return this.#geometry.height;
  }

  /** @param marked ranks of the rows that have a mark */
  update(place: Place, geometry: Geometry, marked: readonly number[] = []): void {
    this.#place = place;
    this.#geometry = geometry;
    const { top, size } = thumb(place, geometry, this.#track);
    this.element.classList.toggle('needless', size >= this.#track);
    this.#mark(marked);
    this.#thumb.style.height = `${size}px`;
    this.#thumb.style.transform = `translateY(${top}px)`;
  }

  #mark(marked: readonly number[]): void {
    const { total } = this.#geometry;
    // Marks that fall on one pixel are one.
    const places = [...new Set(marked.map((rank) => Math.round((rank / Math.max(1, total)) * this.#track)))];
    const drawn = places.join();
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#ticks.replaceChildren(
      ...places.map((top) => {
        const tick = document.createElement('div');
        tick.className = 'tick';
        tick.style.top = `${top}px`;
        return tick;
      }),
    );
  }
}
